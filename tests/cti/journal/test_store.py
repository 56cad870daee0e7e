"""Rows and position in one transaction; poison set aside; the database away and back."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest
from structlog.testing import capture_logs

from cti.journal.reader import JournalReader
from models import cluster as pg
from tests.cti.journal.capture import TRACES
from tests.cti.journal.conftest import DERIVED, Journal, rows, trace
from tests.support.eventually import eventually

pytestmark = pytest.mark.db
NAME = "no_answer_then_next_seat"


def expected(name: str = NAME) -> dict[str, object]:
    return dict(json.loads((TRACES / name / "expected.json").read_text()))


@contextlib.asynccontextmanager
async def running(journal: Journal) -> AsyncIterator[JournalReader]:
    """A reader at work, as cti runs it."""
    reader, stop = journal.reader(), asyncio.Event()
    task = asyncio.create_task(reader.run(stop))
    try:
        yield reader
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


async def has_read(reader: JournalReader, lines: int) -> None:
    await eventually(lambda: reader.state.counts.lines >= lines, within_s=30)


def lines_of(name: str = NAME) -> int:
    return trace(name, "cel").count(b"\n") + trace(name, "queue_log").count(b"\n")


@pytest.mark.parametrize(
    "poison",
    [
        b'"HANGUP","1795416509.526980","cut',
        b"\x00\xff\xfe\r",
        b'"X","1795416509.526980"' + b',"\xff"' * 11,
        b"x" * 70_000,
        trace(NAME, "cel").splitlines()[3][:-1],
    ],
)
async def test_a_poison_line_is_set_aside_and_the_next_one_read(
    poison: bytes, journal: Journal, pool: asyncpg.Pool
) -> None:
    lines = trace(NAME, "cel").splitlines(keepends=True)
    journal.append("cel", b"".join([*lines[:5], poison + b"\n", *lines[5:]]))
    journal.append("queue_log", b"rubbish\n" + trace(NAME, "queue_log"))
    reader = await journal.read()
    assert await rows(pool, *DERIVED) == _shifted(expected(), await rows(pool, "agent_event"))
    letters = await pool.fetch("SELECT source, raw, reason FROM dead_letter ORDER BY source")
    assert [(r["source"], r["raw"]) for r in letters] == [("cel", poison), ("queue_log", b"rubbish")]
    assert all(r["reason"] for r in letters)
    assert reader.state.counts.dead_letters == 2
    await journal.read()
    assert await pool.fetchval("SELECT count(*) FROM dead_letter") == 2


def _shifted(wanted: dict[str, object], found: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    """agent_event's ids come from their line's place, which a poison line before them has moved."""
    assert len(found["agent_event"]) == len(list(wanted["agent_event"]))  # type: ignore[call-overload]
    return wanted | found


async def test_a_row_that_the_database_refuses_is_found_and_set_aside(journal: Journal, pool: asyncpg.Pool) -> None:
    """Any one raw row, and any one derived row: only that line is set aside."""
    await pool.execute("ALTER TABLE cel_event ADD CHECK (fields->>'app_data' <> 'refuse me')")
    await pool.execute("ALTER TABLE leg ADD CHECK (number <> '666')")
    lines = trace(NAME, "cel").splitlines(keepends=True)
    raw = lines[2].replace(b'lianxin/notice","t12', b'refuse me","t12')
    derived = lines[0].replace(b"13912345678", b"666").replace(b"t12-", b"t13-")
    assert raw != lines[2]
    journal.append("cel", b"".join([*lines[:9], raw, *lines[9:12], derived, *lines[12:]]))
    journal.append("queue_log", trace(NAME, "queue_log"))
    await journal.read()
    assert await rows(pool, *DERIVED) == expected()
    letters = await pool.fetch("SELECT raw, reason FROM dead_letter ORDER BY id")
    assert [r["raw"] + b"\n" for r in letters] == [raw, derived]
    assert all(r["reason"].startswith("23514") for r in letters)


async def test_a_line_that_breaks_its_interpretation_is_set_aside(
    journal: Journal, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is confined to its line as well."""
    from cti.journal import channels

    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setitem(channels._ON, "BROKEN", breaks)
    lines = trace(NAME, "cel").splitlines(keepends=True)
    journal.append("cel", b"".join([*lines[:7], lines[7].replace(b"APP_START", b"BROKEN"), *lines[8:]]))
    journal.append("queue_log", trace(NAME, "queue_log"))
    await journal.read()
    assert await rows(pool, *DERIVED) == expected()
    assert await pool.fetchval("SELECT reason FROM dead_letter") == "ZeroDivisionError: a fault of ours"


async def test_a_killed_backend_costs_nothing(journal: Journal, pool: asyncpg.Pool) -> None:
    cel = trace(NAME, "cel").splitlines(keepends=True)
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'lianxin journal t12'"
    )
    async with running(journal) as reader:
        for n, line in enumerate(cel):
            journal.append("cel", line)
            if n % 4 == 0:
                await has_read(reader, n + 1)
                assert await pool.fetch(kill)
        journal.append("queue_log", trace(NAME, "queue_log"))
        await eventually(lambda: _same(pool), within_s=30)
    assert await pool.fetchval("SELECT count(*) FROM dead_letter") == 0


async def _same(pool: asyncpg.Pool) -> bool:
    return await rows(pool, *DERIVED) == expected()


async def test_the_database_stopped_and_started_again(
    journal: Journal, pool: asyncpg.Pool, pg_cluster: pg.Cluster
) -> None:
    cel = trace(NAME, "cel").splitlines(keepends=True)
    with capture_logs() as logs:
        async with running(journal) as reader:
            for line in cel[:10]:
                journal.append("cel", line)
            await has_read(reader, 10)
            await asyncio.to_thread(pg.stop, pg_cluster, "immediate")
            try:
                for line in cel[10:]:
                    journal.append("cel", line)
                journal.append("queue_log", trace(NAME, "queue_log"))
                await eventually(lambda: reader.state.trouble, within_s=10)
                assert reader.state.behind_bytes > 0
                since = reader.state.trouble_since
            finally:
                await asyncio.to_thread(pg.start, pg_cluster, fsync=False)
            await eventually(lambda: _same_after_restart(journal), within_s=30)
            await eventually(lambda: reader.state.trouble is None)
            assert reader.state.behind_bytes == 0
    assert since is not None
    told = [entry["event"] for entry in logs if entry["event"].startswith("journal")]
    assert told == ["journal waits", "journal goes on"]  # once each, however often it tried


async def _same_after_restart(journal: Journal) -> bool:
    try:
        conn = await asyncpg.connect(journal.settings.dsn)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        return await rows(conn, *DERIVED) == expected()
    finally:
        await conn.close()


async def test_a_quiet_line_is_not_taken_for_one_that_is_not_read(journal: Journal, pool: asyncpg.Pool) -> None:
    """/healthz tells the age of the newest look: it must not grow because nobody calls."""
    journal.settings = dataclasses.replace(journal.settings, confirm_s=0.1)
    journal.write(NAME)
    async with running(journal) as reader:
        await has_read(reader, sum(trace(NAME, stream).count(b"\n") for stream in ("cel", "queue_log")))
        before = await pool.fetch("SELECT * FROM journal_position ORDER BY stream")
        assert len(before) == 2
        for _ in range(2):
            last = await pool.fetchval("SELECT max(updated_at) FROM journal_position")
            await eventually(
                lambda at=last: pool.fetchval("SELECT min(updated_at) > $1 FROM journal_position", at), within_s=30
            )
        after = await pool.fetch("SELECT * FROM journal_position ORDER BY stream")
    assert [(r["stream"], r["file"], r["offset"]) for r in after] == [
        (r["stream"], r["file"], r["offset"]) for r in before
    ]
    stopped = await pool.fetchval("SELECT max(updated_at) FROM journal_position")
    await asyncio.sleep(0.5)  # five times the span: nobody reads now, and nobody may say so
    assert await pool.fetchval("SELECT max(updated_at) FROM journal_position") == stopped


async def test_a_second_reader_does_no_harm(journal: Journal, pool: asyncpg.Pool) -> None:
    async with running(journal), running(journal):
        for line in trace(NAME, "cel").splitlines(keepends=True):
            journal.append("cel", line)
            await asyncio.sleep(0)
        journal.append("queue_log", trace(NAME, "queue_log"))
        await eventually(lambda: _same(pool), within_s=30)
    assert await pool.fetchval("SELECT count(*) FROM cel_event") == trace(NAME, "cel").count(b"\n")


async def test_rotation_and_truncation_under_a_running_reader(journal: Journal, pool: asyncpg.Pool) -> None:
    names = ("answered", "hold", "abandoned")
    total = 0
    async with running(journal) as reader:
        for n, name in enumerate(names):
            for stream in ("cel", "queue_log"):
                lines = trace(name, stream).splitlines(keepends=True)
                journal.append(stream, b"".join(lines[: len(lines) // 2]))
                if n == 2:
                    total += len(lines) // 2
                    await has_read(reader, total)
                    os.truncate(journal.path(stream), 0)
                    total += len(lines) - len(lines) // 2
                else:
                    os.rename(journal.path(stream), f"{journal.path(stream)}.{n}")
                    total += len(lines)
                journal.append(stream, b"".join(lines[len(lines) // 2 :]))
            await has_read(reader, total)
        assert reader.state.anomalies == 2
    calls = await pool.fetch("SELECT outcome FROM call ORDER BY started_at")
    assert sorted(c["outcome"] for c in calls) == ["abandoned", "answered", "answered"]
    live = await rows(pool, "call", "leg", "queue_entry", "ring_attempt", "dead_letter")
    assert live["dead_letter"] == []
    wanted = sorted(repr(r) for name in names for r in expected(name)["call"])  # type: ignore[attr-defined]
    assert sorted(repr(r) for r in live["call"]) == wanted


async def test_a_call_evicted_from_memory_is_read_again_from_its_raw_rows(
    journal: Journal, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cti.journal import calls

    monkeypatch.setattr(calls, "_KEEP_OPEN", 0)
    monkeypatch.setattr(calls, "_KEEP_ENDED", 0)
    async with running(journal) as reader:
        for n, line in enumerate(trace(NAME, "cel").splitlines(keepends=True), 1):
            journal.append("cel", line)
            await has_read(reader, n)
        journal.append("queue_log", trace(NAME, "queue_log"))
        await has_read(reader, lines_of())
        assert len(reader._store._calls) == 0
    assert await rows(pool, *DERIVED) == expected()


async def test_stopping_is_quick_while_the_database_is_away(journal: Journal) -> None:
    journal.write(NAME)
    away = type(journal.settings)(journal.settings.node, journal.folder, "postgresql://x:y@127.0.0.1:1/none", 0.02)
    reader, stop = JournalReader(away), asyncio.Event()
    task = asyncio.create_task(reader.run(stop))
    await eventually(lambda: reader.state.trouble)
    stop.set()
    await asyncio.wait_for(task, 3)
