"""Cases over HTTP: submit, search, read."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_answers import call_briefs
from api.call_queries import by_ids
from api.case_answers import case_answer, case_brief, reader_of
from api.edge import Parts, needs, parts_of
from api.party_answers import conference_answers, promise_answers
from api.past_limits import past_of
from api.rights import Right
from api.schemas.base import Page
from api.schemas.calls import CaseBrief
from api.schemas.cases import Case, CaseSearch, CaseSubmit
from api.viewer import Viewer
from cases import conferences, search
from cases.submit import Site, Submission, submit
from models.db import read_only, transaction

router = APIRouter(prefix="/cases", tags=["cases"])

CaseReader = Annotated[Viewer, needs(Right.CASES)]
Writer = Annotated[Viewer, needs(Right.CASES_WRITE)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a draft a case",
    responses={200: {"model": Case, "description": "this draft was submitted before; the same case"}},
)
async def submit_case(asked: CaseSubmit, viewer: Writer, request: Request, response: Response) -> Case:
    """The draft is consumed in the same transaction. Sending it again is harmless."""
    parts = parts_of(request)
    submission = Submission(
        asked.draft_id, asked.call_id, asked.form, asked.disposition, asked.follow_up_of, asked.continues,
        viewer.login, viewer.agent_no, reader_of(viewer),
    )  # fmt: skip
    async with transaction(parts.engine) as session:
        site = Site(parts.settings.zone, parts.settings.node, parts.settings.police_number_in)
        case, made = await submit(session, submission, site)
    if not made:
        response.status_code = status.HTTP_200_OK
    async with read_only(parts.engine) as session:
        return await _answer(session, case.id, viewer, parts)


@router.get("", summary="Search cases, newest first")
async def list_cases(
    viewer: CaseReader,
    request: Request,
    asked: Annotated[CaseSearch, Query()],
) -> Page[CaseBrief]:
    """``q`` takes a case number, a telephone number in any form, or words; ``number`` and ``phone`` only their own."""
    async with read_only(parts_of(request).engine) as session:
        wanted = search.Criteria(asked.q, asked.number, asked.phone)
        found, following = await search.find(session, wanted, reader_of(viewer), asked.after)
    return Page(items=[case_brief(c) for c in found], next=following)


@router.get("/{case_id}", summary="A case with its calls, timeline and follow-ups")
async def get_case(case_id: uuid.UUID, viewer: CaseReader, request: Request) -> Case:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return await _answer(session, case_id, viewer, parts)


async def _answer(session: AsyncSession, case_id: uuid.UUID, viewer: Viewer, parts: Parts) -> Case:
    file = await search.read(session, case_id, reader_of(viewer))
    calls = await by_ids(session, file.call_ids)
    held, promised = await conferences.of_case(session, case_id)
    return case_answer(
        file,
        await call_briefs(session, calls, viewer, await past_of(session, viewer, parts)),
        await conference_answers(session, held, viewer.locale),
        await promise_answers(session, promised, viewer.locale),
    )
