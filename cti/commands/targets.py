"""Whom a command may call: a seat that is free, or a number that passes the policy. Refuses before anything is sent."""

from __future__ import annotations

from cti.commands import errors as e
from cti.commands.asked import Asked, Target, TargetKind
from cti.commands.desk import Called, Desk
from cti.commands.hand import present
from cti.facts import AgentLive, AgentState, PartyKind
from cti.seats import reasons as r
from pbx_config import contract, dialling
from pbx_config.contract import CalledLeg, Context, Phone

FREE = frozenset({AgentState.READY, AgentState.PAUSED})  # a supervisor is never ready for the queue


def to_call(desk: Desk, asked: Asked, ref: str, room: str) -> Called:
    """The seat or the number that ``asked`` wants in that room.

    Raises:
        BadArgument, TargetNotFound, TargetBusy, NumberInvalid, NumberNotAllowed
    """
    target = asked.target
    if target.kind is TargetKind.QUEUE:
        raise e.BadArgument("target.kind", argument="target")
    if target.kind is TargetKind.SEAT:
        return seat(desk, free_agent(desk, target), ref, asked.leg_no, room)
    return outside(desk, target.value, ref, asked.leg_no, room)


def outside(desk: Desk, typed: str, ref: str, leg_no: int, room: str) -> Called:
    """
    Raises:
        NumberInvalid, NumberNotAllowed
    """
    number = dialling.allowed(typed, desk.own_numbers)
    leg = CalledLeg(ref, leg_no, number).uniqueid
    return Called(leg, PartyKind.OUTSIDE, number, desk.way_out(number), Context.ROOM_OUTSIDE, room)


def seat(desk: Desk, agent: AgentLive, ref: str, leg_no: int, room: str) -> Called:
    leg = CalledLeg(ref, leg_no, agent.seat).uniqueid
    interface = contract.interface(agent.seat, Phone(agent.phone))
    return Called(leg, PartyKind.SEAT, agent.seat, interface, Context.ROOM_SEAT, room, agent.agent_no)


def free_agent(desk: Desk, target: Target) -> AgentLive:
    """Who sits at that seat and can be called.

    Raises:
        TargetNotFound: nobody is signed in there.
        TargetBusy: talking, ringing, in wrap-up, or with a telephone that cannot be used.
    """
    agent = next((body for body in desk.floor.agents.values() if body.seat == target.value), None)
    if agent is None:
        raise e.TargetNotFound(target.value)
    if not is_free(desk, agent):
        raise e.TargetBusy(target.value)
    return agent


def is_free(desk: Desk, agent: AgentLive) -> bool:
    """Can be called now: not talking, ringing, in wrap-up, or with a telephone that cannot be used."""
    blocked = any(r.is_phone(reason) for reason in agent.reasons)
    return agent.state in FREE and not blocked and not seat_in_call(desk, agent)


def seat_in_call(desk: Desk, agent: AgentLive) -> bool:
    """Also where it is only being called into one."""
    return agent.agent_no in desk.floor.in_call or in_call(desk, agent.seat)


def in_call(desk: Desk, seat: str) -> bool:
    """Whoever sits at it."""
    going_on = (call.live for call in desk.floor.calls.values() if call.live.ended_at is None)
    return any(p.kind is PartyKind.SEAT and p.number == seat for live in going_on for p in present(live))
