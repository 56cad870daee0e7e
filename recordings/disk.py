"""The spool's disk: how much is free, and the periods in which Asterisk could not write to it.

The periods answer "why has this call no recording?" later, also after a restart of the worker. They are kept in a
file of fixed size that is written in place: that needs no room, so it works on the full disk it tells of.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from recordings.judgement import Reason

FULL_BYTES: Final = 64 * 1024  # less than two of Asterisk's write buffers: the next flush fails
_FILE_BYTES: Final = 32 * 1024
_KEEP: Final = 200
_MARGIN: Final = timedelta(seconds=5)  # a look every two seconds, and Asterisk's buffer of two seconds


@dataclass(frozen=True, slots=True)
class Disk:
    """One look at the disk. ``trouble``: why Asterisk cannot write now; ``ratio``: the scarcer of bytes and inodes."""

    free_bytes: int
    total_bytes: int
    ratio: float
    trouble: Reason | None


def look(folder: Path) -> Disk:
    """Free for an ordinary user, as Asterisk is one.

    Raises:
        OSError: the folder is not there.
    """
    s = os.statvfs(folder)
    free, total = s.f_bavail * s.f_frsize, s.f_blocks * s.f_frsize
    ratio = free / total if total else 1.0
    if s.f_files:
        ratio = min(ratio, s.f_favail / s.f_files)
    trouble = None
    if s.f_flag & os.ST_RDONLY:
        trouble = Reason.READ_ONLY
    elif free < FULL_BYTES:
        trouble = Reason.DISK_FULL
    elif s.f_files and s.f_favail == 0:
        trouble = Reason.NO_INODES
    return Disk(free, total, ratio, trouble)


@dataclass(slots=True)
class _Period:
    reason: Reason
    began_at: datetime
    ended_at: datetime | None = None


class Periods:
    """When the spool could not be written, and why. ``path`` keeps them over restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._all: list[_Period] = []

    def load(self) -> None:
        """Read what an earlier worker saw; a file cut by a crash is an empty one."""
        try:
            text = self._path.read_text(encoding="utf-8")
            self._all = [_period(*entry) for entry in json.loads(text)]
        except (FileNotFoundError, ValueError, TypeError):
            self._all = []
            self._save()  # so that the room is taken while there is some

    def see(self, trouble: Reason | None, now: datetime | None = None) -> None:
        """Tell the newest look; times are of the looks, so a period may be short by one interval at each end."""
        now = now or datetime.now(UTC)
        current = self._all[-1] if self._all and self._all[-1].ended_at is None else None
        if current and current.reason is trouble:
            return
        if current:
            current.ended_at = now
        if trouble:
            self._all = [*self._all[-_KEEP + 1 :], _Period(trouble, now)]
        if current or trouble:
            self._save()

    def during(self, began_at: datetime, ended_at: datetime) -> Reason | None:
        """Why the spool could not be written at some time between the two; None when it could."""
        for p in self._all:
            if p.began_at - _MARGIN <= ended_at and (p.ended_at is None or p.ended_at + _MARGIN >= began_at):
                return p.reason
        return None

    def _save(self) -> None:
        entries = [[p.reason, p.began_at.isoformat(), p.ended_at and p.ended_at.isoformat()] for p in self._all]
        text = json.dumps(entries).encode().ljust(_FILE_BYTES)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            os.pwrite(handle, text, 0)
        finally:
            os.close(handle)


def _period(reason: str, began_at: str, ended_at: str | None) -> _Period:
    return _Period(
        Reason(reason), datetime.fromisoformat(began_at), datetime.fromisoformat(ended_at) if ended_at else None
    )
