"""The mixer: a program of its own that lays pieces of kept recordings into one pair of raw files, each at its time.

Reads one JSON job from stdin, answers one JSON line. Works in blocks on a mapped file: three hours take no more
memory than a minute. Knows nothing of calls, stores and rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile

from recordings.yielding import yield_to_the_line

BLOCK_S: Final = 10
LEFT, RIGHT = 0, 1
Samples = npt.NDArray[np.int16]
Piece = tuple[int, int, int]  # from sample, how many, to sample


@dataclass(frozen=True, slots=True)
class Part:
    """One kept recording, and which pieces of its two sides are heard when."""

    path: str
    left: Sequence[Piece]
    right: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Mix:
    """``left`` and ``right`` are written: raw 16-bit samples. ``mute``: (from, to), silent whatever a part has."""

    parts: Sequence[Part]
    rate: int
    samples: int
    mute: Sequence[tuple[int, int]]
    left: str
    right: str


def mix(job: Mix) -> None:
    """
    Raises:
        OSError: a file cannot be read or written, or is of another rate.
        soundfile.LibsndfileError: not a recording.
    """
    sides = [np.memmap(path, np.dtype("<i2"), "w+", shape=(job.samples,)) for path in (job.left, job.right)]
    for part in job.parts:
        _lay(part, job.rate, sides)
    for begin, end in job.mute:
        for side in sides:
            side[begin:end] = 0
    for side in sides:
        side.flush()


def _lay(part: Part, rate: int, sides: Sequence[Samples]) -> None:
    with soundfile.SoundFile(part.path) as kept:
        if kept.samplerate != rate or kept.channels != 2:
            raise OSError(f"{kept.channels} channels at {kept.samplerate} Hz instead of 2 at {rate}")
        at = 0
        for block in kept.blocks(blocksize=rate * BLOCK_S, dtype="int16", always_2d=True):
            for side, pieces in ((LEFT, part.left), (RIGHT, part.right)):
                for piece in pieces:
                    _add(sides[side], block[:, side], at, piece)
            at += len(block)


def _add(side: Samples, block: Samples, at: int, piece: Piece) -> None:
    """What of the piece lies in this block, which begins at sample ``at`` of its file."""
    begin, count, to = piece
    first, last = max(begin, at), min(begin + count, at + len(block))
    target = first - begin + to
    last = min(last, first + len(side) - target)
    if first >= last or target < 0:
        return
    there = side[target : target + last - first]
    there[:] = np.clip(there.astype(np.int32) + block[first - at : last - at], -32768, 32767).astype(np.int16)


def mix_of(data: dict[str, Any]) -> Mix:
    return Mix(**(data | {"parts": [Part(**part) for part in data["parts"]]}))


def main() -> None:
    yield_to_the_line()
    job = mix_of(json.loads(sys.stdin.readline()))
    try:
        mix(job)
        answer: dict[str, Any] = {"bytes": Path(job.left).stat().st_size}
    except (OSError, soundfile.LibsndfileError) as exc:
        answer = {"error": str(exc)}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
