"""The task that reads a node's journal: two tails, one store, a connection of its own, for ever.

The disk and the database may go and come back: the position says where to go on. One log line when trouble begins, one
when it is over; in between it is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from cti.journal import tables
from cti.journal.entries import Entry, Stream, entries_of, first_time
from cti.journal.errors import PositionMoved
from cti.journal.store import Counts, Store
from cti.journal.tail import Tail
from models.db import TROUBLE
from models.feed import REPEATABLE_WRITES
from pbx_config import contract

log: Final = structlog.get_logger(__name__)

_CEL_BYTES: Final = 2 << 20  # about 9,000 lines, 370 calls
_QUEUE_BYTES: Final = 32 << 10
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_FULL_LINES: Final = 1000  # a batch of more is one of many
_BACKOFF_S: Final = (0.25, 0.5, 1.0, 2.0, 5.0)  # the last one for ever
_TROUBLE: Final[tuple[type[Exception], ...]] = (*TROUBLE, PositionMoved)


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """``log_dir`` is Asterisk's log directory."""

    node: str
    log_dir: Path
    dsn: str = field(repr=False)
    poll_s: float = 0.25
    confirm_s: float = 5.0  # how often it is said that there is nothing new


@dataclass(slots=True)
class JournalState:
    """How the reader is; the cti service shows it. Bytes and seconds behind are as of ``looked_at``."""

    counts: Counts
    behind_bytes: int = 0
    behind_s: float = 0.0  # age of the newest line that is not in the database, 0 when all are
    anomalies: int = 0  # truncated or vanished journal files
    trouble: str | None = None  # why nothing is being written now
    trouble_since: datetime | None = None
    looked_at: datetime | None = None


class JournalReader:
    """Reads one node's journal. ``state`` may be read at any time."""

    def __init__(self, settings: JournalSettings) -> None:
        self._settings = settings
        self._store = Store(settings.node)
        self._tails = {
            Stream.CEL: _tail(settings.log_dir / contract.CEL_FILE, Stream.CEL),
            Stream.QUEUE_LOG: _tail(settings.log_dir / contract.QUEUE_LOG_FILE, Stream.QUEUE_LOG),
        }
        self._held: list[Entry] = []  # lines of queue_log that are read and too new to be written yet
        self.state = JournalState(self._store.counts)
        self._up_to_date_at = self._confirmed_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; database and disk may be away at any time."""
        tries = 0
        while not stop.is_set():
            try:
                async with self._connection() as conn:
                    await self._seek(conn)
                    self._recovered()
                    tries = 0
                    await self._follow(conn, stop)
            except _TROUBLE as exc:
                self._troubled(exc)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)])
                tries += 1
        for tail in self._tails.values():
            tail.close()

    async def replay(self) -> None:
        """Read everything there is from the first byte, once; rows that exist stay as they are or are made right.

        Raises:
            asyncpg.PostgresError, OSError: the database or the disk is away.
        """
        async with self._connection() as conn:
            await self._seek(conn, replay=True)
            await self._follow(conn, None)

    async def catch_up(self) -> None:
        """Read what there is now from the stored position on, once.

        Raises:
            asyncpg.PostgresError, OSError: the database or the disk is away.
        """
        async with self._connection() as conn:
            await self._seek(conn)
            await self._follow(conn, None)

    async def _follow(self, conn: asyncpg.Connection, stop: asyncio.Event | None) -> None:
        """Batch after batch until ``stop``, or without one until nothing is left.

        While a full batch is being written the next one is read and parsed in a thread: PostgreSQL is at work then.
        """
        entries = self._next()
        while entries or stop is not None:
            ahead = asyncio.create_task(asyncio.to_thread(self._next)) if len(entries) > _FULL_LINES else None
            try:
                await self._store.take(conn, entries)
            finally:  # a failed batch: the tails are moved back by _seek, but not under the thread
                following = await ahead if ahead else None
            self._look(bool(entries))
            if stop is not None and stop.is_set():
                return
            await self._confirm(conn, bool(entries))
            if stop is not None and ahead is None:  # not after every line: four small transactions a second are enough
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._settings.poll_s)
            entries = self._next() if following is None else following

    def _next(self) -> list[Entry]:
        """The next lines of both streams, parsed.

        While catching up queue_log is read no further than cel.csv in time: calls are whole in memory when they are
        written, and a QUEUESTART comes after what it ends.
        """
        entries = entries_of(Stream.CEL, self._tails[Stream.CEL].read(_CEL_BYTES))
        queue, self._held = self._held, []
        until = next((e.line.at for e in reversed(entries) if e.line), None) if len(entries) > _FULL_LINES else None
        while until is None or not queue or _at(queue[-1]) <= until:
            more = entries_of(Stream.QUEUE_LOG, self._tails[Stream.QUEUE_LOG].read(_QUEUE_BYTES))
            queue += more
            if until is None or not more:
                break
        if until is not None:
            upto = next((n for n, e in enumerate(queue) if _at(e) > until), len(queue))
            queue, self._held = queue[:upto], queue[upto:]
        return entries + queue

    async def _seek(self, conn: asyncpg.Connection, *, replay: bool = False) -> None:
        positions = await self._store.start(conn, replay=replay)
        self._held = []
        for stream, tail in self._tails.items():
            tail.seek(positions.get(stream))

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        settings = {"application_name": f"lianxin journal {self._settings.node}", **REPEATABLE_WRITES}
        conn = await asyncpg.connect(self._settings.dsn, timeout=5, command_timeout=120, server_settings=settings)
        try:
            yield conn
        finally:
            conn.terminate()

    def _look(self, busy: bool) -> None:
        self.state.looked_at = datetime.now(UTC)
        self.state.anomalies = sum(tail.anomalies for tail in self._tails.values())
        self.state.behind_bytes = sum(tail.behind() for tail in self._tails.values()) if busy else 0
        if not self.state.behind_bytes:
            self._up_to_date_at = time.monotonic()
        self.state.behind_s = time.monotonic() - self._up_to_date_at

    async def _confirm(self, conn: asyncpg.Connection, written: bool) -> None:
        """Stamp the positions now and then while nobody calls: /healthz tells how long ago the journal was read."""
        now = time.monotonic()
        if written:  # with its own stamp
            self._confirmed_at = now
        elif now - self._confirmed_at >= self._settings.confirm_s:
            await tables.confirm_positions(conn, self._settings.node)
            self._confirmed_at = now

    def _troubled(self, exc: Exception) -> None:
        reason = f"{type(exc).__name__}: {exc}"
        self.state.behind_s = time.monotonic() - self._up_to_date_at
        with contextlib.suppress(OSError):
            self._held = []
            for stream, tail in self._tails.items():
                tail.seek(self._store.positions.get(stream))  # back to what is written
            self.state.behind_bytes = sum(tail.behind() for tail in self._tails.values())
        if self.state.trouble is None:
            self.state.trouble_since = datetime.now(UTC)
            log.error("journal waits", node=self._settings.node, reason=reason)
        self.state.trouble = reason

    def _recovered(self) -> None:
        if self.state.trouble is not None:
            log.info("journal goes on", node=self._settings.node, since=self.state.trouble_since)
        self.state.trouble = self.state.trouble_since = None


def _at(entry: Entry) -> datetime:
    return entry.line.at if entry.line else _LONG_AGO


def _tail(path: Path, stream: Stream) -> Tail:
    return Tail(path, partial(first_time, stream))


async def run(settings: JournalSettings, stop: asyncio.Event) -> None:
    """Read the journal until ``stop``; see :class:`JournalReader` for what it tells of itself."""
    await JournalReader(settings).run(stop)


async def replay(settings: JournalSettings) -> None:
    """Read the whole journal again from zero: the rows that live reading gave, or would have given."""
    await JournalReader(settings).replay()
