"""The agent's shield: abuse in steps, and flags on numbers that end by themselves."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from api.schemas.base import Answer, Ask
from cases.texts import Line, ShortLine
from models.shield import Tone
from pbx_config.contract import CallerFlag


class AbuseReportAsk(Ask):
    call_id: uuid.UUID


class AbuseStep(Answer):
    step: Literal[1, 2, 3] = Field(description="1, 2: spoken warning; 3: a senior takes over, or a message ends it")
    action: Literal["call.abuse_warn", "call.transfer", "call.abuse_end"]
    command_id: uuid.UUID
    handed_to: str | None = Field(None, description="the senior's seat, at step 3")
    rest: bool = Field(False, description="true: a rest follows by itself and counts against nobody")


class FlagSet(Ask):
    number: ShortLine
    flag: CallerFlag | None = Field(None, description="what the line does; null: only a word for the next agent")
    tone: Tone
    reason: Line = Field(min_length=1)
    reviewer: ShortLine | None = Field(
        None, description="login of the supervisor who answers for it; not who sets it, where there is another one"
    )
    expires_at: AwareDatetime = Field(description="no flag is for ever")


class Reviewer(Answer):
    login: str
    display_name: str


class ReviewerList(Answer):
    items: list[Reviewer]


class FlagAppeal(Ask):
    appeal: Line = Field(min_length=1, description="the citizen's words")


class FlagLift(Ask):
    reason: Line = ""


class NumberFlag(Answer):
    id: uuid.UUID
    number: str
    number_display: str
    flag: CallerFlag | None
    tone: Tone
    reason: str
    by: str
    reviewer: str
    created_at: datetime
    expires_at: datetime
    active: bool
    appealed_at: datetime | None = None
    appeal: str | None = None
    appealed_by: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None


class FlagList(Answer):
    items: list[NumberFlag]
