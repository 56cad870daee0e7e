"""The line's hours: the calendar, the profiles, a supervisor's override, spoken announcements; and what calls met."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, TextPk, UuidPk

_PROFILES = "('day', 'night', 'weekend', 'holiday', 'surge')"
_OVERFLOWS = "('message', 'duty', 'queue', 'voicemail', 'callback')"


class CalendarDay(Base):
    """A day that is not what its weekday says. A year without rows has plain weekends, and they are provisional."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("kind IN ('workday', 'weekend', 'holiday', 'make_up')", name="kind"),)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name_zh: Mapped[str] = mapped_column(server_default="")
    name_en: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str]
    provisional: Mapped[bool] = mapped_column(server_default="false")


class LineHours(Base):
    """One row: the hours of each kind of day, and a number that grows with every change of anything of the line's."""

    __tablename__ = "line_hours"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    hours: Mapped[dict[str, Any]]  # {"workday": [[minute, profile], …], "weekend": …, "holiday": …}


class LineSound(Base):
    """An announcement as the PBX plays it. Never changed: another one is another row."""

    __tablename__ = "line_sound"
    id: Mapped[UuidPk]
    sha256: Mapped[str] = mapped_column(unique=True)
    seconds: Mapped[float]
    text: Mapped[str | None]  # what it was spoken from; none: recorded by a person
    wav: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[str]
    created_at: Mapped[Created]


class LineProfile(Base):
    """What the line does in a profile."""

    __tablename__ = "line_profile"
    __table_args__ = (
        CheckConstraint(f"name IN {_PROFILES}", name="name"),
        CheckConstraint("max_waiting BETWEEN 1 AND 10000", name="max_waiting"),
        CheckConstraint("max_wait_s BETWEEN 1 AND 86400", name="max_wait_s"),
        CheckConstraint(f"on_full IN {_OVERFLOWS}", name="on_full"),
        CheckConstraint(f"on_no_agent IN {_OVERFLOWS}", name="on_no_agent"),
        CheckConstraint(f"on_too_long IN {_OVERFLOWS}", name="on_too_long"),
    )
    name: Mapped[TextPk]
    max_waiting: Mapped[int]
    max_wait_s: Mapped[int]
    opening_text: Mapped[str] = mapped_column(server_default="")
    sound_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("line_sound.id"))
    on_full: Mapped[str] = mapped_column(server_default="message")
    on_full_to: Mapped[str] = mapped_column(server_default="")
    on_no_agent: Mapped[str] = mapped_column(server_default="message")
    on_no_agent_to: Mapped[str] = mapped_column(server_default="")
    on_too_long: Mapped[str] = mapped_column(server_default="message")
    on_too_long_to: Mapped[str] = mapped_column(server_default="")


class LineOverride(Base):
    """A supervisor's word against the plan; the newest that is not over counts."""

    __tablename__ = "line_override"
    __table_args__ = (
        CheckConstraint(f"profile IN {_PROFILES}", name="profile"),
        CheckConstraint("until > created_at", name="until"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )
    id: Mapped[UuidPk]
    profile: Mapped[str]
    created_at: Mapped[Created]
    until: Mapped[datetime]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Incident(Base):
    """One outage that many call about (群体事件). Callers who press the key are its CallSteps."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("(area IS NULL) = (prefixes IS NULL)", name="area"),
        Index("ix_incident_open", "started_at", postgresql_where=text("ended_at IS NULL")),
    )
    id: Mapped[UuidPk]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)  # as the PBX knows it
    title: Mapped[str]
    area: Mapped[str | None]  # where numbers are registered; none: all callers
    prefixes: Mapped[str | None]  # beginnings of those numbers, blanks between them
    sound_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("line_sound.id"))
    started_at: Mapped[Created]
    started_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class PromptVersion(Base):
    """One recording of a spoken prompt. ``made``: by the set-up (speech, or the site's own file), as the PBX told.

    At most one of a prompt and language is active; where none is, callers hear the made one.
    """

    __tablename__ = "prompt_version"
    __table_args__ = (
        CheckConstraint("language IN ('zh', 'en')", name="language"),
        CheckConstraint("(activated_at IS NULL) = (activated_by IS NULL)", name="activated"),
        UniqueConstraint("language", "name", "sound_id"),
        Index("uq_prompt_version_active", "language", "name", unique=True, postgresql_where=text("active")),
    )
    id: Mapped[UuidPk]
    language: Mapped[str]
    name: Mapped[str]
    sound_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("line_sound.id"))
    text: Mapped[str]  # what is said in it
    made: Mapped[bool]
    active: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[Created]
    by: Mapped[str]
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[str | None]


class PromptHeard(Base):
    """What a PBX really plays now: told by its cti once the file is in its place."""

    __tablename__ = "prompt_heard"
    node: Mapped[TextPk]
    language: Mapped[TextPk]
    name: Mapped[TextPk]
    sha256: Mapped[str]
    at: Mapped[Created]


# SQL on a row ``c`` of call: let go by an incident's key, before any queue. The line itself served this caller: nobody
# was missed, and nobody tried to reach a person any more. Who pressed it and did come to a queue is as all others.
SETTLED_BY_KEY: Final = (
    "(c.queued_at IS NULL AND c.answered_at IS NULL AND c.outcome IN ('open', 'left_early', 'lost')"
    " AND EXISTS (SELECT FROM call_step s WHERE s.call_id = c.id AND s.kind = 'incident_joined'))"
)


class CallStep(Base):
    """What a call met on the line before any person, told by the journal's milestones. Written by the journal only."""

    __tablename__ = "call_step"
    __table_args__ = (
        CheckConstraint("kind IN ('profile', 'overflow', 'incident_heard', 'incident_joined')", name="kind"),
        Index("ix_call_step_call_id", "call_id"),
        Index("ix_call_step_kind_value", "kind", "value", "at"),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    value: Mapped[str]
