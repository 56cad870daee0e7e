"""The rows that a reading gives, in the order of their tables' columns. Values only; the tables are in models.call."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class CallRow(NamedTuple):
    id: UUID
    node: str
    linkedid: str
    direction: str
    caller: str
    called: str
    started_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str
    queue: str | None
    agent_no: str | None
    seat: str | None
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    hung_up_by: str | None
    hangup_cause: int | None
    repaired: bool
    anomalies: int
    satisfaction: int | None
    satisfaction_agent_no: str | None
    from_police: bool
    stranded: int


class LegRow(NamedTuple):
    id: UUID
    call_id: UUID
    uniqueid: str
    channel: str
    party: str
    number: str
    seat: str | None
    agent_no: str | None
    started_at: datetime
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    hangup_cause: int | None
    hung_up_by: str | None
    leg_no: int | None
    outcome: str | None


class QueueEntryRow(NamedTuple):
    id: UUID
    call_id: UUID
    queue: str
    entered_at: datetime
    left_at: datetime | None
    position: int | None
    outcome: str
    agent_no: str | None
    wait_s: float | None
    talk_s: float | None
    rings_unanswered: int


class RingAttemptRow(NamedTuple):
    id: UUID
    call_id: UUID
    agent_no: str
    ended_at: datetime
    ring_ms: int


class CallStepRow(NamedTuple):
    id: UUID
    call_id: UUID
    at: datetime
    kind: str
    value: str


class EarRow(NamedTuple):
    """Of a supervisor's ear, once it is over."""

    id: UUID
    call_id: UUID
    uniqueid: str
    leg_no: int
    seat: str
    agent_no: str | None
    mode: str
    started_at: datetime
    ended_at: datetime
    ended_by: str


class WishRow(NamedTuple):
    id: UUID
    call_id: UUID
    kind: str
    at: datetime
    since_at: datetime
    place: int | None
    part: int | None


class AlarmRow(NamedTuple):
    """Somebody dialled what may not be dialled; a seat sent no sound."""

    id: UUID
    node: str
    at: datetime
    code: str
    who: str
    detail: str


class AgentEventRow(NamedTuple):
    id: UUID
    node: str
    at: datetime
    agent_no: str
    queue: str
    kind: str
    reason: str


class Rows(NamedTuple):
    """Everything that one call's events say."""

    call: CallRow
    legs: tuple[LegRow, ...]
    entries: tuple[QueueEntryRow, ...]
    rings: tuple[RingAttemptRow, ...]
    steps: tuple[CallStepRow, ...] = ()
    ears: tuple[EarRow, ...] = ()
    wishes: tuple[WishRow, ...] = ()
    alarms: tuple[AlarmRow, ...] = ()
