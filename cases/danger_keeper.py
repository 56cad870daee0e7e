"""Follows danger calls: sees that the citizen is gone, calls back at a supervisor's seat.

Every step is one transaction with its feed row; the danger's row is locked, so that two keepers do not call twice.
Decisions are in ``cases.danger_watch``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cases import dangers
from cases.danger_watch import Body, CallBack, Recorded, Step, citizen_of, step_of
from cases.timeline import Event, record
from cti.facts import AgentState, Topic
from models.account import Account, Role
from models.call import Call, Leg, LegOutcome
from models.command import Command, insert_once
from models.danger import Danger, DangerState
from models.db import transaction
from models.feed import LiveRow
from models.target import CallTarget, Purpose, leg_no_of
from pbx_config.dialling import NumberInvalid, NumberNotAllowed, allowed

log = structlog.get_logger(__name__)

HOUSE = "lianxin"
COMMAND_S = 10


@dataclass(frozen=True, slots=True)
class DangerSettings:
    node: str
    callbacks: int = 3
    again_after_s: float = 20
    own_numbers: tuple[str, ...] = ()


async def look(engine: AsyncEngine, settings: DangerSettings) -> None:
    """One round over the dangers of this node that are not over."""
    async with transaction(engine) as session:
        open_ids = list(
            await session.scalars(select(Danger.id).where(Danger.ended_at.is_(None), Danger.node == settings.node))
        )
    for danger_id in open_ids:
        async with transaction(engine) as session:
            row = await session.get(Danger, danger_id, with_for_update={"skip_locked": True})
            if row is not None and row.ended_at is None:
                await _follow(session, row, settings)


async def _follow(session: AsyncSession, row: Danger, settings: DangerSettings) -> None:
    now = datetime.now(UTC)
    live = await live_body(session, row.call_id)
    tries = await dangers.tries(session, row.id)
    last = await _call_back_of(session, tries[-1]) if tries else None
    step = step_of(
        row, citizen_of(live, await _recorded(session, row.call_id), now), last, now, most=settings.callbacks,
        again_after=timedelta(seconds=settings.again_after_s), callable_=_callable(row, settings),
    )  # fmt: skip
    if step is Step.WAIT:
        return
    if step is Step.CALL_BACK:
        if not await _call_back(session, row, settings):
            return  # no supervisor is there: the banner stays, the next look tries again
    elif step is Step.GONE:
        row.state = DangerState.GONE
    else:
        ends = {
            Step.OVER: DangerState.OVER, Step.REACHED: DangerState.REACHED, Step.GIVE_UP: DangerState.GIVEN_UP,
        }  # fmt: skip
        dangers.end(session, row, ends[step], HOUSE, now)
    log.warning("danger call", step=step.value, danger_id=str(row.id), callbacks=row.callbacks)
    await dangers.tell(session, row, settings.callbacks)


def _callable(row: Danger, settings: DangerSettings) -> bool:
    try:
        return bool(allowed(row.number, settings.own_numbers))
    except (NumberInvalid, NumberNotAllowed):
        return False  # withheld, or abroad: people go on from here


async def live_body(session: AsyncSession, call_id: uuid.UUID) -> Body | None:
    body: Body | None = await session.scalar(
        select(LiveRow.body).where(LiveRow.topic == Topic.CALL, LiveRow.key == str(call_id))
    )
    return body


async def _recorded(session: AsyncSession, call_id: uuid.UUID, leg_no: int | None = None) -> Recorded | None:
    call = await session.get(Call, call_id, populate_existing=True)
    if call is None:
        return None
    reached = leg_no is not None and await session.scalar(
        select(exists().where(Leg.call_id == call_id, Leg.leg_no == leg_no, Leg.outcome == LegOutcome.ANSWERED))
    )
    return Recorded(call.ended_at is not None, call.hung_up_by, bool(reached))


async def _call_back_of(session: AsyncSession, made: dangers.Try) -> CallBack:
    """The call that a call back made is known by its leg number: it ends the new call's linkedid."""
    target, command = made.target, made.command
    if target.call_id is None:
        target.call_id = await called_out(session, command, target)
    live = await live_body(session, target.call_id) if target.call_id else None
    recorded = await _recorded(session, target.call_id, target.leg_no) if target.call_id else None
    return CallBack(command.state, command.asked_at, command.ended_at, live, recorded)


async def called_out(session: AsyncSession, command: Command, target: CallTarget) -> uuid.UUID | None:
    """The call that a ``call.dial`` made: ``<node>-<epoch>.<leg_no>`` is its linkedid; the epoch is cti's clock."""
    ending = f"%.{target.leg_no}"
    live = select(LiveRow.key).where(
        LiveRow.topic == Topic.CALL, LiveRow.node == command.node, LiveRow.body["linkedid"].astext.like(ending)
    )
    key = await session.scalar(live.limit(1))
    if key is not None:
        return uuid.UUID(key)
    begun = Call.started_at.between(command.asked_at - timedelta(minutes=1), command.asked_at + timedelta(minutes=5))
    found: uuid.UUID | None = await session.scalar(
        select(Call.id).where(Call.node == command.node, begun, Call.linkedid.like(ending)).limit(1)
    )
    return found


async def _call_back(session: AsyncSession, row: Danger, settings: DangerSettings) -> bool:
    supervisor = await _supervisor(session, row)
    if supervisor is None:
        return False
    command_id, now = uuid.uuid4(), datetime.now(UTC)
    number = allowed(row.number, settings.own_numbers)
    await insert_once(
        session, id=command_id, node=row.node, kind="call.dial", args={"number": number}, account_id=None,
        agent_no=supervisor, asked_at=now, deadline_at=now + timedelta(seconds=COMMAND_S),
    )  # fmt: skip
    session.add(
        CallTarget(
            command_id=command_id, leg_no=leg_no_of(command_id), number=number, outside=True, danger_id=row.id,
            case_id=row.case_id, purpose=Purpose.CALLBACK, by=HOUSE,
        )
    )  # fmt: skip
    row.callbacks += 1
    if row.case_id is not None:
        told = {"danger_id": str(row.id), "nth": row.callbacks, "agent_no": supervisor}
        record(session, row.case_id, Event.DANGER_CALLED_BACK, HOUSE, told)
    return True


async def _supervisor(session: AsyncSession, row: Danger) -> str | None:
    """Who takes the call back: signed in and in no call; first who acknowledged it, then who is ready."""
    people = await session.execute(
        select(Account.agent_no, Account.login, LiveRow.body)
        .join(LiveRow, (LiveRow.topic == Topic.AGENT) & (LiveRow.key == Account.agent_no))
        .where(Account.role == Role.SUPERVISOR, Account.active, LiveRow.node == row.node)
    )
    free = [
        (login != row.acknowledged_by, body["state"] != AgentState.READY, body["since"], agent_no)
        for agent_no, login, body in people
        if body["state"] in (AgentState.READY, AgentState.PAUSED) and body["call_id"] is None
    ]
    return min(free)[-1] if free else None
