"""Signing in and out while the keeper of skills goes its round: who leaves has left, and is rung nowhere."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cti.commands import errors as e
from cti.commands import signing
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.live.agent import InCall
from cti.seats.keeper import SeatKeeper
from cti.seats.skills import SkillKeeper
from cti.tuning.wanted import Wanted
from pbx_config import contract
from pbx_config.tuning import penalty
from tests.cti.seats.a_queue import AGENT, Members, a_member
from tests.support.eventually import eventually

QUEUES = (contract.QUEUE_MAIN, "permits", "traffic")
WANTED = Wanted(
    queues=cast(Any, tuple(SimpleNamespace(name=name) for name in QUEUES)),
    skills={AGENT: dict.fromkeys(QUEUES, 1)},
)
Command = Callable[[Desk, Asked], Awaitable[None]]


def _members() -> Members:
    return Members(*(a_member(queue) for queue in QUEUES))


def _desk(pbx: Members) -> Desk:
    seats = SeatKeeper(cast(Any, pbx), pbx.floor, pbx.live)
    return Desk(cast(Any, pbx), pbx.floor, pbx.live, seats, cast(Any, None), SkillKeeper(pbx.live, seats))


@asynccontextmanager
async def _rounds(desk: Desk) -> AsyncIterator[None]:
    """The keeper of skills, as busy as it may be, and some rounds more afterwards."""
    rounds = 0

    async def go() -> None:
        nonlocal rounds
        while True:
            await desk.skills.agree(WANTED)
            rounds += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(go())
    try:
        yield
        before = rounds
        await eventually(lambda: rounds > before + 10)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _asked(kind: str) -> Asked:
    return Asked(uuid.uuid4(), kind, {"seat": "8001", "phone": "browser"}, AGENT, datetime.now(UTC))


async def test_who_signs_out_is_brought_back_into_no_queue() -> None:
    pbx = _members()
    desk = _desk(pbx)
    async with _rounds(desk):
        await signing.sign_out(desk, _asked("agent.sign_out"))
    assert pbx.members == {}
    assert pbx.floor.agents == {}
    assert pbx.asked == [f"QueueRemove {queue}" for queue in QUEUES]


async def test_who_signs_in_is_brought_into_each_queue_once_and_paused() -> None:
    pbx = Members()
    desk = _desk(pbx)
    desk.skills.wanted = WANTED
    async with _rounds(desk):
        await signing.sign_in(desk, _asked("agent.sign_in"))
    assert pbx.asked == [f"QueueAdd {queue}" for queue in QUEUES]
    assert {(m.queue, m.reasons, m.penalty) for m in pbx.members.values()} == {
        (queue, frozenset({contract.REASON_NOT_READY}), penalty(1)) for queue in QUEUES
    }


async def test_a_call_that_came_while_the_keeper_was_at_work_keeps_its_agent() -> None:
    pbx = _members()
    desk = _desk(pbx)
    async with desk.seats.lock(AGENT):
        leaving = asyncio.create_task(signing.sign_out(desk, _asked("agent.sign_out")))
        await asyncio.sleep(0)
        pbx.floor.in_call[AGENT] = InCall("c", talking=True)
    with pytest.raises(e.AgentInCall):
        await leaving
    assert len(pbx.members) == len(QUEUES)
