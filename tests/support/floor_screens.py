"""Screens of the floor that stay open: each keeps its picture as a page does, from the feed's socket alone."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.api.house import Screen
from tests.support.floor_words import Words, screen_shows
from tests.support.house import House
from tests.support.people import headers_of


class DeafScreen(Screen):
    """Loses every row of one key: what a checker must notice."""

    deaf_to = ""

    def _take(self, message: dict[str, Any]) -> None:
        lost = message["type"] == "row" and message["key"] == self.deaf_to
        super()._take(message | {"topic": "lost"} if lost else message)


@dataclass(slots=True)
class FloorScreen:
    """``every_s``: it leaves and comes back so often, with the seq it had; 0: it stays. ``deaf_to``: a DeafScreen."""

    name: str
    house: House
    token: str
    every_s: float = 0.0
    deaf_to: str = ""
    opened: int = 0
    away_s: float = 0.0  # the longest time from leaving to the next hello
    screen: Screen | None = None  # None while it is away
    seq: int = 0
    _left_at: float = 0.0

    async def run(self, until: asyncio.Event) -> None:
        while not until.is_set():
            with contextlib.suppress(ConnectionClosed, OSError):
                async with self._open() as screen:
                    await self._follow(screen, until)
                    self.screen, self._left_at = None, time.monotonic()
            await asyncio.sleep(0.2)  # as a page, it does not knock without a pause

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[Screen]:
        url = f"{self.house.api_url.replace('http', 'ws')}/api/v1/feed?after={self.seq}"
        headers = {"cookie": headers_of(self.token)["cookie"]}
        async with connect(
            url,
            additional_headers=headers,
            origin=self.house.api_url,
            proxy=None,
            max_size=2**24,
            max_queue=None,
            open_timeout=60,
        ) as socket:
            screen = DeafScreen(socket) if self.deaf_to else Screen(socket)
            if isinstance(screen, DeafScreen):
                screen.deaf_to = self.deaf_to
            await screen.until("hello", 20)
            self.screen, self.opened = screen, self.opened + 1
            self.away_s = max(self.away_s, time.monotonic() - (self._left_at or time.monotonic()))
            yield screen

    async def _follow(self, screen: Screen, until: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        leave_at = loop.time() + self.every_s if self.every_s else float("inf")
        while not until.is_set() and loop.time() < leave_at:
            with contextlib.suppress(TimeoutError):
                await screen.next(0.2)
            screen.messages.clear()
            self.seq = screen.seq

    def shows(self) -> Words:
        """Nothing while it is away: a page says so."""
        return screen_shows(self.screen.picture) if self.screen is not None else {}

    @property
    def day(self) -> dict[str, Any]:
        """Of all queues together."""
        return self.screen.picture["days"].get("*", {}) if self.screen is not None else {}
