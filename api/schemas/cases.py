"""Drafts, cases, their timeline, and the catalogue they choose from."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.schemas.calls import CallBrief, CaseBrief
from api.schemas.conferences import Conference, Promise
from cases.forms import CaseForm, DraftForm
from cases.texts import Line
from cti.facts import QueueLive
from models.case import CaseKind, CaseState, Disposition, Urgency


class DraftPut(Ask):
    call_id: uuid.UUID | None = None
    rev: int = Field(ge=0, le=2**31 - 1, description="the client's counter; an older one than stored is refused")
    body: DraftForm
    continues: uuid.UUID | None = Field(
        None, description="a colleague's draft of the same call, whose text this one starts with"
    )


class Draft(Answer):
    id: uuid.UUID
    call_id: uuid.UUID | None = None
    rev: int
    body: dict[str, Any] = Field(description="a part of CaseForm")
    begun_by: list[str] = Field(
        [], description="logins of those who wrote what this draft starts with, first one first"
    )
    updated_at: datetime
    created_at: datetime


class CaseSearch(Ask):
    q: Line = ""
    number: Line = ""
    phone: Line = ""
    after: str | None = Field(None, max_length=200)


class CaseSubmit(Ask):
    draft_id: uuid.UUID
    call_id: uuid.UUID | None = None
    form: CaseForm
    disposition: Disposition = Disposition.OPEN
    follow_up_of: uuid.UUID | None = None
    continues: uuid.UUID | None = Field(None, description="as in a draft, where the draft itself was never saved")


class CaseEvent(Answer):
    at: datetime
    kind: str = Field(examples=["case.accepted"])
    by: str
    body: dict[str, Any]


class Case(CaseBrief):
    state: CaseState
    disposition: Disposition
    draft_id: uuid.UUID
    contact_number: str
    address: str
    landmark: str
    district: str | None
    kind: CaseKind
    category: str | None
    description: str
    wish: str
    wants_answer: bool
    urgency: Urgency
    citizen_name: str
    citizen_number: str
    confidential: bool
    calls: list[CallBrief]
    events: list[CaseEvent]
    follow_up_of: uuid.UUID | None
    follow_ups: list[CaseBrief]
    conferences: list[Conference]
    promises: list[Promise]


class Name(Answer):
    zh: str
    en: str


class Category(Answer):
    code: str
    name: Name
    initials: str = Field(description="first letters of the pinyin, for searching", examples=["ldbl"])
    children: list[Category]


class District(Answer):
    code: str
    name: Name
    initials: str


class QueueBrief(Answer):
    queue: str
    live: QueueLive | None = None
