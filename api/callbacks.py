"""Whom to call back: the list, the next one, and what becomes of one that an agent has in hand."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from api.command_rows import NewCommand, store
from api.edge import Parts, needs, parts_of
from api.errors import CommandReused, NotSignedIn
from api.outgoing import permit, resolve_number, target_row
from api.past_limits import past_of
from api.picture import Picture
from api.rights import Right
from api.schemas.callbacks import Callback, CallbackClose, CallbackList, CallbackTake, CallbackTaken, VoiceMessage
from api.schemas.commands import Command
from api.viewer import Viewer
from cases import callbacks
from cases.fair import Floor
from cases.numbers import display
from cti.facts import AgentState, Topic
from models.command import Command as CommandRow
from models.db import read_only, transaction
from models.target import Purpose
from models.unreached import Unreached

router = APIRouter(prefix="/callbacks", tags=["calls"])

Reader = Annotated[Viewer, needs(Right.CALLS)]
OwnPhone = Annotated[Viewer, needs(Right.PHONE)]
Anybody = Annotated[Viewer, needs(Right.CALLBACKS_ALL)]
_RECENT = timedelta(hours=12)


def floor_of(picture: Picture) -> Floor:
    """The queue as the screens see it."""
    queues = list(picture.of_topic(Topic.QUEUE))
    since = [datetime.fromisoformat(q["longest_since"]) for q in queues if q["longest_since"]]
    ready = sum(agent["state"] == AgentState.READY for agent in picture.of_topic(Topic.AGENT))
    return Floor(sum(q["waiting"] for q in queues), min(since, default=None), ready)


@router.get("", summary="Citizens whom nobody reached, in the order in which they are called back")
async def list_callbacks(
    viewer: Reader,
    request: Request,
    mine: Annotated[bool, Query(description="only those who rang at my seat, or whom I have taken")] = False,
    ended: Annotated[bool, Query(description="also what has ended in the last hours")] = False,
) -> CallbackList:
    """One entry for each citizen and day, however often they tried. Who was reached, either way, leaves it."""
    parts, now = parts_of(request), datetime.now(UTC)
    floor = floor_of(parts.hub.picture)
    async with read_only(parts.engine) as session:
        seen = await _seen(session, viewer, parts)
        wanted = callbacks.mine(viewer.number) if mine else seen
        found = await callbacks.listed(session, floor, recent=now - _RECENT if ended else None, seen=wanted)
        offered = await callbacks.is_offered(session, floor, now, seen=seen)
        spoken = await callbacks.messages(session, [row.id for row in found.items])
    items = [_answer(row, spoken.get(row.id, [])) for row in found.items]
    return CallbackList(items=items, total=found.total, offered=offered, waiting=floor.waiting, ready=floor.ready)


async def _seen(session: AsyncSession, viewer: Viewer, parts: Parts) -> ColumnElement[bool]:
    past = await past_of(session, viewer, parts)
    return past.unreached() if past else callbacks.EVERYBODY


def _answer(row: Unreached, spoken: list[callbacks.Message]) -> Callback:
    return Callback(
        id=row.id, number=row.number, number_display=display(row.number), kind=row.kind, callable=row.callable,
        attempts=row.attempts, first_at=row.first_at, last_at=row.last_at, since_at=row.since_at, place=row.place,
        waited_s=row.waited_s, outcome=row.last_outcome, call_id=row.call_ids[-1], state=row.state,
        taken_by=row.taken_by, taken_until=row.taken_until, command_id=row.command_id, tries=row.tries,
        next_at=row.next_at, end_reason=row.end_reason, ended_at=row.ended_at,
        messages=[VoiceMessage(call_id=m.call_id, at=m.at, recording_id=m.recording_id) for m in spoken],
    )  # fmt: skip


async def _answered(session: AsyncSession, row: Unreached) -> Callback:
    return _answer(row, (await callbacks.messages(session, [row.id])).get(row.id, []))


@router.post("/next", status_code=202, summary="Take the next citizen and call them back")
async def take_next_callback(asked: CallbackTake, viewer: OwnPhone, request: Request) -> CallbackTaken:
    """Nobody is given while citizens wait who are first. The entry ends when the call is answered, not here."""
    return await _take(asked, viewer, parts_of(request), None)


@router.post("/{callback_id}/take", status_code=202, summary="Take this one, out of turn, and call them back")
async def take_callback(
    callback_id: uuid.UUID, asked: CallbackTake, viewer: Anybody, request: Request
) -> CallbackTaken:
    return await _take(asked, viewer, parts_of(request), callback_id)


async def _take(asked: CallbackTake, viewer: Viewer, parts: Parts, callback_id: uuid.UUID | None) -> CallbackTaken:
    async with transaction(parts.engine) as session:
        before = await callbacks.of_command(session, asked.command_id)
        if before is not None:  # asked again: the same call
            command = await session.get_one(CommandRow, asked.command_id)
            if command.account_id != viewer.account_id:
                raise CommandReused
            return CallbackTaken(callback=await _answered(session, before), command=Command.model_validate(command))
        agent = parts.hub.picture.get(Topic.AGENT, viewer.number)
        if agent is None:
            raise NotSignedIn
        now, seen = datetime.now(UTC), await _seen(session, viewer, parts)
        if callback_id is None:
            floor = floor_of(parts.hub.picture)
            row = await callbacks.take_next(session, viewer.number, viewer.login, floor, now, seen=seen)
        else:
            await callbacks.check(session, callback_id, seen)
            row = await callbacks.take(session, callback_id, viewer.number, viewer.login, now)
        async with parts.alarms.watching(viewer, row.number):
            command = await _dial(session, row, asked.command_id, viewer, parts, node=str(agent["node"]))
        row.command_id = command.id
        await session.flush()
        return CallbackTaken(callback=await _answered(session, row), command=Command.model_validate(command))


async def _dial(
    session: AsyncSession, row: Unreached, command_id: uuid.UUID, viewer: Viewer, parts: Parts, *, node: str
) -> CommandRow:
    """The same call out as from any other button, with the same record."""
    meant = await resolve_number(session, row.number, parts.settings)
    now = datetime.now(UTC)
    deadline = now + timedelta(seconds=parts.settings.command_deadline_s)
    args = {"number": meant.value}
    new = NewCommand(command_id, node, "call.dial", args, viewer.account_id, viewer.number, now, deadline)
    command, _ = await store(session, new)
    await permit(session, meant, viewer, parts, None)
    session.add(await target_row(session, command_id, Purpose.CALLOUT, meant, viewer, call_id=None, case_id=None))
    return command


@router.post("/{callback_id}/release", summary="Give one back to the list")
async def release_callback(callback_id: uuid.UUID, viewer: OwnPhone, request: Request) -> Callback:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await callbacks.check(session, callback_id, await _seen(session, viewer, parts))
        row = await callbacks.release(session, callback_id, _whose(viewer), viewer.login)
        return await _answered(session, row)


@router.post("/{callback_id}/close", summary="Close one without an answer, and say why")
async def close_callback(callback_id: uuid.UUID, asked: CallbackClose, viewer: OwnPhone, request: Request) -> Callback:
    """One's own; a message that needs no call; a supervisor any."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await callbacks.check(session, callback_id, await _seen(session, viewer, parts))
        row = await callbacks.close(
            session, callback_id, asked.reason, _whose(viewer), viewer.login, now=datetime.now(UTC)
        )
        return await _answered(session, row)


def _whose(viewer: Viewer) -> str | None:
    return None if viewer.may(Right.CALLBACKS_ALL) else viewer.number
