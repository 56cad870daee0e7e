"""The floor over HTTP: who the agents are, hands that are up, and the numbers of any day with the calls behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from api.call_answers import call_briefs
from api.edge import Parts, needs, parts_of
from api.hands import open_hands
from api.past_limits import people_of
from api.rights import Right
from api.schemas.commands import QueueName
from api.schemas.floor import DayCalls, DayList, Floor, Person
from api.viewer import Viewer
from cases.numbers import canonical
from cti.facts import ALL_QUEUES
from models.account import Account
from models.call import Call
from models.db import read_only
from pbx_config.contract import QUEUE_MAIN
from reports.attempts import Attempt
from reports.day import Day, Number, Period
from reports.keeper import ReportSettings, bodies_of
from reports.record import attempts_between
from reports.rolling import SPAN
from reports.service_levels import service_levels

router = APIRouter(prefix="/floor", tags=["floor"])

Watching = Annotated[Viewer, needs(Right.FLOOR)]
DayOf = Annotated[date | None, Query(description="a day of the site, in its time zone; absent: today")]
MOST = 500


@router.get("", summary="Names and raised hands, beside the live picture")
async def get_floor(viewer: Watching, request: Request) -> Floor:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        rows = await session.scalars(select(Account).where(Account.agent_no.is_not(None)).order_by(Account.agent_no))
        people = [Person(agent_no=a.agent_no or "", display_name=a.display_name, seat=a.seat) for a in rows]
        hands = await open_hands(session, viewer, parts)
        inside = await people_of(session, viewer, parts)
    return Floor(people=[p for p in people if inside is None or p.agent_no in inside], hands=hands)


@router.get("/day", summary="The numbers of a day: the same definitions as on the feed, from the rows")
async def get_day(viewer: Watching, request: Request, day: DayOf = None) -> DayList:
    parts = parts_of(request)
    settings, now = await report_settings(parts), datetime.now(UTC)
    period = _period(day, now, settings)
    bodies = bodies_of(await _attempts(parts, period, settings), period, now, settings)
    limit = parts.hub.limit(viewer)
    return DayList(items=[body for body in bodies if limit is None or body.queue in limit])


@router.get("/day/calls", summary="The calls behind one number of a day, newest first")
async def list_day_calls(
    viewer: Watching,
    request: Request,
    number: Annotated[Number, Query(description="unreached: every attempt of those people; worst: of that window")],
    day: DayOf = None,
    queue: QueueName | None = None,
) -> DayCalls:
    """Of all queues that are seen where none is said, in time then as of ``*``. At most 500, and how many there are."""
    parts = parts_of(request)
    settings, now = await report_settings(parts), datetime.now(UTC)
    period = _period(day, now, settings)
    limit = parts.hub.limit(viewer)
    known = await _attempts(parts, period, settings)
    attempts = [a for a in known if queue in (None, a.queue) and (limit is None or a.queue in limit)]
    rows = Day(attempts, period, now, settings.within_s(queue or ALL_QUEUES)).rows(number)
    newest = sorted(rows, key=lambda a: (a.at, a.call_id), reverse=True)[:MOST]
    async with read_only(parts.engine) as session:
        found = {c.id: c for c in await session.scalars(select(Call).where(Call.id.in_([a.call_id for a in newest])))}
        calls = [found[a.call_id] for a in newest if a.call_id in found]
        return DayCalls(items=await call_briefs(session, calls, viewer), total=len(rows))


async def report_settings(parts: Parts) -> ReportSettings:
    """As the worker has them: the service level of each queue is the admin's."""
    async with parts.pool.acquire() as conn:
        levels = await service_levels(conn, {QUEUE_MAIN: parts.settings.service_s})
    return ReportSettings(parts.settings.zone, QUEUE_MAIN, canonical, levels)


def _period(day: date | None, now: datetime, settings: ReportSettings) -> Period:
    return Period.of(day, settings.zone) if day else Period.containing(now, settings.zone)


async def _attempts(parts: Parts, period: Period, settings: ReportSettings) -> list[Attempt]:
    async with parts.pool.acquire() as conn:
        since = period.begin - SPAN
        return await attempts_between(conn, since, period.end, settings.person, settings.queue)
