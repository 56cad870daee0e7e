"""What the queue's facts and the plain conversation of two do to a call. Pure: ``(call, fact) -> call``."""

from __future__ import annotations

from dataclasses import replace

from cti.facts import Party, PartyKind, PartyState
from cti.live import pbx_facts as f
from cti.live.call import Call, in_state, settled, with_legs
from cti.live.leg import Leg
from pbx_config import contract


def joined(call: Call, fact: f.CallerJoined) -> Call:
    """The citizen waits, for the first time or again: whatever conversation there was is over."""
    citizen = call.leg(call.citizen)
    if citizen is not None:
        call = with_legs(call, replace(in_state(citizen, PartyState.JOINED, fact.at), room="", context=""))
    waiting = replace(
        call, waiting=True, talking=None, parted=False, asked_by=None, moving=call.moving - {fact.uniqueid}
    )
    again = call.live.answered_at is not None
    queued_at = fact.at if again else call.live.queued_at or fact.at
    return settled(waiting, fact.at, queue=fact.queue, queued_at=queued_at, position=fact.position, room=False)


def came_back(call: Call, fact: f.CallerJoined) -> Call | None:
    """Out of a room back into the queue. Nobody comes there from a plain conversation."""
    return joined(call, fact) if call.live.room else None


def left(call: Call, fact: f.CallerLeft) -> Call:
    return settled(replace(call, waiting=False), fact.at, position=None)


def rings(call: Call, fact: f.SeatRinging) -> Call:
    leg = (fact.seat_uniqueid, fact.agent_no)
    if leg in call.ringing:
        return call
    return settled(replace(call, ringing=(*call.ringing, leg)), fact.at, queue=fact.queue)


def missed(call: Call, fact: f.SeatMissed) -> Call:
    return unring(call, fact.seat_uniqueid, fact)


def unring(call: Call, seat_uniqueid: str, fact: f.Fact) -> Call:
    still = tuple(leg for leg in call.ringing if leg[0] != seat_uniqueid)
    return call if still == call.ringing else settled(replace(call, ringing=still), fact.at)


def answered(call: Call, fact: f.SeatAnswered) -> Call:
    seat = contract.seat_of_interface(fact.interface)
    number = seat[0] if seat else fact.interface
    party = Party(fact.seat_uniqueid, PartyKind.SEAT, number, PartyState.JOINED, fact.at, fact.agent_no)
    talking = replace(
        with_legs(call, Leg(party)), waiting=False, ringing=(), talking=fact.seat_uniqueid, parted=False,
        holders=frozenset(), asked_by=None,
    )  # fmt: skip
    return settled(
        talking, fact.at, queue=fact.queue, position=None, agent_no=fact.agent_no, seat=seat[0] if seat else None,
        answered_at=fact.at,
    )  # fmt: skip


def done(call: Call, fact: f.SeatDone) -> Call:
    """A call that is being moved, or was, is not parted by it: there, only the end of the seat's channel tells."""
    same = fact.seat_uniqueid == call.talking or (not fact.seat_uniqueid and fact.agent_no == call.live.agent_no)
    moved = fact.moved or call.live.room or bool(call.moving)
    return replace(call, parted=True) if same and call.talking and not call.parted and not moved else call


def held(call: Call, fact: f.ChannelHeld) -> Call:
    if fact.uniqueid not in (call.citizen, call.talking):
        return call
    return settled(replace(call, holders=call.holders | {fact.uniqueid}), fact.at)


def unheld(call: Call, fact: f.ChannelUnheld) -> Call:
    return settled(replace(call, holders=call.holders - {fact.uniqueid}), fact.at)
