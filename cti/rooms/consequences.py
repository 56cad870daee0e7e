"""What must be done next for a call that moves, from where everybody stands now. Pure.

Level, not edge: the same legs lead to the same wish, whether we watched how it came to it or have just started. While
somebody is on the way between two rooms nothing follows: the next fact tells more.
"""

from __future__ import annotations

from dataclasses import dataclass

from cti.facts import PartyKind, PartyState
from cti.live.call import Call
from cti.live.leg import Leg
from pbx_config import contract
from pbx_config.contract import Context

_FAILED = frozenset(PartyState) - {PartyState.LEFT}  # of those that are gone


@dataclass(frozen=True, slots=True)
class Move:
    """One leg to a place in the dial plan."""

    leg: str
    context: Context
    exten: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """One or two legs, as one action. ``given_away``: the citizen goes to somebody who was not asked first."""

    moves: tuple[Move, ...]
    given_away: bool = False


@dataclass(frozen=True, slots=True)
class HangUp:
    leg: str


@dataclass(frozen=True, slots=True)
class CallAgent:
    """The agent who gave the call away is called into its room again."""

    agent_no: str
    seat: str


Wish = Redirect | HangUp | CallAgent


def wishes(call: Call) -> tuple[Wish, ...]:
    """In the order in which they are done; empty when everybody is where they should be."""
    if call.live.ended_at is not None or call.moving or _somebody_is_between_rooms(call):
        return ()
    citizen = call.citizen_leg
    if not call.live.room:
        # Whoever stayed in a room that the citizen has left for the queue; nobody of a call that was never moved.
        return _let_the_last_go(call, tuple(leg for leg in call.others if leg.room))
    if citizen is None:
        return _let_the_last_go(call, call.others)
    if citizen.aside:
        return _for_one_who_waits(call, citizen) if citizen.waits else _for_one_on_hold(call, citizen)
    if not citizen.room and _hung_up_on_the_citizen(call):
        return (_aside(call, citizen),)
    return _let_go(_left_over(call))


def _somebody_is_between_rooms(call: Call) -> bool:
    """Answered, in no room, and not in the conversation that the queue connected either."""
    plain = call.talking if not call.live.room else None
    return any(leg.here and not leg.room and leg.uniqueid != plain for leg in call.others)


def _for_one_who_waits(call: Call, citizen: Leg) -> tuple[Wish, ...]:
    mine = call.leg_of_agent(call.live.agent_no)
    if _others_in(call, call.ref):
        to_room = Move(citizen.uniqueid, Context.ROOM_CITIZEN, call.ref)
        return (Redirect((to_room,), given_away=mine is None),)
    if mine is not None and mine.room == call.consultation:
        if call.consulted:
            return ()  # they talk, or it rings
        together = (
            Move(citizen.uniqueid, Context.ROOM_CITIZEN, call.ref),
            Move(mine.uniqueid, Context.ROOM_SEAT, call.ref),
        )
        return (Redirect(together),)
    if call.called_into(call.ref):
        return ()  # somebody is on the way to the citizen
    again = _who_gave_it_away(call)
    return (again,) if again is not None else (back_in_line(citizen), *_let_go(call.others))


def _who_gave_it_away(call: Call) -> CallAgent | None:
    """The agent whose blind transfer failed. Nobody where the agent was called already, or left while asking."""
    last, agent_no, seat = _last_called(call), call.live.agent_no, call.live.seat
    if call.consulted or last is None or agent_no is None or seat is None:
        return None
    return CallAgent(agent_no, seat) if _failed(call, last) and not _is_agents(call, last) else None


def back_in_line(citizen: Leg) -> Redirect:
    """To the front of the queue: this citizen was already talking to us."""
    if contract.called_leg(citizen.uniqueid) is not None:  # we called; whoever answers the queue knows nothing of it
        return Redirect((Move(citizen.uniqueid, Context.AFTER_TALK, "s"),))
    return Redirect((Move(citizen.uniqueid, Context.LINE, "back"),))


def _for_one_on_hold(call: Call, citizen: Leg) -> tuple[Wish, ...]:
    return () if call.others else (back_in_line(citizen),)


def _aside(call: Call, citizen: Leg) -> Redirect:
    return Redirect((Move(citizen.uniqueid, Context.ROOM_WAIT, call.ref),))


def _hung_up_on_the_citizen(call: Call) -> bool:
    """The target of a blind transfer answered and was gone at once; the citizen already hears the machine."""
    last = _last_called(call)
    if last is None or call.others or last.party.state is not PartyState.HUNG_UP_ON_US:
        return False
    # An agent who was there longer than that has ended the call, and the machine asks how it was.
    agents = (leg for leg in call.legs if leg.party.agent_no is not None and leg.uniqueid != last.uniqueid)
    return all(leg.party.since <= last.party.since for leg in agents)


def _let_the_last_go(call: Call, others: tuple[Leg, ...]) -> tuple[Wish, ...]:
    """Without the citizen, and nobody being called: two may talk on while one of them is ours, who can end it.

    One who is alone is let go, and so are people outside whom the desk has left to each other.
    """
    if call.promised or not all(leg.here for leg in others):
        return ()
    ours = any(leg.party.kind is PartyKind.SEAT for leg in others)
    return () if ours and len(others) > 1 else _let_go(others)


def _left_over(call: Call) -> tuple[Leg, ...]:
    """The citizen talks with somebody; whom the agent had asked waits alone, and that agent has gone."""
    alone = _others_in(call, call.consultation)
    return alone if len(alone) == 1 and call.leg_of_agent(call.live.agent_no) is None else ()


def _let_go(legs: tuple[Leg, ...]) -> tuple[Wish, ...]:
    return tuple(HangUp(leg.uniqueid) for leg in legs)


def _others_in(call: Call, room: str) -> tuple[Leg, ...]:
    return tuple(leg for leg in call.standing_in(room) if leg.party.kind is not PartyKind.CITIZEN)


def _last_called(call: Call) -> Leg | None:
    called = [leg for leg in call.legs if contract.called_leg(leg.uniqueid) and leg.party.kind is not PartyKind.CITIZEN]
    return called[-1] if called else None


def _failed(call: Call, leg: Leg) -> bool:
    """Called to the citizen (not to be asked), and not there."""
    return not leg.open and leg.party.state in _FAILED and leg.target in (call.ref, "")


def _is_agents(call: Call, leg: Leg) -> bool:
    return leg.party.kind is PartyKind.SEAT and leg.party.number == call.live.seat
