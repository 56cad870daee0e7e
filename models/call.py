"""The record of calls: what happened, derived from the PBX's journal and re-derivable from its raw rows.

Only ``cti.journal`` writes these. ``call_id`` and ``leg_id`` come from ``pbx_config.contract``.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, UuidPk, one_of


class CallOutcome(StrEnum):
    OPEN = "open"  # not ended yet
    ANSWERED = "answered"  # by a person
    ABANDONED = "abandoned"  # hung up while waiting in the queue
    LEFT_EARLY = "left_early"  # hung up before the queue (during the notice)
    REFUSED_FULL = "refused_full"
    REFUSED_NO_AGENT = "refused_no_agent"
    TIMED_OUT = "timed_out"  # waited the longest time a citizen may wait, sent away
    DENIED = "denied"  # dialled what it may not
    LOST = "lost"  # the switch died under it
    INTERNAL = "internal"  # a seat's own call (echo test)
    NOT_REACHED = "not_reached"  # we called, and no citizen answered
    ASKED_BACK = "asked_back"  # is called back, the place kept: left the queue, or was not taken by it


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class HungUpBy(StrEnum):
    CITIZEN = "citizen"
    AGENT = "agent"  # also whom the desk dropped, or did not wait for any longer
    OUTSIDE = "outside"  # somebody whom we called: an agency, 110
    SWITCH = "switch"
    UNKNOWN = "unknown"


class LegOutcome(StrEnum):
    """What became of somebody whom we rang; nothing is said of those who called us."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FAILED = "failed"  # no such number, no line
    CANCELLED = "cancelled"  # by us, before it answered
    HUNG_UP_ON_US = "hung_up_on_us"  # whom we called in: answered, and hung up within ten seconds


class WishKind(StrEnum):
    """What a citizen asked of the line itself."""

    CALL_BACK = "call_back"
    VOICEMAIL = "voicemail"


class Call(Base):
    """One citizen's contact: one linkedid, many legs.

    Calling out: ``linkedid`` is of the agent's own telephone, ``caller`` the number that we showed, ``called`` the
    citizen's.
    """

    __tablename__ = "call"
    __table_args__ = (
        one_of("outcome", CallOutcome),
        one_of("direction", Direction),
        UniqueConstraint("node", "linkedid"),
        Index("ix_call_caller_started_at", "caller", "started_at"),
        Index("ix_call_agent_no_started_at", "agent_no", "started_at"),
        Index("ix_call_called_out", "called", "started_at", postgresql_where=text("direction = 'outbound'")),
        Index("ix_call_open", "started_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_call_queue_started_at", "queue", "started_at"),
        Index("ix_call_satisfaction", "satisfaction", "started_at", postgresql_where=text("satisfaction IS NOT NULL")),
    )
    id: Mapped[UuidPk]
    node: Mapped[str]
    linkedid: Mapped[str]
    direction: Mapped[str]
    caller: Mapped[str]  # as the trunk gave it; "" when withheld
    called: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # by a person, not by the switch
    ended_at: Mapped[datetime | None]  # of the last leg
    outcome: Mapped[str]
    queue: Mapped[str | None]
    agent_no: Mapped[str | None]  # who answered first
    seat: Mapped[str | None]
    wait_s: Mapped[float | None]  # queued → answered or gone; later stays in a queue are in queue_entry
    talk_s: Mapped[float | None]  # answered → the citizen's last word to anybody, hold included, queues not
    hold_s: Mapped[float | None]  # the citizen was alone with music
    hung_up_by: Mapped[str | None]  # who ended the citizen's talk
    hangup_cause: Mapped[int | None]  # Q.850
    repaired: Mapped[bool] = mapped_column(server_default="false")  # end inferred after the switch died
    anomalies: Mapped[int] = mapped_column(server_default="0")
    satisfaction: Mapped[int | None]  # 1 satisfied, 2 fair, 3 not satisfied
    satisfaction_agent_no: Mapped[str | None]  # who talked with the citizen last
    from_police: Mapped[bool] = mapped_column(server_default="false")  # handed over by 110
    stranded: Mapped[int] = mapped_column(server_default="0")  # times that nobody came and it went back into the queue


class Leg(Base):
    """One channel of a call."""

    __tablename__ = "leg"
    __table_args__ = (
        one_of("outcome", LegOutcome),
        Index("ix_leg_outside", "started_at", postgresql_where=text("party = 'outside'")),
        Index("ix_leg_outside_number", "number", postgresql_where=text("party = 'outside'")),
        Index("ix_leg_agent_no", "agent_no", "started_at", postgresql_where=text("answered_at IS NOT NULL")),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    uniqueid: Mapped[str]
    channel: Mapped[str]
    party: Mapped[str]  # "citizen" | "agent" | "outside"; "other" where no channel of ours looks like that
    number: Mapped[str]  # that called us, or that we called
    seat: Mapped[str | None]
    agent_no: Mapped[str | None]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    bridged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    hangup_cause: Mapped[int | None]
    hung_up_by: Mapped[str | None]  # party that ended this leg: a HungUpBy
    leg_no: Mapped[int | None]  # 1: the call's first; of those we called into it: call_target's; a queue's rings: none
    outcome: Mapped[str | None]  # a LegOutcome; None: called us, or still rings


class QueueEntry(Base):
    """One stay of a call in a queue, as queue_log tells it."""

    __tablename__ = "queue_entry"
    __table_args__ = (UniqueConstraint("call_id", "queue", "entered_at"),)
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    queue: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(index=True)
    left_at: Mapped[datetime | None]
    position: Mapped[int | None]  # at leaving or abandoning, where queue_log tells it
    outcome: Mapped[str]  # "waiting" | "connected" | "abandoned" | "timeout" | "empty" | "lost" | "moved" | "key"
    agent_no: Mapped[str | None]
    wait_s: Mapped[float | None]
    talk_s: Mapped[float | None]  # of this stay's agent and all who came after, until the end or the next stay
    rings_unanswered: Mapped[int] = mapped_column(server_default="0")


class RingAttempt(Base):
    """One seat rung for one call without an answer (RINGNOANSWER)."""

    __tablename__ = "ring_attempt"
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    agent_no: Mapped[str]
    ended_at: Mapped[datetime]
    ring_ms: Mapped[int]


class Wish(Base):
    """A citizen asked to be called back, or left a message: told to the line alone, whatever of ours runs."""

    __tablename__ = "wish"
    __table_args__ = (one_of("kind", WishKind), UniqueConstraint("call_id", "kind"))
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    since_at: Mapped[datetime]  # first entered the queue: the place that is kept
    place: Mapped[int | None]  # as it was then, 1 the first
    part: Mapped[int | None]  # of the message's recording


class AgentEvent(Base):
    """Sign-in, sign-out, pause and unpause of agents, as queue_log tells them (ADDMEMBER, PAUSE, …). Append-only."""

    __tablename__ = "agent_event"
    __table_args__ = (Index("ix_agent_event_agent_no_at", "agent_no", "at"),)
    id: Mapped[UuidPk]
    node: Mapped[str]
    at: Mapped[datetime]
    agent_no: Mapped[str]
    queue: Mapped[str]
    kind: Mapped[str]  # "sign_in" | "sign_out" | "pause" | "unpause"
    reason: Mapped[str]


class CelEvent(Base):
    """A raw line of cel.csv, kept so that its reading can be run again. Append-only."""

    __tablename__ = "cel_event"
    __table_args__ = (
        UniqueConstraint("node", "file", "offset"),
        Index("ix_cel_event_linkedid", "node", "linkedid"),
    )
    id: Mapped[BigPk]
    node: Mapped[str]
    file: Mapped[str]  # identity of the journal file: survives rotation
    offset: Mapped[int] = mapped_column(BigInteger)
    linkedid: Mapped[str] = mapped_column(Text(collation="C"))  # a call's are found by their first letters
    uniqueid: Mapped[str]
    event: Mapped[str]
    at: Mapped[datetime]
    fields: Mapped[dict[str, Any]]


class QueueLogEvent(Base):
    """A raw line of queue_log. Append-only."""

    __tablename__ = "queue_log_event"
    __table_args__ = (
        UniqueConstraint("node", "file", "offset"),
        Index("ix_queue_log_event_uniqueid", "node", "uniqueid"),
        Index("ix_queue_log_event_start", "node", "at", postgresql_where=text("event = 'QUEUESTART'")),
    )
    id: Mapped[BigPk]
    node: Mapped[str]
    file: Mapped[str]
    offset: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    uniqueid: Mapped[str]
    queue: Mapped[str]
    agent: Mapped[str]
    event: Mapped[str]
    data: Mapped[dict[str, Any]]


class JournalPosition(Base):
    """How far a journal stream was read; written in the same transaction as the rows."""

    __tablename__ = "journal_position"
    node: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)  # "cel" | "queue_log"
    file: Mapped[str]
    offset: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[Created]


class DeadLetter(Base):
    """A line, row or event that could not be taken, with its reason; counted and alarmed, never in the way."""

    __tablename__ = "dead_letter"
    __table_args__ = (UniqueConstraint("source", "node", "position"),)
    id: Mapped[BigPk]
    at: Mapped[Created]
    source: Mapped[str]  # "cel" | "queue_log" | "ami" | "recording"
    node: Mapped[str]
    position: Mapped[str]  # "file:offset", file name, …: taking the same thing twice gives one row
    reason: Mapped[str]
    raw: Mapped[bytes]
