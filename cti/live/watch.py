"""Live: ties the AMI link, the floor and the publisher together; the synchronous path from event to body.

Owns when to take a snapshot, and the waiting of commands for facts. It decides nothing about calls or agents.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from cti.ami import AmiClient, Event, Link
from cti.facts import NodeLive, Topic
from cti.live.floor import Floor, Key
from cti.live.pbx_facts import Fact, OriginateFailed
from cti.live.publisher import Publisher
from cti.live.resync import resync
from cti.live.snapshot import fetch
from cti.live.translate import RELOADED, fact_of
from models.errors import LianxinError

log = structlog.get_logger(__name__)

RESYNC_AT_MOST_EVERY_S = 1.0
RESYNC_AT_LEAST_EVERY_S = 30.0  # an event that never came (F6) is put right by then
ALIVE_EVERY_S = 3.0  # a screen takes cti for gone after NODE_SILENT_S
BUFFER_MOST = 200_000
# Asterisk sends an answer to Originate by a shorter way than a channel's own events, which tell more: a leg that was
# refused at once may be told failed before its channel is told opened.
EVENTS_LATE_BY_S = 0.3


class Live:
    """Set as the client's handlers by its constructor; :meth:`run` resyncs on doubt."""

    def __init__(self, client: AmiClient, floor: Floor, publisher_of: Callable[[Live], Publisher]) -> None:
        self.client = client
        self.floor = floor
        self.publisher = publisher_of(self)
        self.resyncs = 0
        self.on_live: list[Callable[[], None]] = []  # called when the link is live (again)
        self.on_facts: list[Callable[[], None]] = []  # called after facts moved the floor
        self._node = self._node_body(client.link)
        self._buffer: list[Fact] | None = None
        self._doubt = asyncio.Event()
        self._waiters: list[tuple[Callable[[Floor], bool], asyncio.Future[None]]] = []
        client.on_event = self._on_event
        client.on_link = self._on_link
        client.snapshot = self.snapshot

    # ── events ───────────────────────────────────────────────────────────────────────────────────────

    def _on_event(self, event: Event) -> None:
        fact = fact_of(event)
        if isinstance(fact, OriginateFailed):
            asyncio.get_running_loop().call_later(EVENTS_LATE_BY_S, self.tell, fact)
        elif fact is not None:
            self.tell(fact)
        elif event.name == RELOADED:
            self._doubt.set()

    def tell(self, fact: Fact) -> None:
        """Apply one fact; while a snapshot is being fetched it waits, to be applied on top."""
        if self._buffer is not None:
            self._buffer.append(fact)
            if len(self._buffer) > BUFFER_MOST:
                self.client.drop("ami.flooded")
            return
        self.floor.apply(fact)
        self._after()

    def _after(self) -> None:
        if self.floor.changes:
            self.publisher.wake()
        if self.floor.doubtful:
            self.floor.doubtful = False
            self._doubt.set()
        for condition, waiter in self._waiters:
            if not waiter.done() and condition(self.floor):
                waiter.set_result(None)
        for call in self.on_facts:
            call()

    def doubt(self) -> None:
        """Something was not as the floor has it: ask the PBX soon."""
        self._doubt.set()

    # ── snapshots ────────────────────────────────────────────────────────────────────────────────────

    async def snapshot(self) -> None:
        """Fetch, lay over the floor, apply what came meanwhile.

        Raises:
            LianxinError: it could not be fetched; the floor is as it was, and what came meanwhile was applied.
        """
        self._buffer = self._buffer or []
        try:
            resync(self.floor, await fetch(self.client))
            self.resyncs += 1
        finally:
            buffered, self._buffer = self._buffer or [], None
            for fact in buffered:
                self.floor.apply(fact)
            self.floor.doubtful = False  # facts older than the lists may look odd on top of them
            self._after()

    async def run(self) -> None:
        """Resync on doubt, and every now and then without one."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), RESYNC_AT_LEAST_EVERY_S)
            self._doubt.clear()
            if self.client.link.live:
                try:
                    await self.snapshot()
                except LianxinError as exc:
                    self.client.drop(exc.code)
            await asyncio.sleep(RESYNC_AT_MOST_EVERY_S)

    # ── waiting for facts ────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def expecting(self, condition: Callable[[Floor], bool]) -> Iterator[asyncio.Future[None]]:
        """A future that is done once the floor fulfils the condition, from now on; begun before the action is sent."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, waiter)
        self._waiters.append(entry)
        try:
            yield waiter
        finally:
            self._waiters.remove(entry)
            waiter.cancel()

    # ── the node itself ──────────────────────────────────────────────────────────────────────────────

    def _on_link(self, link: Link) -> None:
        log.info("ami_link", node=self.floor.node, state=link.state.value, epoch=link.epoch, reason=link.reason)
        self._tell_node()
        if link.live:
            for call in self.on_live:
                call()

    async def tell_alive(self) -> None:
        """Say again and again that we are here: a cti that is killed cannot say that it is not."""
        while True:
            await asyncio.sleep(ALIVE_EVERY_S)
            self._tell_node()

    def _tell_node(self) -> None:
        self._node = self._node_body(self.client.link)
        self.floor.changed(Topic.NODE, self.floor.node, self._node, datetime.now(UTC))
        self.publisher.wake()

    def _node_body(self, link: Link) -> NodeLive:
        return NodeLive(self.floor.node, link.live, link.since, link.reason, self.floor.anomalies, at=datetime.now(UTC))

    def extra_bodies(self) -> Mapping[Key, Any]:
        return {(Topic.NODE, self.floor.node): self._node}
