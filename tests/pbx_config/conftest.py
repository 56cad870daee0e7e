"""One line for the whole folder, one carrier for each test; every test leaves the queue empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.pbx import Pbx
from pbx_config.queue_file import CallFiles, QueueFile, QueueSets, QueueSounds, text_of
from pbx_config.settings import QueueTuning
from tests.pbx_config.journal import members
from tests.pbx_config.rooms_line import call, rooms, rooms_of_suite
from tests.support.pbx import queue_add, running_carrier, running_pbx
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


@pytest.fixture
def desk(line: Pbx) -> Pbx:
    """Somebody is signed in and is not ready."""
    queue_add(line, "8001", "1001")
    line.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    return line


@pytest.fixture
def second(line: Pbx) -> Iterator[Path]:
    """A second queue, "english", nobody in it; the folder of the queues. All as before afterwards."""
    folder, file = line.settings.queues, QueueFile(line.settings.queues)
    before = file.text() or ""
    file.write(text_of([QueueSets("hotline"), QueueSets("english")], QueueSounds(folder).path))
    line.cli("queue reload all")
    yield folder
    CallFiles(folder, contract.WELCOME_FILE).keep({})
    file.write(before)
    line.cli("queue reload all")
    for path in line.settings.line.glob("p*"):
        if path.is_file() and not path.name.startswith("pjsip_"):
            path.unlink()


@pytest.fixture(scope="package")
def citizen_tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone(tmp_path_factory.mktemp("tone") / "citizen.wav", CITIZEN_HZ, 2)


@pytest.fixture(scope="package")
def agent_tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone(tmp_path_factory.mktemp("tone") / "agent.wav", AGENT_HZ, 2)
