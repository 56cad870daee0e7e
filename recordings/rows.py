"""What the recorder reads from and writes to PostgreSQL; each function is one transaction or one statement.

``recording.id`` is derived from (call_id, part): writing the same recording twice gives one row.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from cti.facts import Topic
from models.db import AWAY, DatabaseAway
from models.feed import Item, append_in
from pbx_config import contract
from recordings.judgement import Verdict

DEAD_LETTER_SOURCE: Final = "recording"
RAW_BYTES: Final = 256
_NOT_ARMED: Final = contract.Milestone.RECORDING_FAILED.value  # a milestone's name stands in CEL's event column


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the journal says of a call, or of the one leg whose recording it is; it may not have come that far."""

    call_id: uuid.UUID
    answered_at: datetime | None
    ended_at: datetime | None
    talk_s: float | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording as the table has it. ``store_key`` None: missing."""

    duration_s: float | None
    store_key: str | None
    size_bytes: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row of ``recording``, without its id."""

    call_id: uuid.UUID
    node: str
    linkedid: str
    part: int
    state: str
    reason: str | None
    started_at: datetime | None = None
    duration_s: float | None = None
    talk_s: float | None = None
    silent_left: bool = False
    silent_right: bool = False
    repaired: bool = False
    store_key: str | None = None
    peaks_key: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    pauses: str = "[]"  # JSON


_COLUMNS: Final = tuple(NewRow.__slots__)
_LIST: Final = ", ".join(_COLUMNS)
_VALUES: Final = ", ".join(f"${n}" for n in range(2, len(_COLUMNS) + 2))
_INSERT: Final = f"INSERT INTO recording (id, {_LIST}) VALUES ($1, {_VALUES}) ON CONFLICT (call_id, part) DO "
_REPLACE: Final = "UPDATE SET " + ", ".join(f"{c} = EXCLUDED.{c}" for c in _COLUMNS if c not in ("call_id", "part"))


def recording_id(call_id: uuid.UUID, part: int) -> uuid.UUID:
    return uuid.uuid5(call_id, f"recording/{part}")


@contextlib.contextmanager
def database() -> Iterator[None]:
    """asyncpg's and the socket's errors in our words; only statements go inside."""
    try:
        yield
    except AWAY as exc:
        raise DatabaseAway(f"{type(exc).__name__}: {exc}") from exc


Part = tuple[uuid.UUID, int]  # (call_id, part)


async def facts(pool: asyncpg.Pool, parts: Sequence[Part]) -> dict[Part, CallFacts]:
    """Of those calls and legs that the journal knows. A part other than 1 is of a leg that we called into the call.

    How long that leg talked is in ``recordings.legs``.
    """
    ids = list({call_id for call_id, _ in parts})
    with database():
        calls = await pool.fetch("SELECT id, answered_at, ended_at, talk_s FROM call WHERE id = ANY($1)", ids)
        legs = await pool.fetch(
            "SELECT call_id, leg_no, answered_at, ended_at FROM leg WHERE call_id = ANY($1) AND leg_no = ANY($2)",
            [call_id for call_id, part in parts if part > 1], [part for _, part in parts if part > 1],
        )  # fmt: skip
    found = {(r["id"], 1): CallFacts(r["id"], r["answered_at"], r["ended_at"], r["talk_s"]) for r in calls}
    for leg in legs:
        part = (leg["call_id"], leg["leg_no"])
        found[part] = CallFacts(leg["call_id"], leg["answered_at"], leg["ended_at"], None)
    return {part: found[part] for part in parts if part in found}


async def kept(pool: asyncpg.Pool, call_id: uuid.UUID, part: int) -> Kept | None:
    sql = "SELECT duration_s, store_key, size_bytes, sha256 FROM recording WHERE call_id = $1 AND part = $2"
    with database():
        row = await pool.fetchrow(sql, call_id, part)
    return Kept(**dict(row)) if row else None


async def write(pool: asyncpg.Pool, row: NewRow, *, replace: bool = True) -> bool:
    """Write the row and tell the feed in the same transaction; False when it was there and ``replace`` is not asked."""
    values = [getattr(row, c) for c in _COLUMNS]
    known = recording_id(row.call_id, row.part)
    sql = _INSERT + (_REPLACE if replace else "NOTHING") + " RETURNING id"
    with database():
        async with pool.acquire() as conn, conn.transaction():
            if await conn.fetchval(sql, known, *values) is None:
                return False
            await append_in(conn, row.node, [_item(known, row.call_id, row.state)])
    return True


def _item(known: uuid.UUID, call_id: uuid.UUID, state: str) -> Item:
    body = {"recording_id": str(known), "call_id": str(call_id), "state": state}
    return Item(Topic.RECORDING, str(known), body)


async def write_dead_letter(pool: asyncpg.Pool, node: str, name: str, reason: str, raw: bytes) -> None:
    """One row for each file name, however often it is tried."""
    sql = """INSERT INTO dead_letter (source, node, position, reason, raw) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (source, node, position) DO NOTHING"""
    with database():
        await pool.execute(sql, DEAD_LETTER_SOURCE, node, name, reason, raw[:RAW_BYTES])


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An answered call that is over and has no row of its own recording, or a leg outside that talked and has none."""

    call_id: uuid.UUID
    linkedid: str
    part: int
    answered_at: datetime
    ended_at: datetime
    talk_s: float | None
    not_armed: bool  # the dial plan's own milestone says that recording could not be started


async def unrecorded(pool: asyncpg.Pool, node: str, before: datetime, after: datetime) -> list[Unrecorded]:
    """Calls of the node that began after ``after`` and ended before ``before``; oldest first, at most 500."""
    sql = """SELECT c.id AS call_id, c.linkedid, 1 AS part, c.answered_at, c.ended_at, c.talk_s, EXISTS (
                 SELECT FROM cel_event e WHERE e.node = c.node AND e.linkedid = c.linkedid AND e.event = $4
             ) AS not_armed
             FROM call c WHERE c.node = $1 AND c.ended_at < $2 AND c.started_at > $3 AND c.answered_at IS NOT NULL
             AND c.outcome IN ('answered', 'lost')
             AND NOT EXISTS (SELECT FROM recording r WHERE r.call_id = c.id AND r.part = 1)
             ORDER BY c.started_at LIMIT 500"""
    with database():
        return [Unrecorded(**dict(r)) for r in await pool.fetch(sql, node, before, after, _NOT_ARMED)]


async def unrecorded_legs(
    pool: asyncpg.Pool, node: str, before: datetime, after: datetime, least_s: float
) -> list[Unrecorded]:
    """The same of those outside whom we called and who talked for ``least_s``."""
    sql = """SELECT l.call_id, c.linkedid, l.leg_no AS part, l.answered_at, l.ended_at,
                 extract(epoch FROM l.ended_at - l.bridged_at)::float8 AS talk_s, EXISTS (
                 SELECT FROM cel_event e WHERE e.node = c.node AND e.linkedid = l.uniqueid AND e.event = $5
             ) AS not_armed
             FROM leg l JOIN call c ON c.id = l.call_id
             WHERE l.party = 'outside' AND l.started_at > $3 AND l.leg_no > 1 AND l.answered_at IS NOT NULL
             AND c.node = $1 AND l.ended_at < $2 AND l.ended_at - l.bridged_at >= $4 * interval '1 s'
             AND NOT EXISTS (SELECT FROM recording r WHERE r.call_id = l.call_id AND r.part = l.leg_no)
             ORDER BY l.started_at LIMIT 500"""
    with database():
        return [Unrecorded(**dict(r)) for r in await pool.fetch(sql, node, before, after, least_s, _NOT_ARMED)]


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A recording whose talk was unknown, or (where only the call's row tells it) has changed since it was judged.

    ``talk_s`` is the call's; of a leg that we called only the journal's lines tell it.
    """

    id: uuid.UUID
    call_id: uuid.UUID
    linkedid: str
    part: int
    state: str
    reason: str | None
    duration_s: float
    talk_s: float | None
    answered_at: datetime
    ended_at: datetime


async def unjudged(pool: asyncpg.Pool, node: str, after: datetime) -> list[Unjudged]:
    """At most 500; calls that began after ``after``."""
    sql = """SELECT r.id, r.call_id, r.linkedid, r.part, r.state, r.reason, r.duration_s,
                 CASE WHEN r.part = 1 THEN c.talk_s END AS talk_s,
                 coalesce(l.answered_at, c.answered_at) AS answered_at, coalesce(l.ended_at, c.ended_at) AS ended_at
             FROM call c JOIN recording r ON r.call_id = c.id
             LEFT JOIN leg l ON l.call_id = c.id AND l.leg_no = r.part AND r.part > 1
             WHERE c.node = $1 AND c.started_at > $2 AND c.ended_at IS NOT NULL AND c.answered_at IS NOT NULL
             AND r.duration_s IS NOT NULL AND (r.talk_s IS NULL OR (
                 r.part = 1 AND c.talk_s IS NOT NULL AND r.talk_s <> c.talk_s AND NOT EXISTS (
                     SELECT FROM cel_event e WHERE e.node = c.node AND e.linkedid = c.linkedid
                     AND e.uniqueid = c.linkedid AND e.event = 'BRIDGE_EXIT')))
             ORDER BY c.started_at LIMIT 500"""
    with database():
        return [Unjudged(**dict(r)) for r in await pool.fetch(sql, node, after)]


async def judge_again(pool: asyncpg.Pool, node: str, was: Unjudged, talk_s: float, verdict: Verdict) -> None:
    sql = "UPDATE recording SET state = $2, reason = $3, talk_s = $4 WHERE id = $1"
    with database():
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute(sql, was.id, verdict.state, verdict.reason, talk_s)
            await append_in(conn, node, [_item(was.id, was.call_id, verdict.state)])


async def publish(pool: asyncpg.Pool, node: str, body: dict[str, object]) -> None:
    """The recorder's own health. Its feed node differs from the PBX's: cti replaces all that is live of its node."""
    item = Item(Topic.RECORDER, node, json.loads(json.dumps(body)), live=True)
    with database():
        async with pool.acquire() as conn, conn.transaction():
            await append_in(conn, f"recorder/{node}", [item])
