"""Publishing: the floor's changes onto the feed, newest body per key. The one writer of live topics.

Call and agent changes go out at once, queue numbers and positions at a slow pace. While the database is away, or takes
nothing (its disk is full), nothing piles up: what changed is forgotten, and once it takes rows again the whole state
replaces the node's. Screens miss the node meanwhile: it cannot say that it is there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
import structlog

from cti.facts import Topic, body_of
from cti.live.floor import Change, Floor, Key
from models.db import TROUBLE
from models.feed import REPEATABLE_WRITES, Item, append_in, replace_node_in

log = structlog.get_logger(__name__)

SLOW_S = 0.05  # of the 0.3 s that a number on the floor may be old; the API takes at most 0.1
PLACE_S = 0.001  # a place costs about as much on its way: hundreds who wait may not take a whole processor
RETRY_S = 1.0
STATEMENT_S = 10.0


class Publisher:
    """``extra`` gives bodies that are not the floor's own (the node's), for a whole publication."""

    def __init__(self, dsn: str, floor: Floor, extra: Callable[[], Mapping[Key, Any]]) -> None:
        self._dsn = dsn
        self._floor = floor
        self._extra = extra
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._conn: asyncpg.Connection | None = None
        self._whole = True  # the node's rows must be replaced: we do not know what stands there
        self.published = 0
        self.database_since: datetime | None = None  # None while it is away or takes nothing
        self._said = ""  # what is wrong

    def wake(self) -> None:
        self._written.clear()
        self._wake.set()

    async def written(self, within_s: float) -> None:
        """Until what was changed before stands in the database, or that long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._written.wait(), within_s)

    def resume(self, conn: asyncpg.Connection) -> None:
        """The floor was filled from the live table through this connection: changes are enough, and it is ours now."""
        self._conn, self._whole = conn, False
        self.database_since = datetime.now(UTC)

    async def run(self) -> None:
        """Write until cancelled; the database's absence and refusals end nothing."""
        next_slow = 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), max(0.0, next_slow - loop.time()))
                self._wake.clear()
                if loop.time() >= next_slow:
                    self.tick(datetime.now(UTC))
                    next_slow = loop.time() + SLOW_S + PLACE_S * len(self._floor.changes)
                if self._floor.changes or self._whole:
                    await self._write()
        finally:
            if self._conn is not None:
                self._conn.terminate()

    def tick(self, now: datetime) -> None:
        self._floor.settle(now)
        self._floor.forget_ended(now)

    async def _write(self) -> None:
        changes = self._floor.take()
        try:
            if self._conn is None or self._conn.is_closed():
                await self._connect()
            assert self._conn is not None
            if self._whole:
                self._floor.take()
                await replace_node_in(self._conn, self._floor.node, self._everything())
                self._whole = False
            else:
                await append_in(self._conn, self._floor.node, [_item(key, change) for key, change in changes.items()])
            self._taken()
            self.published += len(changes)
            if not self._floor.changes:
                self._written.set()
        except TROUBLE as exc:
            await self._away(exc)

    async def _connect(self) -> None:
        self._whole = True  # another server process may have an empty live table (it is unlogged)
        self._conn = await asyncpg.connect(
            self._dsn, timeout=5, command_timeout=STATEMENT_S, server_settings=REPEATABLE_WRITES
        )

    def _taken(self) -> None:
        if self.database_since is None:  # one that can be reached and takes nothing is not back
            self.database_since, self._said = datetime.now(UTC), ""
            log.info("database_back", node=self._floor.node)

    async def _away(self, exc: BaseException) -> None:
        if self._said != type(exc).__name__:
            self._said = type(exc).__name__
            log.error("database_away", node=self._floor.node, error=self._said)
        self.database_since = None
        self._whole = True
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None
        await asyncio.sleep(RETRY_S)

    def _everything(self) -> list[Item]:
        now = datetime.now(UTC)
        bodies = {**dict(self._floor.bodies()), **self._extra()}
        return [_item(key, Change(body, now)) for key, body in bodies.items()]


def _item(key: Key, change: Change) -> Item:
    topic, name = key
    body = body_of(change.body) if change.body is not None else None
    return Item(topic.value, name, body, live=topic is not Topic.RESYNC, fact_at=change.at)
