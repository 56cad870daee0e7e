"""Taking a call over: a supervisor's seat is called into the call's room, and the agent is let go once it is there.

One at a time: who takes a call over is told to the live machines first (``EarsLive.taken_by``), and a second one is
refused. Who asks names the agent from whom it is taken: after the first has it, that is no longer the agent's call.
"""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from cti.commands import errors as e
from cti.commands import targets
from cti.commands.asked import Asked
from cti.commands.calling import call_into
from cti.commands.desk import Called, Desk
from cti.commands.hand import Hand, going_on, leg_of, seat_leg, stands_in
from cti.commands.listening import ear_of, end_ear, free_telephone
from cti.commands.moves import let_go, open_room
from cti.commands.steps import RING_MS
from cti.facts import AgentLive, PartyKind
from cti.live import pbx_facts as f
from models.errors import LianxinError
from pbx_config.contract import CalledLeg, Context

log = structlog.get_logger(__name__)

_GRACE_S = 5.0
_FREE_S = 3.0  # a telephone whose ear was hung up is free a moment later


async def take_over(desk: Desk, asked: Asked) -> None:
    """Done when the supervisor's telephone is dialled; the agent is let go by itself once it is in the room.

    Raises:
        CallTaken, NotTalking, ConsultationOpen, SupervisorBusy, PhoneNotRegistered, RoomFull, LegFailed
    """
    hand = _hand(desk, asked)
    ref = hand.ref
    if ref in desk.floor.ears.takers:
        raise e.CallTaken(asked.call_id)
    desk.must_be_linked()
    desk.live.tell(f.TakeOverAsked(desk.now(), ref, asked.agent, asked.shown_name))
    try:
        interface = await _own_ear_ended(desk, hand, asked)
        leg = CalledLeg(ref, asked.leg_no, asked.seat).uniqueid
        called = Called(leg, PartyKind.SEAT, asked.seat, interface, Context.ROOM_SEAT, ref, asked.agent)
        await open_room(desk, hand)
        await call_into(desk, _hand(desk, asked), called)
    except BaseException:
        _over(desk, ref)
        raise
    desk.follow_ups.put_nowait(partial(_let_the_agent_go, desk, ref, called, asked.from_agent))


def _hand(desk: Desk, asked: Asked) -> Hand:
    """The agent's hand on the call that is to be taken."""
    call = going_on(desk, asked)
    if call.live.agent_no != asked.from_agent:
        raise e.CallTaken(call.live.call_id)
    me = seat_leg(call, call.live.agent_no)
    if me is None or me.number == asked.seat:
        raise e.NotTalking(call.live.call_id)
    hand = Hand(call, me)
    hand.must_not_consult()
    if hand.citizen is None:
        raise e.NotTalking(call.live.call_id)
    return hand


async def _own_ear_ended(desk: Desk, hand: Hand, asked: Asked) -> str:
    """The telephone that will ring: whoever listens to this call stops listening first."""
    ear = ear_of(desk, hand.call, asked.seat)
    if ear is None:
        return free_telephone(desk, asked.seat)
    with desk.live.expecting(lambda floor: _is_free(desk, asked.seat)) as free:
        await end_ear(desk, ear)
        if not _is_free(desk, asked.seat):
            await asyncio.wait([free], timeout=_FREE_S)
    return free_telephone(desk, asked.seat)


def _is_free(desk: Desk, seat: str) -> bool:
    agent: AgentLive | None = next((body for body in desk.floor.agents.values() if body.seat == seat), None)
    return desk.floor.ears.of_seat(seat) is None and (agent is None or targets.is_free(desk, agent))


async def _let_the_agent_go(desk: Desk, ref: str, called: Called, agent_no: str) -> None:
    """Once the supervisor is in the room; whoever does not come leaves the call with the agent."""

    def joined() -> bool:
        return stands_in(desk.floor, ref, called.leg, called.room)

    def decided() -> bool:
        leg = leg_of(desk.floor, ref, called.leg)
        return joined() or desk.over(ref) or leg is None or not leg.open

    try:
        with desk.live.expecting(lambda floor: decided()) as fact:
            if not decided():
                await asyncio.wait([fact], timeout=RING_MS / 1000 + _GRACE_S)
        call = desk.floor.calls.get(ref)
        me = seat_leg(call, agent_no) if call is not None else None
        if joined() and me is not None and me.leg != called.leg:
            await let_go(desk, ref, me.leg, by=me.leg)
    except LianxinError as exc:
        log.warning("agent_not_let_go", ref=ref, code=exc.code, detail=exc.detail)
    finally:
        _over(desk, ref)


def _over(desk: Desk, ref: str) -> None:
    desk.live.tell(f.TakeOverAsked(desk.now(), ref, None))
