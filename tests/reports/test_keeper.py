"""The day on the feed, from rows of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from reports import keeper
from reports.day import Number, Period
from reports.keeper import DayBook
from reports.record import attempts_between
from reports.rolling import SPAN
from tests.reports.history import LI, SETTINGS, TODAY, WANG, ZHAO, ZONE, at, call, unqueued, waiting, write
from tests.support.eventually import eventually

pytestmark = pytest.mark.db
YESTERDAY = TODAY - timedelta(days=1)


class Clock:
    """The keeper's now."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@contextlib.asynccontextmanager
async def counting(dsn: str, clock: Clock) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(keeper.run(dsn, SETTINGS, stop, clock))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "TICK_S", 0.05)
    monkeypatch.setattr(keeper, "RETRY_S", 0.1)


async def day(pool: asyncpg.Pool, queue: str = "*") -> dict[str, Any]:
    body = await pool.fetchval("SELECT body FROM live WHERE topic = 'day' AND key = $1", queue)
    return json.loads(body) if body else {}


async def until(pool: asyncpg.Pool, **numbers: Any) -> dict[str, Any]:
    async def told() -> dict[str, Any] | None:
        body = await day(pool)
        return body if body and numbers.items() <= body.items() else None

    found: dict[str, Any] = await eventually(told, 20)
    return found


async def test_whom_an_incidents_key_let_go_is_no_attempt_and_nobody_unreached(dsn: str, pool: asyncpg.Pool) -> None:
    """While "noted" is heard, after the end, and when the day is read anew. Who only heard it and left is early."""
    hears = unqueued("09:28:00", LI, "open", ended_at=None)
    queued = call("09:10:00", WANG, "abandoned")
    async with counting(dsn, Clock(at("09:30:00"))):
        await write(pool, [hears, unqueued("09:05:00", ZHAO, "left_early"), queued])
        await until(pool, early=1, unreached=2, offered=1)
        step = "INSERT INTO call_step VALUES (gen_random_uuid(), $1, now(), 'incident_joined', '1')"
        await pool.execute(step, hears["id"])
        await pool.execute(step, queued["id"])
        await write(pool, [hears | {"outcome": "left_early", "ended_at": at("09:28:30")}, queued])
        marker = call("09:29:00", WANG, "answered")  # all before it on the feed has been looked at
        await write(pool, [marker])
        body = await until(pool, answered=1, offered=2)
        assert (body["early"], body["unreached"], body["abandoned"]) == (1, 1, 1)
    period = Period.of(TODAY, ZONE)
    found = await attempts_between(pool, period.begin, period.end, SETTINGS.person, SETTINGS.queue)
    assert hears["id"] not in {a.call_id for a in found}
    assert len(found) == 3


async def test_a_call_changes_the_numbers_and_nothing_else_does(dsn: str, pool: asyncpg.Pool) -> None:
    await write(pool, [call("08:00:00", LI, "answered"), call("20:00:00", WANG, "abandoned", day=YESTERDAY)])
    async with counting(dsn, Clock(at("09:30:00"))):
        body = await until(pool, offered=1, answered=1, unreached=0, connect_rate=1.0, day="2026-11-23")
        assert (body["worst_rate"], body["worst_of"]) == (0.0, 1), "the night's window"
        waits = waiting("09:29:00", ZHAO)
        await write(pool, [waits])
        await until(pool, offered=2, waiting=1, connect_rate=1.0)
        # The journal tells nobody that it was answered before it ends: what is not decided is looked at again.
        now = at("09:29:12")
        await write(pool, [waits | {"answered_at": now, "wait_s": 12.0}], told=False)
        await until(pool, answered=2, waiting=0, service_level=1.0)
        seqs = await pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'day'")
        await write(pool, [call("09:29:30", LI, "answered", direction="outbound")])
        await write(pool, [unqueued("09:29:40", "", "refused_full")])
        await until(pool, refused=1, withheld=1, unreached=0)
        assert await pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'day'") == seqs + 2, "one change, two keys"


async def test_midnight_begins_a_new_day(dsn: str, pool: asyncpg.Pool) -> None:
    clock = Clock(at("23:59:00"))
    await write(pool, [call("23:58:00", LI, "abandoned")])
    async with counting(dsn, clock):
        await until(pool, day="2026-11-23", abandoned=1, unreached=1)
        clock.moment = at("00:00:30", TODAY + timedelta(days=1))
        body = await until(pool, day="2026-11-24", abandoned=0, unreached=0, connect_rate=None)
        assert (body["worst_rate"], body["worst_of"]) == (0.0, 1), "the last 24 hours go over midnight"


async def test_begun_again_it_says_the_same(dsn: str, pool: asyncpg.Pool) -> None:
    rows = [call(f"{h:02}:{m:02}:00", f"1390000{h:02}{m:02}", o) for h in range(6, 9) for m, o in
            [(1, "answered"), (2, "abandoned"), (3, "timed_out"), (4, "answered")]]  # fmt: skip
    await write(pool, rows)
    clock = Clock(at("10:00:00"))
    async with counting(dsn, clock):
        first = await until(pool, offered=12)
    await pool.execute("DELETE FROM live")
    async with counting(dsn, clock):
        assert await until(pool, offered=12) == first


async def test_two_workers_count_once(dsn: str, pool: asyncpg.Pool) -> None:
    clock = Clock(at("10:00:00"))
    async with counting(dsn, clock), counting(dsn, clock):
        await until(pool, offered=0)
        for n in range(5):
            await write(pool, [call("09:00:00", f"1390000000{n}", "answered")])
            await until(pool, offered=n + 1)
        told = await pool.fetch(
            "SELECT key, body->>'offered' AS n, count(*) FROM feed WHERE topic = 'day' GROUP BY 1, 2"
        )
        assert {r["count"] for r in told} == {1}, [dict(r) for r in told]


async def test_a_lost_database_is_waited_for(dsn: str, pool: asyncpg.Pool) -> None:
    clock = Clock(at("10:00:00"))
    async with counting(dsn, clock):
        await until(pool, offered=0)
        await write(pool, [call("09:00:00", LI, "answered")], told=False)
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE '%feed%' AND pid <> pg_backend_pid()"
        )
        await until(pool, offered=1)


async def test_the_book_holds_what_the_rows_say(pool: asyncpg.Pool) -> None:
    """Whatever came in between: memory = rows."""
    now, book = at("12:00:00"), DayBook(SETTINGS)
    async with pool.acquire() as conn:
        await book.update(conn, now)
        rows = [waiting(f"11:{n:02}:00", f"1390000{n:04}") for n in range(20)]
        for n, row in enumerate(rows):
            await write(pool, [row])
            if n % 3 == 0:
                await write(pool, [row | {"outcome": "abandoned", "wait_s": float(n), "ended_at": now}])
            await book.update(conn, now)
        period = Period.containing(now, ZONE)
        found = await attempts_between(conn, period.begin - SPAN, period.end, SETTINGS.person, SETTINGS.queue)
        assert book.bodies(now) == keeper.bodies_of(found, period, now, SETTINGS)
        assert book.bodies(now)[0].waiting == 13
        assert Number.WAITING == "waiting"
