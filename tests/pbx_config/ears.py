"""Who is heard when: each party whistles a tone of its own, and a sound file is told as a story of who was heard.

The tones keep clear of the hold music's notes and their octaves, and of each other's.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile

from tests.support.sound import RATE, Sound, level

WINDOW = RATE // 2
_TONE_DB = -30.0
_OTHER_DB = -40.0  # A-law's own noise beside two tones at -10 dB is below -45
_BAND_HZ = 40.0
_HEADER_BYTES = 44


class Voice(StrEnum):
    CITIZEN = "citizen"
    AGENT = "agent"
    SENIOR = "senior"
    AGENCY = "agency"
    POLICE = "police"
    OTHER = "music or speech"  # of the PBX


HERTZ = {Voice.CITIZEN: 1000, Voice.AGENT: 700, Voice.SENIOR: 2300, Voice.AGENCY: 1300, Voice.POLICE: 1900}
Story = list[set[Voice]]
SILENCE: set[Voice] = set()


def read_raw(path: Path) -> Sound:
    """Also while Asterisk still writes it: the header says nothing then."""
    raw = path.read_bytes()[_HEADER_BYTES:]
    return np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2") / 32768


def voices(window: Sound) -> frozenset[Voice]:
    """Who is heard in half a second."""
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)))) ** 2 * 4 / (np.hanning(len(window)).sum() ** 2)
    at = np.fft.rfftfreq(len(window), 1 / RATE)
    rest = spectrum.copy()
    found = set()
    for voice, hertz in HERTZ.items():
        band = np.abs(at - hertz) <= _BAND_HZ
        if _db(spectrum[band].max()) > _TONE_DB:
            found.add(voice)
        rest[np.abs(at - hertz) <= 2 * _BAND_HZ] = 0
    if _db(rest[at > 150].max()) > _OTHER_DB:
        found.add(Voice.OTHER)
    return frozenset(found)


def _db(power: float) -> float:
    return float(10 * np.log10(power + 1e-12))


def heard(sound: Sound) -> list[frozenset[Voice]]:
    """Who is heard, half second by half second."""
    return [voices(sound[i : i + WINDOW]) for i in range(0, len(sound) - WINDOW + 1, WINDOW)]


def story(path: Path, least_s: float = 1.0) -> Story:
    """What is heard, in order; what lasts less than ``least_s`` (a change, a lost packet) is passed over."""
    sound, rate = soundfile.read(path, dtype="float64")
    assert rate == RATE
    return tell(heard(sound), least_s)


def tell(windows: list[frozenset[Voice]], least_s: float = 1.0) -> Story:
    least = max(1, round(least_s * RATE / WINDOW))
    long = [key for key, run in groupby(windows) if len(list(run)) >= least]
    return [set(key) for key, _ in groupby(long)]


def digital_silence_s(path: Path) -> float:
    """The longest stretch of samples that are exactly 0: A-law has no such sample, a muted recording has."""
    sound, _ = soundfile.read(path, dtype="int16")
    longest = max((len(list(run)) for zero, run in groupby(sound == 0) if zero), default=0)
    return longest / RATE


def is_silent(path: Path) -> bool:
    sound, _ = soundfile.read(path, dtype="float64")
    return level(np.asarray(sound)) < 0.001


def people(told: Story) -> Story:
    """The story without music and speech of the PBX."""
    bare = [voices - {Voice.OTHER} for voices in told]
    return [set(key) for key, _ in groupby(frozenset(b) for b in bare if b)]


def since(told: Story, first: set[Voice]) -> Story:
    """The story from where ``first`` was first heard: without notice and waiting."""
    return told[told.index(first) :] if first in told else told
