"""Listens to a kept recording with nothing but libsndfile and a Fourier transform.

SIPp's citizens whistle 440 Hz and its agents 880 Hz (tests/support/sipp.py): whose voice is on which channel can be
heard. Knows a ``recording`` row as a dict; nothing of the room that wrote it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

AGENT_HZ, CITIZEN_HZ = 880, 440
_AUDIBLE = 0.003


Finding = tuple[str, object, object]


def listen(
    row: dict[str, Any], store: Path, talk_s: tuple[float, float] | None, *, may_be_lost: bool
) -> Iterator[Finding]:
    """(what, expected, found) of all that is not as the row says; ``talk_s``: the shorter and the longer witness's."""
    yield from said_of_itself(row, store, talk_s, may_be_lost=may_be_lost)
    path = store / (row["store_key"] or "-")
    if path.is_file():
        yield from heard(path, path.stat().st_mtime_ns)[3]


def said_of_itself(
    row: dict[str, Any], store: Path, talk_s: tuple[float, float] | None, *, may_be_lost: bool
) -> Iterator[Finding]:
    """As :func:`listen`, whoever is heard in it."""
    if row["state"] == "missing":
        yield from _missing(row, talk_s, may_be_lost)
        return
    path = store / (row["store_key"] or "-")
    if not path.is_file():
        yield "recording's file", "there", row["store_key"]
        return
    size, checksum, heard_s, _ = heard(path, path.stat().st_mtime_ns)
    if (row["size_bytes"], row["sha256"]) != (size, checksum):
        yield "recording's checksum", (size, checksum), (row["size_bytes"], row["sha256"])
    if abs(heard_s - row["duration_s"]) > 0.1:
        yield "recording's duration_s", heard_s, row["duration_s"]
    if talk_s is not None:
        yield from _length(row, talk_s, heard_s)


@functools.lru_cache(maxsize=10_000)
def heard(path: Path, changed: int) -> tuple[int, str, float, tuple[Finding, ...]]:
    """(bytes, SHA-256, seconds, what is wrong with the voices) of a file; ``changed`` is its time, for the cache."""
    raw = path.read_bytes()
    audio, rate = sf.read(path, always_2d=True)
    findings = tuple(_voices(audio, rate)) if len(audio) > rate else ()
    return len(raw), hashlib.sha256(raw).hexdigest(), len(audio) / rate, findings


def _missing(row: dict[str, Any], talk_s: tuple[float, float] | None, may_be_lost: bool) -> Iterator[Finding]:
    if not may_be_lost and talk_s and talk_s[0] > 1:
        yield "recording", f"audio of {talk_s[0]:.2f} s", f"missing ({row['reason']})"
    if not row["reason"]:
        yield "missing recording's reason", "a reason", row["reason"]
    if row["store_key"]:
        yield "missing recording's file", None, row["store_key"]


def _length(row: dict[str, Any], talk_s: tuple[float, float], heard_s: float) -> Iterator[Finding]:
    """Complete: lacks no more than 2 % or 1 s of the talk. A tenth more is allowed to the clocks at the boundary."""
    least, most = talk_s
    tolerance = max(1.0, 0.02 * most)
    said = f"{row['state']} ({row['reason']}): {heard_s:.2f} s of {least:.2f} … {most:.2f} s"
    if row["state"] == "complete" and not least - tolerance - 0.1 <= heard_s <= most + tolerance + 0.1:
        yield "recording's state", "short", said
    if row["state"] == "short" and heard_s > most - tolerance + 0.1:
        yield "recording's state", "complete", said


def _voices(audio: np.ndarray, rate: int) -> Iterator[Finding]:
    if audio.shape[1] != 2:
        yield "recording's channels", 2, audio.shape[1]
        return
    for name, channel, hertz in (("agent's (left)", 0, AGENT_HZ), ("citizen's (right)", 1, CITIZEN_HZ)):
        loudest = loudest_hz(audio[:, channel], rate)
        if loudest is None or abs(loudest - hertz) > 15:
            yield f"voice on the {name} channel", f"{hertz} Hz", loudest


def loudest_hz(samples: np.ndarray, rate: int) -> float | None:
    """The loudest tone of the middle of it; None when it is silent."""
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    if float(np.sqrt(np.mean(middle**2))) < _AUDIBLE:
        return None
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * rate / len(middle))
