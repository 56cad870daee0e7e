"""The training shelf: recordings that others may learn from, each with a title and a reason. Nothing is deleted."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.call import Call
from models.case import Case, CaseCall
from models.quality import ShelfItem
from models.recording import Recording
from recordings.errors import OnShelf, ShelfNotFound, ShelfRefused


async def put(session: AsyncSession, recording: Recording, title: str, reason: str, by: uuid.UUID) -> ShelfItem:
    """Raises: ShelfRefused (no audio, or of a confidential case), OnShelf."""
    confidential = select(_confidential(literal(recording.call_id)))
    if recording.store_key is None or await session.scalar(confidential):
        raise ShelfRefused
    row = {"id": uuid.uuid4(), "recording_id": recording.id, "title": title, "reason": reason, "account_id": by}
    made = await session.execute(insert(ShelfItem).values(row).on_conflict_do_nothing().returning(ShelfItem.id))
    if made.scalar() is None:
        raise OnShelf
    return await session.get_one(ShelfItem, row["id"])


async def take_off(session: AsyncSession, item_id: uuid.UUID, why: str, by: uuid.UUID) -> ShelfItem:
    """Raises: ShelfNotFound, also when it was taken off before."""
    item = await session.get(ShelfItem, item_id, with_for_update=True)
    if item is None or item.removed_at is not None:
        raise ShelfNotFound
    item.removed_at, item.removed_by, item.removal = datetime.now(UTC), by, why
    await session.flush()
    return item


async def items(session: AsyncSession, *clauses: ColumnElement[bool]) -> list[tuple[ShelfItem, Recording, Call]]:
    """What stands there now, newest first. A case that became confidential meanwhile takes its recording away."""
    rows = await session.execute(
        select(ShelfItem, Recording, Call)
        .join(Recording, Recording.id == ShelfItem.recording_id)
        .join(Call, Call.id == Recording.call_id)
        .where(ShelfItem.removed_at.is_(None), ~_confidential(Call.__table__.c.id), *clauses)
        .order_by(ShelfItem.created_at.desc(), ShelfItem.id)
    )
    return [(item, recording, call) for item, recording, call in rows]


async def is_on(session: AsyncSession, recording_id: uuid.UUID) -> bool:
    there = (
        select(ShelfItem.id)
        .join(Recording, Recording.id == ShelfItem.recording_id)
        .where(
            ShelfItem.recording_id == recording_id,
            ShelfItem.removed_at.is_(None),
            ~_confidential(Recording.__table__.c.call_id),
        )
        .exists()
    )
    return bool(await session.scalar(select(there)))


def _confidential(call_id: ColumnElement[uuid.UUID]) -> ColumnElement[bool]:
    linked = select(Case.id).join(CaseCall, CaseCall.case_id == Case.id)
    return linked.where(CaseCall.call_id == call_id, Case.confidential).exists()
