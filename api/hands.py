"""Raised hands over HTTP: an agent asks for help, a supervisor says "I am coming"."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.edge import Parts, needs, parts_of
from api.errors import HandNotFound, HandNotYours
from api.rights import Right
from api.schemas.floor import Hand, HandList, HandRaise
from api.viewer import Viewer
from cti.facts import Topic
from models.account import Account
from models.db import read_only, transaction
from models.feed import Item, append_with
from models.floor import HandUp

router = APIRouter(prefix="/hands", tags=["floor"])

Agent = Annotated[Viewer, needs(Right.PHONE)]
Desk = Annotated[Viewer, needs(Right.CALLS)]
Supervisor = Annotated[Viewer, needs(Right.SUPERVISE)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="I need help",
    responses={200: {"model": Hand, "description": "my hand is up already"}},
)
async def raise_hand(asked: HandRaise, viewer: Agent, request: Request, response: Response) -> Hand:
    parts = parts_of(request)
    live = parts.hub.picture.get(Topic.AGENT, viewer.number)
    async with transaction(parts.engine) as session:
        row = await session.scalar(
            insert(HandUp)
            .values(
                id=asked.id, agent_no=viewer.number, account_id=viewer.account_id, reason=asked.reason,
                call_id=uuid.UUID(live["call_id"]) if live and live["call_id"] else None, raised_at=datetime.now(UTC),
            )
            .on_conflict_do_nothing()
            .returning(HandUp)
        )  # fmt: skip
        if row is not None:
            return Hand.model_validate(await _tell(session, row, parts))
        response.status_code = status.HTTP_200_OK
        return Hand.model_validate(body_of(await _mine(session, asked.id, viewer), viewer.display_name))


async def _mine(session: AsyncSession, hand_id: uuid.UUID, viewer: Viewer) -> HandUp:
    """What stands in the way of a new one: the same id, or the hand that is up."""
    up = select(HandUp).where(HandUp.agent_no == viewer.number, HandUp.ended_at.is_(None))
    row = await session.get(HandUp, hand_id) or await session.scalar(up)
    if row is None:
        raise HandNotFound  # taken down this very moment
    if row.account_id != viewer.account_id:
        raise HandNotYours
    return row


@router.get("", summary="Hands that are up: all with the right to the floor, else my own")
async def list_hands(viewer: Desk, request: Request) -> HandList:
    async with read_only(parts_of(request).engine) as session:
        return HandList(items=await open_hands(session, None if viewer.may(Right.FLOOR) else viewer.number))


async def open_hands(session: AsyncSession, agent_no: str | None = None) -> list[Hand]:
    """Oldest first."""
    question = (
        select(HandUp, Account.display_name)
        .join(Account, Account.id == HandUp.account_id)
        .where(HandUp.ended_at.is_(None))
        .order_by(HandUp.raised_at)
    )
    if agent_no is not None:
        question = question.where(HandUp.agent_no == agent_no)
    return [Hand.model_validate(body_of(row, name)) for row, name in await session.execute(question)]


@router.post("/{hand_id}/answer", summary="I am coming")
async def answer_hand(hand_id: uuid.UUID, viewer: Supervisor, request: Request) -> Hand:
    """The first supervisor's word counts; again is harmless."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row = await _up(session, hand_id)
        if row.answered_at is None:
            row.answered_at, row.answered_by = datetime.now(UTC), viewer.login
            return Hand.model_validate(await _tell(session, row, parts))
        return Hand.model_validate(await _body(session, row))


@router.post("/{hand_id}/lower", summary="Take the hand down")
async def lower_hand(hand_id: uuid.UUID, viewer: Agent, request: Request) -> Hand:
    """By the agent whose hand it is, or by a supervisor."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row = await _up(session, hand_id)
        if row.account_id != viewer.account_id and not viewer.may(Right.SUPERVISE):
            raise HandNotYours
        row.ended_at, row.ended_by = datetime.now(UTC), viewer.login
        return Hand.model_validate(await _tell(session, row, parts))


async def _up(session: AsyncSession, hand_id: uuid.UUID) -> HandUp:
    row = await session.get(HandUp, hand_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        raise HandNotFound
    return row


async def _tell(session: AsyncSession, row: HandUp, parts: Parts) -> dict[str, Any]:
    """The whole hand on the feed; the last statement before commit."""
    await session.flush()
    body = await _body(session, row)
    await append_with(session, parts.settings.node, [Item(Topic.HAND, str(row.id), body)])
    return body


async def _body(session: AsyncSession, row: HandUp) -> dict[str, Any]:
    return body_of(row, await session.scalar(select(Account.display_name).where(Account.id == row.account_id)))


def body_of(row: HandUp, agent_name: str | None) -> dict[str, Any]:
    """A hand as JSON, the same on the feed and over HTTP."""
    return {
        "id": str(row.id), "agent_no": row.agent_no, "agent_name": agent_name, "reason": row.reason,
        "call_id": str(row.call_id) if row.call_id else None, "raised_at": row.raised_at.isoformat(),
        "answered_at": _text(row.answered_at), "answered_by": row.answered_by,
        "ended_at": _text(row.ended_at), "ended_by": row.ended_by,
    }  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
