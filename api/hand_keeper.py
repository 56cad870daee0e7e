"""Takes down the hand of who signed out: nobody is to be helped at an empty seat, and the agent's own key went with it.

Two words must agree. The live picture has the agent no more: it alone may be empty for a moment, after a crash of the
database. And the switch's own record (queue_log) has a sign-out since the hand went up: it alone also tells of one
queue of several that was left. So it holds for every way of leaving (one's own, a supervisor's order, a locked account,
the switch's console), not for a command that failed. It is looked at every second: nothing is lost while no API ran,
and of several API processes one takes a hand down.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.hands import tell
from api.realtime import Hub
from cti.facts import Topic
from models.call import AgentEvent
from models.db import DatabaseAway, transaction
from models.floor import HandUp

log = structlog.get_logger()

POLL_S = 1.0
BY = "lianxin"


class HandKeeper:
    def __init__(self, engine: AsyncEngine, hub: Hub, node: str) -> None:
        self._engine, self._hub, self._node = engine, hub, node

    async def run(self) -> None:
        """For ever."""
        while True:
            if self._hub.loaded.is_set() and self._hub.away_since is None:
                with contextlib.suppress(DatabaseAway):  # the next look finds them again
                    await self.look()
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        since = func.date_trunc("second", HandUp.raised_at)  # queue_log's stamps are whole seconds
        left = select(AgentEvent.id).where(
            AgentEvent.agent_no == HandUp.agent_no, AgentEvent.kind == "sign_out", AgentEvent.at >= since
        )
        question = select(HandUp).where(HandUp.ended_at.is_(None), left.exists()).with_for_update()
        async with transaction(self._engine) as session:
            hands = await session.scalars(question)
            rows = [row for row in hands if self._hub.picture.get(Topic.AGENT, row.agent_no) is None]
            for row in rows:
                row.ended_at, row.ended_by = datetime.now(UTC), BY
            if rows:
                await tell(session, rows, self._node)
        for row in rows:
            log.info("hand taken down", agent_no=row.agent_no, hand_id=str(row.id))
