"""What an admin tunes on the line, as versions: queues, numbers, skills, the seat plan (docs/decisions/0012)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, TextPk, one_of


class Kind(StrEnum):
    QUEUE = "queue"  # subject: its name
    NUMBER = "number"  # subject: one of ours, digits
    SKILLS = "skills"  # subject: agent_no
    SEAT_PLAN = "seat_plan"  # subject: "site"


class Tuning(Base):
    """One version; the newest of a subject counts. Never changed: undo is a new version equal to an old one."""

    __tablename__ = "tuning"
    __table_args__ = (
        one_of("kind", Kind),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("undo_of >= 0 AND undo_of < revision", name="undo_of"),
    )
    kind: Mapped[TextPk]
    subject: Mapped[TextPk]
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[dict[str, Any]]  # {}: not there (any more)
    at: Mapped[Created]
    by: Mapped[str]
    undo_of: Mapped[int | None]  # the revision that holds again; 0: nothing, as before the first


class TuningInForce(Base):
    """What a PBX does of it, told by its cti; ``refused_*``: a newer version that it would not take, and why."""

    __tablename__ = "tuning_in_force"
    __table_args__ = (
        one_of("kind", Kind),
        CheckConstraint("(refused_revision IS NULL) = (refused_code IS NULL)", name="refused"),
    )
    node: Mapped[TextPk]
    kind: Mapped[TextPk]
    subject: Mapped[TextPk]
    revision: Mapped[int]  # 0: none of these
    at: Mapped[datetime]
    refused_revision: Mapped[int | None]
    refused_code: Mapped[str | None]
