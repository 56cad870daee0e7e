"""Alarms for supervisors: somebody tried what may not be. A row an attempt, on the feed at once, in the audit for ever.

The journal writes those of the line (a telephone that dials past the desk) into the same table; they come without us.
A stolen password tries a thousand times: supervisors see one alarm with its count (``api.attempts``) until one of them
acknowledges it, screens are woken once a second for it, and the audit has a line a minute.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.audit import append
from api.errors import DailyCapReached
from api.viewer import Viewer
from cti.facts import Topic
from models.alarm import Alarm, AlarmCode
from models.db import transaction
from models.feed import Item, append_with
from pbx_config.dialling import NumberInvalid, NumberNotAllowed

log = structlog.get_logger()

AUDIT_EVERY_S = 60.0
WAKE_EVERY_S = 1.0


@dataclass(slots=True)
class _Told:
    """When this kind of attempt by this account was last told, and how many there were since."""

    audited: float = float("-inf")
    woken: float = float("-inf")
    unaudited: int = 0


@dataclass(slots=True)
class Alarms:
    """One per process."""

    engine: AsyncEngine
    node: str
    _told: dict[tuple[uuid.UUID, str], _Told] = field(default_factory=dict)

    @asynccontextmanager
    async def watching(self, viewer: Viewer, tried: str) -> AsyncIterator[None]:
        """A refusal to dial in the block is an alarm, and goes on to whoever asked."""
        try:
            yield
        except (NumberNotAllowed, NumberInvalid, DailyCapReached) as exc:
            await self.raise_(AlarmCode(exc.code), viewer, tried)
            raise

    async def raise_(self, code: AlarmCode, viewer: Viewer, detail: str) -> None:
        """``detail`` is what was tried, shown as text."""
        told = self._told.setdefault((viewer.account_id, code), _Told())
        now = time.monotonic()
        tried = "".join(c for c in detail[:64] if c.isprintable())
        told.unaudited += 1
        audits, wakes = now - told.audited >= AUDIT_EVERY_S, now - told.woken >= WAKE_EVERY_S
        attempts = told.unaudited
        if audits:
            told.audited, told.unaudited = now, 0
            log.warning("attempt refused", code=code, login=viewer.login, attempts=attempts)
        if wakes:
            told.woken = now
        async with transaction(self.engine) as session:
            row = Alarm(
                id=uuid.uuid4(), node=self.node, at=datetime.now(UTC), code=code, who=viewer.login,
                account_id=viewer.account_id, detail=tried,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            if audits:
                await append(session, viewer.account_id, f"alarm.{code}", tried, {"attempts": attempts})
            if wakes:
                await append_with(session, self.node, [item_of(row)])


def item_of(row: Alarm) -> Item:
    """A wake-up: what is open, and how often it was tried, is asked of the table."""
    body: dict[str, Any] = {
        "alarm_id": str(row.id), "code": row.code, "who": row.who, "detail": row.detail, "at": row.at.isoformat(),
        "acknowledged_by": row.acknowledged_by,
    }  # fmt: skip
    return Item(Topic.ALARM, str(row.id), body)
