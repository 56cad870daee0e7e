"""Commands in the database: claimed once, ended once, and each end told on the feed in the same transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

import asyncpg

from cti.commands.asked import Asked
from cti.facts import CommandEnd, CommandLive, Topic, body_of
from models.feed import Item, append_in

CHANNEL = "lianxin_command"

_CLAIM = """
WITH next AS (
    SELECT id FROM command WHERE node = $1 AND state = 'pending' AND ended_at IS NULL AND deadline_at > now()
    ORDER BY asked_at LIMIT $2 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE command SET state = 'asked' FROM next WHERE command.id = next.id
    RETURNING command.id, kind, args, agent_no, deadline_at, asked_at
)
SELECT * FROM claimed ORDER BY asked_at, id
"""
_END_ONE = """
UPDATE command SET state = $2, reason = $3, ended_at = now() WHERE id = $1 AND ended_at IS NULL
RETURNING id, kind, agent_no, state, reason
"""
_EXPIRE = """
UPDATE command SET state = 'expired', reason = 'command.expired', ended_at = now()
WHERE node = $1 AND state = 'pending' AND ended_at IS NULL AND deadline_at <= now()
RETURNING id, kind, agent_no, state, reason
"""
_ORPHANS = """
UPDATE command SET state = 'unknown', reason = 'cti.restarted', ended_at = now()
WHERE node = $1 AND state = 'asked' AND ended_at IS NULL
RETURNING id, kind, agent_no, state, reason
"""


class CommandStore:
    def __init__(self, pool: asyncpg.Pool, node: str) -> None:
        self._pool, self._node = pool, node

    async def claim(self, limit: int) -> list[Asked]:
        """Pending commands of this node become asked, oldest first; each is given out once."""
        async with self._pool.acquire() as conn:
            rows = await conn.fetch(_CLAIM, self._node, limit)
        return [
            Asked(row["id"], row["kind"], json.loads(row["args"]), row["agent_no"], row["deadline_at"]) for row in rows
        ]

    async def end(self, command_id: uuid.UUID, end: CommandEnd, reason: str | None) -> None:
        await self._update(_END_ONE, command_id, end.value, reason)

    async def expire(self) -> None:
        """What waited longer than its deadline ends without having been asked."""
        await self._update(_EXPIRE, self._node)

    async def end_orphans(self) -> None:
        """At start: what an earlier cti had asked; nobody can tell what became of it, and it is not asked again."""
        await self._update(_ORPHANS, self._node)

    async def _update(self, sql: str, *args: object) -> None:
        async with self._pool.acquire() as conn, conn.transaction():
            rows = await conn.fetch(sql, *args)
            if rows:
                await append_in(conn, self._node, _items(rows))


def _items(rows: Sequence[asyncpg.Record]) -> list[Item]:
    return [
        Item(
            Topic.COMMAND.value,
            str(row["id"]),
            body_of(CommandLive(str(row["id"]), row["kind"], row["agent_no"], row["state"], row["reason"])),
        )
        for row in rows
    ]
