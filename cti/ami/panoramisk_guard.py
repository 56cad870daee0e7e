"""The guard around panoramisk, and the only module that imports it.

panoramisk makes the connection, logs in and writes actions. What it does badly is replaced here: decoding, delivery,
answers, deadlines and the end of a connection (docs/decisions/0002-guard-around-panoramisk.md lists each fault,
tests/cti/ami proves it on bare panoramisk). One Manager lives for one connection: nothing is left to be sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from cti.ami.errors import AmiLoginRefused, AmiNotConnected, AmiUnreachable
from cti.ami.message import Event, Headers, Response, check_headers, parse_event
from cti.ami.pending import PendingActions
from cti.ami.splitter import BLANK, DEFAULT_LIMIT_BYTES, Splitter

Handler = Callable[[Event], None]

_BANNER = b"Asterisk Call Manager/"
_EVENT = b"Event: "
_NEXT_EVENT = BLANK + _EVENT
_LINE_END = b"\r\n"
# panoramisk's Action asks for this header by name and breaks the connection without it (its fault 5).
_NEEDS_ASYNC = frozenset({"atxfer", "cancelatxfer", "playdtmf"})
_ACTION_ID = b"\r\nActionID: "
_ALSO_LISTED = frozenset({b"DeviceStateChange"})  # an event by itself, and an item of DeviceStateList
LOGIN_TIMEOUT_S = 5.0
SET_ASIDE_KEPT = 100


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event whose handler raised, with the traceback."""

    event: Event
    traceback: str


@dataclass(slots=True)
class Delivery:
    """What events are wanted, who gets them, and what was counted. Outlives connections."""

    wanted: frozenset[bytes]
    handler: Handler
    limit_bytes: int = DEFAULT_LIMIT_BYTES
    received: int = 0  # blocks of every kind
    delivered: int = 0
    raised: int = 0
    dropped: int = 0  # messages over the limit
    set_aside: deque[SetAside] = field(default_factory=lambda: deque(maxlen=SET_ASIDE_KEPT))

    def deliver(self, event: Event) -> None:
        self.delivered += 1
        try:
            self.handler(event)
        except Exception:  # noqa: BLE001 - one event's fault costs neither link nor next event: kept aside, counted
            self.raised += 1
            self.set_aside.append(SetAside(event, traceback.format_exc()))


class GuardedProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """The wire. Bytes are split first and decoded after; only wanted events become messages."""

    def __init__(self, delivery: Delivery, lost: Callable[[BaseException | None], None]) -> None:
        self._delivery = delivery
        self._lost = lost
        self._splitter = Splitter(delivery.limit_bytes)
        self._dropped_before = 0
        self.loop = asyncio.get_running_loop()
        self.pending = PendingActions(self.loop)
        self.received_at = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """The hot path, while no action waits for its answer: an unwanted event costs one partition."""
        self.received_at = self.loop.time()
        delivery, wanted = self._delivery, self._delivery.wanted
        whole = self._splitter.whole(data)
        if self.pending.waiting or not whole.startswith(_EVENT):
            self._mixed(whole)
        else:
            parts = whole[len(_EVENT) : -len(BLANK)].split(_NEXT_EVENT)
            delivery.received += len(parts)
            for part in parts:
                name = part.partition(_LINE_END)[0]
                if name in wanted:
                    self._wanted(_EVENT + part.partition(BLANK)[0], name)
        if self._splitter.dropped != self._dropped_before:
            delivery.dropped += self._splitter.dropped - self._dropped_before
            self._dropped_before = self._splitter.dropped

    def _mixed(self, whole: bytes) -> None:
        """Block by block: answers, items of lists, the banner, and events between them."""
        blocks = whole.split(BLANK)
        blocks.pop()
        self._delivery.received += len(blocks)
        for block in blocks:
            name = block[len(_EVENT) :].partition(_LINE_END)[0] if block.startswith(_EVENT) else None
            if name is None:
                self._other(block)
            elif name in self._delivery.wanted:
                self._wanted(block, name)
            elif self.pending.lists and _ACTION_ID in block:
                self.pending.take_list_event(parse_event(block, name))

    def _wanted(self, block: bytes, name: bytes) -> None:
        """Deliver, unless it is part of an answer to us, be it in time or late, and so no news."""
        event = parse_event(block, name)
        listed = name in _ALSO_LISTED
        if (listed or self.pending.lists) and _ACTION_ID in block and (self.pending.take_list_event(event) or listed):
            return
        self._delivery.deliver(event)

    def _other(self, block: bytes) -> None:
        """Responses; the banner, which has no blank line of its own; and what some versions put an extra EOL before."""
        if block.startswith(_BANNER):
            banner, _, block = block.partition(_LINE_END)
            self.version = banner[len(_BANNER) :].decode("ascii", "replace")
        block = block.lstrip(_LINE_END)
        if block.startswith(b"Response: "):
            self.pending.on_response(parse_event(block))
        elif block.startswith(_EVENT):
            name = block[len(_EVENT) :].partition(_LINE_END)[0]
            if name in self._delivery.wanted:
                self._wanted(block, name)

    def send(self, data: Headers, as_list: bool | None = None) -> asyncio.Future[Response]:
        """panoramisk's Manager logs in through this; we pass everything through it."""
        return self.ask(dict(data), LOGIN_TIMEOUT_S, as_list=bool(as_list))

    def ask(self, headers: dict[str, Any], timeout_s: float, *, as_list: bool) -> asyncio.Future[Response]:
        """Write one action; the future ends as a Response, AmiTimeout or AmiLost, within ``timeout_s``.

        Raises:
            AmiHeaderRefused: a header would break the wire; nothing was written.
            AmiNotConnected: the connection is gone; nothing was written.
        """
        check_headers(headers)
        if self.closed or self.transport.is_closing():
            raise AmiNotConnected("no AMI link")
        name = str(headers["Action"])
        if name.lower() in _NEEDS_ASYNC:
            headers.setdefault("Async", "false")
        action = Action({**headers, "ActionID": uuid.uuid4().hex}, as_list=as_list)
        future = self.pending.expect(action.id, name, timeout_s, as_list=as_list)
        self.transport.write(str(action).encode())
        return future

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closed = True
        self.pending.lose_all()
        self._lost(exc)

    def close(self) -> None:
        """At once, also where the peer no longer reads: nothing buffered is waited for."""
        if not self.closed:
            self.closed = True
            self.transport.abort()


class GuardedManager(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One connection: made, logged in, lost. It never reconnects by itself."""

    def __init__(self, host: str, port: int, user: str, secret: str, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[BaseException | None] = loop.create_future()
        super().__init__(
            loop=loop,
            host=host,
            port=port,
            username=user,
            secret=secret,
            events="on",
            encoding="utf-8",
            forgetable_actions=(),
            protocol_factory=lambda: GuardedProtocol(delivery, self.connection_lost),
        )

    async def open(self) -> None:
        """Connect and log in.

        Raises:
            AmiUnreachable: no connection, or no answer to the login in time.
            AmiLoginRefused: with what Asterisk said.
        """
        try:
            await asyncio.wait_for(self.connect(), LOGIN_TIMEOUT_S)
            await asyncio.sleep(0)  # panoramisk wires the protocol and logs in in a callback of the connection
            if self.authenticated_future is None:
                raise AmiUnreachable("the connection was reset as soon as it was made")
            answer: Response = await self.authenticated_future
        except OSError as exc:
            raise AmiUnreachable(str(exc)) from exc
        except BaseException:
            self.close()
            raise
        if not answer.ok:
            self.close()
            raise AmiLoginRefused(answer.message)

    def connection_made(self, done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and done.exception() is None:
            with contextlib.suppress(AmiNotConnected):  # gone before this callback ran: open() says so
                super().connection_made(done)
            self._no_blind_pings()

    def login(self, future: asyncio.Future[Response]) -> None:
        """panoramisk's callback of its login; :meth:`open` awaits the answer and judges it."""

    def connection_lost(self, exc: BaseException | None) -> None:
        self._no_blind_pings()
        if not self.lost.done():
            self.lost.set_result(exc)

    def _no_blind_pings(self) -> None:
        pinger: asyncio.TimerHandle | None = self.pinger  # type: ignore[has-type]
        if pinger is not None:
            pinger.cancel()
            self.pinger = None
