"""The floor: the day's numbers, who the agents are, raised hands, and words to agents."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.schemas.calls import CallBrief
from api.schemas.commands import AgentNo, ReasonWord
from cases.texts import Line
from cti.facts import DayLive


class Person(Answer):
    agent_no: str
    display_name: str
    seat: str | None = None


class HandRaise(Ask):
    id: uuid.UUID = Field(description="made by the client; the same id again is the same hand")
    reason: ReasonWord = Field(examples=["language"])


class Hand(Answer):
    id: uuid.UUID
    agent_no: str
    agent_name: str | None = None
    reason: str
    call_id: uuid.UUID | None = Field(None, description="the call the agent was in")
    raised_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


class HandList(Answer):
    items: list[Hand]


class MessageSend(Ask):
    id: uuid.UUID = Field(description="made by the client; the same id again sends nothing")
    to_agent: AgentNo | None = Field(None, description="null: everybody who answers calls")
    text: Line = Field(min_length=1)


class Message(Answer):
    id: uuid.UUID
    at: datetime
    by: str = Field(description="name of who sent it")
    to_agent: str | None = None
    text: str
    command: str | None = Field(None, description="what was ordered along with it", examples=["agent.pause"])
    reason: str | None = Field(None, description="of a pause")


class MessageList(Answer):
    items: list[Message]


class Floor(Answer):
    """What the live picture does not hold. Ask again after every hello."""

    people: list[Person]
    hands: list[Hand] = Field(description="those that are up")


class DayCalls(Answer):
    items: list[CallBrief]
    total: int = Field(description="items are the newest 500 of these")


class DayList(Answer):
    items: list[DayLive] = Field(description='of all queues together ("*"), and of each')
