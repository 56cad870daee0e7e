"""What is said of recordings: forms and scores, appeals, the training shelf, exports. History but for the shelf."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk, one_of


class ExportFormat(StrEnum):
    OPUS = "opus"  # the stored audio packets, byte for byte
    WAV = "wav"  # decoded


class ScoreForm(Base):
    """One version of a form. Append-only: a form is changed by its next version, so that old scores keep theirs."""

    __tablename__ = "score_form"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: Mapped[UuidPk]
    code: Mapped[str]  # the form through all its versions: "service"
    version: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # [{key, zh, en, weight, most}], see recordings
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))  # None: came with the house
    created_at: Mapped[Created]


class Score(Base):
    """What somebody said of an agent in a recording. Append-only: only an appeal adds another one, by somebody else."""

    __tablename__ = "score"
    __table_args__ = (
        CheckConstraint("total BETWEEN 0 AND 100", name="total"),
        Index("uq_score_first", "recording_id", "agent_no", unique=True, postgresql_where=text("appeal_id IS NULL")),
        Index("ix_score_agent_no_at", "agent_no", "at"),
        Index("ix_score_at", "at"),
    )
    id: Mapped[UuidPk]
    recording_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recording.id"))
    agent_no: Mapped[str]  # who is scored
    form_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("score_form.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))  # who scores
    at: Mapped[Created]
    answers: Mapped[dict[str, Any]]  # key → points, null: did not apply
    comment: Mapped[str]
    total: Mapped[float]  # 0 to 100, one decimal
    appeal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("score_appeal.id", use_alter=True), unique=True)


class ScoreAppeal(Base):
    """The agent does not agree. Append-only; at most one for a score."""

    __tablename__ = "score_appeal"
    id: Mapped[UuidPk]
    score_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("score.id"), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Created]
    reason: Mapped[str]


class ShelfItem(Base):
    """A recording that others may learn from; it is taken off, never deleted."""

    __tablename__ = "shelf_item"
    __table_args__ = (
        CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL) AND (removed_at IS NULL) = (removal IS NULL)", name="removed"
        ),
        Index("uq_shelf_item_there", "recording_id", unique=True, postgresql_where=text("removed_at IS NULL")),
    )
    id: Mapped[UuidPk]
    recording_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recording.id"))
    title: Mapped[str]
    reason: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Created]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    removal: Mapped[str | None]  # why


class RecordingExport(Base):
    """A copy that left the house: who took it, why, and the checksum by which it is known again. Append-only."""

    __tablename__ = "recording_export"
    __table_args__ = (one_of("format", ExportFormat),)
    id: Mapped[UuidPk]  # also the watermark in the file
    recording_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recording.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    format: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]  # of the audio file that was handed out
    audible_mark: Mapped[bool]
