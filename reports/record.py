"""Reads attempts from the rows of ``call``. No indicator is computed here.

Whoever was let go by an incident's key is no attempt: the line served this caller (docs/decisions/0011).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import asyncpg

from models.hours import SETTLED_BY_KEY
from reports.attempts import Attempt, Person, attempt_of

_COLUMNS = "id, direction, caller, queue, started_at, queued_at, answered_at, outcome, wait_s"
_LONGEST_NOTICE = timedelta(hours=1)  # from a call's start to the queue: what is found by its start is there in time


async def attempts_between(
    conn: asyncpg.Connection, since: datetime, until: datetime, person: Person, queue: str
) -> list[Attempt]:
    """Every attempt whose moment lies in [since, until), in the order of their start; ``queue``: of those without."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM call c WHERE direction = 'inbound' AND started_at >= $1 AND started_at < $2"
        f" AND NOT {SETTLED_BY_KEY} ORDER BY started_at, id",
        since - _LONGEST_NOTICE, until,
    )  # fmt: skip
    found = (attempt_of(row, person, queue) for row in rows)
    return [a for a in found if a is not None and since <= a.at < until]


async def attempts_of(
    conn: asyncpg.Connection, call_ids: Collection[uuid.UUID], person: Person, queue: str
) -> dict[uuid.UUID, Attempt | None]:
    """These calls as they stand; None: no attempt (any more)."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM call c WHERE id = ANY($1) AND NOT {SETTLED_BY_KEY}", list(call_ids)
    )
    return {row["id"]: attempt_of(row, person, queue) for row in rows}
