"""Follows one journal file over rotation, truncation and restarts. Knows bytes and newlines, nothing of their meaning.

Synchronous: local disk, one bounded read at a time. Never returns half a line, unless the file will never grow again.
Nothing is remembered here across restarts: the caller stores :class:`Position` with the rows and gives it back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from cti.journal.folder import files_of, identity_of
from cti.journal.lines import MAX_LINE_BYTES

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """Everything before ``offset`` of ``file`` is done. A ``file`` ending in ``#n`` was cut short n times."""

    file: str
    offset: int


class RawLine(NamedTuple):
    """One line without its line end. ``flaw`` says why it is none (too long, cut off by a rotation)."""

    file: str
    offset: int
    end: int
    raw: bytes
    flaw: str | None = None


class Tail:
    """``seek`` once, then ``read`` for ever. ``anomalies`` counts truncations and files that vanished."""

    def __init__(self, path: Path, first_at: Callable[[bytes], float | None]) -> None:
        self.path = path
        self.anomalies = 0
        self._first_at = first_at
        self._fd: int | None = None
        self._first = b""  # the first line of the file that is open: the same as long as it is the same file
        self._file = ""
        self._order = float("-inf")
        self._offset = 0

    @property
    def position(self) -> Position | None:
        """Where the next line begins; None before any file was found."""
        return Position(self._file, self._offset) if self._file else None

    def seek(self, position: Position | None) -> None:
        """Go to a stored position; None begins with the oldest file there is."""
        self.close()
        self._file, self._offset, self._order = "", 0, float("-inf")
        if position is None:
            return
        base = position.file.partition("#")[0]
        for file in files_of(self.path, self._first_at):
            if file.identity == base and self._open(file.path):
                self._file, self._offset = position.file, position.offset
                return
        self._wrong("journal file vanished, reading all there are", file=position.file)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def read(self, max_bytes: int = 1 << 20) -> list[RawLine]:
        """The next complete lines, in order, of one file; [] when there is nothing new.

        Raises:
            OSError: the disk refused.
        """
        if self._fd is None:
            successor = self._successor()
            if successor is None or not self._open_only(successor):
                return []
        if self._cut_short():
            return self.read(max_bytes)
        lines = self._lines(max_bytes)
        if lines or not self._rotated() or (successor := self._successor()) is None:
            return lines
        # Only now, with the successor begun, is this file complete: look again, then leave.
        if lines := self._lines(max_bytes) or self._rest():
            return lines
        return self.read(max_bytes) if self._open_only(successor) else []

    def behind(self) -> int:
        """Bytes written and not read yet, over all files."""
        if self._fd is None:
            return sum(f.size for f in files_of(self.path, self._first_at))
        here = max(0, os.fstat(self._fd).st_size - self._offset)
        if not self._rotated():
            return here
        return here + sum(f.size for f in files_of(self.path, self._first_at) if f.order > self._order)

    def _lines(self, max_bytes: int) -> list[RawLine]:
        assert self._fd is not None
        data = os.pread(self._fd, max_bytes, self._offset)
        end = data.rfind(b"\n") + 1
        if end == 0:
            return self._overlong(data, max_bytes)
        lines, offset, file = [], self._offset, self._file
        for raw in data[:end].split(b"\n")[:-1]:
            after = offset + len(raw) + 1
            lines.append(RawLine(file, offset, after, raw))
            offset = after
        self._offset = offset
        return lines

    def _overlong(self, data: bytes, max_bytes: int) -> list[RawLine]:
        """A line that fills the whole read is none: taken in pieces, so that memory stays bounded."""
        if len(data) < max_bytes:
            return []
        return [self._flawed(data, "longer than a line can be")]

    def _rest(self) -> list[RawLine]:
        """Half a line at the end of a file that nobody writes any more."""
        assert self._fd is not None
        data = os.pread(self._fd, MAX_LINE_BYTES, self._offset)
        return [self._flawed(data, "cut off by the end of its file")] if data else []

    def _flawed(self, data: bytes, flaw: str) -> RawLine:
        line = RawLine(self._file, self._offset, self._offset + len(data), data[:MAX_LINE_BYTES], flaw)
        self._offset = line.end
        return line

    def _rotated(self) -> bool:
        """Another file stands under our name (while there is none, the writer may still write into ours)."""
        assert self._fd is not None
        try:
            there, here = os.stat(self.path), os.fstat(self._fd)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)

    def _cut_short(self) -> bool:
        """Whether the open file is not what it was; True after having gone to where reading goes on."""
        assert self._fd is not None
        size = os.fstat(self._fd).st_size
        same = os.pread(self._fd, len(self._first), 0) == self._first
        if same and size >= self._offset:
            return False
        base, _, cuts = self._file.partition("#")
        for file in files_of(self.path, self._first_at):  # copied, then truncated: the copy has the rest
            if file.identity == base and file.size >= self._offset and self._open(file.path):
                return True
        self._wrong("journal file truncated", file=self._file, offset=self._offset, size=size)
        if same:  # what is left was read before; what follows is new, at offsets that were used before
            self._file, self._offset = f"{base}#{int(cuts or 0) + 1}", size
        elif not self._open_only(self.path):
            self.close()  # nothing in it yet
        return True

    def _successor(self) -> Path | None:
        """The file that comes after ours and has its first line; None while there is none."""
        done = self._file.partition("#")[0]
        files = files_of(self.path, self._first_at)
        known = [n for n, f in enumerate(files) if f.identity == done]
        later = files[known[0] + 1 :] if known else [f for f in files if f.order >= self._order]
        return later[0].path if later else None

    def _open_only(self, path: Path) -> bool:
        if not self._open(path):
            return False
        assert self._fd is not None
        known = identity_of(self._fd)
        assert known is not None  # _open has seen it
        self._file, self._offset = known[0], 0
        return True

    def _open(self, path: Path) -> bool:
        try:
            fd = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        known = identity_of(fd)
        if known is None:  # its first line is still being written
            os.close(fd)
            return False
        self.close()
        self._fd, self._first = fd, known[1]
        stamp = self._first_at(known[1])
        self._order = os.fstat(fd).st_mtime if stamp is None else stamp
        return True

    def _wrong(self, event: str, **fields: object) -> None:
        self.anomalies += 1
        log.error(event, path=str(self.path), **fields)
