"""Words from a supervisor to one agent or to all, over HTTP."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, status

from api import words
from api.edge import needs, parts_of
from api.errors import AgentAway
from api.past_limits import people_of
from api.rights import Right
from api.schemas.floor import Message, MessageList, MessageSend
from api.viewer import Viewer
from models.db import read_only, transaction

router = APIRouter(prefix="/messages", tags=["floor"])

Agent = Annotated[Viewer, needs(Right.PHONE)]
Supervisor = Annotated[Viewer, needs(Right.SUPERVISE)]


@router.post("", status_code=status.HTTP_201_CREATED, summary="Say something to one agent or to all")
async def send_message(asked: MessageSend, viewer: Supervisor, request: Request) -> Message:
    """It is audited. The same id again sends nothing. Who is outside the limit cannot be reached, as by an order."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        people = await people_of(session, viewer, parts) if asked.to_agent is not None else None
        if people is not None and asked.to_agent not in people:
            raise AgentAway
        said = words.Words(asked.id, asked.to_agent, asked.text)
        return Message.model_validate(await words.say(session, said, viewer, parts.settings.node))


@router.get("", summary="What was said to me and I have not read yet")
async def list_messages(viewer: Agent, request: Request) -> MessageList:
    async with read_only(parts_of(request).engine) as session:
        return MessageList(items=[Message.model_validate(m) for m in await words.unread(session, viewer)])


@router.post("/{message_id}/read", status_code=status.HTTP_204_NO_CONTENT, summary="I have read it")
async def read_message(message_id: uuid.UUID, viewer: Agent, request: Request) -> None:
    async with transaction(parts_of(request).engine) as session:
        await words.mark_read(session, message_id, viewer)
