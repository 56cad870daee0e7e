"""A real line for calls that move, with a town outside; cti is started by the tests, which kill it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.stage import stage
from tests.support.pbx import running_pbx
from tests.support.scene import Scene, scene

ADDRESS = "127.0.11.4"


@pytest.fixture(scope="module")
def moving_line() -> Iterator[Pbx]:
    with running_pbx(ADDRESS, quick_notice=True, queue=QueueTuning(ring_s=4), node="t11r") as pbx:
        yield pbx


@pytest.fixture
async def town(moving_line: Pbx, dsn: str) -> AsyncIterator[Scene]:
    async with stage(moving_line, dsn) as on, scene(on) as s:
        yield s
