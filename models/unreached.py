"""Citizens whom nobody reached (未接通): one row for each number and day, and all that was done about it.

The first half is derived from the record by ``cases.unreached`` and the same after any replay. The second half is work.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, UuidPk, one_of


class UnreachedKind(StrEnum):
    """The strongest of all attempts of the day, the last in this list."""

    ABANDONED = "abandoned"  # hung up while waiting, or before
    REFUSED = "refused"  # queue full, nobody signed in, waited too long, lost by the switch
    VOICEMAIL = "voicemail"  # left a message
    CALL_BACK = "call_back"  # asked to be called back, the place kept


class UnreachedState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"  # by one agent, until the lease ends
    DONE = "done"
    CLEARED = "cleared"  # called again and was answered, or was called by somebody otherwise
    EXPIRED = "expired"


class UnreachedEnd(StrEnum):
    """How a row was done."""

    REACHED = "reached"  # the call back was answered
    NO_ANSWER = "no_answer"  # as often as the site tries
    NOT_WANTED = "not_wanted"  # the citizen said so
    LISTENED = "listened"  # the message needed no call


class UnreachedStep(StrEnum):
    """What happened to a row."""

    TAKEN = "taken"
    RELEASED = "released"  # given back, lease over, or the call was never dialled
    NO_ANSWER = "no_answer"
    DONE = "done"
    CLEARED = "cleared"
    EXPIRED = "expired"
    REOPENED = "reopened"  # called again in vain after it was over


_OPEN = text("state IN ('open', 'taken')")


class Unreached(Base):
    __tablename__ = "unreached"
    __table_args__ = (
        one_of("kind", UnreachedKind),
        one_of("state", UnreachedState),
        one_of("end_reason", UnreachedEnd),
        UniqueConstraint("number", "day"),
        CheckConstraint("attempts >= 0 AND tries >= 0", name="counts"),
        CheckConstraint("first_at <= last_at", name="order"),
        CheckConstraint("(state = 'taken') = (taken_by IS NOT NULL AND taken_until IS NOT NULL)", name="taken"),
        CheckConstraint("(state = 'done') = (end_reason IS NOT NULL)", name="done"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('open', 'taken'))", name="ended"),
        CheckConstraint("callable OR state <> 'taken'", name="callable"),  # nobody is given what cannot be called
        # One agent for one citizen, also where two days are owed.
        Index("uq_unreached_taken", "number", unique=True, postgresql_where=text("state = 'taken'")),
        # In the order of ``cases.callbacks``: a list of 50,000 is asked for by every desk, every ten seconds.
        Index("ix_unreached_turn", text("(kind <> 'call_back')"), "since_at", postgresql_where=_OPEN),
    )
    id: Mapped[UuidPk]
    number: Mapped[str]  # canonical; "" for all who showed none
    day: Mapped[date]  # of the site
    kind: Mapped[str]
    callable: Mapped[bool]
    attempts: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    since_at: Mapped[datetime]  # the place: asked to be called back, when the queue was entered; else the first attempt
    place: Mapped[int | None]
    waited_s: Mapped[float | None]  # the longest of the attempts
    queue: Mapped[str | None]
    call_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))  # of the attempts, the first one first
    last_outcome: Mapped[str]
    # ── work ──
    state: Mapped[str] = mapped_column(server_default="open")
    taken_by: Mapped[str | None]  # agent_no
    taken_until: Mapped[datetime | None]
    command_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("command.id"))  # the last call back
    tries: Mapped[int] = mapped_column(server_default="0")  # calls back that nobody answered
    next_at: Mapped[datetime | None]  # not before
    end_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class UnreachedEvent(Base):
    """What was done about a row, by whom. Append-only."""

    __tablename__ = "unreached_event"
    id: Mapped[BigPk]
    unreached_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unreached.id"), index=True)
    at: Mapped[Created]
    step: Mapped[str]
    by: Mapped[str]  # login; "lianxin": a fact told it
    detail: Mapped[dict[str, Any]]
