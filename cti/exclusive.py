"""One cti per PBX: an advisory lock in the database, held by a connection of its own.

A second cti says why and waits. When the database is away nobody can take the lock, so the holder works on; when it is
back and somebody else was faster, the former holder stops (F14).
"""

from __future__ import annotations

import asyncio
import zlib

import asyncpg
import structlog

from models.db import TROUBLE
from models.errors import Unavailable

log = structlog.get_logger(__name__)

LOCK_SPACE = 7301
RETRY_S = 1.0
SAY_AGAIN_S = 30.0


class NodeTaken(Unavailable):
    """Another cti took over this PBX while the database was away."""

    code = "cti.taken"


class NodeLock:
    """Take it with :meth:`wait`, keep it with :meth:`keep`."""

    def __init__(self, dsn: str, node: str) -> None:
        self._dsn, self._node = dsn, node
        self._conn: asyncpg.Connection | None = None
        self._lost = asyncio.Event()

    async def wait(self) -> None:
        """Until this process is the one cti of the node."""
        said_at = float("-inf")
        loop = asyncio.get_running_loop()
        while True:
            reason = await self._why_not()
            if reason is None:
                return
            if loop.time() - said_at > SAY_AGAIN_S:
                said_at = loop.time()
                log.warning("cti_waits", node=self._node, reason=reason)
            await asyncio.sleep(RETRY_S)

    async def keep(self) -> None:
        """Take it again whenever the database comes back.

        Raises:
            NodeTaken: another cti has it.
        """
        while True:
            await self._lost.wait()
            reason = await self._why_not()
            if reason == NodeTaken.code:
                raise NodeTaken(self._node)
            if reason is not None:
                await asyncio.sleep(RETRY_S)

    async def _why_not(self) -> str | None:
        """None when we hold it now."""
        try:
            if self._conn is None or self._conn.is_closed():
                self._conn = await asyncpg.connect(self._dsn, timeout=5, command_timeout=5)
                self._conn.add_termination_listener(lambda _: self._lost.set())
            key = zlib.crc32(self._node.encode()) - 2**31
            taken = await self._conn.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_SPACE, key)
        except TROUBLE:
            return "database.away"
        if not taken:
            return NodeTaken.code
        self._lost.clear()
        return None

    def release(self) -> None:
        if self._conn is not None:
            self._conn.terminate()
