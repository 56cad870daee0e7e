"""Calls: mine today, all of a day for who may, and one with everything that belongs to it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_answers import call_briefs, call_fields
from api.call_queries import day_bounds, entries_of, is_own, legs_of, page_of_calls
from api.edge import needs, parts_of
from api.errors import CallNotFound, CallNotYours
from api.party_answers import conference_answer, parties_of_calls
from api.past_limits import may_see, past_of
from api.rights import Right
from api.schemas.base import Page
from api.schemas.calls import Call, CallBrief, Leg, QueueEntry
from api.viewer import Viewer
from cases import conferences, shield
from models.call import Call as CallRow
from models.danger import Danger
from models.db import read_only

router = APIRouter(prefix="/calls", tags=["calls"])

Caller = Annotated[Viewer, needs(Right.CALLS)]


@router.get("", summary="Calls, newest first")
async def list_calls(
    viewer: Caller,
    request: Request,
    mine: Annotated[bool, Query(description="only those I answered; always so without the right to all")] = False,
    day: Annotated[date | None, Query(description="a day of the site, in its time zone")] = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[CallBrief]:
    parts = parts_of(request)
    only_mine = mine or not viewer.may(Right.CALLS_ALL)
    bounds = day_bounds(day, parts.settings.zone) if day else None
    async with read_only(parts.engine) as session:
        past = None if only_mine else await past_of(session, viewer, parts)
        within = past.calls() if past else None
        calls, following = await page_of_calls(
            session, agent_no=viewer.agent_no, mine=only_mine, bounds=bounds, after=after, within=within
        )
        return Page(items=await call_briefs(session, calls, viewer), next=following)


@router.get("/{call_id}", summary="A call with its legs, stays in the queue, recordings and cases")
async def get_call(call_id: uuid.UUID, viewer: Caller, request: Request) -> Call:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        row = await session.get(CallRow, call_id)
        if row is None:
            raise CallNotFound
        if not viewer.may(Right.CALLS_ALL) and not await is_own(session, call_id, viewer.agent_no):
            raise CallNotYours
        if not await may_see(session, call_id, viewer, parts):
            raise CallNotYours
        brief = (await call_briefs(session, [row], viewer))[0]
        legs = [Leg.model_validate(leg) for leg in await legs_of(session, call_id)]
        entries = [QueueEntry.model_validate(e) for e in await entries_of(session, call_id)]
        more = await _moved(session, row, viewer)
    fields = call_fields(row) | {"recordings": brief.recordings, "cases": brief.cases}
    return Call.model_validate(fields | {"legs": legs, "queue_entries": entries} | more)


async def _moved(session: AsyncSession, row: CallRow, viewer: Viewer) -> dict[str, Any]:
    """Who was in it and why, as far as it was more than two people."""
    parties = (await parties_of_calls(session, [row.id], viewer.locale)).get(row.id, [])
    conference = await conferences.of_call(session, row.id)
    step = await shield.last_step(session, row.id)
    return {
        "parties": parties,
        "conference": conference_answer(conference, parties) if conference else None,
        "danger_id": await session.scalar(select(Danger.id).where(Danger.call_id == row.id)),
        "abuse_steps": step.step if step else 0,
    }
