"""The agent's shield: reports of abuse, and flags on numbers with a reason, a reviewer, an end and an appeal."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk


class Tone(StrEnum):
    """What the next agent should be ready for."""

    ABUSIVE = "abusive"
    THREATENING = "threatening"
    HARASSING = "harassing"  # calls again and again about nothing
    DISTRESSED = "distressed"  # be gentle


class NumberFlag(Base):
    """Never removed: what was decided about a number, by whom, and why it ended, stays."""

    __tablename__ = "number_flag"
    __table_args__ = (
        CheckConstraint("flag IN ('patient', 'message')", name="flag"),
        CheckConstraint("tone IN ('abusive', 'threatening', 'harassing', 'distressed')", name="tone"),
        CheckConstraint("expires_at > created_at", name="expires"),  # no flag is for ever
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted"),
        Index("ix_number_flag_number", "number", "expires_at"),
    )
    id: Mapped[UuidPk]
    number: Mapped[str]  # canonical
    flag: Mapped[str | None]  # contract.CallerFlag: what the line does; none: only a word for the agent
    tone: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    reviewer: Mapped[str]  # login of the supervisor who answers for it
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    appealed_at: Mapped[datetime | None]
    appeal: Mapped[str | None]
    appealed_by: Mapped[str | None]  # login of who took the appeal down
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lift_reason: Mapped[str | None]


class AbuseReport(Base):
    """One press of the abuse key. Append-only."""

    __tablename__ = "abuse_report"
    __table_args__ = (
        CheckConstraint("step BETWEEN 1 AND 3", name="step"),
        UniqueConstraint("call_id", "step"),
        Index("ix_abuse_report_number", "number", "at"),
        Index("ix_abuse_report_agent_no", "agent_no", "at"),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID]
    number: Mapped[str]
    agent_no: Mapped[str]
    at: Mapped[Created]
    step: Mapped[int]  # 1, 2: spoken warning; 3: handed to a senior, or ended with a message
    command_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("command.id"))
    handed_to: Mapped[str | None]  # the senior's seat
