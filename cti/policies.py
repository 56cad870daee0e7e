"""Takes those of a site's policies that the line follows to it, whenever they change (docs/decisions/0014).

The question after a talk is a small file that the dial plan reads with each call.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg

from cti.hours.wanted import version
from cti.keeping import keep
from pbx_config.line_files import LineFiles


class PolicyKeeper:
    """One per PBX, on its host."""

    def __init__(self, pool: asyncpg.Pool, line_dir: Path) -> None:
        self._pool, self._files = pool, LineFiles(line_dir)
        self._version: int | None = None

    async def run(self) -> None:
        await keep("policies", self._look)

    async def _look(self) -> None:
        async with self._pool.acquire() as conn:
            newest = await version(conn)
            if newest == self._version:
                return
            survey = await conn.fetchval("SELECT value FROM site_policy WHERE name = 'survey'")
        await asyncio.to_thread(self._files.survey, json.loads(survey) if survey is not None else None)
        self._version = newest
