"""Danger calls: raised by an agent, seen by supervisors, ready to be read out to 110."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer, Ask
from models.danger import DangerState


class DangerRaise(Ask):
    call_id: uuid.UUID
    draft_id: uuid.UUID | None = Field(None, description="where place and last words are read from")


class DangerTry(Answer):
    """One time the house called the citizen back."""

    at: datetime
    agent_no: str | None = Field(description="the supervisor whose seat rang")
    state: str = Field(description="of the command")
    reason: str | None
    outcome: str | None = Field(description="of the citizen's leg, once the record has it")


class Danger(Answer):
    id: uuid.UUID
    call_id: uuid.UUID
    case_id: uuid.UUID | None = None
    agent_no: str
    agent_name: str | None = None
    number: str
    number_display: str
    place: str = Field(description="address and landmark of the draft, ready to read out")
    last_words: str
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    callbacks: int = Field(description="how often the house has called back")
    callbacks_most: int
    state: DangerState
    ended_at: datetime | None = None


class DangerFile(Danger):
    tries: list[DangerTry]
    police_command_id: uuid.UUID | None = Field(description="the command that calls 110 in; ask it what became of it")


class DangerList(Answer):
    items: list[Danger]
