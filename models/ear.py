"""Ears: who listened to a call, how, from when to when, and how it ended. Written by the journal, never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UuidPk, one_of


class EarEnd(StrEnum):
    SWITCHED = "switched"  # went on in another mode
    HUNG_UP = "hung_up"  # the supervisor did
    STOPPED = "stopped"  # by the desk: asked to stop, or took the call over
    CALL_OVER = "call_over"  # nobody was left to hear
    TELEPHONE_GONE = "telephone_gone"  # the supervisor's telephone or browser vanished
    LOST = "lost"  # the switch died
    UNKNOWN = "unknown"


class Ear(Base):
    """One stretch in one mode. Who it was: the account of the command that called this leg (``call_target``)."""

    __tablename__ = "ear"
    __table_args__ = (
        CheckConstraint("mode IN ('listen','whisper','barge')", name="mode"),  # pbx_config.contract.EarMode
        one_of("ended_by", EarEnd),
        CheckConstraint("ended_at >= started_at", name="order"),
        Index("ix_ear_started_at", "started_at"),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    uniqueid: Mapped[str]  # of the ear's channel
    leg_no: Mapped[int]
    seat: Mapped[str]
    agent_no: Mapped[str | None]  # the supervisor's, as the PBX was told
    mode: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    ended_by: Mapped[str]
