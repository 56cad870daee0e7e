"""Whatever the database, the disk or Asterisk refuse a keeper: it is said once, and tried again."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from cti import keeping
from cti.policies import PolicyKeeper
from pbx_config.errors import BadSettings
from tests.support.eventually import eventually

TROUBLE = [
    ConnectionRefusedError(),
    OSError(errno.ENOSPC, "No space left on device"),
    asyncpg.InsufficientPrivilegeError("append-only"),
    asyncpg.UndefinedTableError("no such table yet"),
    BadSettings("no line can do it"),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LOOK_S", 0.001)


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda exc: type(exc).__name__)
async def test_trouble_is_said_once_and_looked_at_again(trouble: Exception) -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks < 10:
            raise trouble

    with capture_logs() as logs:
        task = asyncio.create_task(keeping.keep("x", look))
        await eventually(lambda: looks > 20)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("keeper_waits", "error"),
        ("keeper_goes_on", "info"),
    ]


async def test_a_fault_of_ours_ends_the_process() -> None:
    """What nobody foresaw is not hidden: the process begins anew."""

    async def look() -> None:
        raise KeyError("never thought of")

    with pytest.raises(KeyError):
        await keeping.keep("x", look)


@pytest.mark.db
async def test_a_folder_that_cannot_be_written_is_written_when_it_can(pool: asyncpg.Pool, tmp_path: Path) -> None:
    line = tmp_path / "line"
    line.write_text("a file where the folder belongs")
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("INSERT INTO site_policy VALUES ('survey', 'false', now(), 'root')")
        await conn.execute("UPDATE line_hours SET version = version + 1")
    with capture_logs() as logs:
        task = asyncio.create_task(PolicyKeeper(pool, line).run())
        await eventually(lambda: any(entry["event"] == "keeper_waits" for entry in logs))
        line.unlink()
        await eventually(lambda: (line / "survey").exists() and (line / "survey").read_text() == "0")
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
