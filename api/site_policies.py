"""The site's policies as this process has them: the installation's settings, and what an administrator decided since.

Read again every second, so that several API processes agree; a change over this process's own HTTP holds at once. With
the database away the last ones hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.settings import ApiSettings, DialClass
from models.db import DatabaseAway, read_only
from models.policy import SitePolicy

log = structlog.get_logger()

POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class Policies:
    """The whole list of what a site may choose while everything runs."""

    agents_see_ears: bool
    supervisors_limited: bool
    dial_class: DialClass
    dial_daily_cap: int
    export_mark_every_s: int
    survey: bool


def policies_of(settings: ApiSettings, decided: Mapping[str, Any]) -> Policies:
    """``decided``: name → value as the table has it; names of another version of this program are left alone."""
    told = {field.name: getattr(settings, field.name) for field in fields(Policies)}
    base = replace(Policies(**told), export_mark_every_s=int(settings.export_mark_every_s))
    known = {name: value for name, value in decided.items() if name in told}
    if "dial_class" in known:
        known["dial_class"] = DialClass(known["dial_class"])
    return replace(base, **known)


async def decided(session: AsyncSession) -> dict[str, SitePolicy]:
    return {row.name: row for row in await session.scalars(select(SitePolicy))}


class PolicyBook:
    """``now``: what holds at this moment. ``changed`` is told when it became something else."""

    def __init__(self, settings: ApiSettings, engine: AsyncEngine, changed: Callable[[], None]) -> None:
        self._settings, self._engine, self._changed = settings, engine, changed
        self.now = policies_of(settings, {})

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.read()
            await asyncio.sleep(POLL_S)

    async def read(self) -> None:
        try:
            async with read_only(self._engine) as session:
                rows = await decided(session)
        except DatabaseAway:
            return
        told = policies_of(self._settings, {name: row.value for name, row in rows.items()})
        if told != self.now:
            self.now = told
            log.info("policies changed")
            self._changed()
