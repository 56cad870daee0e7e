"""Transfers, asked first and blind: what a third can do, and where the citizen is meanwhile."""

from __future__ import annotations

from typing import Any

from pbx_config.carrier_call import CarrierCall
from pbx_config.contract import Context
from tests.cti.journal.capture import AGENTS, pick_up, seconds
from tests.cti.journal.moving_desk import AGENCY, PAUSE_S, Desk, scenario
from tests.support.eventually import eventually

# ── attended ────────────────────────────────────────────────────────────────────────────────────────


@scenario()
async def attended_completed(d: Desk) -> None:
    await d.agency()
    citizen, _ = await d.talking()
    async with seconds() as talked:
        await d.stay()
        async with seconds() as held:
            agent, third = await d.consult(AGENCY)
            await d.in_bridge(third)
            await d.stay()
            await d.move((d.ref, Context.ROOM_CITIZEN, d.ref), (third, Context.ROOM_OUTSIDE, d.ref))
        await d.hang_up(agent)
        await d.stay()
        await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(third)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=held[0] - PAUSE_S, legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "answered", "citizen"],
    })  # fmt: skip


@scenario()
async def attended_cancelled_while_ringing(d: Desk) -> None:
    await d.agency(answer_after_s=None)
    citizen, _ = await d.talking()
    async with seconds() as held:
        agent, third = await d.consult(AGENCY)
        await d.stay()
        await d.hang_up(third)
    await d.back_together(agent)
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(agent)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", hold_s=held[0], legs={
        "8001": ["agent", "answered", "citizen"], AGENCY: ["outside", "cancelled", "agent"],
    })  # fmt: skip


@scenario()
async def attended_cancelled_after_answer(d: Desk) -> None:
    await d.agency()
    _, phone = await d.talking()
    agent, third = await d.consult(AGENCY)
    await d.in_bridge(third)
    await d.stay()
    await d.hang_up(third)
    await d.back_together(agent)
    await phone.hang_up()
    await d.gone(d.ref)
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "answered", "agent"],
    })  # fmt: skip


@scenario()
async def swapped(d: Desk) -> None:
    """To the citizen and back to the third, then both together, then the agent leaves."""
    await d.agency()
    citizen, _ = await d.talking()
    held = 0.0
    async with seconds() as once:
        agent, third = await d.consult(AGENCY)
        await d.in_bridge(third)
        await d.stay()
    held += once[0]
    await d.back_together(agent)
    async with seconds() as once:
        await d.move((d.ref, Context.ROOM_WAIT, d.ref), (agent, Context.ROOM_SEAT, d.asking))
    held += once[0]
    await d.back_together(agent)
    await d.move((third, Context.ROOM_OUTSIDE, d.ref))
    await d.hang_up(agent)
    await d.stay()
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(third)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", hold_s=held, legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "answered", "citizen"],
    })  # fmt: skip


async def _third_fails(d: Desk, outcome: str, by: str = "outside", **how: Any) -> None:
    """Asked, it fails; agent and citizen talk on."""
    citizen, _ = await d.talking()
    async with seconds() as held:
        agent, third = await d.consult(AGENCY, **how)
        await d.gone(third, within_s=30)
    await d.back_together(agent)
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(agent)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", hold_s=held[0], legs={
        "8001": ["agent", "answered", "citizen"], AGENCY: ["outside", outcome, by],
    })  # fmt: skip


@scenario()
async def third_is_busy(d: Desk) -> None:
    await d.agency(reject=True)
    await _third_fails(d, "busy")


@scenario()
async def third_does_not_answer(d: Desk) -> None:
    await d.agency(answer_after_s=None)
    await _third_fails(d, "no_answer", "switch", ring_ms=3000)


@scenario()
async def third_refuses(d: Desk) -> None:
    await d.agency(refuse=True)
    await _third_fails(d, "refused")


@scenario()
async def third_does_not_exist(d: Desk) -> None:
    await _third_fails(d, "failed")


@scenario()
async def third_hangs_up_on_us(d: Desk) -> None:
    await d.agency(seconds=2)
    await _third_fails(d, "hung_up_on_us")


@scenario()
async def third_leaves_after_a_while(d: Desk) -> None:
    await d.agency(seconds=11)
    await _third_fails(d, "answered")


# ── blind ───────────────────────────────────────────────────────────────────────────────────────────


async def _blind(d: Desk, number: str, **how: Any) -> tuple[CarrierCall, str]:
    """The citizen waits, the third is called into the room, the agent is gone."""
    citizen, _ = await d.talking()
    agent = d.of_seat("8001")
    await d.move((d.ref, Context.ROOM_WAIT, d.ref), (agent, Context.ROOM_SEAT, d.ref))
    third = d.call(number, Context.ROOM_SEAT if number in AGENTS else Context.ROOM_OUTSIDE, d.ref, **how)
    await d.hang_up(agent)
    return citizen, third


@scenario()
async def blind_to_a_number(d: Desk) -> None:
    await d.agency(answer_after_s=1, seconds=3)
    citizen, third = await _blind(d, AGENCY)
    await d.in_bridge(third)
    await d.move((d.ref, Context.ROOM_CITIZEN, d.ref))
    await citizen.ended()
    d.tell(hung_up_by="outside", agent_no="1001", seat="8001", legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "hung_up_on_us", "outside"],
    })  # fmt: skip


@scenario(survey=True)
async def blind_to_a_seat(d: Desk) -> None:
    second = await d.seat("8002", sign_in=False)
    citizen, third = await _blind(d, "8002")
    await pick_up(second)
    await d.in_bridge(third)
    await d.move((d.ref, Context.ROOM_CITIZEN, d.ref))
    await d.stay()
    await second.hang_up()
    await d.asked()
    await citizen.press("2")
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", satisfaction=2, satisfaction_agent_no="1002", legs={
        "8001": ["agent", "answered", "agent"], "8002": ["agent", "hung_up_on_us", "agent"],
    })  # fmt: skip


@scenario()
async def blind_fails_and_returns(d: Desk) -> None:
    """The agency is busy; the agent's own seat is rung again and takes the call back."""
    await d.agency(reject=True)
    citizen, third = await _blind(d, AGENCY)
    await d.gone(third)
    again = d.call("8001", Context.ROOM_SEAT, d.ref)
    phone = d.stage.open[0]
    await pick_up(phone)
    await d.in_bridge(again)
    await d.move((d.ref, Context.ROOM_CITIZEN, d.ref))
    await d.stay()
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(again)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "busy", "outside"],
        "8001 again": ["agent", "answered", "citizen"],
    })  # fmt: skip


@scenario(aside_s=10)
async def blind_seat_does_not_answer(d: Desk) -> None:
    """Neither does the agent's own: back into the queue, where the agent, ready again, is rung."""
    second = await d.seat("8002", sign_in=False)
    citizen, third = await _blind(d, "8002", ring_ms=1000)
    first = d.stage.open[-1]
    await d.gone(third)
    await second.next("cancel")
    again = d.call("8001", Context.ROOM_SEAT, d.ref, ring_ms=1000)
    await d.gone(again)
    await first.next("cancel")
    await d.move((d.ref, Context.LINE, "back"))
    await pick_up(first)
    await d.in_bridge(d.ref, d.of_seat("8001"))
    await d.stay()
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", entries=2, legs={
        "8001": ["agent", "answered", "agent"], "8002": ["agent", "no_answer", "switch"],
        "8001 again": ["agent", "no_answer", "switch"], "8001 queue": ["agent", "answered", "citizen"],
    })  # fmt: skip


@scenario()
async def moved_out_of_the_queue(d: Desk) -> None:
    """Back in the queue by itself and, while it waits there, sent to its front by the desk: queue_log says ABANDON."""
    citizen, first = await d.talking()
    agent = d.of_seat("8001")
    await d.move((d.ref, Context.ROOM_WAIT, d.ref), (agent, Context.ROOM_SEAT, d.asking))
    d.stage.pbx.cli("queue pause member PJSIP/8001 queue hotline reason wrap-up")
    await first.hang_up()
    await eventually(lambda: d.stage.milestones("LX_QUEUED") == 2)
    await d.stay()
    await d.move((d.ref, Context.LINE, "back"))
    d.stage.pbx.cli("queue unpause member PJSIP/8001 queue hotline")
    await pick_up(first)
    await d.in_bridge(d.ref, d.of_seat("8001"))
    await d.stay()
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", entries=3, stranded=1, legs={
        "8001": ["agent", "answered", "agent"], "8001 queue": ["agent", "answered", "citizen"],
    })  # fmt: skip
