"""Help and order on the floor: an agent's raised hand, a supervisor's words to one agent or to all."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk


class HandUp(Base):
    """Raised with a reason; a supervisor says "I am coming"; it ends when either of the two takes it down."""

    __tablename__ = "hand_up"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        # One hand is up or down; a second reason is a second hand.
        Index("uq_hand_up_open", "agent_no", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_hand_up_raised_at", "raised_at"),
    )
    id: Mapped[UuidPk]  # made by who asks
    agent_no: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    call_id: Mapped[uuid.UUID | None]  # the call the agent was in; no foreign key: the journal writes it later
    raised_at: Mapped[Created]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]  # login
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class DeskMessage(Base):
    """Append-only. ``to_agent`` NULL: to everybody who answers calls; ``command``: what was ordered along with it."""

    __tablename__ = "desk_message"
    __table_args__ = (
        CheckConstraint("text <> '' OR command IS NOT NULL", name="says_something"),
        Index("ix_desk_message_at", "at"),
    )
    id: Mapped[UuidPk]  # made by who asks
    at: Mapped[Created]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    to_agent: Mapped[str | None]
    text: Mapped[str]
    command: Mapped[str | None]  # kind of a command: "agent.pause"
    reason: Mapped[str | None]  # of a pause


class MessageRead(Base):
    """Who has said "read", and when. Append-only."""

    __tablename__ = "message_read"
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("desk_message.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[Created]
