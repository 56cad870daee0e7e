"""Alarms as supervisors see them: attempts of one kind by one person or telephone are one alarm until acknowledged."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer
from models.alarm import AlarmCode


class Alarm(Answer):
    id: uuid.UUID = Field(description="of its newest attempt: acknowledging it acknowledges that one and those before")
    code: AlarmCode
    who: str = Field(description="the login, the seat of the telephone, the number that the carrier showed, the switch")
    name: str | None = Field(description="of the account, where one tried it")
    tried: list[str] = Field(description="what was tried, newest first, each once; not all of very many")
    attempts: int
    first_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


class AlarmList(Answer):
    items: list[Alarm]
