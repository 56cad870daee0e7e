"""The journal's statements: raw rows, derived rows, positions, dead letters. No decision is taken here.

All run on the caller's connection inside the caller's transaction. COPY for raw lines (they are new: the position that
is stored with them says so), ``unnest`` upserts for what is derived from them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final

import asyncpg

from cti.journal.entries import Entry, Stream
from cti.journal.lines import CelLine, QueueLine
from cti.journal.tail import Position

_CEL_COLUMNS: Final = ("node", "file", "offset", "linkedid", "uniqueid", "event", "at", "fields")
_QUEUE_COLUMNS: Final = ("node", "file", "offset", "at", "uniqueid", "queue", "agent", "event", "data")
_CEL_FIELDS: Final = tuple(f for f in CelLine._fields if f not in _CEL_COLUMNS)
_CEL_JSON: Final = "{" + ", ".join(f'"{f}": %s' for f in _CEL_FIELDS) + "}"
_TYPES: Final = {
    "id": "uuid", "call_id": "uuid", "offset": "bigint", "fields": "jsonb", "data": "jsonb", "position": "int",
    "rings_unanswered": "int", "ring_ms": "int", "hangup_cause": "int", "anomalies": "int", "repaired": "bool",
    "wait_s": "float8", "talk_s": "float8", "hold_s": "float8", "satisfaction": "int", "from_police": "bool",
    "stranded": "int", "leg_no": "int", "place": "int", "part": "int",
}  # fmt: skip


_WRITTEN_ONCE: Final = frozenset({"alarm", "ear"})  # the database refuses to change them


def _type(column: str) -> str:
    return _TYPES.get(column) or ("timestamptz" if column == "at" or column.endswith("_at") else "text")


def cel_record(node: str, entry: Entry) -> tuple[Any, ...]:
    line, raw = entry.line, entry.raw
    assert isinstance(line, CelLine)
    # json.dumps of a dict costs three times as much, thirty times a call.
    fields = _CEL_JSON % tuple(
        map(quoted, (line.caller, line.exten, line.context, line.channel, line.app, line.app_data, line.peer,
                     line.user_event, line.extra))
    )  # fmt: skip
    return node, raw.file, raw.offset, line.linkedid, line.uniqueid, line.event, line.at, fields


def cel_line(record: asyncpg.Record) -> CelLine:
    fields = json.loads(record["fields"])
    known = {"event": record["event"], "at": record["at"]}
    return CelLine(**fields, **known, uniqueid=record["uniqueid"], linkedid=record["linkedid"])


def queue_record(node: str, entry: Entry) -> tuple[Any, ...]:
    line, raw = entry.line, entry.raw
    assert isinstance(line, QueueLine)
    data = json.dumps({"data": line.data}, ensure_ascii=False)
    return node, raw.file, raw.offset, line.at, line.uniqueid, line.queue, line.agent, line.event, data


def queue_line(r: asyncpg.Record) -> QueueLine:
    return QueueLine(r["at"], r["uniqueid"], r["queue"], r["agent"], r["event"], tuple(json.loads(r["data"])["data"]))


async def copy_raw(conn: asyncpg.Connection, node: str, cel: Sequence[Entry], queue: Sequence[Entry]) -> None:
    """Raw rows that are new.

    Raises:
        asyncpg.UniqueViolationError: one is not; use :func:`merge_raw`.
    """
    if cel:
        await conn.copy_records_to_table("cel_event", records=[cel_record(node, e) for e in cel], columns=_CEL_COLUMNS)
    if queue:
        await conn.copy_records_to_table(
            "queue_log_event", records=[queue_record(node, e) for e in queue], columns=_QUEUE_COLUMNS
        )


async def merge_raw(
    conn: asyncpg.Connection, node: str, cel: Sequence[Entry], queue: Sequence[Entry]
) -> tuple[list[Entry], list[Entry]]:
    """Raw rows of which some may be there already; returns those that were new."""
    new_cel = await _merge(conn, "cel_event", _CEL_COLUMNS, [cel_record(node, e) for e in cel])
    new_queue = await _merge(conn, "queue_log_event", _QUEUE_COLUMNS, [queue_record(node, e) for e in queue])
    return (
        [e for e in cel if (e.raw.file, e.raw.offset) in new_cel],
        [e for e in queue if (e.raw.file, e.raw.offset) in new_queue],
    )


async def _merge(
    conn: asyncpg.Connection, table: str, columns: Sequence[str], records: Sequence[tuple[Any, ...]]
) -> set[tuple[str, int]]:
    if not records:
        return set()
    statement = _insert(table, tuple(columns)) + ' ON CONFLICT DO NOTHING RETURNING file, "offset"'
    found = await conn.fetch(statement, *zip(*records, strict=True))
    return {(r["file"], r["offset"]) for r in found}


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{c}"' for c in columns)
    arrays = ", ".join(f"${n}::{_type(c)}[]" for n, c in enumerate(columns, 1))
    # ORDER BY the place: the rows' ids then keep the lines' order within a call.
    order = " ORDER BY u.ord" if "offset" in columns else ""
    aliases = ", ".join(f'"{c}"' for c in (*columns, "ord"))
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM unnest({arrays}) WITH ORDINALITY AS u({aliases}){order}"


async def copy_rows(conn: asyncpg.Connection, table: str, rows: Sequence[Any]) -> None:
    """Insert NamedTuples of one kind that are not there yet."""
    if rows:
        await conn.copy_records_to_table(table, records=rows, columns=type(rows[0])._fields)


async def upsert(conn: asyncpg.Connection, table: str, rows: Sequence[Any]) -> None:
    """Insert NamedTuples of one kind by their id, or replace what is there."""
    if rows:
        columns = type(rows[0])._fields
        changes = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in columns[1:])
        again = "NOTHING" if table in _WRITTEN_ONCE else f"UPDATE SET {changes}"
        statement = f"{_insert(table, columns)} ON CONFLICT (id) DO {again}"
        await conn.execute(statement, *zip(*rows, strict=True))


async def read_positions(conn: asyncpg.Connection, node: str) -> dict[Stream, Position]:
    records = await conn.fetch('SELECT stream, file, "offset" FROM journal_position WHERE node = $1', node)
    return {Stream(r["stream"]): Position(r["file"], r["offset"]) for r in records}


async def move_position(
    conn: asyncpg.Connection, node: str, stream: Stream, old: Position | None, new: Position
) -> bool:
    """Move on from ``old``; False if the stored position is another one."""
    if old is None:
        done = await conn.fetchval(
            'INSERT INTO journal_position (node, stream, file, "offset") VALUES ($1, $2, $3, $4) '
            "ON CONFLICT DO NOTHING RETURNING true",
            node, stream.value, new.file, new.offset,
        )  # fmt: skip
    else:
        done = await conn.fetchval(
            'UPDATE journal_position SET file = $3, "offset" = $4, updated_at = now() '
            'WHERE node = $1 AND stream = $2 AND file = $5 AND "offset" = $6 RETURNING true',
            node, stream.value, new.file, new.offset, old.file, old.offset,
        )  # fmt: skip
    return bool(done)


async def confirm_positions(conn: asyncpg.Connection, node: str) -> None:
    """Nothing has come since: the positions are those of now."""
    await conn.execute("UPDATE journal_position SET updated_at = now() WHERE node = $1", node)


async def write_dead_letters(conn: asyncpg.Connection, node: str, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    await conn.executemany(
        "INSERT INTO dead_letter (source, node, position, reason, raw) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT DO NOTHING",
        [(e.stream.value, node, f"{e.raw.file}:{e.raw.offset}", e.reason, e.raw.raw) for e in entries],
    )


# A call's linkedids begin with its own, then "+" (contract.CalledLeg). "," is the character behind "+": this takes
# nobody else's, and stays within the index.
_OF_CALL: Final = "e.node = $1 AND e.linkedid >= l AND e.linkedid < l || ','"


async def known_calls(conn: asyncpg.Connection, node: str, refs: Sequence[str]) -> list[str]:
    """Which of these have raw rows already."""
    found = await conn.fetch(
        f"SELECT l FROM unnest($2::text[]) AS l WHERE EXISTS (SELECT 1 FROM cel_event e WHERE {_OF_CALL})", node, refs
    )
    return [r["l"] for r in found]


async def cel_of(conn: asyncpg.Connection, node: str, refs: Sequence[str]) -> list[CelLine]:
    """All lines of some calls, those of whom we called into them too."""
    found = await conn.fetch(
        "SELECT e.event, e.at, e.uniqueid, e.linkedid, e.fields FROM unnest($2::text[]) AS l "
        f"JOIN cel_event e ON {_OF_CALL} ORDER BY e.id",
        node, refs,
    )  # fmt: skip
    return [cel_line(r) for r in found]


async def queue_of(conn: asyncpg.Connection, node: str, uniqueids: Sequence[str]) -> list[QueueLine]:
    found = await conn.fetch(
        "SELECT at, uniqueid, queue, agent, event, data FROM queue_log_event "
        "WHERE node = $1 AND uniqueid = ANY($2) ORDER BY id",
        node, uniqueids,
    )  # fmt: skip
    return [queue_line(r) for r in found]


async def linkedids_of_legs(conn: asyncpg.Connection, leg_ids: Sequence[Any]) -> list[str]:
    found = await conn.fetch(
        "SELECT DISTINCT c.linkedid FROM leg l JOIN call c ON c.id = l.call_id WHERE l.id = ANY($1::uuid[])", leg_ids
    )
    return [r["linkedid"] for r in found]


async def open_linkedids(conn: asyncpg.Connection, node: str) -> list[str]:
    found = await conn.fetch("SELECT linkedid FROM call WHERE node = $1 AND ended_at IS NULL", node)
    return [r["linkedid"] for r in found]


async def last_queue_at(conn: asyncpg.Connection, node: str) -> Any:
    """Stamp of the newest line of queue_log that is stored, or None."""
    return await conn.fetchval("SELECT at FROM queue_log_event WHERE node = $1 ORDER BY id DESC LIMIT 1", node)


async def starts_until(conn: asyncpg.Connection, node: str, until: datetime) -> list[datetime]:
    """Stamp of the newest QUEUESTART until then; none where there was none."""
    started = "SELECT max(at) FROM queue_log_event WHERE node = $1 AND event = 'QUEUESTART' AND at <= $2"
    newest: datetime | None = await conn.fetchval(started, node, until)
    return [newest] if newest is not None else []
