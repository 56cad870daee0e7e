"""The spool folder: what lies in it, what is finished, who has it, and how files leave it.

Files leave in two ways only: freed after their copy was verified and their row written, or set aside with a reason.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pbx_config import contract
from recordings.errors import SpoolTaken
from recordings.settings import RecorderSettings
from recordings.wav import Wav, WavState, look

_SUFFIXES: Final = {contract.SPOOL_SUFFIX_RECEIVE: "receive", contract.SPOOL_SUFFIX_TRANSMIT: "transmit"}


@dataclass(frozen=True, slots=True)
class SpoolFile:
    path: Path
    size: int
    mtime: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one part of a call; either may not be there."""

    linkedid: str
    part: int
    receive: SpoolFile | None = None  # the citizen
    transmit: SpoolFile | None = None  # the agent

    @property
    def stem(self) -> str:
        return contract.recording_stem(self.linkedid, self.part)

    @property
    def files(self) -> tuple[SpoolFile, ...]:
        return tuple(f for f in (self.receive, self.transmit) if f)

    @property
    def mtime(self) -> float:
        """When Asterisk last wrote to it. Nobody else writes, so it is the same for every worker that comes by."""
        return max(f.mtime for f in self.files)


@dataclass(frozen=True, slots=True)
class Listing:
    pairs: list[Pair]
    strangers: list[SpoolFile]  # names that Asterisk does not make


@contextlib.contextmanager
def taken(spool: Path) -> Iterator[None]:
    """Hold the spool alone. A lock of the kernel on the folder itself: needs no database and no room on the disk.

    Raises:
        SpoolTaken: another worker holds it.
    """
    handle = os.open(spool, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise SpoolTaken(f"another worker keeps the recordings of {spool}") from exc
        yield
    finally:
        os.close(handle)


def list_spool(spool: Path) -> Listing:
    """Everything in the folder itself, oldest first; hidden files and folders are not ours."""
    found: dict[str, Pair] = {}
    strangers = []
    with os.scandir(spool) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(FileNotFoundError):
                info = entry.stat(follow_symlinks=False)
                file = SpoolFile(Path(entry.path), info.st_size, info.st_mtime)
                if not _join(found, file):
                    strangers.append(file)
    return Listing(sorted(found.values(), key=lambda p: p.mtime), strangers)


def _join(found: dict[str, Pair], file: SpoolFile) -> bool:
    name = file.path.name
    side = _SUFFIXES.get(name[-6:])
    stem = name[:-6]
    try:
        linkedid, part = contract.parse_recording_stem(stem)
        linkedid.encode()
    except ValueError:  # UnicodeEncodeError is one: a name that is no UTF-8
        return False
    if not side or contract.recording_stem(linkedid, part) != stem or part < 1:
        return False
    old = found.get(stem) or Pair(linkedid, part)
    found[stem] = Pair(
        linkedid,
        part,
        receive=file if side == "receive" else old.receive,
        transmit=file if side == "transmit" else old.transmit,
    )
    return True


def open_files(pid_file: Path | None) -> frozenset[str] | None:
    """Paths that Asterisk has open now; None when nobody can tell (no pid file, or not ours to look at)."""
    if pid_file is None:
        return None
    try:
        folder = f"/proc/{int(pid_file.read_text())}/fd"
    except (OSError, ValueError):
        return None
    found = []
    try:
        for entry in os.scandir(folder):
            with contextlib.suppress(FileNotFoundError):  # closed while we looked
                found.append(os.readlink(entry.path))
    except (FileNotFoundError, ProcessLookupError):
        return frozenset()  # killed: its pid file is there and it is not, so it has no file open
    except OSError:
        return None
    return frozenset(found)


def finished(pair: Pair, now: float, opened: frozenset[str] | None, ended: bool, limits: RecorderSettings) -> bool:
    """True when nobody will write to the pair any more. ``ended``: the call's row says that it is over."""
    if len(pair.files) == 1 and now - pair.mtime < limits.settle_s:
        return False  # the other one may be on its way
    if opened is not None and any(os.path.realpath(f.path) in opened for f in pair.files):
        return False
    return all(_closed(look(f.path), now - f.mtime, opened is not None or ended, limits) for f in pair.files)


def _closed(wav: Wav, age_s: float, known: bool, limits: RecorderSettings) -> bool:
    """``known``: Asterisk was asked and has it no longer, or the call is over."""
    if wav.state is WavState.CLOSED:
        return True
    if age_s < limits.settle_s:
        return False
    return known or age_s > (limits.stale_s if wav.samples else limits.empty_stale_s)


def set_aside(file: Path, aside: Path) -> Path:
    """Move a file out of the way, never over another one; returns its new place."""
    aside.mkdir(exist_ok=True)
    target = aside / file.name
    count = 0
    while target.exists():
        count += 1
        target = aside / f"{file.name}.{count}"
    return file.rename(target)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def printable(name: str) -> str:
    """A file name as text that PostgreSQL takes: bytes that are no UTF-8 become ``\\xNN``."""
    return _SURROGATE.sub(lambda m: f"\\x{ord(m[0]) - 0xDC00:02x}", name).replace("\0", "")
