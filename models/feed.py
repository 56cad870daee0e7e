"""The feed: the one stream of changes that every screen follows, and the live table it projects into.

PostgreSQL is the bus. ``feed`` rows carry a commit-ordered ``seq`` (an advisory lock is taken as the last step before
the insert, so a reader of ``seq > n`` never skips a row that commits later). NOTIFY is a wake-up, a poll stands behind
it; where the rows fit it carries them, too, with the seq they follow: who has that seq need not read. Rows of live
topics also replace their key in ``live``, so that ``live`` at seq n plus the rows after n is an exact copy of the
state. The port has three methods: :meth:`append`, :meth:`read` and :meth:`wait`; where it outgrows PostgreSQL the same
three run on another bus.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import asyncpg
from sqlalchemy import BigInteger, Index, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created

CHANNEL = "lianxin_feed"
BATCH = 500  # rows of one reading
_TOLD_MOST = 32  # notifications that wait; more are read, a batch at a time, so that the loop has its turns
# For the connections of cti that publish what it can make again: live state from a snapshot, the journal from its files
# (rows and position are one transaction: a crash of the server takes a tail of both). Their commits do not wait for the
# disk while they hold the feed's lock. Who follows the feed reads afresh after a lost connection: a seq that went in
# such a crash may be given again.
REPEATABLE_WRITES = {"synchronous_commit": "off"}


class FeedRow(Base):
    __tablename__ = "feed"
    seq: Mapped[BigPk]
    at: Mapped[Created] = mapped_column(index=True)
    node: Mapped[str]
    topic: Mapped[str]
    key: Mapped[str]
    body: Mapped[dict[str, Any] | None]
    fact_at: Mapped[datetime | None]  # the PBX's own stamp of the event behind it


class LiveRow(Base):
    """The newest body of each live key. UNLOGGED: rebuilt by cti from a snapshot after a crash."""

    __tablename__ = "live"
    __table_args__ = (Index("ix_live_node", "node"), {"prefixes": ["UNLOGGED"]})
    topic: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """One change to append. ``live`` items also replace their key in the live table (``body`` None removes it)."""

    topic: str
    key: str
    body: dict[str, Any] | None
    live: bool = False
    fact_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        stamp = self.fact_at.isoformat() if self.fact_at else None
        return {"topic": self.topic, "key": self.key, "body": self.body, "live": self.live, "fact_at": stamp}


@dataclass(frozen=True, slots=True)
class Row:
    seq: int
    at: datetime
    node: str
    topic: str
    key: str
    body: dict[str, Any] | None
    fact_at: datetime | None


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """The live table and the seq it stands for, read in one transaction."""

    seq: int
    rows: list[tuple[str, str, dict[str, Any]]]  # topic, key, body


class Feed(Protocol):
    """The bus. Implementations: :class:`PostgresFeed`."""

    async def append(self, node: str, items: Sequence[Item]) -> int: ...

    async def read(self, after: int, limit: int = 1000) -> list[Row]: ...

    def wait(self) -> contextlib.AbstractAsyncContextManager[asyncio.Event]: ...


async def append_in(conn: asyncpg.Connection, node: str, items: Sequence[Item]) -> int:
    """Append inside the caller's transaction, as its last statement before commit: it takes the feed's lock."""
    seq: int = await conn.fetchval(
        "SELECT feed_append($1, $2::jsonb)", node, json.dumps([i.as_json() for i in items], ensure_ascii=False)
    )
    return seq


async def append_with(session: AsyncSession, node: str, items: Sequence[Item]) -> int:
    """:func:`append_in` for an ORM session: the last statement before its commit."""
    written = json.dumps([i.as_json() for i in items], ensure_ascii=False)
    seq = await session.scalar(text("SELECT feed_append(:n, CAST(:i AS jsonb))"), {"n": node, "i": written})
    return int(seq)


async def replace_node_in(conn: asyncpg.Connection, node: str, items: Sequence[Item]) -> int:
    """Replace everything live of a node by ``items`` and tell screens to resync; last statement before commit."""
    seq: int = await conn.fetchval(
        "SELECT feed_replace_node($1, $2::jsonb)", node, json.dumps([i.as_json() for i in items], ensure_ascii=False)
    )
    return seq


class PostgresFeed:
    """The feed on PostgreSQL. ``pool`` for statements; :meth:`wait` holds one connection of its own for LISTEN."""

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn

    async def append(self, node: str, items: Sequence[Item]) -> int:
        async with self._pool.acquire() as conn:
            return await append_in(conn, node, items)

    async def read(self, after: int, limit: int = 1000) -> list[Row]:
        """Rows with seq > after, oldest first, at most ``limit``."""
        async with self._pool.acquire() as conn:
            records = await conn.fetch(
                "SELECT seq, at, node, topic, key, body, fact_at FROM feed WHERE seq > $1 ORDER BY seq LIMIT $2",
                after,
                limit,
            )
        return [
            Row(r["seq"], r["at"], r["node"], r["topic"], r["key"], r["body"] and json.loads(r["body"]), r["fact_at"])
            for r in records
        ]

    async def snapshot(self) -> LiveSnapshot:
        """The live table at one seq."""
        async with self._pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
            seq = await conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
            records = await conn.fetch("SELECT topic, key, body FROM live")
        return LiveSnapshot(seq, [(r["topic"], r["key"], json.loads(r["body"])) for r in records])

    @contextlib.asynccontextmanager
    async def wait(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set at every append and when the listening connection is lost; clear it, then read.

        The caller polls as well (wait_for with a timeout): a NOTIFY is lost while disconnected.
        """
        woken = asyncio.Event()
        conn = await asyncpg.connect(self._dsn)
        try:
            conn.add_termination_listener(lambda _c: woken.set())
            await conn.add_listener(CHANNEL, lambda *_: woken.set())
            yield woken
        finally:
            conn.terminate() if conn.is_closed() else await conn.close()


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row whose body is still JSON text: who only passes it on need not build it again."""

    seq: int
    at: datetime
    node: str
    topic: str
    key: str
    body: str | None


def _said(payload: str) -> tuple[int, list[RawRow]]:
    """What a NOTIFY says (``feed_append``): the seq that its rows follow, and they; or the newest seq, and none."""
    said = json.loads(payload)
    before, rows = (said, []) if isinstance(said, int) else said
    return before, [RawRow(seq, datetime.fromisoformat(at).astimezone(UTC), *rest) for seq, at, *rest in rows]


class Follower:
    """One connection that listens and reads. A row comes with its NOTIFY, or is read where that cannot be trusted."""

    def __init__(self, conn: asyncpg.Connection) -> None:
        self._conn = conn
        self._told: deque[str] = deque(maxlen=_TOLD_MOST)  # one that is lost leaves a gap, and a gap is read
        self._unread = True  # there may be rows that no NOTIFY brought
        self.woken = asyncio.Event()

    def hear(self, payload: str) -> None:
        self._told.append(payload)
        self.woken.set()

    def look(self) -> None:
        """Read the table next, whatever was heard: at a poll, and when the connection is lost."""
        self._unread = True
        self.woken.set()

    async def next(self, after: int) -> list[RawRow]:
        """The rows that follow ``after``, oldest first; ask again until there are none.

        Raises:
            The connection's errors, when it is lost.
        """
        while self._told and not self._unread:
            try:
                before, rows = _said(self._told.popleft())
            except (ValueError, TypeError):  # none of ours
                before, rows = after + 1, []
            if rows and before == after:
                return rows
            self._unread = (rows[-1].seq if rows else before) > after
        if not self._unread:
            return []
        rows = await self.read(after)
        self._unread = len(rows) == BATCH  # one that is not full was the last: what is committed later wakes us
        return rows

    async def read(self, after: int, limit: int = BATCH) -> list[RawRow]:
        """Rows with seq > after, oldest first."""
        records = await self._conn.fetch(
            "SELECT seq, at, node, topic, key, body::text FROM feed WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit
        )
        return [RawRow(*r.values()) for r in records]

    async def bounds(self) -> tuple[int, int]:
        """The oldest and the newest seq that are kept; (0, 0) when there is none."""
        oldest, newest = await self._conn.fetchrow("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM feed")
        return oldest, newest

    async def snapshot(self) -> tuple[int, list[tuple[str, str, str]]]:
        """The live table at one seq: (seq, [(topic, key, body as text)])."""
        async with self._conn.transaction(isolation="repeatable_read", readonly=True):
            seq = await self._conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
            records = await self._conn.fetch("SELECT topic, key, body::text FROM live")
        return seq, [(r["topic"], r["key"], r["body"]) for r in records]


@contextlib.asynccontextmanager
async def follow(dsn: str) -> AsyncIterator[Follower]:
    """A follower; ``woken`` is set at every append and when the connection is lost. Poll as well."""
    conn = await asyncpg.connect(dsn, timeout=5, command_timeout=30)
    try:
        follower = Follower(conn)
        conn.add_termination_listener(lambda _c: follower.look())
        await conn.add_listener(CHANNEL, lambda _c, _pid, _channel, payload: follower.hear(payload))
        yield follower
    finally:
        # Not a graceful close: the server may be the reason why we leave, and would not answer.
        conn.terminate()


async def trim(conn: asyncpg.Connection, keep_rows: int) -> int:
    """Remove feed rows older than the newest ``keep_rows``; returns how many went."""
    status: str = await conn.execute("DELETE FROM feed WHERE seq <= (SELECT max(seq) FROM feed) - $1", keep_rows)
    return int(status.rsplit(maxsplit=1)[-1])
