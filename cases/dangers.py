"""Danger calls: raised once per call, told to supervisors on the feed at every change, on the case's timeline.

What the house does by itself afterwards is in ``cases.danger_keeper``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import DangerEnded, DangerNotFound
from cases.numbers import canonical, display
from cases.timeline import Event, record
from cti.facts import Topic
from models.account import Account
from models.case import CaseCall, Draft
from models.command import Command
from models.danger import Danger, DangerState
from models.feed import Item, append_with
from models.recording import Recording
from models.target import CallTarget, Purpose

_LAST_WORDS = 160  # what one breath reads out


@dataclass(frozen=True, slots=True)
class Raising:
    call_id: uuid.UUID
    node: str
    agent_no: str
    account_id: uuid.UUID
    caller: str
    draft_id: uuid.UUID | None
    login: str


async def raise_(session: AsyncSession, asked: Raising) -> tuple[Danger, bool]:
    """The call's danger, and whether it was raised now. Its recordings are evidence from here on.

    Those that are kept later are marked as they come, by the database.
    """
    draft = await session.get(Draft, asked.draft_id) if asked.draft_id else None
    body = draft.body if draft is not None and draft.account_id == asked.account_id else {}
    linked = select(CaseCall.case_id).where(CaseCall.call_id == asked.call_id).order_by(CaseCall.linked_at).limit(1)
    case_id = await session.scalar(linked)
    made = await session.scalar(
        insert(Danger)
        .values(
            id=uuid.uuid4(), call_id=asked.call_id, case_id=case_id, node=asked.node, agent_no=asked.agent_no,
            account_id=asked.account_id, number=canonical(asked.caller), place=place_of(body),
            last_words=last_words(body),
        )
        .on_conflict_do_nothing()
        .returning(Danger)
    )  # fmt: skip
    if made is None:
        stored = await session.scalar(select(Danger).where(Danger.call_id == asked.call_id))
        if stored is None:
            raise DangerNotFound  # another transaction raised it and took it back
        return stored, False
    await session.execute(update(Recording).where(Recording.call_id == asked.call_id).values(undeletable=True))
    if case_id is not None:
        told = {"danger_id": str(made.id), "call_id": str(made.call_id)}
        record(session, case_id, Event.DANGER, asked.login, told)
    return made, True


def place_of(body: dict[str, Any]) -> str:
    return " · ".join(t for t in (str(body.get(k) or "").strip() for k in ("address", "landmark")) if t)


def last_words(body: dict[str, Any]) -> str:
    """The end of what was typed, from the beginning of a sentence where there is one in reach."""
    text = "\n".join(t for t in (str(body.get(k) or "").strip() for k in ("title", "description")) if t)
    if len(text) <= _LAST_WORDS:
        return text
    tail = text[-_LAST_WORDS:]
    for place, character in enumerate(tail[:-1]):
        if character in "。！？!?；;\n":
            return "…" + tail[place + 1 :].strip()
    return "…" + tail


async def get(session: AsyncSession, danger_id: uuid.UUID, *, lock: bool = False) -> Danger:
    """Raises: DangerNotFound."""
    row = await session.get(Danger, danger_id, with_for_update=lock or None)
    if row is None:
        raise DangerNotFound
    return row


async def acknowledge(session: AsyncSession, danger_id: uuid.UUID, by: str, now: datetime) -> tuple[Danger, bool]:
    """The first word counts; whether it was this one. Raises: DangerNotFound."""
    row = await get(session, danger_id, lock=True)
    if row.acknowledged_at is not None:
        return row, False
    row.acknowledged_at, row.acknowledged_by = now, by
    return row, True


async def close(session: AsyncSession, danger_id: uuid.UUID, by: str, now: datetime, *, acknowledges: bool) -> Danger:
    """A person says that it is over: nobody is called back any more. A supervisor's word also acknowledges it.

    Raises: DangerNotFound, DangerEnded.
    """
    row = await get(session, danger_id, lock=True)
    if row.ended_at is not None:
        raise DangerEnded
    if acknowledges and row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = now, by
    end(session, row, DangerState.OVER, by, now)
    return row


def end(session: AsyncSession, row: Danger, state: DangerState, by: str, now: datetime) -> None:
    row.state, row.ended_at = state, now
    if row.case_id is not None:
        told = {"danger_id": str(row.id), "state": state.value, "callbacks": row.callbacks}
        record(session, row.case_id, Event.DANGER_ENDED, by, told)


async def listed(session: AsyncSession, open_only: bool, agent_no: str | None, limit: int = 100) -> list[Danger]:
    """Newest first; ``agent_no``: only those this agent raised. Open means not over, or not acknowledged yet."""
    question = select(Danger).order_by(Danger.raised_at.desc()).limit(limit)
    if open_only:
        question = question.where(Danger.ended_at.is_(None) | Danger.acknowledged_at.is_(None))
    if agent_no is not None:
        question = question.where(Danger.agent_no == agent_no)
    return list(await session.scalars(question))


async def tell(session: AsyncSession, row: Danger, most: int) -> None:
    """The whole danger on the feed; the last statement before commit."""
    await session.flush()
    name = await session.scalar(select(Account.display_name).where(Account.id == row.account_id))
    await append_with(session, row.node, [Item(Topic.DANGER, str(row.id), body_of(row, most, name))])


def body_of(row: Danger, most: int, agent_name: str | None) -> dict[str, Any]:
    """A danger as JSON, the same on the feed and over HTTP."""
    return {
        "id": str(row.id), "call_id": str(row.call_id), "case_id": str(row.case_id) if row.case_id else None,
        "agent_no": row.agent_no, "agent_name": agent_name, "number": row.number,
        "number_display": display(row.number), "place": row.place, "last_words": row.last_words,
        "raised_at": row.raised_at.isoformat(), "acknowledged_at": _text(row.acknowledged_at),
        "acknowledged_by": row.acknowledged_by, "callbacks": row.callbacks, "callbacks_most": most,
        "state": str(row.state), "ended_at": _text(row.ended_at),
    }  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@dataclass(frozen=True, slots=True)
class Try:
    """One call back, as far as it is known."""

    target: CallTarget
    command: Command


async def tries(session: AsyncSession, danger_id: uuid.UUID) -> list[Try]:
    """Oldest first."""
    rows = await session.execute(
        select(CallTarget, Command)
        .join(Command, Command.id == CallTarget.command_id)
        .where(CallTarget.danger_id == danger_id, CallTarget.purpose == Purpose.CALLBACK)
        .order_by(CallTarget.at)
    )
    return [Try(target, command) for target, command in rows]


async def police_command(session: AsyncSession, danger_id: uuid.UUID) -> uuid.UUID | None:
    found: uuid.UUID | None = await session.scalar(
        select(CallTarget.command_id).where(CallTarget.danger_id == danger_id, CallTarget.purpose == Purpose.POLICE)
    )
    return found
