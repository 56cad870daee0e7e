"""Drafts: what an agent is typing, safe on the server at every pause.

``rev`` is the browser's counter. An older copy never replaces a newer one, and a save that arrives after the submit
does not bring the draft back.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import DraftNotFound, DraftNotYours, DraftStale, DraftSubmitted
from models.account import Account
from models.case import Case, CaseCall, Draft


@dataclass(frozen=True, slots=True)
class Copy:
    """One save as the browser sends it."""

    draft_id: uuid.UUID
    account_id: uuid.UUID
    call_id: uuid.UUID | None
    rev: int
    body: dict[str, Any]
    continues: uuid.UUID | None = None  # a colleague's draft of the same call, whose text this one starts with


async def lock(session: AsyncSession, draft_id: uuid.UUID) -> None:
    """Saves and submits of one draft wait for each other, also while it has no row yet."""
    await session.execute(text("SELECT pg_advisory_xact_lock(7204, hashtext(:id))"), {"id": str(draft_id)})


async def put(session: AsyncSession, copy: Copy) -> Draft:
    """Save a copy. The same copy again is harmless.

    Raises:
        DraftStale: a newer one, or another one of the same rev, is stored; ``fields["stored"]`` carries it.
        DraftSubmitted: it is a case by now.
        DraftNotYours: somebody else types it.
    """
    await lock(session, copy.draft_id)
    await _refuse_submitted(session, copy)
    stored = await session.get(Draft, copy.draft_id)
    now = datetime.now(UTC)
    if stored is None:
        stored = Draft(
            id=copy.draft_id, account_id=copy.account_id, call_id=copy.call_id, rev=copy.rev, body=copy.body,
            updated_at=now, created_at=now,
        )  # fmt: skip
        stored.begun_by = await begun_by(session, copy.continues, copy.call_id, copy.account_id)
        session.add(stored)
        return stored
    if stored.account_id != copy.account_id:
        raise DraftNotYours
    if copy.rev < stored.rev or (copy.rev == stored.rev and copy.body != stored.body):
        raise DraftStale(stored=as_dict(stored))
    stored.rev, stored.body, stored.updated_at = copy.rev, copy.body, now
    stored.call_id = copy.call_id or stored.call_id
    if not stored.begun_by:
        stored.begun_by = await begun_by(session, copy.continues, stored.call_id, copy.account_id)
    return stored


async def begun_by(
    session: AsyncSession, continues: uuid.UUID | None, call_id: uuid.UUID | None, account_id: uuid.UUID
) -> list[str]:
    """Who wrote what a draft starts with. The colleague's own draft stays as it is; it may be a case by now."""
    if continues is None or call_id is None:
        return []
    before = await session.get(Draft, continues)
    if before is not None and before.call_id == call_id and before.account_id != account_id:
        return [*before.begun_by, await _login(session, before.account_id)]
    made = await session.scalar(
        select(Case.account_id)
        .join(CaseCall, CaseCall.case_id == Case.id)
        .where(Case.draft_id == continues, CaseCall.call_id == call_id, Case.account_id != account_id)
    )
    return [await _login(session, made)] if made is not None else []


async def _login(session: AsyncSession, account_id: uuid.UUID) -> str:
    return (await session.get_one(Account, account_id)).login


async def _refuse_submitted(session: AsyncSession, copy: Copy) -> None:
    case = await session.scalar(select(Case).where(Case.draft_id == copy.draft_id))
    if case is None:
        return
    if case.account_id != copy.account_id:
        raise DraftNotYours
    raise DraftSubmitted(case_id=str(case.id), number=case.number)


async def get(session: AsyncSession, draft_id: uuid.UUID, account_id: uuid.UUID) -> Draft:
    """Raises: DraftNotFound, DraftNotYours."""
    stored = await session.get(Draft, draft_id)
    if stored is None:
        raise DraftNotFound
    if stored.account_id != account_id:
        raise DraftNotYours
    return stored


async def mine(session: AsyncSession, account_id: uuid.UUID, limit: int = 100) -> list[Draft]:
    """Newest first."""
    found = await session.scalars(
        select(Draft).where(Draft.account_id == account_id).order_by(Draft.updated_at.desc()).limit(limit)
    )
    return list(found)


async def of_call(session: AsyncSession, call_id: uuid.UUID) -> list[Draft]:
    """What is being typed about a call, whoever types it, newest first."""
    found = await session.scalars(select(Draft).where(Draft.call_id == call_id).order_by(Draft.updated_at.desc()))
    return list(found)


async def remove(session: AsyncSession, draft_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Raises: DraftNotFound, DraftNotYours."""
    await lock(session, draft_id)
    await get(session, draft_id, account_id)
    await session.execute(delete(Draft).where(Draft.id == draft_id))


def as_dict(draft: Draft) -> dict[str, Any]:
    """A draft as JSON."""
    return {
        "id": str(draft.id),
        "call_id": str(draft.call_id) if draft.call_id else None,
        "rev": draft.rev,
        "body": draft.body,
        "begun_by": draft.begun_by,
        "updated_at": draft.updated_at.isoformat(),
        "created_at": draft.created_at.isoformat(),
    }
