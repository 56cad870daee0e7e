"""Calling out: first the agent's own telephone, then, once the agent is there, the citizen.

The agent's leg names the call: its uniqueid is the call's reference, as a citizen's is of a call that comes in.
"""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from cti.commands import errors as e
from cti.commands import targets
from cti.commands.asked import Asked
from cti.commands.desk import Called, Desk
from cti.commands.hand import leg_of, stands_in
from cti.commands.steps import RING_MS, originate
from cti.facts import AgentLive, AgentState, PartyKind, PartyState
from cti.live.floor import Floor
from models.errors import LianxinError
from pbx_config import contract, dialling
from pbx_config.contract import CalledLeg, Context, Phone

log = structlog.get_logger(__name__)

_GRACE_S = 5.0


async def dial(desk: Desk, asked: Asked) -> None:
    """Done when the agent's own telephone is dialled; the citizen follows by itself.

    Raises:
        NoTrunk, AgentNotSignedIn, AgentBusy, PhoneNotRegistered, NumberInvalid, NumberNotAllowed, LegFailed
    """
    number = dialling.allowed(asked.number, desk.own_numbers)
    desk.way_out(number)  # nobody is called for a citizen who could not be
    agent = _free(desk, asked.agent)
    ref = f"{desk.floor.node}-{int(desk.now().timestamp())}.{asked.leg_no}"
    interface = contract.interface(agent.seat, Phone(agent.phone))
    seat = Called(ref, PartyKind.SEAT, agent.seat, interface, Context.ROOM_SEAT, ref, agent.agent_no)
    desk.must_be_linked()
    desk.tell_calling(ref, seat, citizen=number)
    dialled = False

    def told(floor: Floor) -> bool:
        nonlocal dialled
        dialled = dialled or ref in floor.channels
        leg = leg_of(floor, ref, ref)
        return dialled or (leg is not None and not leg.open)

    await desk.carry([originate(seat, desk.number)], told)
    if not dialled:
        raise e.LegFailed(PartyState.FAILED)
    desk.follow_ups.put_nowait(partial(_call_citizen, desk, ref, asked.leg_no, number))


def _free(desk: Desk, agent_no: str) -> AgentLive:
    interface = desk.member(agent_no)
    agent = desk.floor.agents[agent_no]
    if agent.state in (AgentState.TALKING, AgentState.RINGING) or targets.seat_in_call(desk, agent):
        raise e.AgentBusy(agent_no)
    if not desk.registered(interface):
        raise e.PhoneNotRegistered(interface)
    return agent


async def _call_citizen(desk: Desk, ref: str, leg_no: int, number: str) -> None:
    """Once the agent is in the room. A citizen is never called for an agent who is not there."""

    def joined(floor: Floor) -> bool:
        return stands_in(floor, ref, ref, ref)

    with desk.live.expecting(lambda floor: joined(floor) or desk.over(ref)) as fact:
        try:
            if not joined(desk.floor):
                await asyncio.wait_for(fact, RING_MS / 1000 + _GRACE_S)
        except TimeoutError:
            return
    if not joined(desk.floor) or not desk.client.link.live:
        return
    leg = CalledLeg(ref, leg_no, number).uniqueid
    try:
        citizen = Called(leg, PartyKind.CITIZEN, number, desk.way_out(number), Context.ROOM_CALLED, ref)
    except e.NoTrunk:
        log.error("citizen_not_called", ref=ref, code=e.NoTrunk.code, detail="")
        await desk.ask("Hangup", {"Channel": desk.floor.channels[ref], "Cause": str(contract.NETWORK_OUT_OF_ORDER)})
        return
    desk.tell_calling(ref, citizen)
    step = originate(citizen, desk.number)
    try:
        with desk.going_out(citizen, step.headers):
            await desk.ask(step.action, step.headers)
    except LianxinError as exc:
        log.error("citizen_not_called", ref=ref, code=exc.code, detail=exc.detail)
