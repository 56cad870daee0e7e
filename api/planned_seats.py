"""The seats that were planned for the spans of a day: by the version of the plan that held then, and its profile."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from cases import line_hours, tuning
from cases.errors import TuningNotFound
from models.tuning import Kind
from pbx_config import tuning as values
from pbx_config.hours import planned_at
from reports.halfhours import Span


async def planned_seats(session: AsyncSession, zone: ZoneInfo, spans: Sequence[Span]) -> list[int | None]:
    """None: nobody had a plan then. A supervisor's surge is no plan, so the hours' own profile counts."""
    try:
        versions = await tuning.history(session, Kind.SEAT_PLAN, values.SITE)  # newest first
    except TuningNotFound:
        return [None] * len(spans)
    hours = await line_hours.plan(session, zone, spans[0].begin)
    found: list[int | None] = []
    for span in spans:
        held = next((version for version in versions if version.at < span.end), None)
        plan = values.plan_of(held.value or values.first_plan()) if held is not None else None
        local = span.begin.astimezone(zone)
        found.append(values.planned_seats(plan, planned_at(span.begin, hours), local) if plan is not None else None)
    return found
