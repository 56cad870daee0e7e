"""Questions to the record of calls. Reading only; the journal writes it."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.calls import LastCall
from cases.numbers import forms
from cases.paging import cursor, parse_cursor
from models.call import Call, Leg, QueueEntry
from models.recording import Recording

PAGE = 50
SHOWN = 5


async def calls_of_number(session: AsyncSession, number: str, since: datetime) -> tuple[int, int, list[LastCall]]:
    """How often a canonical number called, how often since, and the last few calls, newest first.

    A call that has not ended yet is the one that rings now: it is not among those since.
    """
    if not number:
        return 0, 0, []
    written = Call.caller.in_(forms(number))
    total = await session.scalar(select(func.count()).select_from(Call).where(written))
    rows = await session.execute(
        select(Call.id, Call.started_at, Call.outcome, Call.agent_no)
        .where(written)
        .order_by(Call.started_at.desc())
        .limit(SHOWN)
    )
    recent = await session.scalar(
        select(func.count()).select_from(Call).where(written, Call.started_at >= since, Call.ended_at.is_not(None))
    )
    last = [LastCall(call_id=r.id, started_at=r.started_at, outcome=r.outcome, agent_no=r.agent_no) for r in rows]
    return total or 0, recent or 0, last


def own(agent_no: str | None) -> ColumnElement[bool]:
    """Calls that this agent answered, or had a leg of."""
    if agent_no is None:
        return Call.id.is_(None)
    answered_leg = exists().where(Leg.call_id == Call.id, Leg.agent_no == agent_no, Leg.answered_at.is_not(None))
    return or_(Call.agent_no == agent_no, answered_leg)


async def is_own(session: AsyncSession, call_id: uuid.UUID, agent_no: str | None) -> bool:
    return bool(await session.scalar(select(exists().where(Call.id == call_id, own(agent_no)))))


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A day of the site as two instants; 23 or 25 hours apart where clocks change."""
    start = datetime.combine(day, time(), zone)
    return start, datetime.combine(day + timedelta(days=1), time(), zone)


async def page_of_calls(
    session: AsyncSession, *, agent_no: str | None, mine: bool, bounds: tuple[datetime, datetime] | None,
    after: str | None, within: ColumnElement[bool] | None = None, limit: int = PAGE,
) -> tuple[list[Call], str | None]:  # fmt: skip
    """Newest first. ``mine`` uses the index on (agent_no, started_at): calls this agent answered first."""
    clauses: list[ColumnElement[bool]] = [] if within is None else [within]
    if mine:
        clauses.append(Call.agent_no == agent_no)
    if bounds:
        clauses.append(and_(Call.started_at >= bounds[0], Call.started_at < bounds[1]))
    if after:
        at, row_id = parse_cursor(after)
        clauses.append(tuple_(Call.started_at, Call.id) < tuple_(at, row_id))
    question = select(Call).where(*clauses).order_by(Call.started_at.desc(), Call.id.desc()).limit(limit + 1)
    found = list(await session.scalars(question))
    page = found[:limit]
    return page, cursor(page[-1].started_at, page[-1].id) if len(found) > limit else None


async def recordings_of(session: AsyncSession, call_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Recording]]:
    found: dict[uuid.UUID, list[Recording]] = {}
    rows = select(Recording).where(Recording.call_id.in_(call_ids)).order_by(Recording.part)
    for row in await session.scalars(rows):
        found.setdefault(row.call_id, []).append(row)
    return found


async def by_ids(session: AsyncSession, call_ids: list[uuid.UUID]) -> list[Call]:
    """Oldest first; ids that the journal has not written yet are left out."""
    return list(await session.scalars(select(Call).where(Call.id.in_(call_ids)).order_by(Call.started_at)))


async def legs_of(session: AsyncSession, call_id: uuid.UUID) -> list[Leg]:
    return list(await session.scalars(select(Leg).where(Leg.call_id == call_id).order_by(Leg.started_at, Leg.id)))


async def entries_of(session: AsyncSession, call_id: uuid.UUID) -> list[QueueEntry]:
    return list(
        await session.scalars(select(QueueEntry).where(QueueEntry.call_id == call_id).order_by(QueueEntry.entered_at))
    )
