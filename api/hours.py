"""The line's hours over HTTP: what it is now, the calendar, the plan, the profiles, and a supervisor's override.

The PBX's side (cti.hours) sees a change by itself within a second; nothing here waits for it or for cti to run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, status
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.rights import Right
from api.schemas.base import BasedOn, Confirmed
from api.schemas.hours import (
    CalendarDayAnswer,
    CalendarDayAsk,
    CalendarMonth,
    ChangeAsk,
    HourChange,
    HoursAsk,
    HoursNow,
    LineHoursPlan,
    LineProfileAnswer,
    OverflowAsk,
    OverflowTo,
    OverrideAnswer,
    OverrideAsk,
    ProfileAsk,
)
from api.tuning_answers import waiting
from api.viewer import Viewer
from cases import line_hours, tuning, tuning_warnings
from cases.line_hours import DayChange
from models.db import read_only, transaction
from models.hours import LineProfile
from models.tuning import Kind
from pbx_config import dialling
from pbx_config.contract import OverflowKind, Profile
from pbx_config.hours import Change, Hours, as_told, planned_at, profile_at
from pbx_config.line_files import Overflow

router = APIRouter(prefix="/hours", tags=["hours"])

Reader = Annotated[Viewer, needs(Right.HOURS)]
Writer = Annotated[Viewer, needs(Right.HOURS_WRITE)]
Supervisor = Annotated[Viewer, needs(Right.SURGE)]
_ORDER = list(Profile)


@router.get("", summary="What the line is like now, and why")
async def get_hours(viewer: Reader, request: Request) -> HoursNow:
    return await _now(parts_of(request))


async def _now(parts: Parts) -> HoursNow:
    now = datetime.now(UTC)
    async with read_only(parts.engine) as session:
        plan = await line_hours.plan(session, parts.settings.zone, now)
        override = await line_hours.override(session, now)
        profiles = await line_hours.profiles(session)
    return HoursNow(
        now=profile_at(now, plan), planned=planned_at(now, plan),
        override=OverrideAnswer.model_validate(override) if override else None,
        plan=_plan(plan.hours),
        profiles=sorted(map(_profile, profiles), key=lambda p: _ORDER.index(p.name)), timezone=parts.settings.timezone,
    )  # fmt: skip


def _plan(hours: Hours) -> LineHoursPlan:
    return LineHoursPlan(
        version=line_hours.plan_version(hours), workday=_changes(hours.workday), weekend=_changes(hours.weekend),
        holiday=_changes(hours.holiday),
    )  # fmt: skip


def _changes(changes: Sequence[Change]) -> list[HourChange]:
    return [HourChange(minute=change.minute, profile=change.profile) for change in changes]


def _profile(row: LineProfile) -> LineProfileAnswer:
    def to(on: str) -> OverflowTo:
        return OverflowTo(kind=getattr(row, on), to=getattr(row, f"{on}_to"))

    return LineProfileAnswer(
        name=Profile(row.name), version=line_hours.profile_version(row), max_waiting=row.max_waiting,
        max_wait_s=row.max_wait_s, opening_text=row.opening_text, sound_id=row.sound_id,
        on_full=to("on_full"), on_no_agent=to("on_no_agent"), on_too_long=to("on_too_long"),
    )  # fmt: skip


@router.put("/plan", summary="Which profile at which hour, for workdays, weekends and holidays")
async def set_plan(asked: HoursAsk, viewer: Writer, request: Request) -> HoursNow:
    hours = Hours(_given(asked.workday), _given(asked.weekend), _given(asked.holiday))
    async with _change(request, viewer, _Asked("hours.plan", "line", asked.confirmed, as_told(hours))) as session:
        await line_hours.set_hours(session, hours, asked.based_on)
    return await _now(parts_of(request))


def _given(changes: Sequence[ChangeAsk]) -> tuple[Change, ...]:
    return tuple(Change(change.minute, change.profile) for change in changes)


@router.put("/profiles/{name}", summary="What the line does in a profile")
async def set_profile(name: Profile, asked: ProfileAsk, viewer: Writer, request: Request) -> HoursNow:
    """A telephone on duty must be one that the class of service lets us call: no abroad, no priced number, not us."""
    parts = parts_of(request)
    values: dict[str, Any] = {
        "max_waiting": asked.max_waiting, "max_wait_s": asked.max_wait_s, "opening_text": asked.opening_text,
        "sound_id": asked.sound_id,
    }  # fmt: skip
    told: dict[str, Any] = {}
    async with _change(request, viewer, _Asked("hours.profile", name.value, asked.confirmed, told)) as session:
        await tuning.lock(session)  # no number becomes ours meanwhile
        ours = {*parts.settings.own_numbers, *(await tuning.newest(session))[Kind.NUMBER]}
        for on in ("on_full", "on_no_agent", "on_too_long"):
            overflow = _overflow(getattr(asked, on), ours)
            values |= {on: overflow.kind.value, f"{on}_to": overflow.to}
        await line_hours.set_profile(session, name.value, values, asked.based_on)
        told |= {key: value if isinstance(value, int) else str(value or "") for key, value in values.items()}
    return await _now(parts)


def _overflow(asked: OverflowAsk, ours: Collection[str]) -> Overflow:
    """Raises: NumberInvalid, NumberNotAllowed, BadSettings."""
    if asked.kind is OverflowKind.DUTY:
        return Overflow(asked.kind, dialling.allowed(asked.to, ours))
    return Overflow(asked.kind, asked.to)


# ── a supervisor's word ──────────────────────────────────────────────────────────────────────────────


@router.post("/override", summary="Another profile than the plan's, until a time")
async def set_override(asked: OverrideAsk, viewer: Supervisor, request: Request) -> HoursNow:
    now = datetime.now(UTC)
    change = _Asked("hours.override", asked.profile.value, asked.confirmed, {"until": asked.until.isoformat()})
    async with _change(request, viewer, change) as session:
        await line_hours.set_override(session, asked.profile.value, asked.until, viewer.login, now)
    return await _now(parts_of(request))


@router.delete("/override", summary="The plan's profile again")
async def end_override(viewer: Supervisor, request: Request, confirmed: Confirmed = False) -> HoursNow:
    async with _change(request, viewer, _Asked("hours.override_ended", "line", confirmed)) as session:
        await line_hours.end_override(session, viewer.login, datetime.now(UTC))
    return await _now(parts_of(request))


# ── the calendar ─────────────────────────────────────────────────────────────────────────────────────


@router.get("/calendar/{year}/{month}", summary="The days of a month: worked, off, made up; official or provisional")
async def get_month(
    year: Annotated[int, Path(ge=2000, le=2100)],
    month: Annotated[int, Path(ge=1, le=12)],
    viewer: Reader,
    request: Request,
) -> CalendarMonth:
    async with read_only(parts_of(request).engine) as session:
        days = await line_hours.month(session, year, month)
    return CalendarMonth(days=[CalendarDayAnswer.model_validate(day) for day in days])


@router.put("/calendar/{day}", status_code=status.HTTP_204_NO_CONTENT, summary="Say what a day is")
async def set_day(day: date, asked: CalendarDayAsk, viewer: Writer, request: Request) -> None:
    told = {"kind": asked.kind.value, "name_zh": asked.name_zh, "name_en": asked.name_en}
    async with _change(request, viewer, _Asked("calendar.set", day.isoformat(), asked.confirmed, told)) as session:
        source = f"{viewer.login} {datetime.now(UTC):%Y-%m-%d}"
        await line_hours.set_day(
            session, day, DayChange(asked.kind, asked.name_zh, asked.name_en, source, asked.based_on)
        )


@router.delete("/calendar/{day}", status_code=status.HTTP_204_NO_CONTENT, summary="A day as its weekday says")
async def clear_day(
    day: date, viewer: Writer, request: Request, based_on: BasedOn, confirmed: Confirmed = False
) -> None:
    async with _change(request, viewer, _Asked("calendar.cleared", day.isoformat(), confirmed)) as session:
        await line_hours.clear_day(session, day, based_on)


# ── one way for all of them ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Asked:
    """``told``: for the audit, as it is once the change was made."""

    action: str
    subject: str
    confirmed: bool
    told: Mapping[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def _change(request: Request, viewer: Viewer, asked: _Asked) -> AsyncIterator[AsyncSession]:
    """One transaction: the change, what it does at once to who waits, its line in the audit.

    Raises:
        TuningUnconfirmed: fewer may wait from now on than do; done once its warnings were read.
    """
    parts, now = parts_of(request), datetime.now(UTC)
    async with transaction(parts.engine) as session:
        before = await line_hours.most_waiting(session, parts.settings.zone, now)
        yield session
        most = await line_hours.most_waiting(session, parts.settings.zone, now)
        warned = tuning_warnings.of_places(most, waiting(parts)) if most < before else []
        codes = tuning_warnings.confirmed(warned, asked.confirmed)
        told = dict(asked.told) | ({"confirmed": codes} if codes else {})
        await append(session, viewer.account_id, asked.action, asked.subject, told)
