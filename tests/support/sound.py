"""Making tones and measuring what was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000
Sound = NDArray[np.float64]


def write_tone(path: Path, hz: float, seconds: float, level: float = 0.3) -> Path:
    """A sine at 8 kHz mono."""
    t = np.arange(int(RATE * seconds)) / RATE
    soundfile.write(path, level * np.sin(2 * np.pi * hz * t), RATE, subtype="PCM_16")
    return path


def read(path: Path) -> Sound:
    """8 kHz mono samples in -1 … 1."""
    sound, rate = soundfile.read(path, dtype="float64")
    assert rate == RATE, f"{path} has {rate} Hz"
    assert sound.ndim == 1, f"{path} is not mono"
    return np.asarray(sound)


def level(sound: Sound) -> float:
    """RMS."""
    return float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0


def share(sound: Sound, hz: float, width_hz: float = 15) -> float:
    """How much of the energy lies within ``width_hz`` of ``hz``: 1.0 for a pure tone."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    at = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(power[np.abs(at - hz) <= width_hz].sum() / power.sum())


def likeness(heard: Sound, prompt: Sound, piece_s: float = 0.2) -> float:
    """How surely ``prompt`` was played in ``heard``: near 1 if it was.

    The median over short pieces of their best correlation anywhere: a packet lost or late on a busy machine moves what
    follows, and must not hide it. Silent pieces do not count.
    """
    size = int(RATE * piece_s)
    pieces = [prompt[i : i + size] for i in range(0, max(1, len(prompt) - size + 1), size)]
    loud = [piece for piece in pieces if level(piece) > 0.3 * level(prompt)]
    return float(np.median([_best_correlation(heard, piece) for piece in loud]))


def _best_correlation(heard: Sound, piece: Sound) -> float:
    if len(heard) < len(piece):
        return 0.0
    size = 1 << (len(heard) + len(piece)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)
    lags = len(heard) - len(piece) + 1
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    local = energy[len(piece) :] - energy[:lags]
    return float(np.max(product[:lags] / np.sqrt(np.maximum(local, 1e-3) * np.sum(piece**2))))
