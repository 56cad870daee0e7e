"""Commands: what a person asks of the telephone system. Asked here, carried out by cti, confirmed by facts."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from api import ears
from api.command_rows import NewCommand, store
from api.edge import Parts, needs, parts_of
from api.errors import AgentAway, CommandNotFound, SeatNotYours
from api.outgoing import PURPOSES, Meant, permit, resolve, resolve_number, target_row
from api.ownership import Asking, who_asks
from api.queue_limits import of_agent
from api.rights import Right
from api.schemas.commands import (
    AgentSignIn,
    AnyCallCommand,
    AnyOrder,
    CallDial,
    CallMove,
    Command,
    CommandRequest,
    EarCommand,
)
from api.viewer import Viewer
from api.words import Words, say
from cti.facts import Topic
from models.command import Command as CommandRow
from models.db import read_only, transaction

router = APIRouter(prefix="/commands", tags=["commands"])

OwnPhone = Annotated[Viewer, needs(Right.PHONE)]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Ask for something; the answer is not that it was done",
    responses={200: {"model": Command, "description": "this id was asked before"}},
)
async def post_command(asked: CommandRequest, viewer: OwnPhone, request: Request, response: Response) -> Command:
    """For oneself and one's own call; for any call in danger with the right to all calls; with the right to supervise
    ``agent.pause``, ``agent.ready``, ``agent.sign_out`` and ``agent.wrap_up_end`` for somebody else, who is told.

    ``agent.block`` and ``agent.unblock`` normally come from the feed socket. Whom a command calls is written down in
    the same transaction.
    """
    parts = parts_of(request)
    async with parts.alarms.watching(viewer, _tried(asked)), transaction(parts.engine) as session:
        row, made = await _ask(session, asked, viewer, parts)
        if made and isinstance(asked, AnyOrder) and row.agent_no != viewer.agent_no:
            await say(session, _order(asked, row), viewer, row.node)
    if not made:
        response.status_code = status.HTTP_200_OK
    return Command.model_validate(row)


def _order(asked: AnyOrder, row: CommandRow) -> Words:
    """It stands in the audit with its words, and the agent reads who ordered what. A message's id is its command's."""
    return Words(row.id, row.agent_no, command=asked.kind, reason=row.args.get("reason"))


async def _ask(session: AsyncSession, asked: CommandRequest, viewer: Viewer, parts: Parts) -> tuple[CommandRow, bool]:
    asking = await _asking(session, asked, viewer, parts)
    args: dict[str, Any] = asked.args.model_dump(mode="json")
    meant = await _meant(session, asked, parts)
    if isinstance(asked, EarCommand):
        args = ears.args_of(asked, viewer)
    if isinstance(asked, CallMove) and meant is not None:
        args = {"call_id": args["call_id"], "target": {"kind": meant.kind, "value": meant.value}}
    elif meant is not None:
        args = {"number": meant.value}
    now = datetime.now(UTC)
    deadline = now + timedelta(seconds=parts.settings.command_deadline_s)
    new = NewCommand(asked.id, asking.node, asked.kind, args, viewer.account_id, asking.agent_no, now, deadline)
    if isinstance(asked, EarCommand):
        return await ears.keep(session, asked, new, viewer)
    row, made = await store(session, new)
    if made and meant is not None and meant.kind != "queue":
        await permit(session, meant, viewer, parts, asking.caller)
        call_id = asked.args.call_id if isinstance(asked, CallMove) else None
        case_id = asked.args.case_id if isinstance(asked, CallMove | CallDial) else None
        purpose = PURPOSES[asked.kind]
        session.add(await target_row(session, asked.id, purpose, meant, viewer, call_id=call_id, case_id=case_id))
    return row, made


async def _asking(session: AsyncSession, asked: CommandRequest, viewer: Viewer, parts: Parts) -> Asking:
    """cti checks again; here only what is known at the edge is refused. What was asked before is not judged anew."""
    before = await session.get(CommandRow, asked.id)
    if before is not None:
        return Asking(before.node, before.agent_no or viewer.number)
    if isinstance(asked, AgentSignIn) and viewer.seat != asked.args.seat:
        raise SeatNotYours
    if isinstance(asked, EarCommand):
        return ears.asking(asked, viewer, parts)
    if isinstance(asked, AnyOrder) and asked.agent_no not in (None, viewer.agent_no):
        return _ordered(str(asked.agent_no), viewer, parts)
    if isinstance(asked, AnyCallCommand):
        return await who_asks(session, asked.kind, asked.args.call_id, viewer, parts)
    agent = parts.hub.picture.get(Topic.AGENT, viewer.number)
    return Asking(str(agent["node"]) if agent else parts.settings.node, viewer.number)


def _ordered(agent_no: str, viewer: Viewer, parts: Parts) -> Asking:
    """Raises: RightMissing, AgentAway."""
    viewer.must(Right.SUPERVISE)
    agent = parts.hub.picture.get(Topic.AGENT, agent_no)
    if agent is None or not of_agent(agent_no, parts.hub.limit(viewer), parts.hub.picture):
        raise AgentAway
    return Asking(str(agent["node"]), agent_no)


async def _meant(session: AsyncSession, asked: CommandRequest, parts: Parts) -> Meant | None:
    if isinstance(asked, CallMove):
        return await resolve(session, asked.args.target, parts.settings)
    if isinstance(asked, CallDial):
        return await resolve_number(session, asked.args.number, parts.settings)
    return None


def _tried(asked: CommandRequest) -> str:
    if isinstance(asked, CallMove):
        return str(asked.args.target.value)
    return asked.args.number if isinstance(asked, CallDial) else ""


@router.get("/{command_id}", summary="What became of a command of mine")
async def get_command(command_id: uuid.UUID, viewer: OwnPhone, request: Request) -> Command:
    async with read_only(parts_of(request).engine) as session:
        row = await session.get(CommandRow, command_id)
    if row is None or row.account_id != viewer.account_id:
        raise CommandNotFound
    return Command.model_validate(row)
