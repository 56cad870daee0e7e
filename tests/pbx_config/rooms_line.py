"""A line of its own for calls that move: a question after the talk, 110's number in, and a short look-after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.pbx_config.journal import members
from tests.pbx_config.moving import Moving, moving_call
from tests.support.pbx import running_carrier, running_pbx

ASIDE_S = 4
SEAT_RTP_TIMEOUT_S = 6
POLICE_IN = "12110"


@pytest.fixture(scope="package")
def rooms_of_suite() -> Iterator[Pbx]:
    with running_pbx(
        "127.0.10.2",
        quick_notice=True,
        queue=QueueTuning(ring_s=3, wrap_up_s=0, announce_every_s=300),
        aside_s=ASIDE_S,
        survey=True,
        police_number_in=POLICE_IN,
        seat_rtp_timeout_s=SEAT_RTP_TIMEOUT_S,
    ) as pbx:
        yield pbx


@pytest.fixture
def rooms(rooms_of_suite: Pbx) -> Iterator[Pbx]:
    yield rooms_of_suite
    for member in members(rooms_of_suite):
        rooms_of_suite.cli(f"queue remove member {member} from {rooms_of_suite.settings.queue.name}")
    rooms_of_suite.cli("channel request hangup all")


@pytest.fixture
async def call(rooms: Pbx, tmp_path: Path) -> AsyncIterator[Moving]:
    async with running_carrier(rooms) as carrier, moving_call(rooms, carrier, tmp_path) as moving:
        yield moving
