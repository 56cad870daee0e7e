"""A call of an hour: bounded memory, bounded peaks, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recordings.encoder import PEAK_BINS_MAX, Job, Source
from recordings.encoding import EncoderPool
from tests.recordings.spooling import RATE

MEMORY_KB = 80_000


@pytest.mark.parametrize(
    "hours", [0.1, pytest.param(1, marks=[pytest.mark.fault, pytest.mark.timeout(1200)])], ids=["6 min", "1 h"]
)
async def test_length_costs_no_memory(tmp_path: Path, hours: float) -> None:
    """A burst a minute and pauses between: what the codec does to them does not matter here, their number does."""
    minutes = round(hours * 60)
    minute = np.zeros(RATE * 60, "<i2")
    minute[:RATE] = np.random.default_rng(3).normal(0, 3000, RATE)
    raw = tmp_path / "long.raw"
    with raw.open("wb") as file:
        for _ in range(minutes):
            file.write(minute.tobytes())
    source = Source(str(raw), 0, minutes * 60 * RATE)
    encoders = EncoderPool(1)
    try:
        job = Job(source, Source(str(raw), 0, source.samples // 2), RATE, str(tmp_path / "a.ogg"), str(tmp_path / "p"))
        result = await encoders.encode(job)
    finally:
        await encoders.close()
    assert result.duration_s == minutes * 60
    assert result.memory_kb < MEMORY_KB
    assert soundfile.info(tmp_path / "a.ogg").frames == source.samples
    peaks = json.loads((tmp_path / "p").read_text())
    assert len(peaks["left"]) == len(peaks["right"]) == minutes * 60 * peaks["bins_per_s"] <= PEAK_BINS_MAX
    assert max(peaks["left"][-60 * peaks["bins_per_s"] :]) > 0.2
    assert max(peaks["right"][len(peaks["right"]) // 2 + 1 :]) == 0
