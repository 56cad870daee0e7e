"""Real lines for commands: one of its own for each test of the desk, one per module for calls that move."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.stage import Stage, cti_process, stage
from tests.support.pbx import running_pbx
from tests.support.scene import Scene, scene

NET = os.environ.get("LIANXIN_TEST_COMMANDS_NET", "127.0.21")  # another one for a second run beside this
OWN, SHARED = f"{NET}.1", f"{NET}.2"


def _quick(pbx: Pbx) -> None:
    """The words take ten seconds, and are not tested here."""
    for said in [*pbx.settings.data.rglob("*notice*.wav"), *pbx.settings.data.rglob("*abuse*.wav")]:
        said.write_bytes(said.read_bytes()[: 44 + 16_000])


@pytest.fixture
def line() -> Iterator[Pbx]:
    with running_pbx(OWN, queue=QueueTuning(ring_s=4)) as pbx:
        _quick(pbx)
        yield pbx


@pytest.fixture
async def on(line: Pbx, dsn: str) -> AsyncIterator[Stage]:
    async with stage(line, dsn) as s:
        yield s


@pytest.fixture(scope="module")
def shared_line() -> Iterator[Pbx]:
    with running_pbx(SHARED, queue=QueueTuning(ring_s=4), node="t21s") as pbx:
        _quick(pbx)
        yield pbx


@pytest.fixture
async def town(shared_line: Pbx, dsn: str) -> AsyncIterator[Scene]:
    """A working cti, and a carrier that plays citizens, agencies and 110; everybody goes home afterwards."""
    async with stage(shared_line, dsn) as on, cti_process(shared_line, dsn, wrap_up_s=60.0), scene(on) as s:
        await on.working()
        yield s
