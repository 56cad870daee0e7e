"""Whom a call can be moved to: agencies by number, seats, queues; and what agencies did when they were asked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.base import Answer
from cti.facts import PartyState
from models.target import Purpose


class TargetHit(Answer):
    kind: Literal["agency", "seat", "queue"]
    id: str = Field(description="the value of a command's target: an agency's NUMBER, a seat, a queue")
    name: str = Field(examples=["市市政设施管理处"])
    label: str | None = Field(None, examples=["夜间值班"])
    number: str | None = Field(None, description="digits as they are dialled")
    initials: str
    on_duty: bool = Field(description="of an agency's number: by its hours, now, in the site's zone")
    agency_id: uuid.UUID | None = None
    agent_no: str | None = None
    state: str | None = Field(None, description="of a seat: how its agent is now; null: nobody sits there")
    waiting: int | None = Field(None, description="of a queue: citizens in it")
    ready: int | None = Field(None, description="of a queue: agents free now")
    refusals_30d: int = Field(0, description="of an agency: busy, no answer, refused or hung up on us")


class TargetList(Answer):
    items: list[TargetHit]


class AgencyBrief(Answer):
    id: uuid.UUID
    name: str
    initials: str
    parent: uuid.UUID | None = None


class RefusalEntry(Answer):
    """One time this agency was dialled."""

    at: datetime
    call_id: uuid.UUID | None
    case_id: uuid.UUID | None
    number: str
    label: str | None
    purpose: Purpose
    by: str
    outcome: Literal["answered"] | PartyState | None = Field(description="null: not in the record yet")


class RefusalLedger(Answer):
    """``asked`` counts every time; ``outcomes`` how often each way it ended; ``items`` only what was no answer."""

    agency: AgencyBrief
    days: int
    asked: int
    outcomes: dict[str, int]
    items: list[RefusalEntry]
