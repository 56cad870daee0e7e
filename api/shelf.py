"""The training shelf over HTTP: everybody at the desk listens, few put and take; both are in the audit."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, status
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.past_limits import past_of
from api.recording_answers import names_of, shelf_answer
from api.recordings import found
from api.rights import Right
from api.schemas.recordings import ShelfItem, ShelfList, ShelfPut, ShelfRemove
from api.viewer import Viewer
from models.db import read_only, transaction
from recordings import shelf
from recordings.search import Found

router = APIRouter(prefix="/shelf", tags=["recordings"])

Learner = Annotated[Viewer, needs(Right.SHELF)]
Keeper = Annotated[Viewer, needs(Right.SHELF_KEEP)]


@router.get("", summary="What stands on the training shelf, newest first; numbers masked for who is to learn")
async def list_shelf(viewer: Learner, request: Request) -> ShelfList:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return await _list(session, viewer, parts)


@router.post("", status_code=status.HTTP_201_CREATED, summary="Put a recording on the training shelf")
async def put_on_shelf(asked: ShelfPut, viewer: Keeper, request: Request) -> ShelfList:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        recording = await found(session, asked.recording_id, viewer, parts)
        item = await shelf.put(session, recording, asked.title, asked.reason, viewer.account_id)
        detail = {"recording": str(recording.id), "title": item.title, "reason": item.reason}
        await append(session, viewer.account_id, "shelf.put", str(item.id), detail)
        return await _list(session, viewer, parts)


@router.post("/{item_id}/remove", summary="Take a recording off the training shelf")
async def take_off_shelf(item_id: uuid.UUID, asked: ShelfRemove, viewer: Keeper, request: Request) -> ShelfList:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        item = await shelf.take_off(session, item_id, asked.reason, viewer.account_id)
        await found(session, item.recording_id, viewer, parts)  # who may not hear it takes nothing off
        detail = {"recording": str(item.recording_id), "reason": asked.reason}
        await append(session, viewer.account_id, "shelf.removed", str(item.id), detail)
        return await _list(session, viewer, parts)


async def _list(session: AsyncSession, viewer: Viewer, parts: Parts) -> ShelfList:
    past = await past_of(session, viewer, parts)
    rows = await shelf.items(session, *([past.calls()] if past else []))
    names = await names_of(session, {item.account_id for item, _, _ in rows})
    return ShelfList(
        items=[
            ShelfItem(
                id=item.id, title=item.title, reason=item.reason, put_by=names.get(item.account_id, ""),
                created_at=item.created_at, recording=shelf_answer(Found(recording, call), viewer),
            )
            for item, recording, call in rows
        ]
    )  # fmt: skip
