"""Hours and incidents: the calendar, the plan, the profiles, a supervisor's override, announcements, known outages."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from pydantic import AwareDatetime, Field

from api.schemas.base import Answer, Ask, Based, Confirm
from cases.texts import Line, ShortLine
from models.telling import ToldState
from pbx_config.contract import OverflowKind, Profile
from pbx_config.hours import DayKind


class Language(StrEnum):
    """What is spoken on the line."""

    ZH = "zh"
    EN = "en"


class ChangeAsk(Ask):
    minute: int = Field(ge=0, lt=1440, description="of the day, by the wall's clock; a whole quarter of an hour")
    profile: Profile


class HoursAsk(Confirm, Based):
    """From 0:00 on, in order. A make-up workday has a workday's hours."""

    workday: list[ChangeAsk] = Field(min_length=1, max_length=48)
    weekend: list[ChangeAsk] = Field(min_length=1, max_length=48)
    holiday: list[ChangeAsk] = Field(min_length=1, max_length=48)


class HourChange(Answer):
    minute: int
    profile: Profile


class LineHoursPlan(Answer):
    version: str
    workday: list[HourChange]
    weekend: list[HourChange]
    holiday: list[HourChange]


class OverflowAsk(Ask):
    kind: OverflowKind = OverflowKind.MESSAGE
    to: ShortLine = Field("", description="a number on duty, or a queue's name; empty for the others")


class ProfileAsk(Confirm, Based):
    max_waiting: int = Field(ge=1, le=10_000)
    max_wait_s: int = Field(ge=1, le=86_400)
    opening_text: Line = ""
    sound_id: uuid.UUID | None = None
    on_full: OverflowAsk
    on_no_agent: OverflowAsk
    on_too_long: OverflowAsk


class OverflowTo(Answer):
    kind: OverflowKind
    to: str


class LineProfileAnswer(Answer):
    name: Profile
    version: str
    max_waiting: int
    max_wait_s: int
    opening_text: str
    sound_id: uuid.UUID | None
    on_full: OverflowTo
    on_no_agent: OverflowTo
    on_too_long: OverflowTo


class OverrideAsk(Confirm):
    profile: Profile = Profile.SURGE
    until: AwareDatetime


class OverrideAnswer(Answer):
    profile: Profile
    until: datetime
    by: str


class HoursNow(Answer):
    now: Profile
    planned: Profile = Field(description="what the plan says, whatever a supervisor said")
    override: OverrideAnswer | None
    plan: LineHoursPlan
    profiles: list[LineProfileAnswer]
    timezone: str


class CalendarDayAsk(Confirm, Based):
    kind: DayKind
    name_zh: ShortLine = ""
    name_en: ShortLine = ""


class CalendarDayAnswer(Answer):
    day: date
    version: str = Field(description="empty: the table says nothing of it")
    kind: DayKind
    name_zh: str
    name_en: str
    source: str
    set: bool = Field(description="the table says something of this very day")
    provisional: bool = Field(description="no official table of that year, or somebody here said so")


class CalendarMonth(Answer):
    days: list[CalendarDayAnswer]


class SpokenAsk(Ask):
    text: Line = Field(min_length=1)
    language: Language | None = Field(None, description="absent: the line's own")


class LineSoundAnswer(Answer):
    id: uuid.UUID
    seconds: float
    text: str | None
    by: str
    created_at: datetime


class IncidentAsk(Ask):
    title: Line = Field(min_length=1)
    area: ShortLine | None = Field(None, description="city or province where numbers are registered; null: all callers")
    sound_id: uuid.UUID


class TellAsk(Ask):
    sound_id: uuid.UUID = Field(description="what they are called to hear")


class TellingAnswer(Answer):
    """The latest round of telling all; numbers of it and of all rounds before of the same words, each in one state."""

    sound_id: uuid.UUID
    asked_at: datetime
    asked_by: str
    stopped_at: datetime | None
    stopped_by: str | None
    left: int = Field(description="not called yet, or to be called again")
    calling: int
    told: int = Field(description="heard it to its end")
    missed: int = Field(description="tried as often as we try")
    stopped: int = Field(description="not told, because somebody ended the round")


class IncidentAnswer(Answer):
    id: uuid.UUID
    number: int
    title: str
    area: str | None
    sound_id: uuid.UUID
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str | None
    heard: int = Field(description="calls that heard it")
    joined: int = Field(description="calls that were added")
    people: int = Field(description="numbers among them")
    telling: TellingAnswer | None = Field(None, description="null: they were told nothing")


class IncidentList(Answer):
    items: list[IncidentAnswer]


class IncidentCaller(Answer):
    call_id: uuid.UUID
    number: str
    number_display: str
    at: datetime
    told: ToldState | None = Field(None, description="of the latest round's words; null: not among those to be told")
    why: str | None = Field(None, description="stable code of what came of the last attempt")


class IncidentCallers(Answer):
    items: list[IncidentCaller]
