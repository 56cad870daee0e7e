"""Keeps the children of `lianxin run` alive until somebody says stop, then stops them in order.

The PBX is stopped after our own processes and never because one of them died: the line does not depend on us.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from cli.bootstrap.steps import last_line
from cli.children import Child, Kept, remember
from cli.language import complain, say, tell
from models.errors import LianxinError

_GRACE_S = 8.0
_LOOK_S = 0.25
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """The wish to stop. While starting it interrupts at once; later it is an event; a second one changes nothing."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.interrupts = True

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        first = not self.event.is_set()
        self.event.set()
        if first and self.interrupts:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def listening(self) -> Iterator[Stop]:
        before = {number: signal.signal(number, self) for number in SIGNALS}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Supervisor:
    """``children`` in starting order; stopped in the reverse."""

    def __init__(self, logs: Path, memory: Path) -> None:
        self._logs = logs
        self._memory = memory
        self._kept: list[Kept] = []

    def start(self, child: Child) -> None:
        """Start it and keep it.

        Raises:
            LianxinError: it did not start the first time.
        """
        kept = Kept(child)
        self._kept.append(kept)
        kept.start()
        self._remember()

    def watch(self, stop: threading.Event) -> None:
        """Until ``stop``: start again what ended, with a sentence for each end."""
        while not stop.wait(_LOOK_S):
            self.look()

    def look(self) -> None:
        """One round over all children."""
        for kept in self._kept:
            seen = kept.look()
            if seen:
                how, delay_s = seen
                last = last_line(self._logs / f"{kept.child.name}.log")
                complain(say("child_died", name=kept.child.name, how=how, delay_s=delay_s, last=last))
            elif kept.due():
                self._restart(kept)

    def _restart(self, kept: Kept) -> None:
        try:
            kept.restart()
        except (LianxinError, OSError) as exc:
            complain(say("failed", why=exc))
            return
        self._remember()
        tell(say("child_back", name=kept.child.name))

    def _remember(self) -> None:
        remember(self._memory, [kept.child for kept in self._kept])

    def stop(self) -> None:
        """All of them, last started first; a child that hangs is killed after its grace."""
        for kept in reversed(self._kept):
            if not kept.child.stop(_GRACE_S):
                complain(say("killed_child", name=kept.child.name))
        self._kept.clear()
        self._memory.unlink(missing_ok=True)
