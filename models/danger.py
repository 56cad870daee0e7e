"""Danger calls (危险来电): raised with one key, acknowledged by a supervisor, followed until they are over."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk, one_of


class DangerState(StrEnum):
    """OPEN → GONE → REACHED | GIVEN_UP; OPEN → OVER; a supervisor may close it from anywhere (OVER)."""

    OPEN = "open"  # the citizen is on the line
    GONE = "gone"  # hung up on us; the house calls back
    REACHED = "reached"  # called back, and answered
    GIVEN_UP = "given_up"  # called back as often as the site wants; people go on from here
    OVER = "over"  # the desk ended the call, or a supervisor closed it


class Danger(Base):
    __tablename__ = "danger"
    __table_args__ = (
        one_of("state", DangerState),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('open', 'gone'))", name="ended"),
        Index("ix_danger_open", "raised_at", postgresql_where=text("ended_at IS NULL")),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(unique=True)  # no foreign key: the journal writes the call later
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    node: Mapped[str]
    agent_no: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str]  # canonical; "" when withheld
    place: Mapped[str]  # as the draft had it: ready to read out
    last_words: Mapped[str]
    raised_at: Mapped[Created]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    callbacks: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="open")
    ended_at: Mapped[datetime | None]
