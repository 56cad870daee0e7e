"""What a screen missed while it was away: rows that are not live state, as far as it may see them."""

from __future__ import annotations

from api.edge import Parts
from api.past_limits import people_of
from api.realtime import core_text
from api.rights import Right
from api.viewer import Viewer
from models.db import read_only
from models.feed import RawRow

MOST = 500
_MISSED = """
SELECT f.seq, f.at, f.node, f.topic, f.key,
    CASE WHEN f.topic <> 'hand' OR $6::text[] IS NULL OR f.body->>'agent_no' = ANY($6) THEN f.body::text END AS body
FROM feed f LEFT JOIN call c ON f.topic IN ('record', 'recording') AND c.id = (f.body->>'call_id')::uuid
WHERE f.seq > $1 AND f.seq <= $2 AND (
    (f.topic IN ('record', 'recording') AND ($3 OR c.agent_no = $4))
    OR (f.topic IN ('case', 'danger') AND ($3 OR f.body->>'agent_no' = $4))
    OR (f.topic = 'hand' AND (f.body->>'agent_no' = $4
        OR $3 AND ($6 IS NULL OR f.body->>'agent_no' = ANY($6) OR f.body->>'ended_at' IS NOT NULL)))
    OR (f.topic = 'message' AND (f.body->>'to_agent' IS NULL OR f.body->>'to_agent' = $4
        OR $3 AND ($6 IS NULL OR f.body->>'to_agent' = ANY($6))))
    OR (f.topic = 'alarm' AND $3)
    OR (f.topic = 'command' AND f.body->>'agent_no' = $4))
ORDER BY f.seq LIMIT $5
"""


async def missed_rows(parts: Parts, viewer: Viewer, after: int, until: int) -> tuple[list[str], bool]:
    """The rows as messages, and whether they are all: not when the feed was trimmed, or they are too many."""
    if after <= 0 or after > until:
        return [], False
    async with read_only(parts.engine) as session:
        of_limit = await people_of(session, viewer, parts)
    people = None if of_limit is None else sorted(of_limit)
    async with parts.pool.acquire() as conn:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM feed WHERE seq <= $1)", after):
            return [], False
        records = await conn.fetch(_MISSED, after, until, viewer.may(Right.LIVE_ALL), viewer.agent_no, MOST + 1, people)
    if len(records) > MOST:
        return [], False
    rows = [RawRow(*r.values()) for r in records]
    return [f'{{"type":"row","prev":0,{core_text(row, row.body)}' for row in rows], True
