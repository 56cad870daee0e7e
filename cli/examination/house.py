"""Our own parts: PostgreSQL and its schema, cti, worker, api, and the clock between us and the database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from alembic.script import ScriptDirectory

from cli import database, health
from cli.examination.finding import Finding, bad, good, hint
from cli.settings import Settings
from cti.facts import Topic
from models.cluster import OLDEST_MAJOR
from models.db import AWAY
from models.migrations import runner

_CLOCKS_APART_S = 2.0
_WORKER_SILENT_S = 60.0


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    try:
        conn = await asyncpg.connect(database.dsn(settings), timeout=5)
    except (*AWAY, asyncpg.PostgresError) as exc:
        yield bad("d_database_away", why=str(exc) or type(exc).__name__)
        return
    try:
        async for finding in _database(conn):
            yield finding
        async for finding in _live(settings, conn):
            yield finding
    finally:
        await conn.close()
    answers, said = health.api_answers(settings)
    yield good("d_api", url=settings.url) if answers else bad("d_api_away", url=settings.url, why=said)


async def _database(conn: asyncpg.Connection) -> AsyncIterator[Finding]:
    version = conn.get_server_version()
    told = (await conn.fetchval("SHOW server_version")).split()[0]
    yield good("d_database", version=told) if version.major >= OLDEST_MAJOR else bad("d_database_old", version=told)
    chinese = await conn.fetchval(
        "SELECT pg_encoding_to_char(encoding) = 'UTF8' AND datctype NOT IN ('C', 'POSIX') FROM pg_database "
        "WHERE datname = current_database()"
    )
    yield good("d_locale") if chinese else bad("d_locale_bad")
    apart = abs((await conn.fetchval("SELECT clock_timestamp()") - datetime.now(UTC)).total_seconds())
    if apart > _CLOCKS_APART_S:
        yield bad("d_clocks_apart", seconds=apart)
    wanted = ScriptDirectory(str(Path(runner.__file__).parent)).get_current_head()
    there = await conn.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    have = await conn.fetchval("SELECT version_num FROM alembic_version") if there else None
    yield good("d_schema", revision=have) if have == wanted else bad("d_schema_old", have=have, wanted=wanted)


async def _live(settings: Settings, conn: asyncpg.Connection) -> AsyncIterator[Finding]:
    if not await conn.fetchval("SELECT to_regclass('live') IS NOT NULL"):
        return
    node = await _body(conn, Topic.NODE, settings.node)
    if node is None:
        yield bad("d_cti_silent")
    elif node["connected"]:
        yield good("d_cti", since=node["since"])
    else:
        yield bad("d_cti_away", reason=node["reason"], since=node["since"])
    recorder = await _body(conn, Topic.RECORDER, settings.node)
    silent_s = (datetime.now(UTC) - datetime.fromisoformat(recorder["at"])).total_seconds() if recorder else None
    if recorder is None or silent_s is None or silent_s > _WORKER_SILENT_S:
        yield bad("d_worker_silent")
    elif recorder["reasons"]:
        yield bad("d_worker_ill", reasons=", ".join(str(r) for r in recorder["reasons"]))
    else:
        yield good("d_worker")
    letters = await conn.fetchval("SELECT count(*) FROM dead_letter")
    if letters:
        yield hint("d_dead_letters", count=letters)


async def _body(conn: asyncpg.Connection, topic: Topic, key: str) -> dict[str, Any] | None:
    body = await conn.fetchval("SELECT body FROM live WHERE topic = $1 AND key = $2", topic.value, key)
    return None if body is None else json.loads(body)
