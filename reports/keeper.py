"""Keeps the day's numbers on the feed: one task of the worker, the same bodies for every screen.

It holds the attempts of the last two days in memory, reads again what the journal told and what is not decided yet, and
publishes what differs, at most once a second. Nothing here is the truth: a lost connection or a new day reads the rows
anew. One worker counts; where several run, an advisory lock chooses it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from cti.facts import ALL_QUEUES, DayLive, Topic, body_of
from models.db import AWAY
from models.feed import Item, append_in
from reports.attempts import SERVICE_S, Attempt, Person
from reports.day import Day, Number, Period
from reports.record import attempts_between, attempts_of
from reports.rolling import SPAN
from reports.service_levels import service_levels

log = structlog.get_logger(__name__)

NODE = "reports"  # no PBX: what cti replaces of its own is not ours
LOCK = 7206
TICK_S = 1.0
AGAIN_S = 20.0  # published unchanged, so that screens know that somebody counts
RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class ReportSettings:
    zone: ZoneInfo
    queue: str  # of calls that were refused before they had one
    person: Person
    service_s: Mapping[str, float] = field(default_factory=dict)  # of each queue that there is

    def within_s(self, queue: str) -> float:
        """T of the service level: a queue's own; of several together it can only be one, the standard's."""
        return SERVICE_S if queue == ALL_QUEUES else self.service_s.get(queue, SERVICE_S)


class DayBook:
    """The attempts that today's numbers need, kept up to date from the record."""

    def __init__(self, settings: ReportSettings) -> None:
        self._settings, self._plain = settings, settings.service_s
        self._known: dict[uuid.UUID, Attempt] = {}
        self._period: Period | None = None
        self._seq = 0

    async def update(self, conn: asyncpg.Connection, now: datetime) -> bool:
        """Read what changed; whether anything did."""
        period = Period.containing(now, self._settings.zone)
        levels = await service_levels(conn, self._plain)
        tuned = levels != self._settings.service_s
        self._settings = dataclasses.replace(self._settings, service_s=levels)
        if period != self._period:
            await self._load(conn, period)
            return True
        newest = await conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
        news = await conn.fetch(
            "SELECT body->>'call_id' AS call_id FROM feed WHERE seq > $1 AND seq <= $2 AND topic = 'record'",
            self._seq, newest,
        )  # fmt: skip
        self._seq = newest
        asked = {uuid.UUID(n["call_id"]) for n in news} | {a.call_id for a in self._known.values() if not a.decided}
        return (await self._look(conn, asked) if asked else False) or tuned

    async def _load(self, conn: asyncpg.Connection, period: Period) -> None:
        """The seq first: what is written meanwhile is read twice, never missed."""
        self._seq = await conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
        since, s = period.begin - SPAN, self._settings
        found = await attempts_between(conn, since, period.end, s.person, s.queue)
        self._known = {a.call_id: a for a in found}
        self._period = period

    async def _look(self, conn: asyncpg.Connection, call_ids: set[uuid.UUID]) -> bool:
        found = await attempts_of(conn, call_ids, self._settings.person, self._settings.queue)
        changed = False
        for call_id in call_ids:
            attempt = found.get(call_id)
            if attempt == self._known.get(call_id):
                continue
            changed = True
            if attempt is None:
                self._known.pop(call_id, None)
            else:
                self._known[call_id] = attempt
        return changed

    def bodies(self, now: datetime) -> list[DayLive]:
        """Of all queues together, and of each."""
        assert self._period is not None
        return bodies_of(list(self._known.values()), self._period, now, self._settings)


def bodies_of(attempts: list[Attempt], period: Period, now: datetime, settings: ReportSettings) -> list[DayLive]:
    """The day of all queues together, and of each, also of one that nobody called: who watches it alone is told so."""
    queues = sorted({a.queue for a in attempts} | {settings.queue} | settings.service_s.keys())
    told = [body_of_day(ALL_QUEUES, Day(attempts, period, now, settings.within_s(ALL_QUEUES)))]
    for queue in queues:
        day = Day([a for a in attempts if a.queue == queue], period, now, settings.within_s(queue))
        told.append(body_of_day(queue, day))
    return told


def body_of_day(queue: str, day: Day) -> DayLive:
    worst = day.worst
    return DayLive(
        queue=queue, at=day.now, day=day.period.day.isoformat(), offered=day.count(Number.OFFERED),
        answered=day.count(Number.ANSWERED), abandoned=day.count(Number.ABANDONED), short=day.count(Number.SHORT),
        refused=day.count(Number.REFUSED), lost=day.count(Number.LOST), waiting=day.count(Number.WAITING),
        early=day.count(Number.EARLY), unreached=day.count(Number.UNREACHED), withheld=day.count(Number.WITHHELD),
        connect_rate=day.connect_rate, service_s=day.service_s,
        service_level=day.service_level, worst_rate=worst.rate if worst else None,
        worst_until=worst.until if worst else None, worst_of=worst.offered if worst else 0,
    )  # fmt: skip


async def run(
    dsn: str, settings: ReportSettings, stop: asyncio.Event, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Until ``stop`` is set; a database that is away is waited for."""
    while not stop.is_set():
        try:
            conn = await asyncpg.connect(dsn, timeout=5, command_timeout=30)
            try:
                await _count(conn, settings, stop, now)
            finally:
                conn.terminate()
        except AWAY as exc:
            log.info("the day waits for the database", error=type(exc).__name__)
        # Root of its task: a row that cannot be counted must not stop the recordings' worker beside us.
        except Exception:
            log.exception("day_not_counted")
        await _rest(stop, RETRY_S)


async def _count(
    conn: asyncpg.Connection, settings: ReportSettings, stop: asyncio.Event, now: Callable[[], datetime]
) -> None:
    while not stop.is_set() and not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        await _rest(stop, RETRY_S)
    book, told, told_at = DayBook(settings), dict[str, DayLive](), float("-inf")
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        changed = await book.update(conn, now())
        again = loop.time() - told_at >= AGAIN_S
        if changed or again:
            bodies = {body.queue: body for body in book.bodies(now())}
            news = [b for b in bodies.values() if again or not _same(b, told.get(b.queue))]
            if news:
                items = [Item(Topic.DAY, b.queue, body_of(b), live=True) for b in news]
                await append_in(conn, NODE, items)
            told, told_at = bodies, loop.time() if again else told_at
        await _rest(stop, TICK_S)


def _same(one: DayLive, other: DayLive | None) -> bool:
    return other is not None and dataclasses.replace(one, at=other.at) == other


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
