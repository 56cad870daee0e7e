"""A queue's own welcome on the line alone: whoever is led into the queue hears it, by its number or by an overflow."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.contract import OverflowKind, Profile
from pbx_config.line_files import LineFiles, Overflow, ProfileSets
from pbx_config.pbx import Pbx
from pbx_config.queue_file import CallFiles, QueueSounds
from tests.support import sound
from tests.support.sound import write_tone

pytestmark = pytest.mark.pbx


async def test_each_queue_says_its_own_welcome_also_on_the_way_of_an_overflow(
    line: Pbx, carrier: Carrier, second: Path, tmp_path: Path
) -> None:
    sounds, names = QueueSounds(second), {"hotline": str(uuid.uuid4()), "english": str(uuid.uuid4())}
    tones = {queue: write_tone(tmp_path / f"{queue}.wav", hz, 1) for queue, hz in (("hotline", 1300), ("english", 700))}
    for queue, name in names.items():
        sounds.keep(name, tones[queue].read_bytes())
    files = LineFiles(line.settings.line)
    files.plan(datetime.now(UTC) - timedelta(seconds=3000), [Profile.NIGHT] * 8)
    files.profile(Profile.NIGHT, ProfileSets(9, 60, on_no_agent=Overflow(OverflowKind.QUEUE, "english")))

    async def heard() -> dict[str, bool]:
        call = await carrier.place("13912350101")
        await call.ended()
        samples = sound.read(call.heard)
        return {queue: sound.likeness(samples, sound.read(tone)) > 0.9 for queue, tone in tones.items()}

    welcomes = CallFiles(second, contract.WELCOME_FILE)
    welcomes.keep(names)
    assert await heard() == {"hotline": True, "english": True}
    welcomes.keep({"english": names["english"], "hotline": str(uuid.uuid4())})
    assert await heard() == {"hotline": False, "english": True}, "a sound that is not there holds nobody up"
    welcomes.keep({})
    assert await heard() == {"hotline": False, "english": False}
