"""How long the house's processes were ready to work and got no processor: Linux's own account (schedstat).

On a machine that others use, too, this is what makes a right program late. On a quiet one it is next to nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass(slots=True)
class Starvation:
    """Its total only grows: what a process waited that has ended stays counted."""

    _waited: dict[int, float] = field(default_factory=dict)  # by process

    def waited_s(self, pids: Iterable[int]) -> float:
        """Seconds spent waiting for a processor by these processes, what they have started, and all their threads."""
        for pid in (pid for root in pids for pid in _family(root)):
            self._waited[pid] = max(self._waited.get(pid, 0.0), _of_process(pid))
        return sum(self._waited.values())


def _family(pid: int) -> list[int]:
    with contextlib.suppress(psutil.Error):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _of_process(pid: int) -> float:
    waited = 0
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            waited += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[1])
    return waited / 1e9
