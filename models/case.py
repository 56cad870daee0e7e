"""Cases (工单): the form, the link to calls, the append-only timeline, drafts, categories and districts."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, TextPk, UuidPk, one_of


class CaseState(StrEnum):
    """Only the states that exist so far; orders, clocks and callbacks add theirs."""

    ACCEPTED = "accepted"  # 受理
    CLOSED = "closed"  # 办结: answered on the spot


class CaseKind(StrEnum):
    CONSULT = "consult"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    SUGGESTION = "suggestion"  # 建议


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class Disposition(StrEnum):
    OPEN = "open"
    ANSWERED_ON_SPOT = "answered_on_spot"
    FOLLOW_UP = "follow_up"


class CaseOrigin(StrEnum):
    CITIZEN = "citizen"
    POLICE = "police"  # 110 handed the caller over


class Category(Base):
    __tablename__ = "category"
    code: Mapped[TextPk]
    parent: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    initials: Mapped[str]  # pinyin initials, "ldbl"
    sort: Mapped[int] = mapped_column(server_default="0")


class District(Base):
    __tablename__ = "district"
    code: Mapped[TextPk]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    initials: Mapped[str]
    sort: Mapped[int] = mapped_column(server_default="0")


class Case(Base):
    __tablename__ = "case"
    __table_args__ = (
        one_of("state", CaseState),
        one_of("kind", CaseKind),
        one_of("urgency", Urgency),
        one_of("disposition", Disposition),
        one_of("origin", CaseOrigin),
        Index("ix_case_words", "words", postgresql_using="gin"),
        Index("ix_case_citizen_number", "citizen_number", "created_at"),
        Index("ix_case_contact_number", "contact_number"),
        Index("ix_case_agent_no", "agent_no", "created_at"),
        Index("ix_case_created_at", "created_at"),
        Index("ix_case_category", "category", "created_at"),
    )
    id: Mapped[UuidPk]
    number: Mapped[str] = mapped_column(unique=True)  # YYYYMMDD-NNNNNN in the site's time zone
    draft_id: Mapped[uuid.UUID] = mapped_column(unique=True)  # the same draft submitted twice is one case
    state: Mapped[str]
    disposition: Mapped[str]
    origin: Mapped[str] = mapped_column(server_default="citizen")
    agent_no: Mapped[str | None]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Created]
    follow_up_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case.id"), index=True)
    title: Mapped[str]
    citizen_name: Mapped[str]
    citizen_number: Mapped[str]
    contact_number: Mapped[str]
    address: Mapped[str]
    landmark: Mapped[str]
    district: Mapped[str | None] = mapped_column(ForeignKey("district.code"))
    kind: Mapped[str]
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    description: Mapped[str]
    wish: Mapped[str]
    confidential: Mapped[bool] = mapped_column(server_default="false")
    wants_answer: Mapped[bool] = mapped_column(server_default="true")
    urgency: Mapped[str]
    words: Mapped[Any] = mapped_column(TSVECTOR)  # tokens made by cases.search; PostgreSQL's parser cannot cut Chinese


class CaseCall(Base):
    """A call belongs to a case. No foreign key to call: the case may be saved before the journal wrote the call."""

    __tablename__ = "case_call"
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    linked_at: Mapped[Created]


class CaseEvent(Base):
    """The case's timeline. Append-only."""

    __tablename__ = "case_event"
    id: Mapped[BigPk]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[Created]
    kind: Mapped[str]
    by: Mapped[str]  # login of who did it
    body: Mapped[dict[str, Any]]


class CaseDay(Base):
    """Counter of case numbers per day of the site."""

    __tablename__ = "case_day"
    day: Mapped[TextPk]  # "20261123"
    last: Mapped[int]


class Draft(Base):
    """What an agent is typing. The id is made by the browser; ``rev`` is its counter, so an old copy never wins."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_account_id", "account_id", "updated_at"),)
    id: Mapped[UuidPk]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    call_id: Mapped[uuid.UUID | None]
    rev: Mapped[int]
    body: Mapped[dict[str, Any]]
    begun_by: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # logins, the first one first
    updated_at: Mapped[Created]
    created_at: Mapped[Created]
