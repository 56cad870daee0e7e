"""Conferences (多方通话) of a case, and what was promised in them or outside: who does what by when."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk


class Conference(Base):
    """A call that became a conference. ``case_id`` is empty while the case is still a draft; its submit fills it."""

    __tablename__ = "conference"
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(unique=True)  # no foreign key: the journal writes the call later
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    opened_at: Mapped[Created]
    opened_by: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]


class Promise(Base):
    """承诺. Belongs to a case, or to a conference whose case is not submitted yet."""

    __tablename__ = "promise"
    __table_args__ = (CheckConstraint("case_id IS NOT NULL OR conference_id IS NOT NULL", name="belongs"),)
    id: Mapped[UuidPk]
    conference_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conference.id"), index=True)
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)  # none: not in the book
    who: Mapped[str]
    what: Mapped[str]
    due_at: Mapped[datetime]
    made_at: Mapped[Created]
    by: Mapped[str]
