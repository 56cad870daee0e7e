"""The search of recordings over HTTP: all of them for oversight, of its queues where it is limited, an agent's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request

from api.case_answers import reader_of
from api.edge import needs, parts_of
from api.past_limits import past_of
from api.recording_answers import found_answers
from api.rights import Right
from api.schemas.base import Page
from api.schemas.recordings import RecordingFound, RecordingSearch
from api.viewer import Viewer
from cases.numbers import canonical, forms
from cases.paging import cursor, parse_cursor
from cases.words import query
from models.db import transaction
from recordings import search

router = APIRouter(prefix="/recordings", tags=["recordings"])

Listener = Annotated[Viewer, needs(Right.RECORDINGS)]
PAGE = 50
_NOBODY = "-"  # no agent has this number: somebody without one finds nothing of their own


@router.get("", summary="Search recordings by anything, newest call first")
async def list_recordings(
    viewer: Listener, request: Request, asked: Annotated[RecordingSearch, Query()]
) -> Page[RecordingFound]:
    parts = parts_of(request)
    wanted = _wanted(asked, viewer, parts.settings.zone)
    if wanted is None:
        return Page(items=[], next=None)
    after = parse_cursor(asked.after) if asked.after else None
    async with transaction(parts.engine) as session:
        past = await past_of(session, viewer, parts)
        within = replace(wanted, within=past.calls()) if past else wanted
        found = await search.find(session, within, after, PAGE + 1)
        page = found[:PAGE]
        items = await found_answers(session, page, viewer)
    following = cursor(page[-1].call.started_at, page[-1].recording.id) if len(found) > PAGE else None
    return Page(items=items, next=following)


def _wanted(asked: RecordingSearch, viewer: Viewer, zone: ZoneInfo) -> search.Wanted | None:
    """None where nothing can be found: no number of these digits, no word in these words."""
    numbers, words = forms(canonical(asked.number)), query(asked.q)
    if (asked.number and not numbers) or (asked.q and not words):
        return None
    return search.Wanted(
        numbers=tuple(numbers) if asked.number else None,
        agent_no=asked.agent or None,
        own=None if viewer.may(Right.RECORDINGS_ALL) else viewer.agent_no or _NOBODY,
        queue=asked.queue or None,
        since=of_site(asked.since, zone),
        until=of_site(asked.until, zone),
        shortest_s=asked.shortest_s,
        longest_s=asked.longest_s,
        hung_up_by=asked.hung_up_by,
        satisfaction=asked.satisfaction,
        direction=asked.direction,
        state=asked.state,
        case_number=asked.case_number or None,
        category=asked.category or None,
        words=words if asked.q else None,
        visible=reader_of(viewer).visible(),
        score=asked.score,
        danger=asked.danger,
        undeletable=asked.undeletable,
    )


def of_site(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A time that says no zone is the site's."""
    return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment
