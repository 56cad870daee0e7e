"""The rows that cti writes of its PBX's endpoints, and of the version that is in force there."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from cti.telephony.states import Now, State, Told

_APPLIED = """
INSERT INTO telephony_applied (node, version, at, fault) VALUES ($1, $2, now(), $3)
ON CONFLICT (node) DO UPDATE SET version = $2, at = now(), fault = $3
"""
_WRITE = """
INSERT INTO endpoint_state (node, endpoint, state, since, address, user_agent, rtt_ms, fault, fault_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (node, endpoint) DO UPDATE SET
state = $3, since = $4, address = $5, user_agent = $6, rtt_ms = $7, fault = $8, fault_at = $9
"""


async def applied(conn: asyncpg.Connection, node: str, version: int, fault: str | None) -> None:
    await conn.execute(_APPLIED, node, version, fault)


async def read(conn: asyncpg.Connection, node: str) -> dict[str, Told]:
    rows = await conn.fetch("SELECT * FROM endpoint_state WHERE node = $1", node)
    return {
        row["endpoint"]: Told(
            Now(State(row["state"]), row["address"], row["user_agent"], row["rtt_ms"]),
            row["since"], row["fault"], row["fault_at"],
        )
        for row in rows
    }  # fmt: skip


async def write(conn: asyncpg.Connection, node: str, before: Mapping[str, Told], now: Mapping[str, Told]) -> None:
    """What differs; an endpoint that is no longer wanted goes."""
    changed = [(name, told) for name, told in now.items() if before.get(name) != told]
    gone = [name for name in before if name not in now]
    if not changed and not gone:
        return
    async with conn.transaction():
        if gone:
            await conn.execute("DELETE FROM endpoint_state WHERE node = $1 AND endpoint = ANY($2)", node, gone)
        await conn.executemany(
            _WRITE,
            [
                (
                    node,
                    name,
                    t.now.state.value,
                    t.since,
                    t.now.address,
                    t.now.user_agent,
                    t.now.rtt_ms,
                    t.fault,
                    t.fault_at,
                )
                for name, t in changed
            ],
        )
