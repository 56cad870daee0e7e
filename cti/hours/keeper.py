"""Writes the line's small files whenever the tables changed, and once an hour, because the plan moves on.

It looks at one number, so a change holds for the next call within a second; when the database is away nothing is
touched and the PBX goes on with what it has. One bad row leaves all files as they were, and is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import asyncpg
import structlog

from cti.hours.wanted import Wanted, version, wanted
from cti.keeping import keep
from models.errors import LianxinError
from pbx_config import dialling
from pbx_config.contract import OverflowKind
from pbx_config.hours import slots
from pbx_config.line_files import LineFiles

log = structlog.get_logger(__name__)

AGAIN_S = 3600.0
OwnNumbers = Callable[[], Collection[str]]  # the hotline's, also those that an admin added since the start
DAYS_AHEAD = 400  # so long the line keeps its hours while nothing of ours runs


class HoursKeeper:
    """One per PBX, on its host."""

    def __init__(self, pool: asyncpg.Pool, folder: Path, zone: tzinfo, own_numbers: OwnNumbers = tuple) -> None:
        self._pool, self._files, self._zone, self._own = pool, LineFiles(folder), zone, own_numbers
        self._version: int | None = None
        self._due_s = 0.0

    async def run(self) -> None:
        """Agree at the start, at every change, and every hour."""
        await keep("hours", self._look)

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        async with self._pool.acquire() as conn:
            newest = await version(conn)
            if newest == self._version and now_s < self._due_s:
                return
            try:
                now = datetime.now(UTC)
                told = await wanted(conn, self._zone, now)
                self._check(told)
            except LianxinError as exc:  # no line can do it: until it is changed there is nothing to try again
                if newest != self._version:
                    log.error("hours_refused", code=exc.code, detail=exc.detail)
            else:
                await self._keep_sounds(conn, told)
                await asyncio.to_thread(self._write, told, now)
                log.info("hours_written", version=newest)
        self._version, self._due_s = newest, now_s + AGAIN_S

    def _check(self, told: Wanted) -> None:
        """The second wall before the trunk: what a duty telephone may be (the first is in api).

        Raises:
            NumberInvalid, NumberNotAllowed
        """
        for sets in told.profiles.values():
            for overflow in (sets.on_full, sets.on_no_agent, sets.on_too_long):
                if overflow.kind is OverflowKind.DUTY:
                    dialling.allowed(overflow.to, self._own())

    async def _keep_sounds(self, conn: asyncpg.Connection, told: Wanted) -> None:
        missing = [name for name in told.sounds if not self._files.has_sound(name)]
        for row in await conn.fetch("SELECT wav FROM line_sound WHERE sha256 = ANY($1)", missing) if missing else []:
            await asyncio.to_thread(self._files.sound, row["wav"])

    def _write(self, told: Wanted, now: datetime) -> None:
        for profile, sets in told.profiles.items():
            self._files.profile(profile, sets)
        yesterday = (now.astimezone(self._zone) - timedelta(days=1)).date()
        self._files.plan(*slots(yesterday, DAYS_AHEAD, told.plan))
        self._files.override(told.plan.override)
        self._files.incidents(told.incidents)
