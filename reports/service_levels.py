"""Within how many seconds a call of each queue is to be answered: as an admin tuned it, else the site's setting."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

_LEVELS = """
SELECT DISTINCT ON (subject) subject,
    CASE WHEN jsonb_typeof(value->'service_s') = 'number' THEN (value->>'service_s')::float END AS service_s
FROM tuning WHERE kind = 'queue' ORDER BY subject, revision DESC
"""


async def service_levels(conn: asyncpg.Connection, plain: Mapping[str, float]) -> dict[str, float]:
    """Queue → seconds; ``plain`` where nobody tuned the queue."""
    tuned = {row["subject"]: row["service_s"] for row in await conn.fetch(_LEVELS) if row["service_s"] is not None}
    return {**plain, **tuned}
