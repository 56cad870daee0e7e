"""One line for the whole folder, one carrier for each test; every test leaves the queue empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx_config.carrier import Carrier
from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.pbx_config.journal import members
from tests.pbx_config.rooms_line import call, rooms, rooms_of_suite
from tests.support.pbx import running_carrier, running_pbx
from tests.support.sound import write_tone

__all__ = ["call", "rooms", "rooms_of_suite"]  # fixtures by import

CITIZEN_HZ = 1000
AGENT_HZ = 440


@pytest.fixture(scope="package")
def line_of_suite() -> Iterator[Pbx]:
    """Short rings and a queue of two, so that tests end soon."""
    tuning = QueueTuning(ring_s=3, max_waiting=2, announce_every_s=15)
    with running_pbx("127.0.10.1", quick_notice=True, queue=tuning) as pbx:
        yield pbx


@pytest.fixture
def line(line_of_suite: Pbx) -> Iterator[Pbx]:
    yield line_of_suite
    for member in members(line_of_suite):
        line_of_suite.cli(f"queue remove member {member} from {line_of_suite.settings.queue.name}")
    line_of_suite.cli("channel request hangup all")


@pytest.fixture
async def carrier(line: Pbx) -> AsyncIterator[Carrier]:
    async with running_carrier(line) as running:
        yield running


@pytest.fixture(scope="package")
def citizen_tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone(tmp_path_factory.mktemp("tone") / "citizen.wav", CITIZEN_HZ, 2)


@pytest.fixture(scope="package")
def agent_tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone(tmp_path_factory.mktemp("tone") / "agent.wav", AGENT_HZ, 2)
