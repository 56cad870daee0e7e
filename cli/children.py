"""One child process of `lianxin run`: start, notice its end, start again with growing delay, stop for certain.

Knows nothing of what the child does. Synchronous on purpose: the supervisor must be simpler than what it supervises.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import psutil

from cli.language import say

_PR_SET_PDEATHSIG: Final = 1
_CALM_S: Final = 60.0  # lived that long: the next end is a new trouble, not the old one
_DELAYS_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Child(Protocol):
    """What the supervisor needs of a child."""

    name: str

    @property
    def pid(self) -> int | None: ...

    def start(self) -> None: ...

    def ended(self) -> str | None:
        """How it ended, as words; None while it runs."""

    def ask_to_stop(self) -> None: ...

    def stop(self, grace_s: float) -> bool:
        """Gone afterwards; False when it had to be killed."""


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A preexec function: the kernel sends ``number`` when the parent is gone, however it went (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it went between fork and prctl
            os._exit(1)

    return prepare


def how_it_ended(code: int) -> str:
    return say("how_signal", number=-code) if code < 0 else say("how_code", number=code)


@dataclass(slots=True)
class Program:
    """A child that is a command of ours with its output appended to a log."""

    name: str
    argv: Sequence[str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """In a session of its own: Ctrl-C is for the supervisor, which then stops its children in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # KILL: each of them survives that by design. There are no threads here that a fork could catch.
                preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )

    def ended(self) -> str | None:
        if self._process is None:
            return say("how_code", number="?")
        code = self._process.poll()
        return None if code is None else how_it_ended(code)

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def stop(self, grace_s: float) -> bool:
        if self._process is None:
            return True
        self.ask_to_stop()
        try:
            self._process.wait(grace_s)
            obeyed = True
        except subprocess.TimeoutExpired:
            obeyed = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # it, or what it left in its session
        self._process.wait()
        return obeyed


@dataclass(slots=True)
class Kept:
    """A child that is started again when it ends."""

    child: Child
    clock: Callable[[], float] = time.monotonic
    _tries: int = 0
    _started_at: float = 0.0
    _again_at: float | None = None

    def start(self) -> None:
        self._started_at = self.clock()
        self.child.start()

    def look(self) -> tuple[str, float] | None:
        """Called often. (how it ended, seconds until it is started again) when an end is seen for the first time."""
        how = self.child.ended()
        if how is None:
            return None
        now = self.clock()
        if self._again_at is None:
            if now - self._started_at > _CALM_S:
                self._tries = 0
            delay_s = _DELAYS_S[min(self._tries, len(_DELAYS_S) - 1)]
            self._tries += 1
            self._again_at = now + delay_s
            return how, delay_s
        return None

    def due(self) -> bool:
        """True when its delay is over and it should be started."""
        return self._again_at is not None and self.clock() >= self._again_at

    def restart(self) -> None:
        """Start again; if that raises, it is due again after the next delay."""
        self._again_at = None
        self.start()


def remember(path: Path, children: Sequence[Child]) -> None:
    """Write who runs, so that a later run can clean up after a crash."""
    lines = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.pid is not None:
                lines.append(f"{child.name} {child.pid} {psutil.Process(child.pid).create_time():.3f}")
    path.write_text("\n".join(lines))


def clean_up(path: Path) -> list[str]:
    """Kill what an earlier run left behind; names of what was still there. A reused pid has another start time."""
    left = []
    for line in path.read_text().splitlines() if path.exists() else []:
        name, pid, started = line.split()
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if f"{process.create_time():.3f}" == started and process.status() != psutil.STATUS_ZOMBIE:
                process.kill()
                process.wait(10)
                left.append(name)
    path.unlink(missing_ok=True)
    return left
