"""The list of citizens whom nobody reached, and how it is worked off."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.schemas.commands import Command
from models.unreached import UnreachedEnd, UnreachedKind, UnreachedState


class VoiceMessage(Answer):
    """A message that was left; ``recording_id`` follows once it is kept."""

    call_id: uuid.UUID
    at: datetime
    recording_id: uuid.UUID | None = None


class Callback(Answer):
    """A citizen whom nobody reached: one entry for each number and day, however often they tried."""

    id: uuid.UUID
    number: str = Field(description='"" for all of the day who showed none')
    number_display: str
    kind: UnreachedKind
    callable: bool = Field(description="false: withheld, or a number that nobody may call")
    attempts: int
    first_at: datetime
    last_at: datetime
    since_at: datetime = Field(description="the kept place: when the queue was entered; else the first attempt")
    place: int | None = Field(default=None, description="in the queue, when the citizen asked to be called back")
    waited_s: float | None = Field(default=None, description="the longest of the attempts")
    outcome: str = Field(description="of the last attempt")
    call_id: uuid.UUID = Field(description="the last attempt")
    state: UnreachedState
    taken_by: str | None = None
    taken_until: datetime | None = None
    command_id: uuid.UUID | None = Field(default=None, description="the last call back")
    tries: int = Field(description="calls back that nobody answered")
    next_at: datetime | None = Field(default=None, description="not called again before")
    end_reason: UnreachedEnd | None = None
    ended_at: datetime | None = None
    messages: list[VoiceMessage] = Field(default_factory=list)


class CallbackList(Answer):
    """In the order in which they are offered. ``offered``: whether *next* would give somebody now."""

    items: list[Callback] = Field(description="the first thousand")
    total: int = Field(description="all of them, also those that are not among the items")
    offered: bool
    waiting: int = Field(description="citizens in the queue: they are first")
    ready: int


class CallbackTake(Ask):
    command_id: uuid.UUID = Field(description="made by the client: asked again, it is the same call")


class CallbackTaken(Answer):
    callback: Callback
    command: Command


class CallbackClose(Ask):
    reason: Literal[UnreachedEnd.NOT_WANTED, UnreachedEnd.LISTENED]
