"""People and their ways in: accounts, server-side sessions, seats, and the hash-chained audit."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, false, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, TextPk, UuidPk, one_of


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AGENCY = "agency"
    LEADER = "leader"
    AUDITOR = "auditor"


class Seat(Base):
    """A workplace with a telephone number inside the house; the PBX's files are rendered from these rows."""

    __tablename__ = "seat"
    seat: Mapped[TextPk]  # "8001"
    label: Mapped[str]
    browser_secret: Mapped[str]
    telephone_secret: Mapped[str]
    class_name: Mapped[str | None] = mapped_column(ForeignKey("class_of_service.name"))  # none: the site's own
    retired_at: Mapped[datetime | None]  # out of service: its telephones neither register nor call


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (one_of("role", Role),)
    id: Mapped[UuidPk]
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    agent_no: Mapped[str | None] = mapped_column(unique=True)  # MemberName on the PBX; only who answers calls has one
    seat: Mapped[str | None] = mapped_column(ForeignKey("seat.seat"))
    locale: Mapped[str] = mapped_column(server_default="zh-CN")
    active: Mapped[bool] = mapped_column(server_default=true())
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # supervised; none: all of them
    created_at: Mapped[Created]


class AgentNumber(Base):
    """Whose an agent number is, for ever: the record names people by it. Written by a trigger on account."""

    __tablename__ = "agent_number"
    agent_no: Mapped[TextPk]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))


class LoginSession(Base):
    """A signed-in browser. The cookie carries a random token; the row only its SHA-256."""

    __tablename__ = "login_session"
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    expires_at: Mapped[datetime]
    address: Mapped[str]
    user_agent: Mapped[str]
    ended: Mapped[bool] = mapped_column(server_default=false())


class SignInFailure(Base):
    """Wrong passwords in a row, by login ("login:…", also of logins that do not exist) and by address ("address:…")."""

    __tablename__ = "sign_in_failure"
    key: Mapped[TextPk]
    failures: Mapped[int]
    last_at: Mapped[Created]
    locked_until: Mapped[datetime | None]


class Audit(Base):
    """Who did what. ``hash`` = SHA-256 over the previous row's hash and this row: a removed or changed row shows."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_account_id", "account_id", "id"),
        Index("ix_audit_action", "action", "id", postgresql_ops={"action": "text_pattern_ops"}),
        Index("ix_audit_at", "at"),
    )
    id: Mapped[BigPk]
    at: Mapped[Created]
    account_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
