"""Where the audio of a spool file lies, also when its header was never completed. Reads, never writes.

Asterisk writes the header with length 0 when it opens the file and the true length when it closes it: a length that
is not 0 means "closed by Asterisk". A killed Asterisk leaves 0 with the audio behind it, less the last two seconds
that its buffer (32 kB) still held; a full disk leaves any length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BYTES_PER_SAMPLE = 2
_RIFF_BYTES = 12
_CHUNK_BYTES = 8
_HEAD_BYTES = 4096
_PCM = 1
_RATES = (8000, 12000, 16000, 24000, 48000)  # those Opus takes


class WavState(StrEnum):
    CLOSED = "closed"  # the header's length is the file's
    UNCLOSED = "unclosed"  # length 0: being written, never used, or its writer was killed
    CUT = "cut"  # the header promises more than there is, or something else than there is
    EMPTY = "empty"  # not even a whole header: nothing was ever flushed
    UNREADABLE = "unreadable"  # no mono 16-bit WAV at all


@dataclass(frozen=True, slots=True)
class Wav:
    """``samples`` are whole samples that are there; an odd last byte is not one."""

    state: WavState
    size_bytes: int
    offset: int = 0
    samples: int = 0
    rate: int = 0


def look(path: Path) -> Wav:
    """What the file is now.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        size = file.seek(0, 2)
    return read_head(head, size)


def read_head(head: bytes, size: int) -> Wav:
    """The same from the first bytes of a file of ``size`` bytes."""
    if _may_become_wav(head, size):
        return Wav(WavState.EMPTY, size)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return Wav(WavState.UNREADABLE, size)
    rate = 0
    at = _RIFF_BYTES
    while at + _CHUNK_BYTES <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        at += _CHUNK_BYTES
        if name == b"fmt " and at + 16 <= len(head):
            rate = _rate(head, at)
            if not rate:
                break
        elif name == b"data" and rate:
            return _data(size, at, length, rate, head)
        at += length + length % 2
    # A header that breaks off is one whose writer died; one that names no data is no recording.
    return Wav(WavState.EMPTY if size < _RIFF_BYTES + 32 else WavState.UNREADABLE, size)


def _may_become_wav(head: bytes, size: int) -> bool:
    return size < _RIFF_BYTES and b"RIFF".startswith(head[:4])


def _rate(head: bytes, at: int) -> int:
    """The sample rate of a ``fmt `` chunk that we can take, else 0."""
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at)
    return int(rate) if (coding, channels, bits) == (_PCM, 1, 16) and rate in _RATES else 0


def _data(size: int, at: int, length: int, rate: int, head: bytes) -> Wav:
    there = size - at
    if length == 0:
        return Wav(WavState.UNCLOSED, size, at, there // BYTES_PER_SAMPLE, rate)
    if there == length or (there > length and _is_chunk(head, at + length + length % 2, size)):
        return Wav(WavState.CLOSED, size, at, length // BYTES_PER_SAMPLE, rate)
    return Wav(WavState.CUT, size, at, there // BYTES_PER_SAMPLE, rate)


def _is_chunk(head: bytes, at: int, size: int) -> bool:
    """True when only a pad byte or a further RIFF chunk (within what was read) follows the audio."""
    return at >= size or head[at : at + 4] in (b"LIST", b"fact", b"cue ", b"bext")
