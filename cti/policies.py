"""Takes those of a site's policies that the line follows to it, whenever they change (docs/decisions/0014).

The question after a talk is a small file that the dial plan reads with each call.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from cti.hours.wanted import version
from models.db import AWAY
from pbx_config.line_files import LineFiles

log = structlog.get_logger(__name__)

LOOK_S = 0.5


class PolicyKeeper:
    """One per PBX. Whatever cannot be read or written now is tried again at the next look."""

    def __init__(self, pool: asyncpg.Pool, line_dir: Path) -> None:
        self._pool, self._files = pool, LineFiles(line_dir)
        self._version: int | None = None
        self._failed = False

    async def run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        try:
            async with self._pool.acquire() as conn:
                newest = await version(conn)
                if newest == self._version:
                    return
                rows = await conn.fetch("SELECT name, value FROM site_policy")
        except AWAY as exc:
            log.debug("policies_wait_for_database", error=type(exc).__name__)
            return
        if await self._apply({row["name"]: json.loads(row["value"]) for row in rows}):
            self._version = newest

    async def _apply(self, decided: dict[str, Any]) -> bool:
        try:
            await asyncio.to_thread(self._files.survey, decided.get("survey"))
        except OSError as exc:
            if not self._failed:
                log.error("policy_not_written", error=str(exc))
            self._failed = True
            return False
        self._failed = False
        return True
