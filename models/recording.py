"""Recordings and who listened to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigPk, Created, UuidPk, one_of


class RecordingState(StrEnum):
    COMPLETE = "complete"  # length within 2 % or 1 s of the talk
    SHORT = "short"  # kept, but shorter than the talk by short_s
    MISSING = "missing"  # answered call without audio; reason says why


class Recording(Base):
    """One part of a call's audio. ``call_id`` has no foreign key: audio may arrive before the journal's rows."""

    __tablename__ = "recording"
    __table_args__ = (
        one_of("state", RecordingState),
        UniqueConstraint("call_id", "part"),
        # For the search: what is rare is found by itself, the rest by the call.
        Index("ix_recording_not_complete", "state", "created_at", postgresql_where=text("state <> 'complete'")),
        Index("ix_recording_undeletable", "created_at", postgresql_where=text("undeletable")),
        Index("ix_recording_duration_s", "duration_s"),
    )
    id: Mapped[UuidPk]
    call_id: Mapped[uuid.UUID] = mapped_column(index=True)
    node: Mapped[str]
    linkedid: Mapped[str]
    part: Mapped[int]  # 1: the citizen's; 0: a whole conference, made of the others; else the leg's number
    state: Mapped[str]
    reason: Mapped[str | None]  # stable code: "disk_full", "header_repaired", "no_file", "silent", …
    started_at: Mapped[datetime | None]
    duration_s: Mapped[float | None]
    talk_s: Mapped[float | None]  # what it was compared with
    silent_left: Mapped[bool] = mapped_column(server_default="false")
    silent_right: Mapped[bool] = mapped_column(server_default="false")
    repaired: Mapped[bool] = mapped_column(server_default="false")
    store_key: Mapped[str | None]  # in the folder or bucket; None when missing
    peaks_key: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    undeletable: Mapped[bool] = mapped_column(server_default="false")  # evidence: of a danger call, or under hold
    # Stretches in which private data was read out and nothing was recorded: [{"from_s", "to_s", "reason"}], in seconds
    # of the file, which keeps its length. None while nobody has looked, [] where there is none.
    pauses: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    created_at: Mapped[Created]


class AccessKind(StrEnum):
    PLAY = "play"
    EXPORT = "export"


class RecordingAccess(Base):
    """One playback or export. Append-only."""

    __tablename__ = "recording_access"
    __table_args__ = (
        one_of("kind", AccessKind),
        CheckConstraint("(kind = 'export') = (export_id IS NOT NULL)", name="export"),
    )
    id: Mapped[BigPk]
    recording_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recording.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Created]
    address: Mapped[str]
    byte_range: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default="play")
    export_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recording_export.id"))
