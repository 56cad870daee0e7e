"""What a site decided reaches the live state and the dial plan's file, and goes back to what was installed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cti.live.floor import Floor
from cti.policies import PolicyKeeper
from tests.support.eventually import eventually

pytestmark = pytest.mark.db


@pytest.fixture
async def floor(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Floor]:
    floor = Floor("t11", 120.0)
    task = asyncio.create_task(PolicyKeeper(pool, floor, tmp_path / "line").run())
    yield floor
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def decided(pool: asyncpg.Pool, name: str, value: Any) -> None:
    """As the API does."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("DELETE FROM site_policy WHERE name = $1", name)
        if value is not None:
            await conn.execute("INSERT INTO site_policy VALUES ($1, $2, now(), 'root')", name, json.dumps(value))
        await conn.execute("UPDATE line_hours SET version = version + 1")


async def test_the_limit_of_after_call_work_changes_and_goes_back(floor: Floor, pool: asyncpg.Pool) -> None:
    await decided(pool, "wrap_up_limit_s", 45)
    await eventually(lambda: floor.wrap_up_s == 45, 5)
    await decided(pool, "wrap_up_limit_s", None)
    await eventually(lambda: floor.wrap_up_s == 120, 5)


async def test_the_question_is_a_file_that_the_dial_plan_reads(
    floor: Floor, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    path = tmp_path / "line" / "survey"
    await decided(pool, "survey", False)
    await eventually(lambda: path.exists() and path.read_text() == "0", 5)
    await decided(pool, "survey", True)
    await eventually(lambda: path.read_text() == "1", 5)
    await decided(pool, "survey", None)
    await eventually(lambda: not path.exists(), 5)
