"""The roster's edges: which agents a call holds, and legs that nobody of us asked for (an earlier cti did). Pure."""

from __future__ import annotations

from collections.abc import Callable

from cti.facts import PartyKind
from cti.live import pbx_facts as f
from cti.live.agent import InCall
from cti.live.call import OUTBOUND, Call
from cti.live.leg import Leg
from pbx_config import contract
from pbx_config.contract import Context

AgentAt = Callable[[str], str | None]  # the agent signed in at an interface


def agents_in(call: Call) -> dict[str, InCall]:
    """agent_no → how the call holds the agent. Talking on one leg goes before ringing on another."""
    if call.live.ended_at is not None:
        return {}
    call_id = call.live.call_id
    held = {agent_no: InCall(call_id, talking=False) for _, agent_no in call.ringing}
    for leg in sorted(call.others, key=lambda leg: leg.here):
        if leg.party.kind is PartyKind.SEAT and leg.party.agent_no:
            held[leg.party.agent_no] = InCall(call_id, talking=leg.here)
    return held


def interface_of(channel: str) -> str | None:
    """The interface behind a seat's channel; None where it is no seat's."""
    seat = contract.seat_of_interface(channel)
    return contract.interface(*seat) if seat is not None else None


def asked_before(call: Call | None, fact: f.ChannelFact, agent_at: AgentAt) -> f.LegAsked | None:
    """What must have been asked for the channel of this fact, where we have no such leg; None for other channels."""
    if call is not None and call.leg(fact.uniqueid) is not None:
        return None
    leg, interface = contract.called_leg(fact.uniqueid), interface_of(fact.channel)
    ref = contract.call_ref(fact.uniqueid)
    room = fact.room if isinstance(fact, f.RoomEntered) else ""
    if leg is None:
        # A seat's own channel in the room that bears its name: an agent calls out.
        if call is not None or interface is None or room != ref or fact.linkedid != fact.uniqueid:
            return None
        seat = contract.seat_of_interface(fact.channel)
        number = seat[0] if seat is not None else ""
        return f.LegAsked(fact.at, ref, fact.uniqueid, PartyKind.SEAT, number, room, agent_at(interface))
    if call is None:
        return None
    if interface is not None:
        return f.LegAsked(fact.at, ref, fact.uniqueid, PartyKind.SEAT, leg.number, room, agent_at(interface))
    context = fact.context if isinstance(fact, f.RoomEntered) else ""
    return f.LegAsked(fact.at, ref, fact.uniqueid, kind_of(call, context), leg.number, room)


def kind_of(call: Call, context: str) -> PartyKind:
    """Of somebody outside: the first whom an agent calls out to is the citizen."""
    if context:
        return PartyKind.CITIZEN if is_citizens(context) else PartyKind.OUTSIDE
    had = call.leg(call.citizen)
    wanted = call.live.direction == OUTBOUND and (had is None or not _was_there(had))
    return PartyKind.CITIZEN if wanted else PartyKind.OUTSIDE


def is_citizens(context: str) -> bool:
    return context in (Context.ROOM_CITIZEN, Context.ROOM_CALLED)


def _was_there(leg: Leg) -> bool:
    return leg.open or leg.answered_at is not None
