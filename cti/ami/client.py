"""The AMI client: keeps one guarded connection to one Asterisk, and says honestly how it stands.

Owns connecting, backing off, the wait for FullyBooted, noticing a dead link, and the sending of actions. It never sends
an action twice: what was on its way when the link broke ends as AmiLost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from cti.ami.errors import ActionRefused, AmiLoginRefused, AmiLost, AmiNotBooted, AmiNotConnected, AmiTimeout
from cti.ami.link import Link, LinkState
from cti.ami.message import Event, Headers, Response
from cti.ami.panoramisk_guard import Delivery, GuardedManager
from cti.ami.splitter import DEFAULT_LIMIT_BYTES
from models.errors import LianxinError

log = structlog.get_logger(__name__)

RETRY_FIRST_S = 0.1
RETRY_MOST_S = 5.0
REFUSED_RETRY_S = 10.0  # a wrong secret does not mend itself in a second, and Asterisk logs each try
PING_EVERY_S = 1.5
SILENCE_S = 4.0  # nothing heard for so long, though pinged: the link is dead (F2 asks for 10 s, DESIGN for 5)
UNANSWERED_MOST = 3  # events still come, but nobody answers us
BOOT_HINT_S = 10.0
BOOT_HINTS_MOST = 2  # then a new login: rights that were mended meanwhile hold from there on (F8)
_BOOTED = "FullyBooted"

Snapshot = Callable[[], Awaitable[None]]


class AmiClient:
    """One Asterisk. ``wanted`` are the event names that become messages; everything else is skipped unread.

    Set :attr:`on_event` (called in the order of the wire, synchronously), :attr:`on_link` (each change of the link) and
    :attr:`snapshot` (awaited after each login, with events already flowing) before :meth:`run`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        wanted: frozenset[str] = frozenset(),
        *,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        self._address = (host, port, user, secret)
        self._manager: GuardedManager | None = None
        self._booted = asyncio.Event()
        self._closed = asyncio.Event()
        self.on_event: Callable[[Event], None] = lambda event: None
        self.on_link: Callable[[Link], None] = lambda link: None
        self.snapshot: Snapshot | None = None
        names = frozenset(name.encode() for name in wanted | {_BOOTED})
        self.delivery = Delivery(names, self._handle, limit_bytes)
        self.first_live = asyncio.Event()  # set once the link was live for the first time
        self.link = Link(LinkState.CONNECTING, 0, datetime.now(UTC), "ami.starting")

    # ── actions ──────────────────────────────────────────────────────────────────────────────────────

    async def action(self, name: str, headers: Headers | None = None, timeout_s: float = 5.0) -> Response:
        """Send one action and return Asterisk's answer, be it yes or no.

        Raises:
            AmiHeaderRefused, AmiNotConnected: nothing was sent.
            AmiTimeout, AmiLost: sent; what became of it is unknown.
        """
        return await self._ask(name, headers, timeout_s, as_list=False)

    async def list_action(self, name: str, headers: Headers | None = None, timeout_s: float = 10.0) -> Response:
        """Send a list action; the response carries its events, whole and in order.

        Raises:
            ActionRefused: Asterisk answered with an error.
            AmiHeaderRefused, AmiNotConnected, AmiTimeout, AmiLost: as :meth:`action`.
        """
        response = await self._ask(name, headers, timeout_s, as_list=True)
        if not response.ok:
            raise ActionRefused(response.message, action=name)
        return response

    async def _ask(self, name: str, headers: Headers | None, timeout_s: float, *, as_list: bool) -> Response:
        manager = self._manager
        if manager is None or manager.protocol is None:
            raise AmiNotConnected("no AMI link", reason=self.link.reason)
        asked: dict[str, Any] = {"Action": name, **(headers or {})}
        return await manager.protocol.ask(asked, timeout_s, as_list=as_list)  # type: ignore[no-any-return]

    @property
    def pending(self) -> int:
        """Actions on their way."""
        manager = self._manager
        return len(manager.protocol.pending) if manager is not None and manager.protocol is not None else 0

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Keep the link until :meth:`close`. Never raises for what Asterisk or the network do."""
        delay_s = RETRY_FIRST_S
        try:
            while not self._closed.is_set():
                try:
                    if await self._one_connection():
                        delay_s = RETRY_FIRST_S
                except AmiLoginRefused as exc:
                    log.error("ami_login_refused", reason=exc.code, detail=exc.detail)
                    self._to(LinkState.REFUSED, exc.code)
                    delay_s = REFUSED_RETRY_S
                except LianxinError as exc:
                    log.warning("ami_connection_failed", reason=exc.code, detail=exc.detail, retry_s=delay_s)
                    self._to(LinkState.LOST, exc.code)
                await self._pause(delay_s)
                delay_s = min(delay_s * 2, RETRY_MOST_S)
        finally:
            self._drop()
            if self.link.state is not LinkState.CLOSED:
                at_odds = self.link.state in (LinkState.LOST, LinkState.REFUSED)
                self._to(LinkState.CLOSED, None if at_odds else "ami.closed")  # what was wrong stays the last word

    def close(self) -> None:
        """End the link and every wait of :meth:`run`; nothing reconnects."""
        self._closed.set()
        self._drop()

    def not_live_because(self, reason: str) -> None:
        """Say at once why the link does not become live."""
        self._set(self.link.because(reason))

    def drop(self, reason: str) -> None:
        """Break the connection and make a new one (with a new snapshot)."""
        log.warning("ami_link_dropped", reason=reason)
        self._drop()

    def _drop(self) -> None:
        if self._manager is not None:
            self._manager.close()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), seconds)

    async def _one_connection(self) -> bool:
        """From connecting to the loss of the link; True when it had been live.

        Raises:
            LianxinError: it could not be made, or was lost before it was live.
        """
        if self.link.state is not LinkState.CONNECTING:
            self._to(LinkState.CONNECTING)
        self._booted.clear()
        manager = GuardedManager(*self._address, self.delivery)
        opening = asyncio.create_task(manager.open(), name="ami-open")
        closed = asyncio.create_task(self._closed.wait(), name="ami-closed")
        try:
            await asyncio.wait({opening, closed}, return_when=asyncio.FIRST_COMPLETED)
            if self._closed.is_set():
                return False
            await opening
            self._manager = manager
            return await self._serve(manager)
        finally:
            self._manager = None
            manager.close()
            for task in (opening, closed):
                task.cancel()
            await asyncio.gather(opening, closed, return_exceptions=True)

    async def _serve(self, manager: GuardedManager) -> bool:
        self._to(LinkState.CONNECTED)
        work = asyncio.create_task(self._become_live(), name="ami-become-live")
        watch = asyncio.create_task(self._watch(manager), name="ami-watch")
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not watch.done():
                work.result()
                await watch
            reason = watch.result()
        finally:
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)
        was_live = self.link.live
        if not self._closed.is_set():
            log.warning("ami_link_lost", reason=reason, epoch=self.link.epoch)
            self._to(LinkState.LOST, reason)
        return was_live

    async def _become_live(self) -> None:
        for _ in range(BOOT_HINTS_MOST):
            try:
                await asyncio.wait_for(self._booted.wait(), BOOT_HINT_S)
                break
            except TimeoutError:  # still starting, or our manager user lacks the class "system" (F8)
                log.error("ami_not_booted", waited_s=BOOT_HINT_S)
                self.not_live_because(AmiNotBooted.code)
        else:
            raise AmiNotBooted
        self._to(LinkState.SNAPSHOTTING)
        if self.snapshot is not None:
            await self.snapshot()
        self._to(LinkState.LIVE)
        self.first_live.set()

    async def _watch(self, manager: GuardedManager) -> str:
        """Ping and listen until the link is dead; returns the reason."""
        unanswered = 0
        while True:
            done, _ = await asyncio.wait({manager.lost}, timeout=PING_EVERY_S)
            if done:
                return "ami.lost"
            try:
                await self._ask("Ping", None, SILENCE_S - PING_EVERY_S, as_list=False)
                unanswered = 0
            except AmiTimeout:
                unanswered += 1
                if unanswered >= UNANSWERED_MOST or await self._silent(manager):
                    return "ami.silent"
            except (AmiLost, AmiNotConnected):
                return "ami.lost"

    async def _silent(self, manager: GuardedManager) -> bool:
        """Nothing heard, also once the loop could read what waits (we may have been stopped ourselves, F3)."""
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        return loop.time() - manager.protocol.received_at >= SILENCE_S - PING_EVERY_S  # type: ignore[no-any-return]

    def _handle(self, event: Event) -> None:
        if event.name == _BOOTED:
            self._booted.set()
        self.on_event(event)

    def _to(self, state: LinkState, reason: str | None = None) -> None:
        self._set(self.link.to(state, datetime.now(UTC), reason))

    def _set(self, link: Link) -> None:
        self.link = link
        self.on_link(link)
