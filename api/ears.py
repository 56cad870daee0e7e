"""Ears over HTTP: what a supervisor's command to listen or take over becomes, and the log of all ears."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_queries import day_bounds
from api.command_rows import NewCommand, store
from api.edge import Parts, needs, parts_of
from api.errors import CallNotFound, CallTaken, NoSeat, OwnCall
from api.outgoing import Meant, target_row
from api.ownership import Asking, in_the_room
from api.queue_limits import of_call
from api.rights import Right
from api.schemas.commands import CallTakeOver, EarCommand
from api.schemas.ears import EarEntry, EarLog
from api.viewer import Viewer
from cti.facts import CallState, Topic
from models.account import Account
from models.call import Call
from models.command import Command
from models.db import read_only
from models.ear import Ear
from models.target import CallTarget, Purpose

router = APIRouter(prefix="/ears", tags=["ears"])

Reader = Annotated[Viewer, needs(Right.EARS_LOG)]
_MOST = 500
_CALLS_A_LEG = frozenset({"call.listen", "call.whisper", "call.barge", "call.take_over"})


def asking(asked: EarCommand, viewer: Viewer, parts: Parts) -> Asking:
    """Whether this person may do that to this call now.

    Raises: RightMissing, NoSeat, NoAgentNumber, CallNotFound, OwnCall, CallTaken.
    """
    viewer.must(Right.EARS)
    if viewer.seat is None:
        raise NoSeat
    call = parts.hub.picture.get(Topic.CALL, str(asked.args.call_id))
    if call is None or call["state"] == CallState.ENDED:
        raise CallNotFound
    if not of_call(call, parts.hub.limit(viewer), parts.hub.picture):
        raise CallNotFound  # of a queue that this supervisor does not see
    if in_the_room(call, viewer.number):
        raise OwnCall
    if isinstance(asked, CallTakeOver):
        ears = parts.hub.picture.get(Topic.EARS, str(asked.args.call_id)) or {}
        if ears.get("taken_by") and ears["taken_by"] != viewer.number:
            raise CallTaken(holder=ears["taken_by_name"] or ears["taken_by"])
        if call["agent_no"] != asked.args.from_agent:
            raise CallTaken(holder=call["agent_no"] or "")
    return Asking(str(call["node"]), viewer.number, call["caller"])


def args_of(asked: EarCommand, viewer: Viewer) -> dict[str, Any]:
    """What cti is told besides: which seat is called, and whose name the screens show."""
    return asked.args.model_dump(mode="json") | {"seat": viewer.seat, "name": viewer.display_name}


async def keep(session: AsyncSession, asked: EarCommand, new: NewCommand, viewer: Viewer) -> tuple[Command, bool]:
    """The command, and who called which leg for what: the ear log's supervisor.

    Raises: CallTaken: another supervisor is taking it over at this moment (a unique index is the lock).
    """
    try:
        row, made = await store(session, new)
    except NoResultFound as exc:  # not stored, and not this id
        raise CallTaken(holder=await _holder(session, asked.args.call_id)) from exc
    if made and asked.kind in _CALLS_A_LEG:
        meant = Meant("seat", viewer.seat or "")
        target = await target_row(
            session, asked.id, Purpose.LISTEN, meant, viewer, call_id=asked.args.call_id, case_id=None
        )
        session.add(target)
    return row, made


async def _holder(session: AsyncSession, call_id: uuid.UUID) -> str:
    query = select(Account.display_name).join(Command, Command.account_id == Account.id)
    open_ = query.where(
        Command.kind == "call.take_over", Command.ended_at.is_(None), Command.args["call_id"].astext == str(call_id)
    )
    return (await session.scalar(open_)) or ""


@router.get("", summary="Who listened to which call, newest first")
async def list_ears(
    viewer: Reader,
    request: Request,
    day: Annotated[date | None, Query(description="a day of the site; today where no call is asked for")] = None,
    call_id: uuid.UUID | None = None,
) -> EarLog:
    """Every ear from its first to its last moment. Nobody writes this log, nobody can mend it."""
    zone = parts_of(request).settings.zone
    query = (
        select(Ear, Call.caller, Call.agent_no, Account.display_name)
        .join(Call, Call.id == Ear.call_id)
        .outerjoin(CallTarget, (CallTarget.call_id == Ear.call_id) & (CallTarget.leg_no == Ear.leg_no))
        .outerjoin(Account, Account.id == CallTarget.account_id)
        .order_by(Ear.started_at.desc())
        .limit(_MOST)
    )
    if call_id is not None:
        query = query.where(Ear.call_id == call_id)
    if day is not None or call_id is None:
        begin, end = day_bounds(day or datetime.now(UTC).astimezone(zone).date(), zone)
        query = query.where(Ear.started_at >= begin, Ear.started_at < end)
    async with read_only(parts_of(request).engine) as session:
        found = (await session.execute(query)).all()
    return EarLog(items=[_entry(ear, caller, agent_no, name) for ear, caller, agent_no, name in found])


def _entry(ear: Ear, caller: str, agent_no: str | None, name: str | None) -> EarEntry:
    return EarEntry(
        id=ear.id, call_id=ear.call_id, caller=caller, agent_no=agent_no, supervisor_no=ear.agent_no,
        supervisor_name=name, seat=ear.seat, mode=ear.mode, started_at=ear.started_at, ended_at=ear.ended_at,
        ended_by=ear.ended_by,
    )  # fmt: skip
