"""One screen's side of the feed: its bounded queue, the seq it was sent, and what waits to be coalesced. No I/O.

Rows on one socket have growing seq, each stamped with the one sent before. Queue rows come in bursts and are held back
until the hub lets them go, the newest of each key alone; any other row lets them go first, so that the order stays.
What waits goes out at once: one message as it is, several as a list of them; a send costs more than what it says.
"""

from __future__ import annotations

import asyncio
from collections import deque

from api.viewer import Viewer

AT_ONCE = 32  # messages of one list


class Line:
    """A row on its way to many screens, most of which were sent the same one before it: its text is made once."""

    __slots__ = ("_core", "_prev", "_text", "seq")

    def __init__(self, seq: int, core: str) -> None:
        """``core``: the message after ``prev``."""
        self.seq = seq
        self._core = core
        self._prev = -1
        self._text = ""

    def after(self, prev: int) -> str:
        if prev != self._prev:
            self._prev, self._text = prev, f'{{"type":"row","prev":{prev},{self._core}'
        return self._text


class Subscriber:
    """``limit``: rows waiting for a slow reader before everything is dropped and it is told to resync."""

    def __init__(self, viewer: Viewer, seq: int, limit: int) -> None:
        self.viewer = viewer
        self.ready = asyncio.Event()
        self.overflowed = False
        self.close_code: int | None = None
        self._sent_seq = seq
        self._limit = limit
        self._queue: deque[Line | str] = deque()
        self._held: dict[str, Line] = {}

    def restart(self, seq: int) -> None:
        """A new hello was made at ``seq``: what waited is in it."""
        self._queue.clear()
        self._held.clear()
        self._sent_seq = seq
        self.overflowed = False

    def row(self, line: Line) -> None:
        """Queue a row; :meth:`wake` sends it."""
        if self.overflowed:
            return
        if self._held:
            self.let_go()
        self._wait(line)

    def hold(self, key: str, line: Line) -> None:
        """Keep a row until :meth:`let_go`; a newer one of its key takes its place."""
        if not self.overflowed:
            self._held.pop(key, None)
            self._held[key] = line

    def let_go(self) -> None:
        """Queue what is held."""
        held, self._held = self._held, {}
        for line in held.values():  # in order of seq: a newer row of a key goes to the end
            self._wait(line)

    def message(self, text: str) -> None:
        """Send a message that is no row, and what waits."""
        self._wait(text)
        self.wake()

    def _wait(self, one: Line | str) -> None:
        if len(self._queue) >= self._limit:
            self._queue.clear()
            self._held.clear()
            self.overflowed = True
        else:
            self._queue.append(one)

    def wake(self) -> None:
        """Send what waits, if anything does."""
        if self._queue or self.overflowed:
            self.ready.set()

    def close(self, code: int) -> None:
        self.close_code = code
        self.ready.set()

    def take(self) -> str | None:
        """What waits: a message, or a JSON list of them in order; None when there is none (then wait for ``ready``)."""
        if not self._queue:
            self.ready.clear()
            return None
        some = [self._text(self._queue.popleft()) for _ in range(min(len(self._queue), AT_ONCE))]
        return some[0] if len(some) == 1 else f"[{','.join(some)}]"

    def _text(self, one: Line | str) -> str:
        if isinstance(one, str):
            return one
        text, self._sent_seq = one.after(self._sent_seq), one.seq
        return text
