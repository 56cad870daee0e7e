"""Calls, their legs and recordings, and who a number is."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer
from api.schemas.conferences import CallParty, Conference
from api.schemas.shield import NumberFlag
from cases.numbers import NumberKind
from models.call import CallOutcome, Direction
from models.case import CaseOrigin
from models.recording import RecordingState


class CaseBrief(Answer):
    id: uuid.UUID
    number: str = Field(examples=["20261123-000001"])
    title: str
    state: str
    kind: str
    created_at: datetime
    agent_no: str | None = None
    citizen_name: str = ""
    citizen_number: str = ""
    urgency: str = "normal"
    confidential: bool = False
    origin: CaseOrigin = CaseOrigin.CITIZEN


class RecordingPause(Answer):
    """Silence on purpose, in seconds of the file."""

    from_s: float
    to_s: float | None = None
    reason: str | None = None


class RecordingBrief(Answer):
    id: uuid.UUID
    call_id: uuid.UUID
    state: RecordingState
    reason: str | None = None
    duration_s: float | None = None
    started_at: datetime | None = None
    peaks_url: str | None = None
    part: int = Field(
        1, description="0: a whole conference in one; 1: the citizen's; others: whom we called into the call, by leg"
    )
    pauses: list[RecordingPause] = Field(default_factory=list)
    undeletable: bool = Field(False, description="evidence: of a danger call")
    may_play: bool = Field(True, description="false: another agent's call; the audio is refused")


class Recording(RecordingBrief):
    sha256: str | None = None
    size_bytes: int | None = None
    silent_left: bool = False
    silent_right: bool = False
    audio_url: str | None = None


class Peaks(Answer):
    """Loudest sample of each bin, 0 to 1. Left is the agent, right the citizen."""

    sample_rate: int
    bins_per_s: float
    left: list[float]
    right: list[float]


class CallBrief(Answer):
    id: uuid.UUID
    direction: Direction
    caller: str
    caller_display: str = Field(examples=["139 1234 5678"])
    called: str
    started_at: datetime
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: CallOutcome
    agent_no: str | None = None
    seat: str | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    hung_up_by: str | None = None
    satisfaction: int | None = Field(None, description="1 satisfied, 2 fair, 3 not satisfied; null: no answer")
    satisfaction_agent_no: str | None = None
    from_police: bool = Field(False, description="110 handed the caller over")
    recordings: list[RecordingBrief] = Field(default_factory=list)
    cases: list[CaseBrief] = Field(default_factory=list)


class Leg(Answer):
    id: uuid.UUID
    channel: str
    party: str
    number: str
    seat: str | None = None
    agent_no: str | None = None
    started_at: datetime
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_cause: int | None = None
    hung_up_by: str | None = None
    leg_no: int | None = None
    outcome: str | None = None


class QueueEntry(Answer):
    id: uuid.UUID
    queue: str
    entered_at: datetime
    left_at: datetime | None = None
    position: int | None = None
    outcome: str
    agent_no: str | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    rings_unanswered: int = 0


class Call(CallBrief):
    node: str
    linkedid: str
    queue: str | None = None
    hold_s: float | None = None
    hangup_cause: int | None = None
    repaired: bool = False
    anomalies: int = 0
    legs: list[Leg] = Field(default_factory=list)
    queue_entries: list[QueueEntry] = Field(default_factory=list)
    parties: list[CallParty] = Field(default_factory=list)
    conference: Conference | None = None
    danger_id: uuid.UUID | None = None
    abuse_steps: int = 0


class LastCall(Answer):
    call_id: uuid.UUID
    started_at: datetime
    outcome: CallOutcome
    agent_no: str | None = None


class CallerInfo(Answer):
    """What the screen shows before the agent says hello."""

    number: str = Field(description="in the one form that is stored; empty when withheld")
    display: str = Field(examples=["139 1234 5678"])
    kind: NumberKind
    province: str | None = Field(None, examples=["江苏省"])
    city: str | None = Field(None, examples=["常州市"])
    operator: str | None = Field(None, examples=["中国移动"])
    country: str | None = Field(None, description="two letters, when it is not this one")
    calls_total: int
    last_calls: list[LastCall]
    cases: list[CaseBrief]
    open_cases: int
    nth_call: int = Field(description="the call that rings now would be this number's nth in 30 days")
    flag: NumberFlag | None = Field(description="the one in force")
    abuse_reports: int = Field(0, description="steps of abuse in 180 days")
