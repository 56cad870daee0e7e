"""Objects without a row, and rows without their object. Reports; removes and repairs nothing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import obstore

from recordings.errors import RecordingGone
from recordings.rows import database
from recordings.store import Store, call_of_key, size_of, translated

_PAGE: Final = 500
_AT_ONCE: Final = 16


@dataclass(slots=True)
class Orphans:
    """``objects``: keys that no row names. ``rows``: recordings whose audio or peaks are gone or of another size."""

    objects: list[str] = field(default_factory=list)
    rows: list[uuid.UUID] = field(default_factory=list)
    objects_seen: int = 0
    rows_seen: int = 0


async def orphans(pool: asyncpg.Pool, store: Store, prefix: str = "", grace_s: float = 3600.0) -> Orphans:
    """Compare store and table below ``prefix`` ("2026/11/23", "2026"; "" is everything).

    Objects younger than ``grace_s`` may be on their way to their row and are left out.

    Raises:
        StoreAway, DatabaseAway: the report could not be finished.
    """
    found = Orphans()
    await _objects(pool, store, prefix, datetime.now(UTC) - timedelta(seconds=grace_s), found)
    await _rows(pool, store, prefix, found)
    return found


async def _objects(pool: asyncpg.Pool, store: Store, prefix: str, before: datetime, found: Orphans) -> None:
    pages = obstore.list(store.objects, prefix or None, chunk_size=_PAGE)
    while True:
        with translated(prefix):
            try:
                page: Sequence[Any] = await anext(aiter(pages))
            except StopAsyncIteration:
                return
        found.objects_seen += len(page)
        old = [o["path"] for o in page if o["last_modified"] < before]
        ids = [c[0] for k in old if (c := call_of_key(k))]
        sql = "SELECT store_key, peaks_key FROM recording WHERE call_id = ANY($1)"
        with database():
            known = {k for r in await pool.fetch(sql, ids) for k in r}
        found.objects += [k for k in old if k not in known]


async def _rows(pool: asyncpg.Pool, store: Store, prefix: str, found: Orphans) -> None:
    sql = """SELECT id, store_key, peaks_key, size_bytes FROM recording
             WHERE id > $1 AND store_key LIKE $2 ORDER BY id LIMIT $3"""
    last = uuid.UUID(int=0)
    pattern = prefix.replace("%", r"\%").replace("_", r"\_") + "%"
    while True:
        with database():
            page = await pool.fetch(sql, last, pattern, _PAGE)
        if not page:
            return
        last = page[-1]["id"]
        found.rows_seen += len(page)
        for start in range(0, len(page), _AT_ONCE):
            part = page[start : start + _AT_ONCE]
            whole = await asyncio.gather(*(_whole(store, r) for r in part))
            found.rows += [r["id"] for r, ok in zip(part, whole, strict=True) if not ok]


async def _whole(store: Store, row: asyncpg.Record) -> bool:
    try:
        audio = await size_of(store, row["store_key"])
        await size_of(store, row["peaks_key"])
    except RecordingGone:
        return False
    return audio == int(row["size_bytes"])
