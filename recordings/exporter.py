"""The copy of a recording: a program of its own, as the encoder is, so that a crash in a codec costs one export.

Reads one JSON job from stdin, answers one JSON line: ``Made`` or ``{"error"}``. Opus keeps the stored audio byte for
byte and gets new comments; WAV is decoded. With an audible mark both are made anew. Knows nothing of calls and rows.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from recordings.encoder import COMPRESSION_LEVEL
from recordings.ogg_tags import NotOurOgg, retag
from recordings.yielding import yield_to_the_line

BLOCK_S: Final = 10
MARK_HZ: Final = 1000.0
MARK_S: Final = 0.15
MARK_LEVEL: Final = 0.016  # -36 dBFS: heard in a pause, no word is lost under it

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Job:
    """``tags``: for the file's own comments; ``mark_every_s`` 0: no audible mark."""

    source: str
    target: str
    format: str
    tags: dict[str, str]
    mark_every_s: float


@dataclass(frozen=True, slots=True)
class Made:
    size_bytes: int
    sha256: str
    duration_s: float


def make(job: Job) -> Made:
    """Write ``job.target``.

    Raises:
        OSError: a file cannot be read or written.
        NotOurOgg, soundfile.LibsndfileError: the source is no recording of ours.
    """
    if job.format == "wav":
        _write_wav(job)
    elif job.mark_every_s:
        marked = f"{job.target}.marked"
        _write_marked_opus(job, marked)
        _retag(marked, job)
        Path(marked).unlink()
    else:
        _retag(job.source, job)
    with Path(job.target).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(Path(job.target).stat().st_size, digest, soundfile.info(job.target).duration)


def _retag(source: str, job: Job) -> None:
    with Path(source).open("rb") as kept, Path(job.target).open("wb") as copy:
        retag(kept, copy, job.tags)


def _write_wav(job: Job) -> None:
    with soundfile.SoundFile(job.source) as kept:
        with soundfile.SoundFile(job.target, "w", kept.samplerate, kept.channels, "PCM_16", format="WAV") as out:
            # RIFF's INFO has a few fixed fields: everything stands in the comment.
            out.title, out.date = job.tags["TITLE"], job.tags["DATE"]
            out.comment = "\n".join(f"{name}={value}" for name, value in job.tags.items())
            _copy(kept, out, job.mark_every_s)


def _write_marked_opus(job: Job, target: str) -> None:
    with soundfile.SoundFile(job.source) as kept:
        with soundfile.SoundFile(
            target, "w", kept.samplerate, kept.channels, format="OGG", subtype="OPUS",
            compression_level=COMPRESSION_LEVEL,
        ) as out:  # fmt: skip
            _copy(kept, out, job.mark_every_s)


def _copy(kept: soundfile.SoundFile, out: soundfile.SoundFile, mark_every_s: float) -> None:
    """In blocks: a call of three hours takes no more memory than one of a minute."""
    at, rate = 0, kept.samplerate
    for block in kept.blocks(blocksize=rate * BLOCK_S, dtype="int16", always_2d=True):
        out.write(marked(block, at, rate, mark_every_s) if mark_every_s else block)
        at += len(block)


def marked(block: Samples, at: int, rate: int, every_s: float) -> Samples:
    """The block, which begins at sample ``at`` of the file, with a short quiet tone every so often on each side."""
    place = (np.arange(at, at + len(block)) % round(every_s * rate)) / rate
    tone = np.where(place < MARK_S, np.sin(2 * np.pi * MARK_HZ * place) * MARK_LEVEL * 32767, 0)
    mixed: Samples = np.clip(block.astype(np.int32) + tone[:, None].astype(np.int32), -32768, 32767).astype(np.int16)
    return mixed


def main() -> None:
    yield_to_the_line()
    try:
        answer = asdict(make(Job(**json.loads(sys.stdin.readline()))))
    except (OSError, NotOurOgg, soundfile.LibsndfileError) as exc:
        answer = {"error": str(exc)}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
