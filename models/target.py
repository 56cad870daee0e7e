"""Whom a command dialled: the tie between a leg of the record and the agency, case or danger it was meant for."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, one_of

_LEG_NO_DIGITS = 6


class Purpose(StrEnum):
    """Why somebody was called."""

    TRANSFER = "transfer"
    CONSULT = "consult"
    CONFERENCE = "conference"
    POLICE = "police"  # handed over to 110, or 110 called in
    CALLOUT = "callout"  # a call of its own
    CALLBACK = "callback"  # a danger call's citizen, called back by the house itself
    SENIOR = "senior"  # abuse: handed to a supervisor
    LISTEN = "listen"  # a supervisor's ear


def leg_no_of(command_id: uuid.UUID) -> int:
    """The number of the leg that a command dials: a redial is a new command, so a new leg. 1 is the citizen's."""
    return 2 + int(command_id.hex[:_LEG_NO_DIGITS], 16)


class CallTarget(Base):
    """Written with the command. ``call_id`` is empty while an outgoing call has not been found in the record."""

    __tablename__ = "call_target"
    __table_args__ = (
        one_of("purpose", Purpose),
        Index("ix_call_target_call_id", "call_id", "leg_no"),
        Index("ix_call_target_agency_id", "agency_id", "at"),
        Index("ix_call_target_account_id", "account_id", "at"),
    )
    command_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("command.id"), primary_key=True)
    call_id: Mapped[uuid.UUID | None]
    leg_no: Mapped[int]
    number: Mapped[str]  # digits as dialled; a seat's
    outside: Mapped[bool]  # through the trunk: counts towards the daily cap
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agency.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    danger_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("danger.id"), index=True)
    purpose: Mapped[str]
    by: Mapped[str]  # login; "lianxin" when the house itself asked
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Created]
