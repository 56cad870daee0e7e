"""How the recorder is: what is wrong since when, what waits, what was done. Mutable, owned by one worker's loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from cti.facts import RecorderLive

log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class Health:
    """``changed`` is set when a reason comes or goes; whoever publishes clears it."""

    node: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    free_bytes: int = 0
    total_bytes: int = 0
    waiting: int = 0
    oldest_s: float = 0.0
    stored: int = 0
    freed_empty: int = 0
    set_aside: int = 0
    missing: int = 0
    failures: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _wrong: dict[str, datetime] = field(default_factory=dict)

    def wrong(self, reason: str, detail: str = "") -> None:
        """Something is wrong; the alarm is raised once, until :meth:`well` takes it back."""
        if reason not in self._wrong:
            self._wrong[reason] = datetime.now(UTC)
            log.error("recorder alarm", node=self.node, reason=reason, detail=detail)
            self.changed.set()

    def well(self, *reasons: str) -> None:
        for reason in reasons:
            since = self._wrong.pop(reason, None)
            if since:
                log.info("recorder alarm over", node=self.node, reason=reason, since=since.isoformat())
                self.changed.set()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of what is wrong now, the oldest first."""
        return tuple(self._wrong)

    def fact(self) -> RecorderLive:
        return RecorderLive(
            node=self.node,
            at=datetime.now(UTC),
            since=self.since,
            reasons=self.reasons,
            free_bytes=self.free_bytes,
            total_bytes=self.total_bytes,
            waiting=self.waiting,
            oldest_s=round(self.oldest_s, 1),
            stored=self.stored,
            freed_empty=self.freed_empty,
            set_aside=self.set_aside,
            missing=self.missing,
            failures=self.failures,
        )
