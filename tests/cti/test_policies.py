"""What a site decided reaches the dial plan's file, and goes back to what was installed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cti.policies import PolicyKeeper
from tests.support.eventually import eventually

pytestmark = pytest.mark.db


@pytest.fixture
async def line(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Path]:
    task = asyncio.create_task(PolicyKeeper(pool, tmp_path / "line").run())
    yield tmp_path / "line"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def decided(pool: asyncpg.Pool, name: str, value: Any) -> None:
    """As the API does."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("DELETE FROM site_policy WHERE name = $1", name)
        if value is not None:
            await conn.execute("INSERT INTO site_policy VALUES ($1, $2, now(), 'root')", name, json.dumps(value))
        await conn.execute("UPDATE line_hours SET version = version + 1")


async def test_the_question_is_a_file_that_the_dial_plan_reads(line: Path, pool: asyncpg.Pool) -> None:
    path = line / "survey"
    await decided(pool, "survey", False)
    await eventually(lambda: path.exists() and path.read_text() == "0", 5)
    await decided(pool, "survey", True)
    await eventually(lambda: path.read_text() == "1", 5)
    await decided(pool, "survey", None)
    await eventually(lambda: not path.exists(), 5)
