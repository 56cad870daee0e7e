"""Who is called back next, and when: never while people wait who would be served first. Pure, without clock or I/O.

A call back takes an agent from those who wait. So it is offered while more agents are ready than citizens wait, or
nobody waits; or to a citizen whose kept place is older than that of everybody who waits, which is that citizen's turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from models.unreached import UnreachedKind


@dataclass(frozen=True, slots=True)
class Floor:
    """The queue as it stands now. ``longest_since``: when the one who waits longest came."""

    waiting: int
    longest_since: datetime | None
    ready: int

    @property
    def spare(self) -> bool:
        """An agent more than is needed for those who wait."""
        return self.waiting == 0 or self.ready > self.waiting


@dataclass(frozen=True, slots=True)
class Owed:
    """What the rule needs to know of an open entry."""

    number: str
    kind: str
    since_at: datetime
    callable: bool
    next_at: datetime | None = None

    @property
    def keeps_place(self) -> bool:
        return self.kind == UnreachedKind.CALL_BACK


@dataclass(frozen=True, slots=True)
class Rules:
    """The site's. ``gaps``: after the first call that nobody answered, after the second, …; the last one repeats."""

    tries: int = 3
    gaps: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(hours=2))
    expires_after: timedelta = timedelta(days=7)
    lease: timedelta = timedelta(seconds=90)  # for the agent's own telephone; while the call is tried it grows

    def gap(self, tries: int) -> timedelta:
        return self.gaps[min(tries, len(self.gaps)) - 1]


T = TypeVar("T", bound=Owed)


def its_turn(owed: Owed, floor: Floor) -> bool:
    """A kept place is before everybody who waits."""
    return owed.keeps_place and (floor.longest_since is None or owed.since_at <= floor.longest_since)


def may_offer(owed: Owed, floor: Floor, now: datetime) -> bool:
    """Whether this citizen may be called back now."""
    if not owed.callable or (owed.next_at is not None and owed.next_at > now):
        return False
    return floor.spare or its_turn(owed, floor)


def in_order(entries: Iterable[T], floor: Floor) -> list[T]:
    """Whose kept place has come, then the oldest."""
    return sorted(entries, key=lambda e: (not its_turn(e, floor), e.since_at, e.number))
