"""The wrap-up where an event of it is lost, and where a snapshot tells the end of the talk: shown as the PBX has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from cti.facts import AgentState
from cti.live import pbx_facts as f
from cti.live import watch
from cti.live.floor import Floor, Released
from cti.live.resync import resync
from cti.live.snapshot import ChannelSeen
from cti.seats import keeper
from cti.seats.keeper import SeatKeeper
from pbx_config import contract
from tests.cti.seats.a_queue import AGENT, INTERFACE, Members, a_member
from tests.support.eventually import eventually

WRAP_UP = frozenset({contract.REASON_WRAP_UP})
QUEUE = "permits"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "CONFIRM_S", 0.05)
    monkeypatch.setattr(keeper, "TICK_S", 0.01)
    monkeypatch.setattr(watch, "RESYNC_AT_MOST_EVERY_S", 0.05)


@asynccontextmanager
async def _working(pbx: Members) -> AsyncIterator[None]:
    """The keeper of the seats, and snapshots on doubt."""

    async def snapshot() -> None:
        resync(pbx.floor, pbx.seen())

    pbx.live.snapshot = snapshot  # type: ignore[method-assign]
    seats = SeatKeeper(cast(Any, pbx), pbx.floor, pbx.live)
    tasks = [asyncio.create_task(seats.run()), asyncio.create_task(pbx.live.run())]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _shown(floor: Floor, state: AgentState) -> Callable[[], bool]:
    return lambda: floor.agents[AGENT].state is state


def _paused(pbx: Members) -> set[frozenset[str]]:
    return {member.reasons for member in pbx.members.values()}


async def test_a_lost_confirmation_holds_nobody_in_wrap_up() -> None:
    pbx = Members(a_member(contract.QUEUE_MAIN), a_member(QUEUE))
    pbx.floor.wrap_up_s = 0.4
    async with _working(pbx):
        pbx.lose.add("QueuePause")
        pbx.floor.on_released(Released(AGENT, "c", datetime.now(UTC)))
        await eventually(lambda: _paused(pbx) == {WRAP_UP})
        assert _shown(pbx.floor, AgentState.WRAP_UP)()
        await eventually(lambda: not pbx.floor.wrapping, 3)  # a snapshot told what the event did not
        assert _shown(pbx.floor, AgentState.WRAP_UP)()
        pbx.lose.clear()
        await eventually(_shown(pbx.floor, AgentState.READY), 3)
    assert _paused(pbx) == {frozenset()}


async def test_a_pause_that_was_never_carried_out_is_asked_for_again() -> None:
    pbx = Members(a_member(QUEUE))
    pbx.floor.wrap_up_s = 60
    async with _working(pbx):
        pbx.deaf.add("QueuePause")
        pbx.floor.on_released(Released(AGENT, "c", datetime.now(UTC)))
        await eventually(lambda: pbx.asked)
        pbx.deaf.clear()
        await eventually(lambda: _paused(pbx) == {WRAP_UP}, 3)
        await eventually(lambda: not pbx.floor.wrapping)
        assert _shown(pbx.floor, AgentState.WRAP_UP)()


async def test_at_its_limit_the_wrap_up_ends_whatever_was_asked_for() -> None:
    pbx = Members(a_member(QUEUE))
    async with _working(pbx):
        pbx.floor.wrapping.add(AGENT)
        pbx.floor.derive_agent(AGENT, datetime.now(UTC) - timedelta(minutes=1))
        await eventually(_shown(pbx.floor, AgentState.READY), 3)
    assert pbx.asked == [], "the PBX had not paused anybody"


def test_a_snapshot_that_tells_the_pause_ends_the_asking_for_it() -> None:
    pbx = Members(a_member(QUEUE))
    pbx.floor.wrapping.add(AGENT)
    resync(pbx.floor, pbx.seen())
    assert pbx.floor.wrapping == {AGENT}
    pbx.members = {(INTERFACE, QUEUE): a_member(QUEUE, WRAP_UP)}
    resync(pbx.floor, pbx.seen())
    assert pbx.floor.wrapping == set()


# ── the talk's end is told by a snapshot ─────────────────────────────────────────────────────────────

CITIZEN, SEAT = ("PJSIP/trunk-00000001", "n-1.0", "n-1.0"), ("n-1.1", AGENT, INTERFACE, QUEUE)


def _talking() -> tuple[Members, list[Released]]:
    pbx, released = Members(a_member(QUEUE)), list[Released]()
    now = datetime.now(UTC)
    for fact in (
        f.ChannelOpened(now, *CITIZEN, "13912345678", "12345"),
        f.CallerJoined(now, *CITIZEN, QUEUE, 1),
        f.SeatRinging(now, *CITIZEN, *SEAT),
        f.SeatAnswered(now, *CITIZEN, *SEAT),
    ):
        pbx.floor.apply(fact)
    assert pbx.floor.agents[AGENT].state is AgentState.TALKING
    pbx.floor.on_released = released.append
    return pbx, released


def _next_call(*, talking: bool) -> list[ChannelSeen]:
    bridge, age = "b" if talking else "", timedelta(seconds=3)
    return [
        ChannelSeen("PJSIP/trunk-00000002", "n-2.0", "n-2.0", True, bridge, "13987654321", age, QUEUE),
        ChannelSeen(f"{INTERFACE}-00000003", "n-2.1", "n-2.0", talking, bridge, "", age, None),
    ]


def test_the_limit_is_that_of_the_queue_of_the_call_that_ended() -> None:
    pbx, released = _talking()
    pbx.floor.wrap_up_by_queue = {QUEUE: 7.0, contract.QUEUE_MAIN: 90.0}
    resync(pbx.floor, pbx.seen())
    assert [one.agent_no for one in released] == [AGENT]
    assert pbx.floor.wrap_up_limit_s(AGENT) == 7.0


@pytest.mark.parametrize("talking", [True, False], ids=["talks", "rings"])
def test_who_is_in_the_next_call_already_has_the_wrap_up_after_it(talking: bool) -> None:
    pbx, released = _talking()
    resync(pbx.floor, pbx.seen(*_next_call(talking=talking)))
    assert pbx.floor.in_call[AGENT].talking is talking
    assert released == []
    if talking:
        resync(pbx.floor, pbx.seen())
        assert len(released) == 1
