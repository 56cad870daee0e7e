"""The comments of an OGG Opus file (RFC 7845 §5.2), replaced without touching a byte of its audio pages.

libsndfile can only write them together with newly encoded audio; a copy for evidence must be the audio that was kept.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

_HEAD: Final = struct.Struct(
    "<4sBBqIIIB"
)  # capture pattern, version, type, granule, serial, sequence, checksum, segments
_POLYNOMIAL: Final = 0x04C11DB7
_MOST_BYTES: Final = 255 * 255 - 1  # of a packet that ends on the page on which it began
_VENDOR: Final = b"lianxin"


class NotOurOgg(ValueError):
    """No OGG Opus with its comments on one page, as our encoder writes it."""


@dataclass(frozen=True, slots=True)
class Page:
    kind: int
    granule: int
    serial: int
    sequence: int
    segments: bytes
    body: bytes

    def pack(self) -> bytes:
        head = (b"OggS", 0, self.kind, self.granule, self.serial, self.sequence)
        bare = _HEAD.pack(*head, 0, len(self.segments)) + self.segments + self.body
        return bare[:22] + struct.pack("<I", _checksum(bare)) + bare[26:]


def read_page(file: BinaryIO) -> Page:
    """Raises: NotOurOgg."""
    raw = file.read(_HEAD.size)
    if len(raw) < _HEAD.size or raw[:4] != b"OggS":
        raise NotOurOgg("no page where one should begin")
    _, _, kind, granule, serial, sequence, _, count = _HEAD.unpack(raw)
    segments = file.read(count)
    return Page(kind, granule, serial, sequence, segments, file.read(sum(segments)))


def retag(source: BinaryIO, target: BinaryIO, tags: Mapping[str, str]) -> None:
    """Copy ``source`` with these comments in the place of its own.

    Raises:
        NotOurOgg: something else than a file of our encoder, or too many bytes of tags.
    """
    head, comments = read_page(source), read_page(source)
    if not head.body.startswith(b"OpusHead") or not comments.body.startswith(b"OpusTags"):
        raise NotOurOgg("no Opus")
    if comments.segments[-1] == 255 or any(s < 255 for s in comments.segments[:-1]):
        raise NotOurOgg("the comments are not alone on their page")
    body = _packed(tags)
    if len(body) > _MOST_BYTES:
        raise NotOurOgg("too many tags")
    segments = b"\xff" * (len(body) // 255) + bytes([len(body) % 255])
    target.write(head.pack())
    target.write(Page(comments.kind, comments.granule, comments.serial, comments.sequence, segments, body).pack())
    shutil.copyfileobj(source, target, 1 << 20)


def read_tags(source: BinaryIO) -> dict[str, str]:
    """The comments of a file. Raises: NotOurOgg."""
    read_page(source)
    body = read_page(source).body
    if not body.startswith(b"OpusTags"):
        raise NotOurOgg("no Opus")
    at = 8 + 4 + struct.unpack_from("<I", body, 8)[0]
    (count,) = struct.unpack_from("<I", body, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<I", body, at)
        name, _, value = body[at + 4 : at + 4 + length].decode().partition("=")
        found[name] = value
        at += 4 + length
    return found


def _packed(tags: Mapping[str, str]) -> bytes:
    comments = [f"{name}={value}".encode() for name, value in tags.items()]
    head = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", len(comments))
    return head + b"".join(struct.pack("<I", len(c)) + c for c in comments)


def _checksum(data: bytes) -> int:
    """RFC 3533 §6: CRC-32 without reflection, begun at 0. Only ever of a page of comments."""
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _TABLE[(crc >> 24) ^ byte]
    return crc


def _entry(index: int) -> int:
    crc = index << 24
    for _ in range(8):
        crc = ((crc << 1) ^ _POLYNOMIAL if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


_TABLE: Final = [_entry(i) for i in range(256)]
