"""Music on hold made by us: a quiet loop, so that nobody owes anybody for it.

Slow pentatonic notes with soft attack, synthesised with numpy. Writes nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
_BEAT_S: Final = 0.6
_PEAK: Final = 0.14  # about -17 dBFS: under the voice of the announcements
# Degrees of the pentatonic scale on C4 (宫商角徵羽), one per beat; None rests.
_SCALE_HZ: Final = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25, 587.33)
_MELODY: Final = (0, 2, 3, 4, 3, None, 2, 3, 4, 5, 4, 3, 2, None, 1, 2)
_ANSWER: Final = (3, 4, 5, 6, 5, None, 4, 3, 4, 3, 2, 1, 0, None, 1, 0)


def hold_music() -> NDArray[np.int16]:
    """About 20 s of mono 16-bit audio at 8 kHz that joins to its own beginning."""
    beat = int(RATE * _BEAT_S)
    ring = int(RATE * 1.8)  # a note sounds on under the next ones
    out = np.zeros(beat * len(_MELODY + _ANSWER))
    for index, degree in enumerate(_MELODY + _ANSWER):
        if degree is None:
            continue
        positions = (index * beat + np.arange(ring)) % len(out)  # the tail wraps round: no click at the seam
        out[positions] += _note(_SCALE_HZ[degree], ring)
        if index % 4 == 0:
            out[positions] += 0.6 * _note(_SCALE_HZ[degree] / 2, ring)
    return np.asarray(out / np.abs(out).max() * _PEAK * 32767, dtype=np.int16)


def _note(hz: float, length: int) -> NDArray[np.float64]:
    t = np.arange(length) / RATE
    attack = np.minimum(t / 0.03, 1.0)
    release = np.minimum((length / RATE - t) / 0.1, 1.0)
    tone = np.sin(2 * np.pi * hz * t) + 0.3 * np.sin(4 * np.pi * hz * t) * np.exp(-3 * t)
    result: NDArray[np.float64] = tone * attack * release * np.exp(-1.8 * t)
    return result
