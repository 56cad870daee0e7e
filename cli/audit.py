"""`lianxin audit-verify`: is the audit's chain whole."""

from __future__ import annotations

from api import audit
from cli import database
from cli.language import complain, say, tell
from cli.settings import Settings
from models.db import make_engine


async def verify(settings: Settings) -> int:
    """0 when every row fits the one before it, 1 when one does not."""
    async with database.available(settings) as dsn:
        engine = make_engine(dsn)
        try:
            chain = await audit.verify(engine)
        finally:
            await engine.dispose()
    if chain.broken_at is not None:
        complain(say("audit_broken", rows=chain.rows, row=chain.broken_at))
        return 1
    tell(say("audit_whole", rows=chain.rows, head=chain.head.hex()))
    return 0
