"""Conferences and promises over HTTP. The legs themselves are commands; here is what the case remembers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from api.case_answers import reader_of
from api.edge import needs, parts_of
from api.ownership import is_mine
from api.party_answers import conference_answers, promise_answers
from api.rights import Right
from api.schemas.conferences import Conference, ConferenceOpen, Promise, PromiseMake
from api.viewer import Viewer
from cases import conferences
from models.db import transaction

router = APIRouter(tags=["conferences"])

Writer = Annotated[Viewer, needs(Right.CASES_WRITE)]


@router.post(
    "/conferences",
    status_code=status.HTTP_201_CREATED,
    summary="Make my call a conference of a case",
    responses={200: {"model": Conference, "description": "this call is one already"}},
)
async def open_conference(asked: ConferenceOpen, viewer: Writer, request: Request, response: Response) -> Conference:
    """Its agencies are dialled by ``call.add`` commands. It closes when the call is over."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await is_mine(session, asked.call_id, viewer, parts)
        opening = conferences.Opening(asked.call_id, asked.case_id, viewer.login, reader_of(viewer))
        row, made = await conferences.open_(session, opening)
        answer = (await conference_answers(session, [row], viewer.locale))[0]
    if not made:
        response.status_code = status.HTTP_200_OK
    return answer


@router.post(
    "/promises",
    status_code=status.HTTP_201_CREATED,
    summary="Write down who does what by when",
    responses={200: {"model": Promise, "description": "this id was written down before"}},
)
async def make_promise(asked: PromiseMake, viewer: Writer, request: Request, response: Response) -> Promise:
    """Of a case, or of a conference whose case is still a draft."""
    promised = conferences.Promised(
        asked.id, asked.case_id, asked.conference_id, asked.agency_id, asked.who, asked.what, asked.due_at,
        viewer.login, reader_of(viewer),
    )  # fmt: skip
    async with transaction(parts_of(request).engine) as session:
        row, made = await conferences.promise(session, promised)
        answer = (await promise_answers(session, [row], viewer.locale))[0]
    if not made:
        response.status_code = status.HTTP_200_OK
    return answer
