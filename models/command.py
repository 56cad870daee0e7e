"""Commands: asked of the PBX by a person, carried out by cti, ended in one of five ways."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, UuidPk

CHANNEL = "lianxin_command"


class Command(Base):
    __tablename__ = "command"
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending','asked','succeeded','refused','failed','expired','unknown')", name="state"
        ),
        CheckConstraint("(ended_at IS NULL) = (state IN ('pending','asked'))", name="ended"),
        Index("ix_command_kind_asked_at", "kind", "asked_at"),  # a recording asks when it was paused
        Index(  # one supervisor at a time takes a call over
            "ix_command_take_over", text("(args ->> 'call_id')"), unique=True,
            postgresql_where=text("kind = 'call.take_over' AND ended_at IS NULL"),
        ),
        Index("ix_command_open", "node", "asked_at", postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip
    id: Mapped[UuidPk]  # made by who asks
    node: Mapped[str]
    kind: Mapped[str]
    args: Mapped[dict[str, Any]]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    agent_no: Mapped[str | None]  # on whose behalf; ownership is checked against it
    state: Mapped[str] = mapped_column(server_default="pending")
    reason: Mapped[str | None]
    asked_at: Mapped[Created]
    deadline_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


async def insert_once(session: AsyncSession, **values: Any) -> Command | None:
    """A pending command, and the wake-up for cti; None where this id was asked before."""
    made: Command | None = await session.scalar(
        insert(Command).values(state="pending", **values).on_conflict_do_nothing().returning(Command)
    )
    if made is not None:
        await session.execute(text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(made.id)})
    return made
