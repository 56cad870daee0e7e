"""The keepers' round: what an administrator decided is looked at twice a second and brought to the PBX.

What cannot be done now (the database is away or refuses, a disk is full, Asterisk is away) is said once and tried
again. No decision of an administrator, and no disk, may end the process that watches the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from models.db import TROUBLE as DATABASE_TROUBLE
from models.errors import LianxinError

log = structlog.get_logger(__name__)

LOOK_S = 0.5
TROUBLE: tuple[type[Exception], ...] = (*DATABASE_TROUBLE, OSError, LianxinError)


async def keep(name: str, look: Callable[[], Awaitable[None]]) -> None:
    """Call ``look`` for ever. It must be cheap where nothing changed, and begin again where it was interrupted."""
    said = ""
    while True:
        try:
            await look()
            told = ""
        except TROUBLE as exc:
            told = f"{type(exc).__name__}: {exc}"
        if told != said:
            (log.error if told else log.info)("keeper_waits" if told else "keeper_goes_on", keeper=name, error=told)
            said = told
        await asyncio.sleep(LOOK_S)
