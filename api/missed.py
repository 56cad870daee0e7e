"""What a screen missed while it was away: rows that are not live state, as far as it may see them."""

from __future__ import annotations

import asyncpg

from api.realtime import Hub, core_text
from api.rights import Right
from api.viewer import Viewer
from cti.facts import Topic
from models.feed import RawRow

MOST = 500
_MISSED = """
SELECT f.seq, f.at, f.node, f.topic, f.key, f.body::text AS body
FROM feed f LEFT JOIN call c ON f.topic IN ('record', 'recording') AND c.id = (f.body->>'call_id')::uuid
WHERE f.seq > $1 AND f.seq <= $2 AND (
    (f.topic IN ('record', 'recording') AND ($3 OR c.agent_no = $4))
    OR (f.topic IN ('case', 'danger') AND ($3 OR f.body->>'agent_no' = $4))
    OR (f.topic = 'hand' AND ($3 AND $6::text[] IS NULL OR f.body->>'agent_no' = $4 OR f.body->>'agent_no' = ANY($6)))
    OR (f.topic = 'message' AND ($3 OR f.body->>'to_agent' IS NULL OR f.body->>'to_agent' = $4))
    OR (f.topic = 'alarm' AND $3)
    OR (f.topic = 'command' AND f.body->>'agent_no' = $4))
ORDER BY f.seq LIMIT $5
"""


def _agents(hub: Hub, viewer: Viewer) -> list[str] | None:
    """Whose hands a supervisor of some queues sees; None: everybody's."""
    limit = hub.limit(viewer)
    if limit is None:
        return None
    return [body["agent_no"] for body in hub.picture.of_topic(Topic.AGENT) if limit & set(body["queues"])]


async def missed_rows(pool: asyncpg.Pool, hub: Hub, viewer: Viewer, after: int, until: int) -> tuple[list[str], bool]:
    """The rows as messages, and whether they are all: not when the feed was trimmed, or they are too many."""
    if after <= 0 or after > until:
        return [], False
    async with pool.acquire() as conn:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM feed WHERE seq <= $1)", after):
            return [], False
        records = await conn.fetch(
            _MISSED, after, until, viewer.may(Right.LIVE_ALL), viewer.agent_no, MOST + 1, _agents(hub, viewer)
        )
    if len(records) > MOST:
        return [], False
    rows = [RawRow(*r.values()) for r in records]
    return [f'{{"type":"row","prev":0,{core_text(row, row.body)}' for row in rows], True
