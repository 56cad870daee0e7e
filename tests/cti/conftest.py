"""One real line for the cti's own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.stage import Stage, stage
from tests.support.pbx import running_pbx
from tests.support.postgres import dsn, pg_cluster, pool

__all__ = ["dsn", "pg_cluster", "pool"]  # fixtures by import
ADDRESS = "127.0.11.2"


@pytest.fixture
def line() -> Iterator[Pbx]:
    with running_pbx(ADDRESS, queue=QueueTuning(ring_s=4)) as pbx:
        for notice in pbx.settings.data.rglob("*notice*.wav"):  # the words take ten seconds, and are not tested here
            notice.write_bytes(notice.read_bytes()[: 44 + 3200])
        yield pbx


@pytest.fixture
async def on(line: Pbx, dsn: str) -> AsyncIterator[Stage]:
    async with stage(line, dsn) as s:
        yield s
