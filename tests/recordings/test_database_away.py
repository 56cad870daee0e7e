"""The database is away and comes back: nothing is lost, nothing is kept twice, one alarm."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from tests.recordings.patience import eventually
from tests.recordings.spooling import Desk, closed, recorder, tone

pytestmark = pytest.mark.db


class Gate:
    """A TCP way to PostgreSQL that can be shut: connections break and new ones are refused."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.13.50", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(*self._target)
        self._writers |= {writer, there[1]}
        await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()
        self._writers.discard(writer)


@pytest.fixture
async def gate(dsn: str) -> AsyncIterator[Gate]:
    where = urlsplit(dsn)
    gate = Gate(where.hostname or "", where.port or 0)
    await gate.open()
    yield gate
    gate.shut()


async def test_recordings_wait_in_the_spool_while_the_database_is_away(desk: Desk, dsn: str, gate: Gate) -> None:
    port = urlsplit(dsn).port
    desk = desk.changed(dsn=dsn.replace(f"127.0.0.1:{port}", f"127.0.13.50:{gate.port}"))
    with capture_logs() as logs:
        async with recorder(desk.settings) as task:
            await eventually(desk.health)
            gate.shut()
            await eventually(lambda: _alarms(logs) == ["database.away"])
            for n in range(3):
                await desk.call(f"away-{n}", 2.0)
                desk.put(f"away-{n}", closed(tone(1000, 2)), closed(tone(440, 2)))
            assert (await desk.rows(), len(desk.in_spool())) == ([], 6)
            await gate.open()
            await eventually(lambda: not desk.in_spool())
            assert not task.done()
            await eventually(lambda: _well(desk))
    assert [r["state"] for r in await desk.rows()] == ["complete"] * 3
    assert await desk.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'recording'") == 3
    assert _alarms(logs) == ["database.away"]


def _alarms(logs: list[dict[str, object]]) -> list[object]:
    return [entry["reason"] for entry in logs if entry["event"] == "recorder alarm"]


async def _well(desk: Desk) -> bool:
    return (await desk.health()).get("reasons") == []


async def test_the_feed_is_kept_short(desk: Desk) -> None:
    await desk.pool.execute(
        "INSERT INTO feed (node, topic, key) SELECT 'n', 'call', i::text FROM generate_series(1, 500) i"
    )
    async with recorder(desk.changed(feed_keep_rows=50, feed_trim_every_s=0.1).settings):
        await eventually(lambda: _feed_shorter(desk, 60))


async def _feed_shorter(desk: Desk, rows: int) -> bool:
    count: int = await desk.pool.fetchval("SELECT count(*) FROM feed")
    return count < rows


async def test_every_ear_leaves_a_row_that_nobody_can_take_away(desk: Desk, dsn: str) -> None:
    import uuid

    import asyncpg

    from models.db import make_engine, transaction
    from recordings.playback import log_access

    await desk.call("ear-1", 2.0)
    desk.put("ear-1", closed(tone(1000, 2)), closed(tone(440, 2)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("ear-1"))
    account = uuid.uuid4()
    await desk.pool.execute(
        """INSERT INTO account (id, login, display_name, role, password_hash)
           VALUES ($1, 'a', 'a', 'supervisor', 'x')""",
        account,
    )
    engine = make_engine(dsn)
    try:
        async with transaction(engine) as session:
            log_access(session, row["id"], account, "127.0.0.1", "bytes=0-99")
    finally:
        await engine.dispose()
    (heard,) = await desk.pool.fetch("SELECT * FROM recording_access")
    assert (heard["recording_id"], heard["account_id"], heard["byte_range"]) == (row["id"], account, "bytes=0-99")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await desk.pool.execute("DELETE FROM recording_access")


async def test_a_database_that_cannot_be_read_ends_no_recorder(desk: Desk) -> None:
    async with recorder(desk.settings) as task:
        await eventually(desk.health)
        await desk.pool.execute("ALTER TABLE leg RENAME TO leg_elsewhere")
        await eventually(lambda: _told(desk, "database.unreadable"))
        await desk.pool.execute("ALTER TABLE leg_elsewhere RENAME TO leg")
        await eventually(lambda: _well_of(desk, "database.unreadable"))
        assert not task.done()


async def _told(desk: Desk, reason: str) -> bool:
    return reason in (await desk.health()).get("reasons", ())


async def _well_of(desk: Desk, reason: str) -> bool:
    return not await _told(desk, reason)
