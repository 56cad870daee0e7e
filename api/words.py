"""What supervisors say to agents: kept, told on the feed, and read. Inside the caller's transaction; no HTTP here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.errors import MessageNotFound
from api.viewer import Viewer
from cti.facts import Topic
from models.account import Account
from models.feed import Item, append_with
from models.floor import DeskMessage, MessageRead

_SHOWN = timedelta(hours=12)  # longer than a shift: who was away reads it on coming back


@dataclass(frozen=True, slots=True)
class Words:
    id: uuid.UUID
    to_agent: str | None
    text: str = ""
    command: str | None = None
    reason: str | None = None


def body_of(row: DeskMessage, by: str) -> dict[str, Any]:
    """A message as JSON, the same on the feed and over HTTP."""
    return {
        "id": str(row.id), "at": row.at.isoformat(), "by": by, "to_agent": row.to_agent, "text": row.text,
        "command": row.command, "reason": row.reason,
    }  # fmt: skip


async def say(session: AsyncSession, words: Words, viewer: Viewer, node: str) -> dict[str, Any]:
    """Keep it, audit it, tell it; the last thing before commit. The same id again says nothing a second time."""
    made = await session.scalar(
        insert(DeskMessage)
        .values(
            id=words.id, at=datetime.now(UTC), account_id=viewer.account_id, to_agent=words.to_agent, text=words.text,
            command=words.command, reason=words.reason,
        )
        .on_conflict_do_nothing()
        .returning(DeskMessage)
    )  # fmt: skip
    if made is None:
        row = await session.get_one(DeskMessage, words.id)
        if row.account_id != viewer.account_id:
            raise MessageNotFound
        return body_of(row, viewer.display_name)
    told = {"text": words.text, "command": words.command or "", "reason": words.reason or ""}
    action = "supervise.order" if words.command else "supervise.message"
    await append(session, viewer.account_id, action, words.to_agent or "*", {k: v for k, v in told.items() if v})
    body = body_of(made, viewer.display_name)
    await append_with(session, node, [Item(Topic.MESSAGE, str(made.id), body)])
    return body


async def unread(session: AsyncSession, viewer: Viewer) -> list[dict[str, Any]]:
    """To this agent or to all, not sent by oneself, not read yet; oldest first."""
    read = exists().where(MessageRead.message_id == DeskMessage.id, MessageRead.account_id == viewer.account_id)
    rows = await session.execute(
        select(DeskMessage, Account.display_name)
        .join(Account, Account.id == DeskMessage.account_id)
        .where(
            DeskMessage.at >= datetime.now(UTC) - _SHOWN, DeskMessage.account_id != viewer.account_id,
            or_(DeskMessage.to_agent.is_(None), DeskMessage.to_agent == viewer.agent_no), ~read,
        )
        .order_by(DeskMessage.at)
    )  # fmt: skip
    return [body_of(row, name) for row, name in rows]


async def mark_read(session: AsyncSession, message_id: uuid.UUID, viewer: Viewer) -> None:
    """Again is harmless. Raises: MessageNotFound."""
    row = await session.get(DeskMessage, message_id)
    if row is None or row.to_agent not in (None, viewer.agent_no):
        raise MessageNotFound
    made = insert(MessageRead).values(message_id=message_id, account_id=viewer.account_id)
    await session.execute(made.on_conflict_do_nothing())
