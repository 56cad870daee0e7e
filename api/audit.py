"""The audit: who did what, as a chain of hashes, so that a removed or changed row shows.

A row's hash covers the row before it; rows are appended under one lock, which also orders their ids.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from models.account import Audit
from models.db import transaction

LOCK = 7203
GENESIS = b"\x00" * 32


def row_hash(row: Audit) -> bytes:
    """SHA-256 over the previous row's hash and this row in canonical JSON."""
    account_id = str(row.account_id) if row.account_id else None
    told = [row.at.astimezone(UTC).isoformat(), account_id, row.action, row.subject, row.detail]
    text_of_row = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(row.previous_hash + text_of_row.encode()).digest()


async def append(
    session: AsyncSession, account_id: uuid.UUID | None, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Append within the caller's transaction; call it late in it, for it takes the audit's lock.

    ``detail`` holds texts, whole numbers and lists of them only, so that it reads back as it was written.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": LOCK})
    previous = await session.scalar(select(Audit.hash).order_by(Audit.id.desc()).limit(1)) or GENESIS
    row = Audit(
        at=datetime.now(UTC), account_id=account_id, action=action, subject=subject, detail=detail or {},
        previous_hash=previous,
    )  # fmt: skip
    row.hash = row_hash(row)
    session.add(row)
    await session.flush()


@dataclass(frozen=True, slots=True)
class Link:
    """A row that was seen to fit: its id and hash."""

    id: int
    hash: bytes


BEGIN = Link(0, GENESIS)
AT_ONCE = 250  # rows hashed before others have their turn: some milliseconds


@dataclass(frozen=True, slots=True)
class ChainState:
    rows: int
    broken_at: int | None  # id of the first row that does not fit; None when the chain is whole
    head: bytes  # write it down elsewhere: rows cut off the end show only against it
    last: int  # id of the last row that fits


async def verify(engine: AsyncEngine, after: Link = BEGIN, most: int | None = None) -> ChainState:
    """Walk the chain from a row that fits on: ``most`` rows of it, or all."""
    previous, last, rows = after.hash, after.id, 0
    query = select(Audit).where(Audit.id > after.id).order_by(Audit.id).limit(most)
    async with transaction(engine) as session:  # a cursor needs one
        async for row in await session.stream_scalars(query.execution_options(yield_per=AT_ONCE)):
            if row.previous_hash != previous or row.hash != row_hash(row):
                return ChainState(rows, row.id, previous, last)
            previous, last, rows = row.hash, row.id, rows + 1
    return ChainState(rows, None, previous, last)
