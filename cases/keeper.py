"""What the house does by itself: danger calls, conferences that are over, calls out, 110, people nobody reached.

One task of the worker; level-triggered and idempotent, so it may die at any moment and begin again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cases import danger_keeper, origin
from cases.conferences import parties_of
from cases.danger_keeper import HOUSE, DangerSettings, called_out
from cases.timeline import Event, record
from cases.unreached_keeper import LOOK_S, UnreachedKeeper
from cases.unreached_rows import Site
from models.agency import Agency
from models.call import Call
from models.case import CaseCall
from models.command import Command
from models.conference import Conference
from models.db import DatabaseAway, make_engine, transaction
from models.target import CallTarget, Purpose

log = structlog.get_logger(__name__)

DANGER_S = 0.5
REST_S = 2.0
_LOOK_BACK = timedelta(days=1)


async def run(dsn: str, settings: DangerSettings, site: Site, stop: asyncio.Event) -> None:
    """Until ``stop`` is set; a database that is away is waited for."""
    engine = make_engine(dsn, pool_size=3)
    unreached = UnreachedKeeper(engine, site)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(DANGER_S, "danger", lambda: danger_keeper.look(engine, settings), stop))
            group.create_task(_every(REST_S, "cases", lambda: tidy(engine), stop))
            group.create_task(_every(LOOK_S, "unreached", unreached.look, stop))
    finally:
        await engine.dispose()


async def _every(seconds: float, name: str, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await work()
        except DatabaseAway as exc:
            log.info("the house waits for the database", work=name, error=str(exc))
        # Root of one round: a row that cannot be taken must not stop the recordings' worker beside us.
        except Exception:
            log.exception("house_round_failed", work=name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


async def tidy(engine: AsyncEngine) -> None:
    """One round of everything that no person waits for."""
    since = datetime.now(UTC) - _LOOK_BACK
    async with transaction(engine) as session:
        await _link_callouts(session, since)
    async with transaction(engine) as session:
        await _close_conferences(session)
    async with transaction(engine) as session:
        await origin.mark_late(session, since, HOUSE)


async def _link_callouts(session: AsyncSession, since: datetime) -> None:
    """A call out is found in the picture or the record by its leg number; then it is on its case's timeline."""
    rows = await session.execute(
        select(CallTarget, Command)
        .join(Command, Command.id == CallTarget.command_id)
        .where(
            CallTarget.call_id.is_(None), CallTarget.at >= since, Command.state.in_(("succeeded", "unknown")),
            CallTarget.purpose.in_((Purpose.CALLOUT, Purpose.CALLBACK, Purpose.POLICE)),
        )
        .with_for_update(of=CallTarget, skip_locked=True)
    )  # fmt: skip
    for target, command in rows:
        call_id = await called_out(session, command, target)
        if call_id is None:
            continue
        target.call_id = call_id
        if target.case_id is not None:
            linked = insert(CaseCall).values(case_id=target.case_id, call_id=call_id).on_conflict_do_nothing()
            await session.execute(linked)
            told = {"call_id": str(call_id), "number": target.number, "purpose": target.purpose}
            record(session, target.case_id, Event.CALLED_OUT, target.by, told)


async def _close_conferences(session: AsyncSession) -> None:
    """When the record has the call's end: then it also has every leg and what became of it."""
    rows = await session.execute(
        select(Conference, Call.ended_at)
        .join(Call, Call.id == Conference.call_id)
        .where(Conference.closed_at.is_(None), Call.ended_at.is_not(None))
        .with_for_update(of=Conference, skip_locked=True)
    )
    for conference, ended_at in rows:
        conference.closed_at = ended_at
        if conference.case_id is not None:
            record(session, conference.case_id, Event.CONFERENCE_CLOSED, HOUSE, await _roll(session, conference))


async def _roll(session: AsyncSession, conference: Conference) -> dict[str, object]:
    """Who was in it, as the timeline tells it for ever; names as they were on the day."""
    legs = (await parties_of(session, [conference.call_id])).get(conference.call_id, [])
    ids = {leg.agency_id for leg in legs if leg.agency_id}
    names = {a.id: a.name_zh for a in await session.scalars(select(Agency).where(Agency.id.in_(ids)))}
    parties = [
        {
            "party": leg.party, "number": leg.number, "agent_no": leg.agent_no,
            "agency": names.get(leg.agency_id) if leg.agency_id else None, "outcome": leg.outcome,
            "hung_up_by": leg.hung_up_by,
        }
        for leg in legs
    ]  # fmt: skip
    return {"conference_id": str(conference.id), "call_id": str(conference.call_id), "parties": parties}
