"""Capacity truth: a day's lines, seats and people, the rows behind each number, and what-if."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from api.capacity_answers import MEASURES, capacity_answer, row_answer, what_if_answer
from api.edge import Parts, needs, parts_of
from api.errors import BadField, DayInFuture
from api.planned_seats import planned_seats
from api.rights import Right
from api.schemas import capacity as shapes
from api.viewer import Viewer
from cases import telephony
from cases.numbers import canonical
from models.db import read_only
from pbx_config.contract import QUEUE_MAIN
from reports.capacity import Capacity, capacity_of, rows_behind
from reports.halfhours import day_span
from reports.patience import Patience, Redials, patience_of, redials_of
from reports.record import attempts_between
from reports.what_if import Callers, Change, HandlingUnknown, forecast

router = APIRouter(prefix="/capacity", tags=["capacity"])

May = Annotated[Viewer, needs(Right.CAPACITY)]
HISTORY_DAYS: Final = 28
MOST_ROWS: Final = 500
REDIAL_AFTER_S: Final = 300.0  # where nobody has called again yet
_ONE_AT_A_TIME: Final = ThreadPoolExecutor(1, "what-if")  # the played day takes a processor for a second


@dataclass(frozen=True, slots=True)
class _Site:
    capacity: Capacity
    patience: Patience
    redials: Redials


@router.get("", summary="Lines, seats and people of a day by half hour, and where the minutes went")
async def get_capacity(
    viewer: May, request: Request, day: Annotated[date, Query(description="a day of the site, in its time zone")]
) -> shapes.Capacity:
    parts = parts_of(request)
    site = await _site(parts, day)
    async with parts.pool.acquire() as conn:
        seats = await conn.fetchval("SELECT count(*) FROM seat WHERE retired_at IS NULL")
    async with read_only(parts.engine) as session:
        lines = await telephony.lines(session, parts.settings.trunk_channels)
        planned = await planned_seats(session, parts.settings.zone, [slot.span for slot in site.capacity.slots])
    return capacity_answer(
        site.capacity, site.patience, site.redials, seats=seats, lines=lines,
        history_days=HISTORY_DAYS, planned=planned,
    )  # fmt: skip


@router.get("/rows", summary="The rows behind one number of one half hour")
async def list_capacity_rows(
    viewer: May,
    request: Request,
    day: date,
    begin: Annotated[AwareDatetime, Query(description="of the half hour")],
    measure: Annotated[str, Query(description=", ".join(MEASURES), max_length=40)],
) -> shapes.CapacityRows:
    if measure not in MEASURES:
        raise BadField(errors=[("measure", "enum")])
    capacity = await _capacity(parts_of(request), day)
    slot = next((s for s in capacity.slots if s.span.begin == begin), None)
    if slot is None:
        raise BadField(errors=[("begin", "enum")])
    rows = rows_behind(capacity, slot, measure)
    return shapes.CapacityRows(items=[row_answer(row) for row in rows[:MOST_ROWS]], total=len(rows))


@router.post("/what-if", summary="What would be with other people, or other callers")
async def ask_what_if(viewer: May, request: Request, ask: shapes.WhatIf) -> shapes.WhatIfAnswer:
    site = await _site(parts_of(request), ask.day)
    handling_s = ask.handling_s or site.capacity.handling_s
    if handling_s is None:
        raise HandlingUnknown
    callers = Callers(
        max(handling_s, 5.0),
        ask.patience_s or site.patience.mean_s,
        site.redials.share or 0.0 if ask.redial_share is None else ask.redial_share,
        site.redials.mean_after_s or REDIAL_AFTER_S,
    )
    changes = [Change(c.begin, c.end, c.more) for c in ask.changes]
    found = await asyncio.get_running_loop().run_in_executor(
        _ONE_AT_A_TIME, forecast, site.capacity, changes, callers, site.redials, ask.seed
    )
    return what_if_answer(site.capacity, callers, found)


async def _capacity(parts: Parts, day: date) -> Capacity:
    zone, now = parts.settings.zone, datetime.now(UTC)
    if day_span(day, zone).begin > now:
        raise DayInFuture
    async with parts.pool.acquire() as conn:
        return await capacity_of(conn, day, zone, now, person=canonical, queue=QUEUE_MAIN)


async def _site(parts: Parts, day: date) -> _Site:
    """The day, and what the weeks up to it tell of this site's callers."""
    capacity = await _capacity(parts, day)
    since = day_span(day - timedelta(days=HISTORY_DAYS - 1), parts.settings.zone).begin
    async with parts.pool.acquire() as conn:
        attempts = await attempts_between(conn, since, capacity.until, canonical, QUEUE_MAIN)
    reached = [a for a in attempts if a.wait_s is not None]
    return _Site(capacity, patience_of(reached), redials_of(attempts, datetime.now(UTC)))
