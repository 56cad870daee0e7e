"""Keeps agents whose telephone does not work from being sent calls: turns presence into agent.block and agent.unblock.

One API process keeps the telephones of a house: it alone knows which pages are open.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.command_rows import NewCommand, store
from api.presence import Presence
from api.realtime import Hub
from api.settings import ApiSettings
from cti.facts import Topic
from models.db import DatabaseAway, transaction

log = structlog.get_logger()

TICK_S = 0.5
GATHER_S = 0.05  # a busy house changes hundreds of agents a second, and a look is at all of them


class PhoneKeeper:
    def __init__(self, settings: ApiSettings, engine: AsyncEngine, hub: Hub) -> None:
        self._settings = settings
        self._engine = engine
        self._hub = hub
        self._presence = Presence(settings.phone_grace_s, asyncio.get_running_loop().time())
        self._asked: dict[str, tuple[tuple[str, str | None], float]] = {}

    def heard(self, agent_no: str, socket: int, tab: str, trouble: str | None) -> None:
        """A page told how its telephone is."""
        if self._presence.heard(agent_no, socket, tab, trouble):
            log.info("telephone moved to another page", agent_no=agent_no)
            self._hub.tell_agent(agent_no, self.owner_message(agent_no))
        self._hub.changed.set()

    def gone(self, agent_no: str, socket: int) -> None:
        self._presence.gone(agent_no, socket, asyncio.get_running_loop().time())

    def owner_message(self, agent_no: str) -> dict[str, Any]:
        return {"type": "phone", "owner": self._presence.owner(agent_no)}

    async def run(self) -> None:
        """For ever: look at every change and twice a second."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):  # wait_for may lose the cancellation that ends us (gh-86296)
                    await self._hub.changed.wait()
            self._hub.changed.clear()
            if self._hub.loaded.is_set() and self._hub.away_since is None:
                await self._look()
                await asyncio.sleep(GATHER_S)

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        agents = self._hub.picture.of_topic(Topic.AGENT)
        self._presence.seen({a["agent_no"] for a in agents}, now)
        for agent in agents:
            wanted = self._presence.wanted(agent, now)
            if wanted is None:
                self._asked.pop(agent["agent_no"], None)
                continue
            before = self._asked.get(agent["agent_no"])
            if before is None or before[0] != wanted or now > before[1]:
                await self._ask(agent, wanted, now)

    async def _ask(self, agent: dict[str, Any], wanted: tuple[str, str | None], now: float) -> None:
        kind, reason = wanted
        asked_at = datetime.now(UTC)
        deadline = asked_at + timedelta(seconds=self._settings.command_deadline_s)
        args = {"reason": reason} if reason else {}
        new = NewCommand(uuid.uuid4(), agent["node"], kind, args, None, agent["agent_no"], asked_at, deadline)
        try:
            async with transaction(self._engine) as session:
                await store(session, new)
        except DatabaseAway:
            return  # the next look asks again
        log.info("telephone kept", agent_no=agent["agent_no"], command_kind=kind, reason=reason)
        self._asked[agent["agent_no"]] = (wanted, now + self._settings.command_deadline_s)
