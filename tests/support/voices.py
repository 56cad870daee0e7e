"""Known speech in, known speech out: who is heard where, by correlating spectrograms.

Speech, since a browser's noise suppression rightly removes steady tones.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from pbx_config.prompts import find_speaker, speak
from tests.support.pbx import test_asterisk

Sound = npt.NDArray[np.float64]
_FRAME = 256  # samples at 8 kHz: 32 ms
_HOP = 160  # 20 ms
_BANDS = 20
_PIECE_S = 2.5


@cache
def speech(text: str, language: str = "zh") -> Sound:
    """``text`` spoken, mono float at 8 kHz."""
    spoken: Sound = speak(text, language, find_speaker(test_asterisk())).astype(float) / 32768
    return spoken


def write_speech(path: Path, text: str, language: str = "zh", rate: int = 8000) -> Path:
    sound = speech(text, language)
    if rate != 8000:
        x = np.arange(0, len(sound), 8000 / rate)
        sound = np.interp(x, np.arange(len(sound)), sound)
    soundfile.write(path, sound, rate, subtype="PCM_16")
    return path


def likeness(heard: Sound, said: Sound) -> float:
    """How much of ``said`` (spoken over and over) is in ``heard``, both at 8 kHz: under 0.4 for none, over 0.6 for it.

    The median over pieces of 2.5 s: packets lost on a busy machine move what follows, and must not hide it.
    """
    size = int(_PIECE_S * 8000)
    starts = range(0, max(1, len(heard) - size + 1), size // 2)
    return float(np.median([_best_correlation(heard[start : start + size], said) for start in starts]))


def _best_correlation(heard: Sound, said: Sound) -> float:
    """The best one, over all shifts, between the log spectrograms of what was heard and what was said."""
    a = _spectrogram(heard)
    b = _spectrogram(np.tile(said, 2 + len(heard) // len(said)))
    n = 1 << (len(b) + len(a)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(b, n, axis=0) * np.conj(np.fft.rfft(a, n, axis=0)), n, axis=0).sum(axis=1)
    shifts = len(b) - len(a)
    energy = np.concatenate([[0], np.cumsum((b**2).sum(axis=1))])
    window = energy[len(a) : len(a) + shifts] - energy[:shifts]
    norm = np.sqrt((a**2).sum() * np.maximum(window, 1e-9))
    return float((cross[:shifts] / max(float(norm.max()), 1e-9)).max()) if norm.max() > 1e-6 else 0.0


def _spectrogram(sound: Sound) -> Sound:
    """Frames × bands of log power, each band without its mean."""
    count = max(1, (len(sound) - _FRAME) // _HOP)
    frames = np.stack([sound[i * _HOP : i * _HOP + _FRAME] for i in range(count)]) * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1))[:, 3:103] ** 2
    bands = np.log10(power.reshape(count, _BANDS, -1).sum(axis=2) + 1e-4)
    result: Sound = bands - bands.mean(axis=0)
    return result
