"""Follows one call through the feed and its rows, as anybody with the database could; knows nothing of the carrier."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from cti.facts import CallState, Topic

_POLL_S = 0.1
_CLAIM_SPACE = 7210  # first key of the advisory locks below


@dataclass(slots=True)
class CallWatch:
    """One call from ``caller``, begun after this object was made.

    Two watchers of the same number at once follow two calls: the first to see a call claims it with an advisory lock,
    which PostgreSQL lets go with the connection.
    """

    conn: asyncpg.Connection
    caller: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(seconds=1))
    call_id: UUID | None = None
    _seq: int = 0

    async def begin(self) -> None:
        """Note where the feed stands now."""
        self._seq = await self.conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")

    async def states(self) -> AsyncIterator[dict[str, Any]]:
        """Every whole state of the call (cti.facts.CallLive), in order, until it has ended. Cancel it to stop."""
        while True:
            for body in await self._new_bodies():
                yield body
                if body["state"] == CallState.ENDED:
                    return
            await asyncio.sleep(_POLL_S)

    async def _new_bodies(self) -> list[dict[str, Any]]:
        rows = await self.conn.fetch(
            "SELECT seq, body FROM feed WHERE seq > $1 AND topic = $2 AND body IS NOT NULL ORDER BY seq",
            self._seq,
            Topic.CALL.value,
        )
        found = []
        for row in rows:
            self._seq = row["seq"]
            body = json.loads(row["body"])
            if await self._is_ours(body):
                found.append(body)
        return found

    async def _is_ours(self, body: dict[str, Any]) -> bool:
        if self.call_id is not None:
            return bool(body["call_id"] == str(self.call_id))
        if body["caller"] != self.caller or datetime.fromisoformat(body["started_at"]) < self.since:
            return False
        claimed = await self.conn.fetchval(
            "SELECT pg_try_advisory_lock($1, hashtext($2))", _CLAIM_SPACE, body["call_id"]
        )
        if claimed:
            self.call_id = UUID(body["call_id"])
        return bool(claimed)

    async def record(self, within_s: float) -> asyncpg.Record | None:
        """The call's row once it has ended, by the journal; None when there is none in time."""
        return await self._row("SELECT * FROM call WHERE id = $1 AND ended_at IS NOT NULL", within_s)

    async def recording(self, within_s: float) -> asyncpg.Record | None:
        return await self._row("SELECT state, duration_s FROM recording WHERE call_id = $1 ORDER BY part", within_s)

    async def case_number(self, within_s: float) -> str | None:
        """The number of a case that the agent linked to the call."""
        row = await self._row(
            'SELECT c.number FROM case_call l JOIN "case" c ON c.id = l.case_id WHERE l.call_id = $1', within_s
        )
        return None if row is None else str(row["number"])

    async def agent(self, agent_no: str) -> str:
        """How a person calls that agent: "王芳 (1001)"."""
        name = await self.conn.fetchval("SELECT display_name FROM account WHERE agent_no = $1", agent_no)
        return f"{name} ({agent_no})" if name else agent_no

    async def _row(self, query: str, within_s: float) -> asyncpg.Record | None:
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            row = await self.conn.fetchrow(query, self.call_id) if self.call_id else None
            if row is not None or asyncio.get_running_loop().time() > deadline:
                return row
            await asyncio.sleep(_POLL_S)
