"""A PostgreSQL that is there and says no to what is written into a table, as with a full disk."""

from __future__ import annotations

from typing import Any

REFUSALS = {
    "53100": "DiskFullError",
    "53200": "OutOfMemoryError",
    "25006": "ReadOnlySQLTransactionError",
    "57014": "QueryCanceledError",
    "58030": "PostgresIOError",
    "42501": "InsufficientPrivilegeError",  # of no kind that says "later": a mistake of somebody's, mended while we run
}
DISK_FULL = "53100"
_REFUSE = """
CREATE SEQUENCE IF NOT EXISTS refusals MINVALUE 0;
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM nextval('refusals'); RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION refuse()
"""


async def refuse(conn: Any, code: str, table: str) -> None:
    """``conn``: a connection of asyncpg, or a pool. ``code``: SQLSTATE."""
    await conn.execute(_REFUSE.format(code=code, table=table))


async def refused(conn: Any) -> int:
    """How often: a sequence counts on where all else is rolled back."""
    times: int = await conn.fetchval("SELECT last_value FROM refusals")
    return times


async def relent(conn: Any, table: str) -> None:
    await conn.execute(f"DROP TRIGGER refuse ON {table}")
