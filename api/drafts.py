"""Drafts over HTTP. The rules of ``rev`` are in ``cases.drafts``."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, status

from api.edge import needs, parts_of
from api.errors import CallNotYours
from api.ownership import in_the_room
from api.rights import Right
from api.schemas.cases import Draft, DraftPut
from api.viewer import Viewer
from cases import drafts
from cti.facts import Topic
from models.db import read_only, transaction

router = APIRouter(prefix="/drafts", tags=["drafts"])

Writer = Annotated[Viewer, needs(Right.CASES_WRITE)]


@router.get("", summary="My drafts, newest first; with call_id: what is typed about a call I am in, to read")
async def list_drafts(viewer: Writer, request: Request, call_id: uuid.UUID | None = None) -> list[Draft]:
    """A colleague who is asked into a call reads what its agent has written so far; nobody else does."""
    if call_id is not None:
        call = parts_of(request).hub.picture.get(Topic.CALL, str(call_id))
        if call is None or not (call["agent_no"] == viewer.number or in_the_room(call, viewer.number)):
            raise CallNotYours
    async with read_only(parts_of(request).engine) as session:
        if call_id is not None:
            return [Draft.model_validate(d) for d in await drafts.of_call(session, call_id)]
        return [Draft.model_validate(d) for d in await drafts.mine(session, viewer.account_id)]


@router.get("/{draft_id}", summary="One of my drafts")
async def get_draft(draft_id: uuid.UUID, viewer: Writer, request: Request) -> Draft:
    async with read_only(parts_of(request).engine) as session:
        return Draft.model_validate(await drafts.get(session, draft_id, viewer.account_id))


@router.put("/{draft_id}", summary="Save what is typed so far")
async def put_draft(draft_id: uuid.UUID, asked: DraftPut, viewer: Writer, request: Request) -> Draft:
    """An older ``rev`` than stored is refused as ``draft.stale``; the problem carries the stored one in ``stored``."""
    body = asked.body.model_dump(mode="json", exclude_unset=True)
    copy = drafts.Copy(draft_id, viewer.account_id, asked.call_id, asked.rev, body, asked.continues)
    async with transaction(parts_of(request).engine) as session:
        stored = await drafts.put(session, copy)
    return Draft.model_validate(stored)


@router.delete("/{draft_id}", status_code=status.HTTP_204_NO_CONTENT, summary="Throw a draft of mine away")
async def delete_draft(draft_id: uuid.UUID, viewer: Writer, request: Request) -> None:
    async with transaction(parts_of(request).engine) as session:
        await drafts.remove(session, draft_id, viewer.account_id)
