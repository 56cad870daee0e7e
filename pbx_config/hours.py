"""Which profile the line has at a moment: the calendar, the plan of the hours, and a supervisor's override. Pure.

Also the same decision laid out for weeks ahead in quarters of an hour of UTC, which is how the PBX knows it without us
and without any table of time zones (docs/decisions/0009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from models.errors import Refused
from pbx_config.contract import PLAN_SLOT_S, Profile

SATURDAY: Final = 5
_DAY_MINUTES: Final = 24 * 60
_STEP_MINUTES: Final = PLAN_SLOT_S // 60


class BadPlan(Refused):
    """Hours that do not cover a day in order, or that change within a quarter of an hour."""

    code = "hours.bad_plan"


class DayKind(StrEnum):
    """What a date is for people who work."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # 调休: a Saturday or Sunday that is worked


@dataclass(frozen=True, slots=True)
class Change:
    """From this minute of the day on, this profile."""

    minute: int
    profile: Profile


@dataclass(frozen=True, slots=True)
class Hours:
    """The changes of each kind of day, by the clock on the wall; a make-up workday has a workday's.

    Raises:
        BadPlan: a kind does not begin at 0:00, is not in order, or names the surge, which has no hours.
    """

    workday: tuple[Change, ...] = (
        Change(0, Profile.NIGHT), Change(8 * 60, Profile.DAY), Change(18 * 60, Profile.NIGHT)
    )  # fmt: skip
    weekend: tuple[Change, ...] = (Change(0, Profile.WEEKEND),)
    holiday: tuple[Change, ...] = (Change(0, Profile.HOLIDAY),)

    def __post_init__(self) -> None:
        for changes in (self.workday, self.weekend, self.holiday):
            minutes = [change.minute for change in changes]
            whole = all(0 <= m < _DAY_MINUTES and m % _STEP_MINUTES == 0 for m in minutes)
            if not minutes or minutes[0] != 0 or not whole or minutes != sorted(set(minutes)):
                raise BadPlan("a day begins at 0:00 and changes in order, at whole quarters of an hour")
            if any(change.profile is Profile.SURGE for change in changes):
                raise BadPlan("a surge has no hours: a supervisor says when it is over")

    def of(self, kind: DayKind) -> tuple[Change, ...]:
        if kind is DayKind.HOLIDAY:
            return self.holiday
        return self.weekend if kind is DayKind.WEEKEND else self.workday


def hours_of(told: Mapping[str, Any]) -> Hours:
    """As a column of JSON holds them.

    Raises:
        BadPlan
    """
    return Hours(**{kind: tuple(Change(minute, Profile(name)) for minute, name in told[kind]) for kind in told})


def as_told(hours: Hours) -> dict[str, Any]:
    """The inverse of :func:`hours_of`."""
    kinds = {"workday": hours.workday, "weekend": hours.weekend, "holiday": hours.holiday}
    return {kind: [[change.minute, change.profile.value] for change in changes] for kind, changes in kinds.items()}


@dataclass(frozen=True, slots=True)
class Override:
    """A supervisor's word against the plan; it ends by itself."""

    profile: Profile
    until: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """``calendar`` holds the days that are not what their weekday says."""

    zone: tzinfo
    hours: Hours = Hours()
    calendar: Mapping[date, DayKind] = field(default_factory=dict)
    override: Override | None = None


def kind_of(day: date, calendar: Mapping[date, DayKind]) -> DayKind:
    return calendar.get(day) or (DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY)


def is_worked(day: date, calendar: Mapping[date, DayKind]) -> bool:
    return kind_of(day, calendar) in (DayKind.WORKDAY, DayKind.MAKE_UP)


def planned_at(now: datetime, plan: Plan) -> Profile:
    """What the hours say, whatever a supervisor said."""
    local = now.astimezone(plan.zone)
    minute = local.hour * 60 + local.minute
    changes = plan.hours.of(kind_of(local.date(), plan.calendar))
    return next(change.profile for change in reversed(changes) if change.minute <= minute)


def profile_at(now: datetime, plan: Plan) -> Profile:
    """The profile of the line at ``now`` (aware)."""
    override = plan.override
    if override is not None and now < override.until:
        return override.profile
    return planned_at(now, plan)


def slots(first: date, days: int, plan: Plan) -> tuple[datetime, Sequence[Profile]]:
    """From 0:00 of ``first`` by the wall's clock: the planned profile of each quarter of an hour that really passes."""
    begin = datetime.combine(first, time(), plan.zone).astimezone(UTC)
    end = datetime.combine(first + timedelta(days=days), time(), plan.zone).astimezone(UTC)
    step = timedelta(seconds=PLAN_SLOT_S)
    return begin, [planned_at(begin + n * step, plan) for n in range((end - begin) // step)]
