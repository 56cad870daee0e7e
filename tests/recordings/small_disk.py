"""A disk that is full when a test says so: a tmpfs of a few hundred kilobytes."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    """Mounted at ``path``."""

    path: Path

    def fill(self, leave: int = 0) -> Path:
        """Make the ballast larger, so that ``leave`` bytes are free."""
        ballast = self.path / ".ballast"
        s = os.statvfs(self.path)
        with ballast.open("ab") as file, contextlib.suppress(OSError):
            file.write(bytes(max(0, s.f_bavail * s.f_frsize - leave)))
        return ballast

    def remount(self, mode: str) -> None:
        """``ro`` or ``rw``."""
        subprocess.run(["mount", "-o", f"remount,{mode}", str(self.path)], check=True)


@contextlib.contextmanager
def mounted(path: Path, size: str = "2m", inodes: int = 0) -> Iterator[SmallDisk]:
    path.mkdir(exist_ok=True)
    options = f"size={size}" + (f",nr_inodes={inodes}" if inodes else "")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"NOT TESTED: full disks need a mount, and this machine refuses one: {done.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
