"""Raised hands over HTTP: an agent asks for help, a supervisor says "I am coming".

What a supervisor does with somebody's hand is audited. A hand outside the limit (``api.queue_limits``) is no hand.
Signing out takes it down (``api.hand_keeper``).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.errors import HandNotFound, HandNotYours
from api.past_limits import people_of
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
            return await _told(session, row, parts)
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


@router.get("", summary="Hands that are up: all of my queues with the right to the floor, else my own")
async def list_hands(viewer: Desk, request: Request) -> HandList:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return HandList(items=await open_hands(session, viewer, parts))


async def open_hands(session: AsyncSession, viewer: Viewer, parts: Parts) -> list[Hand]:
    """Those that this viewer sees, oldest first."""
    people = await people_of(session, viewer, parts) if viewer.may(Right.FLOOR) else {viewer.number}
    question = (
        select(HandUp, Account.display_name)
        .join(Account, Account.id == HandUp.account_id)
        .where(HandUp.ended_at.is_(None))
        .order_by(HandUp.raised_at)
    )
    if people is not None:
        question = question.where(HandUp.agent_no.in_(people))
    return [Hand.model_validate(body_of(row, name)) for row, name in await session.execute(question)]


@router.post("/{hand_id}/answer", summary="I am coming")
async def answer_hand(hand_id: uuid.UUID, viewer: Supervisor, request: Request) -> Hand:
    """The first supervisor's word counts; again is harmless."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row = await _up(session, hand_id, viewer, parts)
        if row.answered_at is not None:
            return Hand.model_validate(await _body(session, row))
        row.answered_at, row.answered_by = datetime.now(UTC), viewer.login
        await append(session, viewer.account_id, "hand.answered", row.agent_no, {"reason": row.reason})
        return await _told(session, row, parts)


@router.post("/{hand_id}/lower", summary="Take the hand down")
async def lower_hand(hand_id: uuid.UUID, viewer: Agent, request: Request) -> Hand:
    """By the agent whose hand it is, or by a supervisor."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row = await _up(session, hand_id, viewer, parts)
        mine = row.account_id == viewer.account_id
        if not mine and not viewer.may(Right.SUPERVISE):
            raise HandNotYours
        row.ended_at, row.ended_by = datetime.now(UTC), viewer.login
        if not mine:
            await append(session, viewer.account_id, "hand.lowered", row.agent_no, {"reason": row.reason})
        return await _told(session, row, parts)


async def _up(session: AsyncSession, hand_id: uuid.UUID, viewer: Viewer, parts: Parts) -> HandUp:
    """Locked. Raises: HandNotFound: also where it is outside the viewer's queues; the two are not told apart."""
    row = await session.get(HandUp, hand_id, with_for_update=True)
    people = await people_of(session, viewer, parts)
    if row is None or row.ended_at is not None or (people is not None and row.agent_no not in people):
        raise HandNotFound
    return row


async def _told(session: AsyncSession, row: HandUp, parts: Parts) -> Hand:
    (body,) = await tell(session, [row], parts.settings.node)
    return Hand.model_validate(body)


async def tell(session: AsyncSession, rows: Iterable[HandUp], node: str) -> list[dict[str, Any]]:
    """Whole hands on the feed; the last statement before commit."""
    await session.flush()
    bodies = [await _body(session, row) for row in rows]
    await append_with(session, node, [Item(Topic.HAND, body["id"], body) for body in bodies])
    return bodies


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
