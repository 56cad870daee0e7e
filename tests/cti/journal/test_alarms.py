"""Who dialled past the desk is an alarm of the record: once, whatever is read again."""

from __future__ import annotations

import json

import asyncpg
import pytest

from tests.cti.journal.conftest import Journal, empty

pytestmark = pytest.mark.db


async def told(pool: asyncpg.Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch("SELECT code, who, detail FROM alarm ORDER BY at")
    return [(row["code"], row["who"], row["detail"]) for row in rows]


async def woken(pool: asyncpg.Pool) -> list[str]:
    return [json.loads(r["body"])["who"] for r in await pool.fetch("SELECT body FROM feed WHERE topic = 'alarm'")]


async def test_a_telephone_that_dials_abroad_and_a_number_that_is_not_ours(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    journal.write("denied")
    await journal.read()
    alarms = [("line.seat_dialled", "8001", "0014155550100"), ("line.trunk_dialled", "13912345678", "110")]
    assert await told(pool) == alarms
    assert sorted(await woken(pool)) == ["13912345678", "8001"]
    # Acknowledged, and the journal is read again from its first byte, with and without what it wrote: nothing anew.
    await pool.execute("UPDATE alarm SET acknowledged_by = 'boss', acknowledged_at = now()")
    await journal.reader().replay()
    assert len(await woken(pool)) == 2
    await empty(pool)
    await journal.reader().replay()
    assert await told(pool) == alarms
    assert await pool.fetchval("SELECT count(*) FROM alarm WHERE acknowledged_by = 'boss'") == 2
    assert await woken(pool) == []
