"""What is said to all of an incident: who is to be told, and what became of each."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, UuidPk, one_of


class ToldState(StrEnum):
    """``CALLING`` is written before the PBX is asked, so that nobody is called twice after a fall."""

    WAITING = "waiting"
    CALLING = "calling"
    TOLD = "told"  # heard it to its end
    MISSED = "missed"  # tried as often as we try, or a number that nobody calls from here
    STOPPED = "stopped"  # somebody ended the round before


class Telling(Base):
    """One round: one announcement for everybody who was added to an incident until then."""

    __tablename__ = "telling"
    __table_args__ = (
        CheckConstraint("(stopped_at IS NULL) = (stopped_by IS NULL)", name="stopped"),
        Index("ix_telling_incident", "incident_id", "asked_at"),
    )
    id: Mapped[UuidPk]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incident.id"))
    sound_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("line_sound.id"))
    asked_at: Mapped[Created]
    asked_by: Mapped[str]
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]


class Told(Base):
    """One number of a round. ``at``: the last attempt; ``why``: a stable code of what came of it ("leg.busy")."""

    __tablename__ = "told"
    __table_args__ = (
        one_of("state", ToldState),
        UniqueConstraint("telling_id", "number"),
        Index("ix_told_open", "next_at", postgresql_where=text("state IN ('waiting', 'calling')")),
    )
    id: Mapped[BigPk]
    telling_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("telling.id"))
    number: Mapped[str]  # canonical
    state: Mapped[str] = mapped_column(server_default=ToldState.WAITING.value)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[Created]
    at: Mapped[datetime | None]
    node: Mapped[str | None]
    why: Mapped[str | None]
