"""Writes what changed of calls: rows of new calls by COPY, of known ones by upsert, and only those that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from cti.journal import tables
from cti.journal.rows import Rows


@dataclass(frozen=True, slots=True)
class Change:
    """A call's rows to be; ``before`` as last written, None if not known. ``new``: nothing of it is stored."""

    before: Rows | None
    rows: Rows
    new: bool

    @property
    def tells(self) -> bool:
        """Whether screens are to know: a call came, is over, or an ended one is now different; an answer was none."""
        before, after = self.before, self.rows.call
        if before is None:
            return True
        withdrawn = before.call.answered_at is not None and after.answered_at is None
        return before.call != after and bool(after.ended_at or before.call.ended_at or withdrawn)

    def parts(self) -> Iterator[tuple[str, Any]]:
        """(table, row) of every row that differs."""
        before, rows = self.before, self.rows
        if before is None or before.call != rows.call:
            yield "call", rows.call
        for table, now, then in (
            ("leg", rows.legs, before.legs if before else ()),
            ("queue_entry", rows.entries, before.entries if before else ()),
            ("ring_attempt", rows.rings, before.rings if before else ()),
            ("call_step", rows.steps, before.steps if before else ()),
            ("ear", rows.ears, before.ears if before else ()),
            ("wish", rows.wishes, before.wishes if before else ()),
            ("alarm", rows.alarms, before.alarms if before else ()),
        ):
            for row in now:
                if row not in then:
                    yield table, row


async def write(conn: asyncpg.Connection, changes: Sequence[Change]) -> None:
    """Inside the caller's transaction; calls before what refers to them."""
    fresh, known = _by_table(c for c in changes if c.new), _by_table(c for c in changes if not c.new)
    if fresh["call"]:
        await _insert(conn, fresh)
    for table, rows in known.items():
        await tables.upsert(conn, table, rows)


async def _insert(conn: asyncpg.Connection, fresh: dict[str, list[Any]]) -> None:
    try:
        async with conn.transaction():
            for table, rows in fresh.items():
                await tables.copy_rows(conn, table, rows)
    except asyncpg.UniqueViolationError:  # derived rows without their raw ones: somebody emptied those
        for table, rows in fresh.items():
            await tables.upsert(conn, table, rows)


def _by_table(changes: Iterator[Change]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {
        "call": [],
        "leg": [],
        "queue_entry": [],
        "ring_attempt": [],
        "call_step": [],
        "ear": [],
        "wish": [],
        "alarm": [],
    }
    for change in changes:
        for table, row in change.parts():
            found[table].append(row)
    return found
