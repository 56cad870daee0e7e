"""Conferences of a case and what was promised: who, what, by when."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import Answer, Ask
from cases.texts import Line, ShortLine
from cti.facts import PartyState


class CallParty(Answer):
    """One leg of the record: who it was, what became of it, who hung up."""

    leg_no: int | None = None
    party: str = Field(examples=["citizen", "agent", "outside"])
    number: str
    number_display: str
    agency_id: uuid.UUID | None = None
    agency_name: str | None = None
    seat: str | None = None
    agent_no: str | None = None
    purpose: str | None = Field(None, description="why we called it: transfer, consult, conference, police, …")
    outcome: str | None = Field(None, description="answered, or how it came to nothing", examples=[*PartyState])
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    hung_up_by: str | None = Field(None, examples=["citizen", "agent", "outside", "switch"])


class ConferenceOpen(Ask):
    call_id: uuid.UUID
    case_id: uuid.UUID | None = Field(None, description="none while the case is a draft: its submit fills it")


class Conference(Answer):
    id: uuid.UUID
    call_id: uuid.UUID
    case_id: uuid.UUID | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None = None
    parties: list[CallParty] = Field(default_factory=list, description="from the record, once it has the call")


class PromiseMake(Ask):
    id: uuid.UUID | None = Field(None, description="made by the client: sending it again makes no second promise")
    case_id: uuid.UUID | None = None
    conference_id: uuid.UUID | None = None
    agency_id: uuid.UUID | None = Field(None, description="none: somebody who is not in the address book")
    who: ShortLine = Field(min_length=1, examples=["李主任"])
    what: Line = Field(min_length=1, examples=["今晚派人更换灯杆 CY-0231 的灯泡"])
    due_at: AwareDatetime


class Promise(Answer):
    id: uuid.UUID
    case_id: uuid.UUID | None
    conference_id: uuid.UUID | None
    agency_id: uuid.UUID | None
    agency_name: str | None = None
    who: str
    what: str
    due_at: datetime
    made_at: datetime
    by: str
