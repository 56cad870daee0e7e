"""The line's hours as tables: the calendar, the plan, the profiles, a supervisor's override. Who may is api's."""

from __future__ import annotations

import calendar as weeks
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import asyncpg
from sqlalchemy import extract, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases import versions
from cases.errors import OverrideEnd, ProfileNotFound, SoundNotFound
from cases.incidents import bump
from models.hours import CalendarDay, LineHours, LineOverride, LineProfile, LineSound
from pbx_config.calendar_cn import official_days, seeds
from pbx_config.contract import OverflowKind, Profile
from pbx_config.hours import DayKind, Hours, Override, Plan, as_told, hours_of, kind_of, profile_at

LONGEST_OVERRIDE = timedelta(hours=24)

_SEED = """
INSERT INTO calendar_day (day, kind, name_zh, name_en, source) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day) DO NOTHING
"""


async def seed(dsn: str) -> None:
    """Write the official calendars; what an admin changed stays."""
    conn = await asyncpg.connect(dsn)
    try:
        days = [one for file in seeds() for one in official_days(file)]
        await conn.executemany(_SEED, [(d.day, d.kind.value, d.name_zh, d.name_en, d.source) for d in days])
        await conn.execute("UPDATE line_hours SET version = version + 1")
    finally:
        await conn.close()


# ── calendar ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Day:
    """One date as it is shown. ``provisional``: nobody issued this year's table yet, or an admin said so."""

    day: date
    version: str
    kind: DayKind
    name_zh: str
    name_en: str
    source: str
    set: bool  # the table says something of this very day
    provisional: bool


async def month(session: AsyncSession, year: int, number: int) -> list[Day]:
    rows = {row.day: row for row in await session.scalars(select(CalendarDay).where(_in_year(year)))}
    official = any(not row.provisional for row in rows.values())
    kinds = {day: DayKind(row.kind) for day, row in rows.items()}
    days = []
    for n in range(1, weeks.monthrange(year, number)[1] + 1):
        day = date(year, number, n)
        row = rows.get(day)
        names = (row.name_zh, row.name_en, row.source) if row else ("", "", "")
        provisional = row.provisional if row else not official
        days.append(Day(day, day_version(row), kind_of(day, kinds), *names, row is not None, provisional))
    return days


def _in_year(year: int) -> Any:
    return extract("year", CalendarDay.day) == year


def day_version(row: CalendarDay | None) -> str:
    """Of what the table says of a day."""
    return versions.version_of(row.kind, row.name_zh, row.name_en) if row is not None else versions.NONE


async def _seen_day(session: AsyncSession, day: date, based_on: str) -> CalendarDay | None:
    """As it is now; until the transaction ends nobody else changes it. Raises: TuningMeanwhile."""
    await bump(session)  # its lock orders two admins
    row = await session.get(CalendarDay, day)
    told = versions.Told(day.isoformat(), ("calendar.set", "calendar.cleared"))
    await versions.must_be_newest(session, day_version(row), based_on, told)
    return row


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a day is to be. ``based_on``: the version that its author saw."""

    kind: DayKind
    name_zh: str
    name_en: str
    source: str
    based_on: str


async def set_day(session: AsyncSession, day: date, change: DayChange) -> None:
    """Raises: TuningMeanwhile."""
    row = await _seen_day(session, day, change.based_on)
    if row is None:
        row = CalendarDay(day=day)
        session.add(row)
    row.kind, row.name_zh, row.name_en = change.kind.value, change.name_zh, change.name_en
    row.source, row.provisional = change.source, True
    await session.flush()


async def clear_day(session: AsyncSession, day: date, based_on: str) -> None:
    """It is what its weekday says again. Raises: TuningMeanwhile."""
    row = await _seen_day(session, day, based_on)
    if row is not None:
        await session.delete(row)
        await session.flush()


# ── plan and profiles ────────────────────────────────────────────────────────────────────────────────


async def plan(session: AsyncSession, zone: tzinfo, now: datetime) -> Plan:
    """What decides at ``now``."""
    hours = await session.get_one(LineHours, 1)
    days = await session.execute(select(CalendarDay.day, CalendarDay.kind))
    calendar = {day: DayKind(kind) for day, kind in days}
    said = await override(session, now)
    return Plan(zone, hours_of(hours.hours), calendar, Override(Profile(said.profile), said.until) if said else None)


def plan_version(hours: Hours) -> str:
    return versions.version_of(as_told(hours))


async def set_hours(session: AsyncSession, hours: Hours, based_on: str) -> None:
    """Raises: TuningMeanwhile."""
    row = await session.get_one(LineHours, 1, with_for_update=True, populate_existing=True)
    told = versions.Told("line", ("hours.plan",))
    await versions.must_be_newest(session, plan_version(hours_of(row.hours)), based_on, told)
    row.hours = as_told(hours)
    await session.flush()
    await bump(session)


async def profiles(session: AsyncSession) -> Sequence[LineProfile]:
    return list(await session.scalars(select(LineProfile)))


async def most_waiting(session: AsyncSession, zone: tzinfo, now: datetime) -> int:
    """How many may wait in each queue at ``now``."""
    profile = profile_at(now, await plan(session, zone, now))
    return (await session.get_one(LineProfile, profile.value)).max_waiting


async def on_duty(session: AsyncSession) -> frozenset[str]:
    """The telephones to which some profile sends callers."""
    found = [
        (getattr(row, on), getattr(row, f"{on}_to"))
        for row in await profiles(session)
        for on in ("on_full", "on_no_agent", "on_too_long")
    ]
    return frozenset(to for kind, to in found if kind == OverflowKind.DUTY)


def profile_version(row: LineProfile) -> str:
    """Of everything that is set in it."""
    columns = [column.name for column in LineProfile.__table__.columns]
    return versions.version_of(*(getattr(row, column) for column in columns))


async def set_profile(session: AsyncSession, name: str, values: Mapping[str, Any], based_on: str) -> LineProfile:
    """Raises: ProfileNotFound, TuningMeanwhile, SoundNotFound."""
    row = await session.get(LineProfile, name, with_for_update=True, populate_existing=True)
    if row is None:
        raise ProfileNotFound
    told = versions.Told(name, ("hours.profile",))
    await versions.must_be_newest(session, profile_version(row), based_on, told)
    sound_id = values["sound_id"]
    if sound_id is not None and await session.get(LineSound, sound_id) is None:
        raise SoundNotFound
    for column, value in values.items():
        setattr(row, column, value)
    await session.flush()
    await bump(session)
    return row


# ── override ─────────────────────────────────────────────────────────────────────────────────────────


async def override(session: AsyncSession, now: datetime) -> LineOverride | None:
    """The one in force."""
    rows = select(LineOverride).where(LineOverride.ended_at.is_(None), LineOverride.until > now)
    found: LineOverride | None = await session.scalar(rows.order_by(LineOverride.created_at.desc()).limit(1))
    return found


async def set_override(session: AsyncSession, profile: str, until: datetime, by: str, now: datetime) -> LineOverride:
    """In place of any other. Raises: OverrideEnd."""
    if not now < until <= now + LONGEST_OVERRIDE:
        raise OverrideEnd(hours=int(LONGEST_OVERRIDE.total_seconds() // 3600))
    await end_override(session, by, now)
    row = LineOverride(id=uuid.uuid4(), profile=profile, created_at=now, until=until, by=by)
    session.add(row)
    await session.flush()
    return row


async def end_override(session: AsyncSession, by: str, now: datetime) -> None:
    """What is in force ends now; nothing to do where there is none."""
    await bump(session)  # first: its lock orders two supervisors
    for row in await session.scalars(
        select(LineOverride).where(LineOverride.ended_at.is_(None), LineOverride.until > now)
    ):
        row.ended_at, row.ended_by = now, by
    await session.flush()


# ── announcements ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class NewSound:
    sha256: str
    seconds: float
    text: str | None
    wav: bytes
    by: str


async def keep_sound(session: AsyncSession, new: NewSound) -> LineSound:
    """The same words once."""
    found: LineSound | None = await session.scalar(select(LineSound).where(LineSound.sha256 == new.sha256))
    if found is not None:
        return found
    row = LineSound(
        id=uuid.uuid4(), sha256=new.sha256, seconds=new.seconds, text=new.text, wav=new.wav, by=new.by
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def sound(session: AsyncSession, sound_id: uuid.UUID) -> LineSound:
    """Raises: SoundNotFound."""
    row = await session.get(LineSound, sound_id)
    if row is None:
        raise SoundNotFound
    return row
