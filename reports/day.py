"""The indicators of one day of the site, each with one definition and the attempts behind it. Pure.

A day is the site's own, from midnight to midnight; a call belongs to the day on which it reached the queue. Rates are
of what is decided: who waits still is offered, and in no rate yet.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from reports.attempts import SERVICE_S, Attempt, Fate
from reports.rolling import SPAN, Worst, worst_window


class Number(StrEnum):
    """The numbers of a day that drill down to calls."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT = "short"
    REFUSED = "refused"
    LOST = "lost"
    UNSERVED = "unserved"  # refused or lost
    WAITING = "waiting"
    EARLY = "early"
    IN_TIME = "in_time"
    UNREACHED = "unreached"
    WITHHELD = "withheld"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Period:
    """A day of the site as moments: [begin, end)."""

    day: date
    begin: datetime
    end: datetime

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> Period:
        begin = datetime.combine(day, time.min, zone)
        return cls(day, begin, datetime.combine(day + timedelta(days=1), time.min, zone))

    @classmethod
    def containing(cls, moment: datetime, zone: ZoneInfo) -> Period:
        return cls.of(moment.astimezone(zone).date(), zone)

    def has(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end


class Day:
    """One day as far as it is known ``now``. ``attempts``: of this day and the 24 hours before it.

    ``service_s``: T of the service level, one for all the attempts.
    """

    def __init__(
        self, attempts: Iterable[Attempt], period: Period, now: datetime, service_s: float = SERVICE_S
    ) -> None:
        self.period = period
        self.now = min(now, period.end)
        self.service_s = service_s
        self._all = list(attempts)
        self._today = [a for a in self._all if period.has(a.at)]

    def rows(self, number: Number) -> list[Attempt]:
        """The attempts that a number counts (of UNREACHED: every attempt of those people)."""
        special = {
            Number.OFFERED: self._offered, Number.IN_TIME: self._in_time, Number.UNREACHED: self._of_unreached,
            Number.WITHHELD: self._withheld, Number.WORST: self._worst_rows, Number.UNSERVED: self._unserved,
        }  # fmt: skip
        found = special.get(number)
        return found() if found else self._of(Fate(number.value))

    def ids(self, number: Number) -> list[uuid.UUID]:
        return [a.call_id for a in self.rows(number)]

    def count(self, number: Number) -> int:
        """How many; of UNREACHED people, of all else calls."""
        return len(self.unreached) if number is Number.UNREACHED else len(self.rows(number))

    @property
    def connect_rate(self) -> float | None:
        """Answered by a person ÷ offered."""
        return self._share(Number.ANSWERED)

    @property
    def service_level(self) -> float | None:
        """Answered within ``service_s`` ÷ offered."""
        return self._share(Number.IN_TIME)

    @cached_property
    def worst(self) -> Worst | None:
        """Of all continuous 24 hours that ended on this day, up to now."""
        calls = [(a.at, a.fate is Fate.ANSWERED) for a in self._decided(self._all)]
        last = self.now if self.now < self.period.end else self.period.end - timedelta(microseconds=1)
        return worst_window(calls, self.period.begin, last)

    @cached_property
    def unreached(self) -> frozenset[str]:
        """Distinct callers who called and were answered on no attempt of the day. Withheld numbers are nobody's.

        Those who wait or hear the notice are not given up yet. Being called back later does not make it unhappened.
        """
        known = [a for a in self._today if a.caller]
        reached = {a.caller for a in known if a.fate is Fate.ANSWERED}
        return frozenset(a.caller for a in known if a.decided) - reached

    def _of(self, fate: Fate) -> list[Attempt]:
        return [a for a in self._today if a.fate is fate]

    def _offered(self) -> list[Attempt]:
        return [a for a in self._today if a.offered]

    def _in_time(self) -> list[Attempt]:
        return [a for a in self._today if a.answered_within(self.service_s)]

    def _unserved(self) -> list[Attempt]:
        return [a for a in self._today if a.fate in (Fate.REFUSED, Fate.LOST)]

    def _of_unreached(self) -> list[Attempt]:
        return [a for a in self._today if a.caller in self.unreached]

    def _withheld(self) -> list[Attempt]:
        """Attempts that were not answered and show no number: how many people, nobody can tell."""
        return [a for a in self._today if not a.caller and a.decided and a.fate is not Fate.ANSWERED]

    def _worst_rows(self) -> list[Attempt]:
        worst = self.worst
        if worst is None:
            return []
        return [a for a in self._decided(self._all) if worst.until - SPAN < a.at <= worst.until]

    @staticmethod
    def _decided(attempts: Sequence[Attempt]) -> list[Attempt]:
        return [a for a in attempts if a.offered and a.decided]

    def _share(self, number: Number) -> float | None:
        of = len(self._decided(self._today))
        return self.count(number) / of if of else None
