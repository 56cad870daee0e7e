"""The danger key over HTTP: raise, see, acknowledge, close. Who listens does so with an ear (``call.listen``)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.edge import Parts, needs, parts_of
from api.errors import CallNotFound, DangerNotYours
from api.house_commands import REST, Order, give, order
from api.outgoing import Meant, target_row
from api.ownership import is_mine
from api.rights import Right
from api.schemas.danger import Danger, DangerFile, DangerList, DangerRaise, DangerTry
from api.viewer import Viewer
from cases import conferences, dangers
from cti.facts import CallState
from models.account import Account
from models.call import Call
from models.danger import Danger as DangerRow
from models.db import read_only, transaction
from models.target import Purpose

router = APIRouter(prefix="/danger", tags=["danger"])

Agent = Annotated[Viewer, needs(Right.PHONE)]
Desk = Annotated[Viewer, needs(Right.CALLS)]
Supervisor = Annotated[Viewer, needs(Right.DANGER)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="This citizen is in danger",
    responses={200: {"model": Danger, "description": "this call is in danger already"}},
)
async def raise_danger(asked: DangerRaise, viewer: Agent, request: Request, response: Response) -> Danger:
    """Alarms supervisors, calls 110 into the call, keeps its recordings, asks nobody how it was, and gives a rest.

    A call that has ended may be raised too: the house then calls back.
    """
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        live = await is_mine(session, asked.call_id, viewer, parts)
        ended = await session.get(Call, asked.call_id) if live is None else None
        if live is None and ended is None:
            raise CallNotFound
        caller, node = (live["caller"], live["node"]) if live else (ended.caller, ended.node) if ended else ("", "")
        raising = dangers.Raising(
            asked.call_id, node, viewer.number, viewer.account_id, caller, asked.draft_id, viewer.login
        )
        row, made = await dangers.raise_(session, raising)
        if made:
            running = live is not None and live["state"] != CallState.ENDED
            await _begin(session, row, viewer, parts, running)
            await dangers.tell(session, row, parts.settings.danger_callbacks)
    if not made:
        response.status_code = status.HTTP_200_OK
    return _answer(row, parts, viewer.display_name)


async def _begin(session: AsyncSession, row: DangerRow, viewer: Viewer, parts: Parts, running: bool) -> None:
    """What is asked of the telephone system at once. The rest begins with the end of the call, for it is a pause."""
    rest = order("agent.pause", {"reason": REST}, row.agent_no)
    orders = [rest]
    meant = Meant("number", parts.settings.police_number, police=True)
    police: Order | None = None
    if running:
        call = {"call_id": str(row.call_id)}
        police = order("call.add", call | {"target": {"kind": meant.kind, "value": meant.value}}, row.agent_no)
        orders = [police, order("call.no_survey", call, row.agent_no), rest]
    await give(session, row.node, orders, viewer, parts.settings.command_deadline_s)
    if police is not None:
        target = await target_row(
            session, police.id, Purpose.POLICE, meant, viewer, call_id=row.call_id, case_id=row.case_id
        )
        target.danger_id = row.id
        session.add(target)


def _answer(row: DangerRow, parts: Parts, agent_name: str | None) -> Danger:
    return Danger.model_validate(dangers.body_of(row, parts.settings.danger_callbacks, agent_name))


@router.get("", summary="Danger calls, newest first")
async def list_dangers(
    viewer: Desk,
    request: Request,
    open_: Annotated[bool, Query(alias="open", description="those that are not over, or not acknowledged yet")] = False,
) -> DangerList:
    """All with the right to all calls; else those I raised."""
    parts = parts_of(request)
    mine = None if viewer.may(Right.CALLS_ALL) else viewer.number
    async with read_only(parts.engine) as session:
        rows = await dangers.listed(session, open_, mine)
        people = await _names(session, rows)
    return DangerList(items=[_answer(row, parts, people.get(row.account_id)) for row in rows])


async def _names(session: AsyncSession, rows: list[DangerRow]) -> dict[uuid.UUID, str]:
    ids = {row.account_id for row in rows}
    found = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in found}


@router.get("/{danger_id}", summary="A danger call with every call back")
async def get_danger(danger_id: uuid.UUID, viewer: Desk, request: Request) -> DangerFile:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        row = await dangers.get(session, danger_id)
        if not viewer.may(Right.CALLS_ALL) and row.agent_no != viewer.agent_no:
            raise DangerNotYours
        people = await _names(session, [row])
        tries = await dangers.tries(session, danger_id)
        legs = await conferences.parties_of(session, [t.target.call_id for t in tries if t.target.call_id])
        police = await dangers.police_command(session, danger_id)
    outcomes = {(call_id, leg.leg_no): leg.outcome for call_id, found in legs.items() for leg in found}
    told = [
        DangerTry(
            at=t.target.at, agent_no=t.command.agent_no, state=t.command.state, reason=t.command.reason,
            outcome=outcomes.get((t.target.call_id, t.target.leg_no)) if t.target.call_id else None,
        )
        for t in tries
    ]  # fmt: skip
    answer = _answer(row, parts, people.get(row.account_id))
    return DangerFile(**answer.model_dump(), tries=told, police_command_id=police)


@router.post("/{danger_id}/acknowledge", summary="I have seen it and take care")
async def acknowledge_danger(danger_id: uuid.UUID, viewer: Supervisor, request: Request) -> Danger:
    """The first supervisor's word counts; again is harmless."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row, now_mine = await dangers.acknowledge(session, danger_id, viewer.login, datetime.now(UTC))
        people = await _names(session, [row])
        if now_mine:
            await dangers.tell(session, row, parts.settings.danger_callbacks)
    return _answer(row, parts, people.get(row.account_id))


@router.post("/{danger_id}/close", summary="It is over: nobody is called back any more")
async def close_danger(danger_id: uuid.UUID, viewer: Agent, request: Request) -> Danger:
    """By a supervisor, or by the agent who raised it and knows that the citizen is safe."""
    parts = parts_of(request)
    oversees = viewer.may(Right.DANGER)
    async with transaction(parts.engine) as session:
        if not oversees and (await dangers.get(session, danger_id)).agent_no != viewer.agent_no:
            raise DangerNotYours
        row = await dangers.close(session, danger_id, viewer.login, datetime.now(UTC), acknowledges=oversees)
        people = await _names(session, [row])
        await dangers.tell(session, row, parts.settings.danger_callbacks)
    return _answer(row, parts, people.get(row.account_id))
