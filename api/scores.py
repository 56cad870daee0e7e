"""Scoring over HTTP: forms, scores, appeals, averages. An agent reads the own ones, and appeals against them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.past_limits import past_of
from api.recording_search import of_site
from api.recordings import found
from api.rights import Right
from api.schemas.recordings import (
    Appeal,
    AppealMake,
    Average,
    AverageList,
    RecordingScores,
    Score,
    ScoreForm,
    ScoreFormList,
    ScoreFormNew,
    ScoreGive,
    ScoreList,
)
from api.score_answers import score_answers, seen_only
from api.viewer import Viewer
from models.account import Account
from models.db import read_only, transaction
from models.quality import Score as ScoreRow
from recordings import score_forms, scores

router = APIRouter(tags=["scores"])

Reader = Annotated[Viewer, needs(Right.SCORES)]
Giver = Annotated[Viewer, needs(Right.SCORES_GIVE)]
FormMaker = Annotated[Viewer, needs(Right.SCORE_FORMS)]


def scorer_of(viewer: Viewer) -> scores.Scorer:
    return scores.Scorer(viewer.account_id, viewer.agent_no)


@router.get("/score-forms", summary="The newest version of each form")
async def list_score_forms(viewer: Reader, request: Request) -> ScoreFormList:
    async with read_only(parts_of(request).engine) as session:
        return ScoreFormList(items=[ScoreForm.model_validate(f) for f in await score_forms.newest(session)])


@router.post("/score-forms", status_code=status.HTTP_201_CREATED, summary="Make the next version of a form")
async def add_score_form(asked: ScoreFormNew, viewer: FormMaker, request: Request) -> ScoreForm:
    """Old scores keep the version they were given by."""
    questions = [score_forms.Question(**q.model_dump()) for q in asked.questions]
    async with transaction(parts_of(request).engine) as session:
        form = await score_forms.add_version(
            session, asked.code, (asked.name_zh, asked.name_en), questions, viewer.account_id
        )
        await append(
            session, viewer.account_id, "score_form.added", str(form.id), {"code": form.code, "version": form.version}
        )
        return ScoreForm.model_validate(form)


@router.get("/recordings/{recording_id}/scores", summary="What was said of a recording, newest first")
async def list_recording_scores(recording_id: uuid.UUID, viewer: Reader, request: Request) -> RecordingScores:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return await _of_recording(session, recording_id, viewer, parts)


@router.post("/recordings/{recording_id}/scores", status_code=status.HTTP_201_CREATED, summary="Score a recording")
async def give_score(recording_id: uuid.UUID, asked: ScoreGive, viewer: Giver, request: Request) -> RecordingScores:
    """The first one; a second comes only of an appeal."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        recording = await found(session, recording_id, viewer, parts)
        made = await scores.score(session, recording, asked.agent_no or None, _said(asked), scorer_of(viewer))
        await _log(session, viewer, "score.given", made)
        return await _of_recording(session, recording_id, viewer, parts)


@router.post("/scores/{score_id}/appeal", status_code=status.HTTP_201_CREATED, summary="Appeal against one's own score")
async def appeal_score(score_id: uuid.UUID, asked: AppealMake, viewer: Reader, request: Request) -> Appeal:
    async with transaction(parts_of(request).engine) as session:
        made = await scores.appeal(session, score_id, asked.reason, scorer_of(viewer))
        await append(session, viewer.account_id, "score.appealed", str(score_id), {"appeal": str(made.id)})
        return Appeal.model_validate(made)


@router.post("/appeals/{appeal_id}/score", status_code=status.HTTP_201_CREATED, summary="Answer an appeal by a score")
async def answer_appeal(appeal_id: uuid.UUID, asked: ScoreGive, viewer: Giver, request: Request) -> RecordingScores:
    """By somebody who has not scored this recording. The earlier scores stay."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await found(session, await scores.recording_of(session, appeal_id), viewer, parts)
        made = await scores.answer(session, appeal_id, _said(asked), scorer_of(viewer))
        await _log(session, viewer, "score.appeal_answered", made)
        return await _of_recording(session, made.recording_id, viewer, parts)


@router.get("/scores", summary="Scores, newest first: one's own, all of them for oversight")
async def list_scores(
    viewer: Reader,
    request: Request,
    waiting: Annotated[bool, Query(description="only those whose appeal waits for its answer")] = False,
    agent: Annotated[str, Query(max_length=40)] = "",
) -> ScoreList:
    clauses = [scores.waiting()] if waiting else []
    if agent:
        clauses.append(ScoreRow.agent_no == agent)
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        seen = seen_only(viewer, await past_of(session, viewer, parts))
        rows = await scores.list_scores(session, *seen, *clauses)
        return ScoreList(items=await score_answers(session, rows, viewer))


@router.get("/scores/averages", summary="Averages by agent, each with the number of recordings it is of")
async def list_averages(
    viewer: Reader, request: Request, since: datetime | None = None, until: datetime | None = None
) -> AverageList:
    parts = parts_of(request)
    zone = parts.settings.zone
    async with read_only(parts.engine) as session:
        seen = seen_only(viewer, await past_of(session, viewer, parts))
        rows = await scores.averages(session, of_site(since, zone), of_site(until, zone), *seen)
        people = select(Account.agent_no, Account.display_name).where(Account.agent_no.in_([r.agent_no for r in rows]))
        names = {row.agent_no: row.display_name for row in await session.execute(people)}
    return AverageList(
        items=[
            Average(
                agent_no=r.agent_no, name=names.get(r.agent_no, ""), average=r.average, recordings=r.recordings,
                scores=r.scores, appeals=r.appeals, waiting=r.waiting,
            )
            for r in rows
        ]
    )  # fmt: skip


def _said(asked: ScoreGive) -> scores.Said:
    return scores.Said(asked.form_id, asked.answers, asked.comment)


async def _log(session: AsyncSession, viewer: Viewer, action: str, made: ScoreRow) -> None:
    detail = {"recording": str(made.recording_id), "agent_no": made.agent_no, "total": str(made.total)}
    await append(session, viewer.account_id, action, str(made.id), detail)


async def _of_recording(
    session: AsyncSession, recording_id: uuid.UUID, viewer: Viewer, parts: Parts
) -> RecordingScores:
    recording = await found(session, recording_id, viewer, parts)
    own_only = seen_only(viewer, None)  # of a recording that may be heard
    rows = await scores.list_scores(session, ScoreRow.recording_id == recording_id, *own_only)
    agents = await scores.agents_of(session, recording)
    scored = {r.score.agent_no for r in rows}
    free = [a for a in agents if a not in scored and a != viewer.agent_no] if viewer.may(Right.SCORES_GIVE) else []
    items: list[Score] = await score_answers(session, rows, viewer)
    return RecordingScores(items=items, agents=agents, may_score=free)
