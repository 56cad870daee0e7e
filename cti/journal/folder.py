"""The files of one journal stream in their folder: which there are, who is who, which comes next. Reads only.

A file's identity is its content's: a hash of its first line (microseconds and uniqueid in cel.csv, the second of the
start in queue_log). It survives rename, copy, restore from a backup and a move to another disk, where device and inode
do not; device and inode serve ``tail`` to notice a rotation while it holds the file open.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cti.journal.lines import MAX_LINE_BYTES

_PACKED: Final = (".gz", ".xz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class JournalFile:
    """One file as it was when looked at. ``order`` sorts the files of a stream, oldest first."""

    path: Path
    identity: str
    order: float
    size: int


def identity_of(fd: int) -> tuple[str, bytes] | None:
    """(identity, first line) of an open file; None while its first line is not complete."""
    head = os.pread(fd, MAX_LINE_BYTES + 1, 0)
    first, newline, _ = head.partition(b"\n")
    if not newline and len(head) <= MAX_LINE_BYTES:
        return None
    return hashlib.sha256(first).hexdigest()[:16], first + newline


def files_of(path: Path, first_at: Callable[[bytes], float | None]) -> list[JournalFile]:
    """``path`` and what was rotated away from it (``path.1``, ``path-20261123``, …), oldest first.

    ``first_at``: the time that a first line tells, None if it tells none (then the file's own time counts).
    A copy has its original's identity: of two the longer one is listed, ``path`` itself before any.
    """
    found: dict[str, JournalFile] = {}
    try:
        entries = list(os.scandir(path.parent))
    except FileNotFoundError:
        return []
    for entry in entries:
        if entry.name == path.name or (entry.name.startswith((path.name + ".", path.name + "-"))):
            file = _look(Path(entry.path), first_at)
            if file and (file.identity not in found or _prefer(file, found[file.identity], path)):
                found[file.identity] = file
    return sorted(found.values(), key=lambda f: (f.path == path, f.order, f.path.name))


def _prefer(one: JournalFile, other: JournalFile, path: Path) -> bool:
    return (one.size, one.path == path) > (other.size, other.path == path)


def _look(path: Path, first_at: Callable[[bytes], float | None]) -> JournalFile | None:
    if path.suffix in _PACKED or not path.is_file():
        return None
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:  # gone between listing and opening, or not ours to read: not a file of this stream for now
        return None
    try:
        info, known = os.fstat(fd), identity_of(fd)
    finally:
        os.close(fd)
    if known is None:
        return None
    stamp = first_at(known[1])
    return JournalFile(path, known[0], info.st_mtime if stamp is None else stamp, info.st_size)
