"""F11: PostgreSQL is there and says no (its disk is full, it is read only): cti works on, says so, and catches up."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from structlog.testing import capture_logs

from cti import exclusive
from cti.commands import runner
from cti.commands.runner import CommandRunner
from cti.exclusive import NodeLock
from cti.facts import NodeLive, Topic
from cti.live import publisher
from cti.live.floor import Floor
from cti.live.publisher import Publisher
from tests.support.eventually import eventually
from tests.support.refusal import REFUSALS, refuse, refused, relent

pytestmark = pytest.mark.db
NODE = "t11"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in (runner, publisher):
        monkeypatch.setattr(part, "RETRY_S", 0.02)
    monkeypatch.setattr(runner, "POLL_S", 0.02)


@asynccontextmanager
async def running(part: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(part())
    try:
        yield task
        assert not task.done(), "the process would have ended"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(("code", "name"), REFUSALS.items(), ids=list(REFUSALS.values()))
async def test_what_is_live_stands_there_once_it_is_taken_again(
    dsn: str, pool: asyncpg.Pool, code: str, name: str
) -> None:
    floor = Floor(NODE)
    told = Publisher(dsn, floor, dict)

    async def live() -> str | None:
        body = await pool.fetchval("SELECT body FROM live WHERE topic = 'node'")
        return json.loads(body)["reason"] if body else None

    def tell(reason: str) -> None:
        now = datetime.now(UTC)
        floor.changed(Topic.NODE, NODE, NodeLive(NODE, True, now, reason, 0, at=now), now)
        told.wake()

    async def again() -> bool:
        return await refused(pool) >= 3

    async with pool.acquire() as conn, running(told.run):
        await eventually(lambda: told.database_since is not None)
        tell("before")
        await eventually(lambda: told.published and live())
        with capture_logs() as logs:
            await refuse(conn, code, "feed")
            tell("refused")
            await eventually(lambda: told.database_since is None)
            await eventually(again)
            await relent(conn, "feed")
            await eventually(lambda: told.database_since is not None)
        assert [(entry["event"], entry.get("error")) for entry in logs] == [
            ("database_away", name),
            ("database_back", None),
        ]
        tell("after")

        async def stands() -> bool:
            return await live() == "after"

        await eventually(stands)
        assert await conn.fetchval("SELECT count(*) FROM feed WHERE topic = 'resync'") >= 2


def a_runner(dsn: str, pool: asyncpg.Pool) -> CommandRunner:
    desk = SimpleNamespace(floor=Floor(NODE), follow_ups=asyncio.Queue())
    return CommandRunner(dsn, pool, cast(Any, desk))


async def a_command(conn: asyncpg.Connection) -> uuid.UUID:
    command_id = uuid.uuid4()
    await conn.execute(
        "INSERT INTO command (id, node, kind, args, agent_no, deadline_at) "
        "VALUES ($1, $2, 'agent.fly', '{}', '1001', now() + interval '1 minute')",
        command_id, NODE,
    )  # fmt: skip
    return command_id


@pytest.mark.parametrize("table", ["command", "feed"], ids=["at its beginning", "at its end"])
@pytest.mark.parametrize("code", REFUSALS, ids=list(REFUSALS.values()))
async def test_a_command_ends_once_when_it_is_taken_again(dsn: str, pool: asyncpg.Pool, code: str, table: str) -> None:
    async with pool.acquire() as conn:
        command_id = await a_command(conn)
        await refuse(conn, code, table)
        with capture_logs() as logs:
            async with running(a_runner(dsn, pool).run):
                await eventually(lambda: any(entry.get("error") == REFUSALS[code] for entry in logs))
                await relent(conn, table)

                async def ended() -> Any:
                    return await conn.fetchrow("SELECT state, reason FROM command WHERE ended_at IS NOT NULL")

                row = await eventually(ended)
        assert tuple(row) == ("refused", "command.unknown_kind")
        assert await conn.fetch("SELECT key FROM feed WHERE topic = 'command'") == [(str(command_id),)]


async def test_a_refusal_keeps_nobody_from_waiting_for_the_node(
    dsn: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.execute("CREATE SCHEMA narrow")
    await pool.execute(
        "CREATE FUNCTION narrow.pg_try_advisory_lock(int, int) RETURNS boolean LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '53200'; END $$"
    )
    monkeypatch.setattr(exclusive, "RETRY_S", 0.02)
    lock = NodeLock(f"{dsn}?options=-c%20search_path%3Dnarrow%2Cpg_catalog%2Cpublic", NODE)
    try:
        with capture_logs() as logs:
            waiting = asyncio.create_task(lock.wait())
            await eventually(lambda: waiting.done() or logs)
            await pool.execute("DROP SCHEMA narrow CASCADE")
            await asyncio.wait_for(waiting, 10)
        assert [entry["reason"] for entry in logs] == ["database.away"]
    finally:
        lock.release()
