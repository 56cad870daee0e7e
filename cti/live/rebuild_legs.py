"""From the channels of a snapshot to the legs of a call. Pure.

A leg's uniqueid tells whom we called, its place in the dial plan what it is there as, its room where it stands.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cti.facts import Party, PartyKind, PartyState
from cti.live.call import Call, in_state
from cti.live.leg import Leg, state_in
from cti.live.roster import kind_of
from cti.live.snapshot import ChannelSeen, Seen, seat_of_channel
from pbx_config import contract
from pbx_config.contract import Context

_SPOKEN_TO = frozenset({Context.AFTER_TALK, Context.ABUSE_WARNING, Context.ABUSE_END})


def leg_of(base: Call, channel: ChannelSeen, seen: Seen, agent_no: str | None, *, together: bool) -> Leg:
    """The leg of this channel, as it is now. ``together``: two talk who were never moved."""
    known = base.leg(channel.uniqueid)
    leg = known if known is not None else _new(base, channel, seen, agent_no)
    at = seen.at if known is not None else seen.at - channel.age
    leg = replace(leg, seen=True, doubted=False, room=channel.room, context=channel.context if channel.room else "")
    if leg.called and channel.up and leg.answered_at is None:
        leg = replace(leg, answered_at=at)
    muted = channel.uniqueid in seen.muted
    return in_state(leg, _state(leg, channel, base.ref, together=together), at, muted=muted)


def _new(base: Call, channel: ChannelSeen, seen: Seen, agent_no: str | None) -> Leg:
    told = contract.called_leg(channel.uniqueid)
    place = seat_of_channel(channel)
    called = told is not None or (place is not None and channel.uniqueid == base.ref)
    kind = PartyKind.SEAT if place is not None else _outside(base, channel)
    number = told.number if told is not None else place[0] if place is not None else channel.caller
    state = PartyState.DIALLING if called else PartyState.JOINED
    party = Party(channel.uniqueid, kind, number, state, seen.at - channel.age, agent_no)
    return Leg(party, called=called)


def _outside(base: Call, channel: ChannelSeen) -> PartyKind:
    if channel.uniqueid == base.ref:
        return PartyKind.CITIZEN
    ours = channel.context in (Context.ROOM_CITIZEN, Context.ROOM_CALLED, Context.ROOM_OUTSIDE)
    return kind_of(base, channel.context if ours else "")


def _state(leg: Leg, channel: ChannelSeen, ref: str, *, together: bool) -> PartyState:
    if channel.room:
        return state_in(channel.room, ref)
    if leg.on_the_way:
        return PartyState.RINGING if channel.rings or channel.up else PartyState.DIALLING
    if leg.party.kind is PartyKind.CITIZEN and channel.context in _SPOKEN_TO:
        return PartyState.ASIDE
    if together or channel.context == Context.LINE:
        return PartyState.JOINED
    return leg.party.state if leg.here else PartyState.JOINED


def without_channel(leg: Leg, at: datetime) -> Leg:
    """A leg whose channel the snapshot does not have. One that we have just asked for may not have its channel yet."""
    if not leg.open:
        return leg
    if not leg.seen and not leg.doubted:
        return replace(leg, doubted=True)
    gone = PartyState.FAILED if leg.on_the_way else PartyState.LEFT
    return replace(in_state(leg, gone, at, muted=False), room="", context="")
