"""The encoder: a program of its own, so that a crash inside libsndfile or libopus costs one job and not the worker.

Reads one JSON job a line from stdin and answers one JSON line on stdout: ``Result`` or ``{"error", "detail"}``.
Works in blocks of 10 s, so a call of three hours takes no more memory than one of a minute. Knows nothing of calls,
stores and rows.

Opus at compression level 0.96 is 16 kbit/s a channel. One step lower (0.98, 11 kbit/s) libopus joins the channels and
each party is heard on the other's side at -21 dB; at 0.96 they stay apart by more than 70 dB.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import soundfile

from recordings.yielding import yield_to_the_line

COMPRESSION_LEVEL: Final = 0.96
BLOCK_S: Final = 10
PEAK_BINS_MAX: Final = 30_000
PEAK_BINS_PER_S: Final = (50, 25, 20, 10, 5, 4, 2, 1)  # each divides every rate that Opus takes
SILENT_RMS: Final = 104  # -50 dBFS: the quantisation noise of G.711 is 8, room noise on a telephone 20 to 60
SILENT_WINDOW_S: Final = 0.2
ZERO_FRAME_S: Final = 0.02
ZERO_LEAST_S: Final = 0.3  # both sides exactly 0 for so long: a pause, or nobody there
ZERO_MOST: Final = 500  # so many are told of one recording

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Source:
    """Raw 16-bit samples inside a file."""

    path: str
    offset: int
    samples: int


@dataclass(frozen=True, slots=True)
class Job:
    """``left`` or ``right`` None is silence; the shorter one is padded with it. ``audio`` and ``peaks`` are written."""

    left: Source | None
    right: Source | None
    rate: int
    audio: str
    peaks: str

    @property
    def samples(self) -> int:
        return max(s.samples for s in (self.left, self.right) if s)


@dataclass(frozen=True, slots=True)
class Result:
    size_bytes: int
    sha256: str
    peaks_sha256: str
    duration_s: float
    silent_left: bool
    silent_right: bool
    memory_kb: int
    zeros: tuple[tuple[float, float], ...] = ()  # (from, to) in seconds: both sides are exactly 0


class _Side:
    """One channel: reads blocks, keeps its peaks and its loudest moment."""

    def __init__(self, source: Source | None, rate: int, bins_per_s: int) -> None:
        self._file: BinaryIO | None = None
        self._left = 0
        if source:
            self._file = open(source.path, "rb")  # noqa: SIM115 - closed in close()
            self._file.seek(source.offset)
            self._left = source.samples
        self._bin = rate // bins_per_s
        self._window = int(rate * SILENT_WINDOW_S)
        self.peaks: list[float] = []
        self.loudest = 0.0

    def block(self, count: int) -> Samples:
        out: Samples = np.zeros(count, np.int16)
        want = min(count, self._left)
        if self._file and want:
            got = np.frombuffer(self._file.read(want * 2), "<i2")
            out[: len(got)] = got
            self._left -= want
        self._measure(out)
        return out

    def _measure(self, block: Samples) -> None:
        loud = np.abs(block.astype(np.int32))
        self.peaks += [round(int(p) / 32768, 2) for p in np.maximum.reduceat(loud, range(0, len(loud), self._bin))]
        whole = len(block) // self._window * self._window
        windows = block[:whole].astype(np.float64).reshape(-1, self._window) if whole else block[None].astype(float)
        self.loudest = max(self.loudest, float(np.sqrt((windows**2).mean(axis=1)).max()))

    def close(self) -> None:
        if self._file:
            self._file.close()


class _Zeros:
    """Where both sides are exactly 0, in frames of a packet's length; a lone frame between two does not part them."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._frame = int(rate * ZERO_FRAME_S)
        self._at = 0
        self._runs: list[list[int]] = []

    def add(self, left: Samples, right: Samples) -> None:
        """The next block; all but the last are whole frames."""
        sounds = np.flatnonzero(left | right)
        frames = np.ones(-(-len(left) // self._frame), bool)
        frames[np.unique(sounds // self._frame)] = False
        edges = np.flatnonzero(np.diff(np.concatenate(([False], frames, [False])).astype(np.int8)))
        for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            start, end = self._at + first * self._frame, self._at + min(after * self._frame, len(left))
            if self._runs and start - self._runs[-1][1] <= self._frame:
                self._runs[-1][1] = end
            else:
                self._runs.append([start, end])
        self._at += len(left)
        # Only the last one can still grow.
        self._runs = [r for r in self._runs[:-1] if self._long(r)][:ZERO_MOST] + self._runs[-1:]

    def _long(self, run: list[int]) -> bool:
        return run[1] - run[0] >= ZERO_LEAST_S * self._rate

    @property
    def found(self) -> tuple[tuple[float, float], ...]:
        return tuple((a / self._rate, b / self._rate) for a, b in self._runs if self._long([a, b]))


def bins_per_s(duration_s: float) -> int:
    """Peaks a second: 50, fewer for long calls so that a page never loads more than 30,000 a channel."""
    return next((b for b in PEAK_BINS_PER_S if b * duration_s <= PEAK_BINS_MAX), 1)


def encode(job: Job) -> Result:
    """Write ``job.audio`` (OGG Opus, left agent, right citizen) and ``job.peaks`` (JSON).

    Raises:
        OSError: a file cannot be read or written.
        soundfile.LibsndfileError: the codec refused.
    """
    bins = bins_per_s(job.samples / job.rate)
    left, right = _Side(job.left, job.rate, bins), _Side(job.right, job.rate, bins)
    zeros = _Zeros(job.rate)
    try:
        _write_audio(job, left, right, zeros)
    finally:
        left.close()
        right.close()
    peaks = {"sample_rate": job.rate, "bins_per_s": bins, "left": left.peaks, "right": right.peaks}
    text = json.dumps(peaks, separators=(",", ":")).replace("0.0,", "0,").encode()
    Path(job.peaks).write_bytes(text)
    info = soundfile.info(job.audio)
    if info.frames != job.samples:
        raise OSError(f"encoded {info.frames} samples of {job.samples}")
    return Result(
        size_bytes=os.path.getsize(job.audio),
        sha256=sha256_of(Path(job.audio)),
        peaks_sha256=hashlib.sha256(text).hexdigest(),
        duration_s=job.samples / job.rate,
        silent_left=left.loudest < SILENT_RMS,
        silent_right=right.loudest < SILENT_RMS,
        memory_kb=_most_memory_kb(),
        zeros=zeros.found,
    )


def _write_audio(job: Job, left: _Side, right: _Side, zeros: _Zeros) -> None:
    with soundfile.SoundFile(
        job.audio, "w", job.rate, 2, format="OGG", subtype="OPUS", compression_level=COMPRESSION_LEVEL
    ) as out:
        for start in range(0, job.samples, job.rate * BLOCK_S):
            count = min(job.rate * BLOCK_S, job.samples - start)
            sides = left.block(count), right.block(count)
            zeros.add(*sides)
            out.write(np.column_stack(sides))


def _most_memory_kb() -> int:
    """The most this program ever held; getrusage would count what its parent held before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _room_error(audio: Path) -> int:
    """libsndfile says "System error." of a full disk: whether it was one is found by writing a little more."""
    try:
        with audio.open("ab") as file:
            file.write(bytes(64 * 1024))
    except OSError as exc:
        return exc.errno or 0
    return 0


def job_of(data: dict[str, Any]) -> Job:
    left, right = (Source(**data[s]) if data[s] else None for s in ("left", "right"))
    return Job(left, right, data["rate"], data["audio"], data["peaks"])


def main() -> None:
    """Answer jobs until stdin ends."""
    yield_to_the_line()
    for line in sys.stdin:
        try:
            answer = asdict(encode(job_of(json.loads(line))))
        except OSError as exc:
            answer = {"error": exc.errno or 0, "detail": str(exc)}
        except soundfile.LibsndfileError as exc:
            answer = {"error": _room_error(Path(json.loads(line)["audio"])), "detail": str(exc)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
