"""What the facts of channels, rooms and called legs do to a call. Pure: ``(call, fact) -> call``.

A leg's place is where the last room event put it: between two rooms it stays as it was, unless it is the citizen whom
nobody moved (then a machine speaks to the citizen: a warning, the question after the talk).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cti.facts import Party, PartyKind, PartyState
from cti.live import pbx_facts as f
from cti.live.call import OUTBOUND, Call, ended, in_state, settled, with_legs
from cti.live.leg import Leg, state_in, why_gone
from cti.live.queueing import unring

CITIZEN, AGENT, OUTSIDE, SWITCH = "citizen", "agent", "outside", "switch"
_BY_KIND = {PartyKind.CITIZEN: CITIZEN, PartyKind.SEAT: AGENT, PartyKind.OUTSIDE: OUTSIDE}


def keep(call: Call, fact: Any) -> Call:
    return call


# ── what we are about to do ──────────────────────────────────────────────────────────────────────────


def move_asked(call: Call, fact: f.MoveAsked) -> Call:
    here = {leg.uniqueid for leg in call.legs if leg.here}
    return replace(call, moving=call.moving | (here & set(fact.legs)))


def leg_asked(call: Call, fact: f.LegAsked) -> Call:
    if call.leg(fact.uniqueid) is not None:
        return call
    party = Party(fact.uniqueid, fact.kind, fact.number, PartyState.DIALLING, fact.at, fact.agent_no)
    after = with_legs(call, Leg(party, called=True, target=fact.room, seen=False))
    if fact.kind is not PartyKind.CITIZEN:
        return settled(after, fact.at)
    after = replace(after, citizen=fact.uniqueid, promised=False)
    return settled(after, fact.at, called=call.live.called or fact.number)


def let_go_asked(call: Call, fact: f.LetGoAsked) -> Call:
    legs = [leg for leg in call.legs if leg.uniqueid in fact.legs and leg.open]
    by = call.leg(fact.by) if fact.by is not None else None
    if by is not None and legs:
        call = _asked_by(call, legs, _BY_KIND[by.party.kind])
    return with_legs(call, *(replace(leg, dropped=leg.dropped or not leg.left_us) for leg in legs))


def originate_failed(call: Call, fact: f.OriginateFailed) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or leg.seen or not leg.on_the_way:
        return call  # its channel's end tells more
    gone = PartyState.CANCELLED if leg.dropped else PartyState.FAILED
    return over_if_empty(settled(with_legs(call, in_state(leg, gone, fact.at)), fact.at), fact.at)


def paused(call: Call, fact: f.RecordingPaused) -> Call:
    return settled(call, fact.at, recording_paused_since=call.live.recording_paused_since or fact.at)


def resumed(call: Call, fact: f.RecordingResumed) -> Call:
    return settled(call, fact.at, recording_paused_since=None)


# ── channels ─────────────────────────────────────────────────────────────────────────────────────────


def channel_opened(call: Call, fact: f.ChannelOpened) -> Call:
    """Of a leg that we called: it has its channel. What a seat's leg of the queue is for is told by SeatRinging."""
    leg = call.leg(fact.uniqueid)
    return with_legs(call, replace(leg, seen=True)) if leg is not None and not leg.seen else call


def leg_ringing(call: Call, fact: f.LegRinging) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or leg.party.state is not PartyState.DIALLING:
        return call
    return settled(with_legs(call, in_state(replace(leg, seen=True), PartyState.RINGING, fact.at)), fact.at)


def leg_answered(call: Call, fact: f.LegAnswered) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or not leg.called or leg.answered_at is not None:
        return call
    return with_legs(call, replace(leg, seen=True, answered_at=fact.at))


def hangup_asked(call: Call, fact: f.HangupAsked) -> Call:
    """The first who asks is who hung up. A seat that only rings ends its own leg, not the call."""
    leg = call.leg(fact.uniqueid)
    if leg is None:
        return call
    if leg.here:
        call = _asked_by(call, [leg], SWITCH if fact.by_switch else _BY_KIND[leg.party.kind])
    if leg.left_us or leg.dropped:
        return call
    return with_legs(call, replace(leg, left_us=not fact.by_switch, dropped=fact.by_switch))


def _asked_by(call: Call, legs: list[Leg], by: str) -> Call:
    """In a call of two each of them ends it; in a room, the citizen, or the last who talks with the citizen."""
    if call.asked_by is not None:
        return call
    going = {leg.uniqueid for leg in legs}
    staying = [leg for leg in call.others if leg.here and leg.uniqueid not in going]
    ends = call.citizen in going or not staying
    return replace(call, asked_by=by) if ends else call


def channel_closed(call: Call, fact: f.ChannelClosed) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or not leg.open:
        return unring(call, fact.uniqueid, fact)
    gone = in_state(leg, why_gone(leg, fact.at, fact.cause), fact.at, cause=fact.cause, muted=False)
    after = with_legs(call, replace(gone, room="", context="", seen=True))
    after = replace(after, moving=call.moving - {fact.uniqueid}, holders=call.holders - {fact.uniqueid})
    citizen = after.citizen_leg
    if fact.uniqueid == call.talking and citizen is not None and not (citizen.left_us or citizen.dropped):
        # The citizen goes on, with the house alone.
        after = replace(after, talking=None, parted=False)
        if not (call.live.room or citizen.uniqueid in call.moving):
            after = with_legs(after, in_state(citizen, PartyState.ASIDE, fact.at))
    plain = fact.uniqueid == call.citizen and not call.live.room and call.live.direction != OUTBOUND
    if plain and not any(other.on_the_way for other in after.legs):
        return ended(after, fact.at, call.asked_by or SWITCH)
    return over_if_empty(settled(after, fact.at), fact.at)


def over_if_empty(call: Call, at: Any) -> Call:
    """A call ends with its last channel."""
    if call.live.ended_at is not None or any(leg.open for leg in call.legs):
        return call
    return ended(call, at, call.asked_by or SWITCH)


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────────


def room_entered(call: Call, fact: f.RoomEntered) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or not leg.open:
        return call
    # A Redirect keeps nobody muted: that belongs to the place in the room.
    leg = in_state(leg, state_in(fact.room, call.ref), fact.at, muted=False)
    called_at = leg.answered_at or fact.at if leg.called else None
    leg = replace(leg, room=fact.room, context=fact.context, seen=True, answered_at=called_at)
    after, first = with_legs(call, leg), not call.live.room
    after = replace(after, moving=call.moving - {fact.uniqueid}, parted=False, holders=frozenset())
    if first:
        after = _citizen_spoken_to(after, fact)
    live: dict[str, Any] = {"room": True}
    if leg.party.kind is PartyKind.CITIZEN and fact.room == call.ref and call.live.answered_at is None:
        live["answered_at"] = fact.at
    if fact.room == call.ref and leg.party.kind is not PartyKind.CITIZEN:
        after = replace(after, asked_by=None if after.citizen_leg is not None else after.asked_by)
    return settled(after, fact.at, **live)


def _citizen_spoken_to(call: Call, fact: f.RoomEntered) -> Call:
    """The call gets its room, and the citizen is not on the way to any: a machine speaks to the citizen."""
    citizen = call.citizen_leg
    if citizen is None or citizen.room or citizen.on_the_way or citizen.uniqueid in call.moving:
        return call
    return with_legs(call, in_state(citizen, PartyState.ASIDE, fact.at))


def room_left(call: Call, fact: f.RoomLeft) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or leg.room != fact.room:
        return call
    leg = replace(leg, room="", context="")
    if leg.party.kind is PartyKind.CITIZEN and fact.uniqueid not in call.moving and not (leg.left_us or leg.dropped):
        leg = in_state(leg, PartyState.ASIDE, fact.at)
    return settled(with_legs(call, leg), fact.at)


def muted(call: Call, fact: f.RoomMuted) -> Call:
    return _mute(call, fact, on=True)


def unmuted(call: Call, fact: f.RoomUnmuted) -> Call:
    return _mute(call, fact, on=False)


def _mute(call: Call, fact: f.RoomFact, *, on: bool) -> Call:
    leg = call.leg(fact.uniqueid)
    if leg is None or leg.party.muted is on:
        return call
    return settled(with_legs(call, replace(leg, party=replace(leg.party, muted=on))), fact.at)
