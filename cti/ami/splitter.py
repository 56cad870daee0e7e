"""Cuts AMI's byte stream at blank lines. Pure: no I/O, no clock, and no decoding before a block is whole.

Memory is bounded: a block longer than the limit is dropped, counted, and the next one is intact.
"""

from __future__ import annotations

BLANK = b"\r\n\r\n"
DEFAULT_LIMIT_BYTES = 1 << 20
_KEEP = len(BLANK) - 1  # of what was searched already: the blank line may be cut at any byte


class Splitter:
    """Feed it what the socket gave; it returns what became whole, in order."""

    __slots__ = ("_buffer", "_dropping", "dropped", "limit_bytes")

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.dropped = 0
        self._buffer = bytearray()
        self._dropping = False

    @property
    def held_bytes(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The blocks that became whole, without their blank lines."""
        blocks = self.whole(data).split(BLANK)
        blocks.pop()
        return blocks

    def whole(self, data: bytes) -> bytes:
        """All that became whole, as one piece that ends with a blank line (or is empty)."""
        buffer = self._buffer
        searched = max(0, len(buffer) - _KEEP)
        buffer += data
        end = buffer.rfind(BLANK, searched) + len(BLANK)
        if end < len(BLANK):
            self._bound()
            return b""
        whole = bytes(buffer[:end])
        del buffer[:end]
        if self._dropping:  # it begins with the tail of a block that was too long and was counted then
            self._dropping = False
            whole = whole[whole.index(BLANK) + len(BLANK) :]
        if len(whole) > self.limit_bytes:
            whole = self._within_limit(whole)
        self._bound()
        return whole

    def _within_limit(self, whole: bytes) -> bytes:
        blocks = whole.split(BLANK)
        blocks.pop()
        kept = [block for block in blocks if len(block) <= self.limit_bytes]
        self.dropped += len(blocks) - len(kept)
        return b"".join(block + BLANK for block in kept)

    def _bound(self) -> None:
        if self._dropping:
            del self._buffer[:-_KEEP]
        elif len(self._buffer) > self.limit_bytes:
            self._dropping = True
            self.dropped += 1
            del self._buffer[:-_KEEP]
