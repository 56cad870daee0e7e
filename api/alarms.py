"""Alarms for supervisors: somebody tried what may not be. On the feed within a second, in the audit for ever.

A stolen password tries a thousand times: one alarm a minute for each account and kind tells how many there were.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.audit import append
from api.viewer import Viewer
from cti.facts import Topic
from models.db import transaction
from models.feed import Item, append_with

log = structlog.get_logger()

EVERY_S = 60.0


@dataclass(slots=True)
class Alarms:
    """One per process."""

    engine: AsyncEngine
    node: str
    _told: dict[tuple[uuid.UUID, str], float] = field(default_factory=dict)
    _untold: dict[tuple[uuid.UUID, str], int] = field(default_factory=dict)

    async def raise_(self, code: str, viewer: Viewer, detail: str) -> None:
        """Tell it, unless the same was told a moment ago; ``detail`` is what was tried, shown as text."""
        key = (viewer.account_id, code)
        now = time.monotonic()
        attempts = self._untold.pop(key, 0) + 1
        if now - self._told.get(key, float("-inf")) < EVERY_S:
            self._untold[key] = attempts
            return
        self._told[key] = now
        tried = "".join(c for c in detail[:64] if c.isprintable())
        log.warning("attempt refused", code=code, login=viewer.login, attempts=attempts)
        body: dict[str, Any] = {
            "alarm_id": str(uuid.uuid4()), "code": code, "login": viewer.login, "agent_no": viewer.agent_no,
            "detail": tried, "attempts": attempts, "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        async with transaction(self.engine) as session:
            await append(session, viewer.account_id, f"alarm.{code}", tried, {"attempts": attempts})
            await append_with(session, self.node, [Item(Topic.ALARM, body["alarm_id"], body)])
