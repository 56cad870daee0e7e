"""Conferences, whoever is put aside or stranded, and calling out."""

from __future__ import annotations

import time
from random import randrange
from typing import Any

from pbx_config.carrier_call import CarrierCall
from pbx_config.contract import Context
from tests.cti.journal.capture import AGENTS, pick_up, seconds
from tests.cti.journal.moving_desk import AGENCY, CITIZEN, OTHER, Desk, scenario
from tests.support.eventually import eventually
from tests.support.pbx import queue_add

# ── conference ──────────────────────────────────────────────────────────────────────────────────────


async def conference(d: Desk, other_s: float = 0) -> tuple[CarrierCall, str, str, str]:
    await d.agency()
    await d.agency(OTHER, seconds=other_s)
    citizen, _ = await d.talking()
    agent = d.of_seat("8001")
    await d.back_together(agent)
    one, other = (d.call(number, Context.ROOM_OUTSIDE, d.ref) for number in (AGENCY, OTHER))
    await d.in_bridge(one, other)
    await d.stay()
    return citizen, agent, one, other


@scenario()
async def conference_citizen_leaves_first(d: Desk) -> None:
    citizen, agent, one, other = await conference(d, other_s=4)
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.stay()
    await d.hang_up(one)
    await d.gone(other)
    await d.hang_up(agent)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", hold_s=0, legs={
        "8001": ["agent", "answered", "outside"], AGENCY: ["outside", "answered", "agent"],
        OTHER: ["outside", "hung_up_on_us", "outside"],
    })  # fmt: skip


@scenario()
async def conference_agent_leaves_first(d: Desk) -> None:
    citizen, agent, one, other = await conference(d)
    await d.stage.open[0].hang_up()
    await d.gone(agent)
    await d.stay()
    await d.hang_up(one)
    await d.hang_up(other)
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", hold_s=0, legs={
        "8001": ["agent", "answered", "agent"], AGENCY: ["outside", "answered", "agent"],
        OTHER: ["outside", "answered", "agent"],
    })  # fmt: skip


# ── aside ───────────────────────────────────────────────────────────────────────────────────────────


@scenario()
async def held_by_the_switch(d: Desk) -> None:
    """For longer than the dial plan's round, and once more."""
    citizen, _ = await d.talking()
    agent = d.of_seat("8001")
    held = 0.0
    for length_s in (3.0, 0.5):
        async with seconds() as once:
            await d.move((d.ref, Context.ROOM_HOLD, d.ref), (agent, Context.ROOM_SEAT, d.ref))
            await d.stay(length_s)
        held += once[0]
        await d.move((d.ref, Context.ROOM_CITIZEN, d.ref))
    await citizen.hang_up()
    await d.gone(d.ref)
    await d.hang_up(agent)
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", hold_s=held, legs={
        "8001": ["agent", "answered", "citizen"],
    })  # fmt: skip


@scenario()
async def stranded(d: Desk) -> None:
    """Nobody of ours runs, nobody comes: back into the queue, to another agent."""
    citizen, first = await d.talking()
    agent = d.of_seat("8001")
    second = await d.seat("8002", sign_in=False)
    await d.move((d.ref, Context.ROOM_WAIT, d.ref), (agent, Context.ROOM_SEAT, d.asking))
    d.stage.pbx.cli("queue remove member PJSIP/8001 from hotline")
    await first.hang_up()
    queue_add(d.stage.pbx, "8002", AGENTS["8002"])
    await pick_up(second)
    await d.in_bridge(d.ref, d.of_seat("8002"))
    await d.stay()
    await second.hang_up()
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", entries=2, stranded=1, legs={
        "8001": ["agent", "answered", "agent"], "8002": ["agent", "answered", "agent"],
    })  # fmt: skip


@scenario()
async def stranded_and_gives_up(d: Desk) -> None:
    """The citizen leaves the queue the second time: answered all the same."""
    citizen, first = await d.talking()
    agent = d.of_seat("8001")
    await d.move((d.ref, Context.ROOM_WAIT, d.ref), (agent, Context.ROOM_SEAT, d.asking))
    d.stage.pbx.cli("queue pause member PJSIP/8001 queue hotline reason wrap-up")
    await first.hang_up()
    await eventually(lambda: d.stage.milestones("LX_QUEUED") == 2)
    await d.stay(1.5)
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", entries=2, stranded=1, legs={
        "8001": ["agent", "answered", "agent"],
    })  # fmt: skip


# ── calling out ─────────────────────────────────────────────────────────────────────────────────────


async def _calling_out(d: Desk, **how: Any) -> str:
    """The agent's own telephone first, then the citizen."""
    phone = await d.seat("8001")
    d.ref = f"{d.stage.pbx.settings.node}-{int(time.time())}.{randrange(2, 1 << 24)}"
    d.originate(d.ref, "8001", Context.ROOM_SEAT, d.ref)
    await pick_up(phone)
    await d.in_bridge(d.ref)
    return d.call(CITIZEN, Context.ROOM_CALLED, d.ref, **how)


@scenario(survey=True)
async def called_out_answered(d: Desk) -> None:
    await d.agency(CITIZEN, answer_after_s=1)
    called = await _calling_out(d)
    await d.in_bridge(called)
    async with seconds() as talked:
        await d.stay(1.0)
        await d.stage.open[0].hang_up()
        await d.gone(d.ref)
    await d.asked()
    await d.gone(called)
    d.tell(
        direction="outbound", caller="12345", called=CITIZEN, hung_up_by="agent", agent_no="1001", seat="8001",
        talk_s=talked[0], hold_s=0, satisfaction=None,
        legs={"8001": ["agent", "answered", "agent"], CITIZEN: ["citizen", "answered", "agent"]},
    )  # fmt: skip


@scenario()
async def called_out_citizen_hangs_up(d: Desk) -> None:
    await d.agency(CITIZEN, seconds=14)
    called = await _calling_out(d)
    await d.in_bridge(called)
    await d.gone(called)
    await d.hang_up(d.ref)
    d.tell(
        direction="outbound", caller="12345", called=CITIZEN, hung_up_by="citizen", agent_no="1001", seat="8001",
        legs={"8001": ["agent", "answered", "citizen"], CITIZEN: ["citizen", "answered", "citizen"]},
    )  # fmt: skip


@scenario()
async def called_out_not_answered(d: Desk) -> None:
    await d.agency(CITIZEN, answer_after_s=None)
    called = await _calling_out(d, ring_ms=2000)
    await d.gone(called)
    await d.hang_up(d.ref)
    d.tell(
        "not_reached", direction="outbound", caller="12345", called=CITIZEN, hung_up_by="switch", agent_no="1001",
        seat="8001", talk_s=None,
        legs={"8001": ["agent", "answered", "switch"], CITIZEN: ["citizen", "no_answer", "switch"]},
    )  # fmt: skip


@scenario()
async def called_out_busy_then_an_agency(d: Desk) -> None:
    """The citizen is busy, again, and then talks with an agent and an agency."""
    manners = await d.agency(CITIZEN, reject=True)
    await d.agency()
    called = await _calling_out(d)
    await d.gone(called)
    await manners.behave(answer_after_s=0.3)
    called = d.call(CITIZEN, Context.ROOM_CALLED, d.ref)
    await d.in_bridge(called)
    third = d.call(AGENCY, Context.ROOM_OUTSIDE, d.ref)
    await d.in_bridge(third)
    await d.stay()
    await d.hang_up(third)
    await d.hang_up(called)
    await d.hang_up(d.ref)
    d.tell(
        direction="outbound", caller="12345", called=CITIZEN, hung_up_by="agent", agent_no="1001", seat="8001",
        legs={
            "8001": ["agent", "answered", "agent"], CITIZEN: ["citizen", "busy", "citizen"],
            AGENCY: ["outside", "answered", "agent"], f"{CITIZEN} again": ["citizen", "answered", "agent"],
        },
    )  # fmt: skip
