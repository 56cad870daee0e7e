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


class Subscriber:
    """``limit``: rows waiting for a slow reader before everything is dropped and it is told to resync."""

    def __init__(self, viewer: Viewer, seq: int, limit: int) -> None:
        self.viewer = viewer
        self.ready = asyncio.Event()
        self.overflowed = False
        self.close_code: int | None = None
        self._sent_seq = seq
        self._limit = limit
        self._queue: deque[str] = deque()
        self._held: dict[str, tuple[int, str]] = {}

    def restart(self, seq: int) -> None:
        """A new hello was made at ``seq``: what waited is in it."""
        self._queue.clear()
        self._held.clear()
        self._sent_seq = seq
        self.overflowed = False

    def row(self, seq: int, core: str) -> None:
        """Queue a row. ``core`` is the message after ``prev``."""
        if self.overflowed:
            return
        self.let_go()
        self._push(seq, core)

    def hold(self, seq: int, key: str, core: str) -> None:
        """Keep a row until :meth:`let_go`; a newer one of its key takes its place."""
        if not self.overflowed:
            self._held.pop(key, None)
            self._held[key] = (seq, core)

    def let_go(self) -> None:
        """Send what is held."""
        for seq, core in self._held.values():  # in order of seq: a newer row of a key goes to the end
            self._push(seq, core)
        self._held.clear()

    def _push(self, seq: int, core: str) -> None:
        self.message(f'{{"type":"row","prev":{self._sent_seq},{core}')
        self._sent_seq = seq

    def message(self, text: str) -> None:
        if len(self._queue) >= self._limit:
            self._queue.clear()
            self._held.clear()
            self.overflowed = True
        else:
            self._queue.append(text)
        self.ready.set()

    def close(self, code: int) -> None:
        self.close_code = code
        self.ready.set()

    def take(self) -> str | None:
        """What waits: a message, or a JSON list of them in order; None when there is none (then wait for ``ready``)."""
        if not self._queue:
            self.ready.clear()
            return None
        some = [self._queue.popleft() for _ in range(min(len(self._queue), AT_ONCE))]
        return some[0] if len(some) == 1 else f"[{','.join(some)}]"
