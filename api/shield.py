"""The agents' shield over HTTP: the abuse key, and flags on numbers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.errors import BadExpiry, BadReviewer, CallNotFound
from api.house_commands import REST, give, order
from api.outgoing import Meant, target_row
from api.ownership import is_mine
from api.party_answers import flag_answer
from api.rights import RIGHTS, Right
from api.schemas.shield import (
    AbuseReportAsk,
    AbuseStep,
    FlagAppeal,
    FlagLift,
    FlagList,
    FlagSet,
    NumberFlag,
    Reviewer,
    ReviewerList,
)
from api.viewer import Viewer
from cases import shield
from cases.numbers import canonical
from cases.texts import ShortLine
from cti.facts import AgentState, CallState, Topic
from models.account import Account, Role
from models.command import Command
from models.db import read_only, transaction
from models.shield import AbuseReport
from models.shield import NumberFlag as FlagRow
from models.target import Purpose
from pbx_config.dialling import NumberInvalid

router = APIRouter(tags=["shield"])

Agent = Annotated[Viewer, needs(Right.PHONE)]
Desk = Annotated[Viewer, needs(Right.CALLS)]
Supervisor = Annotated[Viewer, needs(Right.FLAGS)]
WARN, HAND_OVER, END = "call.abuse_warn", "call.transfer", "call.abuse_end"


@router.post("/abuse", status_code=status.HTTP_201_CREATED, summary="This citizen abuses me: the next step")
async def report_abuse(asked: AbuseReportAsk, viewer: Agent, request: Request) -> AbuseStep:
    """Twice a spoken warning; then a senior takes over, or, where none is free, a message ends the call.

    While a step is still on its way the key does nothing: the answer is that step.
    """
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(7205, hashtext(:c))"), {"c": str(asked.call_id)})
        call = await is_mine(session, asked.call_id, viewer, parts)
        if call is None or call["state"] == CallState.ENDED:
            raise CallNotFound
        before = await shield.last_step(session, asked.call_id)
        if before is not None and (before.step == shield.LAST_STEP or await _under_way(session, before)):
            return await _told(session, before)
        step = before.step + 1 if before else 1
        return await _told(session, await _take(session, step, call, viewer, parts))


async def _under_way(session: AsyncSession, report: AbuseReport) -> bool:
    command = await session.get_one(Command, report.command_id)
    return command.ended_at is None and command.deadline_at > datetime.now(UTC)


async def _told(session: AsyncSession, report: AbuseReport) -> AbuseStep:
    command = await session.get_one(Command, report.command_id)
    last = report.step == shield.LAST_STEP
    return AbuseStep.model_validate(
        {"step": report.step, "action": command.kind, "command_id": command.id, "handed_to": report.handed_to,
         "rest": last}
    )  # fmt: skip


async def _take(session: AsyncSession, step: int, call: dict[str, str], viewer: Viewer, parts: Parts) -> AbuseReport:
    """Ask the telephone system for this step, and write it down."""
    call_id = uuid.UUID(call["call_id"])
    args: dict[str, object] = {"call_id": call["call_id"]}
    senior = await _senior(session, viewer, parts) if step == shield.LAST_STEP else None
    kind = WARN if step < shield.LAST_STEP else HAND_OVER if senior else END
    if senior:
        args["target"] = {"kind": "seat", "value": senior}
    asked = order(kind, args, viewer.number)
    orders = [asked, order("agent.pause", {"reason": REST}, viewer.number)] if step == shield.LAST_STEP else [asked]
    await give(session, call["node"], orders, viewer, parts.settings.command_deadline_s)
    if senior:
        session.add(
            await target_row(
                session, asked.id, Purpose.SENIOR, Meant("seat", senior), viewer, call_id=call_id, case_id=None
            )
        )
    report = AbuseReport(
        id=uuid.uuid4(), call_id=call_id, number=canonical(call["caller"]), agent_no=viewer.number, step=step,
        command_id=asked.id, handed_to=senior,
    )  # fmt: skip
    session.add(report)
    await session.flush()
    return report


async def _senior(session: AsyncSession, viewer: Viewer, parts: Parts) -> str | None:
    """The seat of a supervisor who is free now, the one free for longest; None where there is none."""
    supervisors = select(Account.agent_no).where(Account.role == Role.SUPERVISOR, Account.active)
    numbers = set(await session.scalars(supervisors)) - {viewer.agent_no}
    free = [
        agent
        for agent in parts.hub.picture.of_topic(Topic.AGENT)
        if agent["agent_no"] in numbers and agent["state"] == AgentState.READY
    ]
    return str(min(free, key=lambda a: a["since"])["seat"]) if free else None


# ── flags ────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/number-flags", summary="Flags, newest first")
async def list_flags(
    viewer: Desk,
    request: Request,
    number: Annotated[ShortLine, Query(description="in any form; empty: all")] = "",
    active: Annotated[bool, Query(description="only those in force")] = False,
) -> FlagList:
    async with read_only(parts_of(request).engine) as session:
        rows = await shield.flags(session, canonical(number), active, datetime.now(UTC))
    return FlagList(items=[flag_answer(row) for row in rows])


@router.get("/number-flags/reviewers", summary="The supervisors who may answer for a flag of mine")
async def list_reviewers(viewer: Agent, request: Request) -> ReviewerList:
    """Others than me; alone on duty, a supervisor answers for it alone."""
    async with read_only(parts_of(request).engine) as session:
        others = [account for account in await _reviewers(session) if account.id != viewer.account_id]
    found = [Reviewer(login=account.login, display_name=account.display_name) for account in others]
    if not found and viewer.may(Right.FLAGS):
        found = [Reviewer(login=viewer.login, display_name=viewer.display_name)]
    return ReviewerList(items=found)


async def _reviewers(session: AsyncSession) -> list[Account]:
    people = select(Account).where(Account.active, Account.role.in_(_REVIEWERS)).order_by(Account.login)
    return list(await session.scalars(people))


@router.post("/number-flags", status_code=status.HTTP_201_CREATED, summary="Flag a number")
async def set_flag(asked: FlagSet, viewer: Agent, request: Request) -> NumberFlag:
    """An agent leaves a word for the next one, for a supervisor to review; what the line does, supervisors say."""
    parts, now = parts_of(request), datetime.now(UTC)
    if asked.flag is not None:
        viewer.must(Right.FLAGS)
    number = canonical(asked.number)
    if not number or (asked.flag is not None and not number.isdigit()):
        raise NumberInvalid
    if not now < asked.expires_at <= now + timedelta(days=parts.settings.flag_longest_days):
        raise BadExpiry(days=parts.settings.flag_longest_days)
    async with transaction(parts.engine) as session:
        reviewer = await _reviewer(session, asked.reviewer, viewer)
        new = shield.NewFlag(
            number, asked.flag, asked.tone, asked.reason, viewer.login, reviewer, now, asked.expires_at
        )
        row = await shield.set_flag(session, new)
        await _tell_line(session, row, viewer, parts)
        await append(session, viewer.account_id, "number_flag.set", str(row.id), {"reviewer": reviewer})
        return flag_answer(row)


async def _reviewer(session: AsyncSession, login: str | None, viewer: Viewer) -> str:
    """Another supervisor than who sets it; alone on duty, a supervisor answers for it alone, and the row says so.

    Raises: BadReviewer.
    """
    others = {a.login for a in await _reviewers(session) if a.id != viewer.account_id}
    if login in (None, viewer.login) and viewer.may(Right.FLAGS) and not others:
        return viewer.login
    wanted = login.strip().lower() if login else None
    if wanted is None or wanted not in others:
        raise BadReviewer
    return wanted


_REVIEWERS = [role for role in Role if Right.FLAGS in RIGHTS[role]]


async def _tell_line(session: AsyncSession, changed: FlagRow, viewer: Viewer, parts: Parts) -> None:
    """What the line does with this number from now on. When a flag lapses cti sees it by itself."""
    if changed.flag is None:
        return
    flag = await shield.flag_of(session, changed.number, datetime.now(UTC))
    args = {"number": changed.number, "flag": flag.flag if flag else None}
    nodes = {body["node"] for body in parts.hub.picture.of_topic(Topic.NODE)} or {parts.settings.node}
    for node in sorted(nodes):
        await give(session, node, [order("caller.flag", args, None)], viewer, parts.settings.command_deadline_s)


@router.post("/number-flags/{flag_id}/appeal", summary="Write down the citizen's appeal against a flag")
async def appeal_flag(flag_id: uuid.UUID, asked: FlagAppeal, viewer: Agent, request: Request) -> NumberFlag:
    async with transaction(parts_of(request).engine) as session:
        row = await shield.appeal(session, flag_id, asked.appeal, viewer.login, datetime.now(UTC))
        await append(session, viewer.account_id, "number_flag.appealed", str(flag_id))
        return flag_answer(row)


@router.post("/number-flags/{flag_id}/lift", summary="Lift a flag before it ends by itself")
async def lift_flag(flag_id: uuid.UUID, asked: FlagLift, viewer: Supervisor, request: Request) -> NumberFlag:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row: FlagRow = await shield.lift(session, flag_id, asked.reason, viewer.login, datetime.now(UTC))
        await session.flush()
        await _tell_line(session, row, viewer, parts)
        await append(session, viewer.account_id, "number_flag.lifted", str(flag_id))
        return flag_answer(row)
