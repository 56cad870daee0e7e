"""Keeps the list of unreached people up with the record, and with what becomes of calls back.

What changed is learnt from the feed's rows of the record, in commit order; on a start, after a gap and now and then all
recent numbers are looked at. Level-triggered and idempotent: it may die at any moment and begin again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cases import unreached_rows
from cases.unreached_rows import Site
from models.db import transaction
from models.unreached import Unreached, UnreachedState

LOOK_S: Final = 1.0
_ALL_EVERY: Final = timedelta(minutes=5)
_AT_ONCE: Final = 200  # numbers in one transaction
_LAST_SEQ: Final = text("SELECT coalesce(max(seq), 0) FROM feed")
_FIRST_SEQ: Final = text("SELECT coalesce(min(seq), 0) FROM feed")
_CHANGED: Final = text(
    "SELECT DISTINCT (body->>'call_id')::uuid FROM feed WHERE seq > :after AND seq <= :until AND topic = 'record'"
).bindparams(bindparam("after", type_=BigInteger), bindparam("until", type_=BigInteger))
_OLDEST: Final = text("SELECT min(started_at) FROM call WHERE id = ANY(:ids)")


class UnreachedKeeper:
    """One in a worker; two at once do the same work twice and no harm."""

    def __init__(self, engine: AsyncEngine, site: Site) -> None:
        self._engine, self._site = engine, site
        self._seq: int | None = None  # of the feed, as far as it was looked at
        self._all_at: datetime | None = None

    async def look(self) -> None:
        """One round.

        Raises:
            DatabaseAway: nothing was passed over; the next round goes on from here.
        """
        now = datetime.now(UTC)
        async with transaction(self._engine) as session:
            until = int(await session.scalar(_LAST_SEQ) or 0)
            gap = self._seq is None or self._seq + 1 < int(await session.scalar(_FIRST_SEQ) or 0)
            everything = gap or self._all_at is None or now - self._all_at > _ALL_EVERY
            since = now - self._site.rules.expires_after - timedelta(days=1)
            if everything:
                numbers, since = await self._open(session, since)
                numbers |= await unreached_rows.numbers_since(session, since)
            else:
                ids = list(await session.scalars(_CHANGED, {"after": self._seq, "until": until}))
                numbers = await unreached_rows.numbers_of(session, ids) | await self._in_hand(session)
                since = await self._reach(session, ids, since)
        await self._refresh(numbers, since)
        self._seq = until
        self._all_at = now if everything else self._all_at

    async def _refresh(self, numbers: Iterable[str], since: datetime) -> None:
        ordered = sorted(numbers)
        for n in range(0, len(ordered), _AT_ONCE):
            async with transaction(self._engine) as session:
                await unreached_rows.refresh(session, ordered[n : n + _AT_ONCE], since, self._site)

    @staticmethod
    async def _reach(session: AsyncSession, ids: list[uuid.UUID], since: datetime) -> datetime:
        """A journal that was away for a month brings rows of a month ago."""
        oldest: datetime | None = await session.scalar(_OLDEST, {"ids": ids}) if ids else None
        return min(since, oldest) if oldest else since

    @staticmethod
    async def _open(session: AsyncSession, since: datetime) -> tuple[set[str], datetime]:
        """Those that are to expire, however long nobody looked."""
        open_ones = Unreached.state.in_((UnreachedState.OPEN, UnreachedState.TAKEN))
        rows = list(await session.execute(select(Unreached.number, Unreached.first_at).where(open_ones)))
        return {number for number, _ in rows}, min([since, *(first_at for _, first_at in rows)])

    @staticmethod
    async def _in_hand(session: AsyncSession) -> set[str]:
        return set(
            await session.scalars(select(Unreached.number).where(Unreached.state == UnreachedState.TAKEN).distinct())
        )
