"""The shield's flags on the PBX: what the line does with a flagged caller is a global variable per spelling of it.

The table ``number_flag`` is the truth; this keeps the PBX in agreement with it: after each (re)connection and reload,
when a command changed one, and once a minute, because flags lapse by themselves. Numbers that the table does not know
are left alone. It decides nothing about who is flagged.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping

import asyncpg
import structlog

from cti.ami import ActionRefused, AmiClient
from models.db import TROUBLE
from models.errors import LianxinError
from pbx_config import contract

log = structlog.get_logger(__name__)

LOOK_S = 0.5
_MARK = "TOLD"  # no number is spelled so
# The newest flag that is in force, of every number that ever had one: an ended one is taken off, also one that ended
# while nobody of us was there.
_FLAGS = """
SELECT number, (array_agg(flag ORDER BY created_at DESC)
                FILTER (WHERE flag IS NOT NULL AND lifted_at IS NULL AND expires_at > now()))[1] AS flag
FROM number_flag GROUP BY number
"""


def spellings(number: str) -> list[str]:
    """The digits under which a trunk may show this number: national, with the trunk's 0, with the country's 86."""
    if number.startswith("0"):
        return [number, f"86{number[1:]}"]
    if len(number) == 11 and number.startswith("1"):
        return [number, f"0{number}", f"86{number}"]
    return [number]


class Flags:
    """One per PBX. :meth:`set` is for commands; :meth:`run` for everything else."""

    def __init__(self, pool: asyncpg.Pool, client: AmiClient, every_s: float = 60.0) -> None:
        self._pool, self._client, self._every_s = pool, client, every_s
        self._told: dict[str, str] = {}  # what the PBX was told by us: number → flag, "" for none
        self._mark = uuid.uuid4().hex  # a global variable of ours: gone, and the PBX has forgotten everything
        self._epoch = 0

    async def set(self, number: str, flag: contract.CallerFlag | None) -> None:
        """Tell the PBX now.

        Raises:
            ActionRefused, AmiNotConnected, AmiTimeout, AmiLost
        """
        for digits in spellings(number):
            await self._set(digits, flag or "")
        self._told[number] = flag or ""

    async def _set(self, name: str, value: str) -> None:
        headers = {"Variable": f"GLOBAL({contract.FLAG_VARIABLE}{name})", "Value": value}
        response = await self._client.action("Setvar", headers)
        if not response.ok:
            raise ActionRefused(response.message, action="Setvar")

    async def run(self) -> None:
        """Agree at each new link, and every now and then."""
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            link = self._client.link
            if link.live and (link.epoch != self._epoch or loop.time() >= due):
                if await self._agree():
                    self._epoch = link.epoch
                due = loop.time() + self._every_s
            await asyncio.sleep(LOOK_S)

    async def _agree(self) -> bool:
        try:
            wanted = await self._wanted()
            if await self._forgotten():
                self._told.clear()
            for number, flag in wanted.items():
                if number.isdigit() and self._told.get(number) != (flag or ""):
                    await self.set(number, flag)
            await self._set(_MARK, self._mark)
        except TROUBLE as exc:
            log.warning("flags_wait_for_database", error=type(exc).__name__)
            return False
        except LianxinError as exc:
            log.warning("flags_wait_for_pbx", code=exc.code)
            return False
        return True

    async def _forgotten(self) -> bool:
        """After its restart, or once its dial plan was read again; and another cti's word is not ours."""
        response = await self._client.action("Getvar", {"Variable": f"{contract.FLAG_VARIABLE}{_MARK}"})
        return response.get("Value") != self._mark

    async def _wanted(self) -> Mapping[str, contract.CallerFlag | None]:
        async with self._pool.acquire() as conn:
            rows = await conn.fetch(_FLAGS)
        return {row["number"]: contract.CallerFlag(row["flag"]) if row["flag"] else None for row in rows}
