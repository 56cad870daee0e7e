"""Alarms: somebody tried what may not be, a seat sent no sound. One row each, acknowledged once, never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk, one_of


class AlarmCode(StrEnum):
    """What happened. Those of a number are the codes with which the attempt was refused."""

    NUMBER_NOT_ALLOWED = "number.not_allowed"  # abroad, priced, ourselves, outside the class of service
    NUMBER_INVALID = "number.invalid"  # letters, signs, a dial string
    DAILY_CAP = "number.daily_cap"
    SEAT_DIALLED = "line.seat_dialled"  # a seat's telephone dialled past the desk
    TRUNK_DIALLED = "line.trunk_dialled"  # the carrier, or who plays it, dialled another number than ours
    SEAT_SILENT = "line.seat_silent"  # a seat's telephone answered a citizen and sent no sound
    DESK_SILENT = "line.desk_silent"  # so did those before it: it is not the seats, and this one kept the call


class Alarm(Base):
    """``who``: the login, the seat of the telephone, the number that the carrier showed, or the switch."""

    __tablename__ = "alarm"
    __table_args__ = (
        one_of("code", AlarmCode),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged"),
        Index("ix_alarm_open", "code", "who", postgresql_where=text("acknowledged_at IS NULL")),
        Index("ix_alarm_at", "at"),
    )
    id: Mapped[UuidPk]
    node: Mapped[str]
    at: Mapped[Created]
    code: Mapped[str]
    who: Mapped[str]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    detail: Mapped[str]  # what was tried, as text
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]  # login
