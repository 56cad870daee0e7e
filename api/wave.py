"""Waking the screens that many rows go to: a portion each turn of the loop, then a rest as long as it took.

A thousand sends take tens of milliseconds. A ring does not wait behind them, because every turn is short; and what
comes during the rest goes out with the next wave, one message a screen. With few screens a wave is over at once, and so
is its rest.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator

from api.subscriber import Subscriber

PORTION = 128  # screens; a send is about 20 µs
LONGEST_REST_S = 0.05


class Wave:
    """``screens``: whom to wake, asked anew each time. To be used inside a running loop."""

    def __init__(self, screens: Callable[[], Iterable[Subscriber]]) -> None:
        self._screens = screens
        self._free_at = 0.0
        self._under_way = False
        self._asked = False

    def ask(self) -> None:
        """Every screen that has something to send will be woken soon."""
        self._asked = True
        if not self._under_way:
            self._under_way = True
            loop = asyncio.get_running_loop()
            loop.call_at(self._free_at, self._begin) if self._free_at > loop.time() else loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._asked = False
        self._roll(iter(list(self._screens())), asyncio.get_running_loop().time())

    def _roll(self, rest: Iterator[Subscriber], begun: float) -> None:
        some = list(itertools.islice(rest, PORTION))
        for screen in some:
            screen.wake()
        loop = asyncio.get_running_loop()
        if some:
            loop.call_soon(self._roll, rest, begun)
            return
        now = loop.time()
        self._free_at, self._under_way = now + min(now - begun, LONGEST_REST_S), False
        if self._asked:
            self.ask()
