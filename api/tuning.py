"""Queues, numbers, skills and the seat plan over HTTP: changed live, each change a version, undone by another one.

What a change would do to people is said first (409 with warnings) and done when it is asked again with a yes. The PBX's
side (cti.tuning) sees a version by itself within a second; nothing here waits for it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import needs, parts_of
from api.errors import BadField
from api.rights import Right
from api.schemas import tuning as shapes
from api.tuning_answers import situation, whole
from api.viewer import Viewer
from cases import line_hours, tuning, tuning_warnings
from cases.errors import TuningNeeded, TuningNotFound
from cases.tuning_warnings import Situation, Warned
from models.account import Account
from models.db import read_only, transaction
from models.tuning import Kind
from pbx_config import contract
from pbx_config import tuning as values
from pbx_config.queue_file import QueueSets, is_queue_name

router = APIRouter(prefix="/tuning", tags=["tuning"])

Reader = Annotated[Viewer, needs(Right.TUNING)]
Writer = Annotated[Viewer, needs(Right.TUNING_WRITE)]
Subject = Annotated[str, Path(max_length=40)]


@router.get("", summary="Queues, numbers, skills and the seat plan, and what the PBXs do of them")
async def get_tuning(viewer: Reader, request: Request) -> shapes.TuningAnswer:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return await whole(session, parts, viewer.locale)


@router.put("/queues/{queue}", summary="Change a queue while it runs, or make one")
async def put_queue(queue: Subject, asked: shapes.QueueChange, viewer: Writer, request: Request) -> shapes.TuningAnswer:
    value = asked.model_dump(mode="json", exclude={"based_on", "confirmed"})
    return await _change(request, viewer, _Asked(Kind.QUEUE, queue, value, asked))


@router.put("/numbers/{number}", summary="Lead one of our numbers into a queue")
async def put_number(
    number: Subject, asked: shapes.NumberChange, viewer: Writer, request: Request
) -> shapes.TuningAnswer:
    return await _change(request, viewer, _Asked(Kind.NUMBER, number, {"queue": asked.queue}, asked))


@router.put("/skills/{agent_no}", summary="Which queues an agent answers, at which level")
async def put_skills(
    agent_no: Subject, asked: shapes.SkillsChange, viewer: Writer, request: Request
) -> shapes.TuningAnswer:
    return await _change(request, viewer, _Asked(Kind.SKILLS, agent_no, {"queues": asked.queues}, asked))


@router.put("/seat-plan", summary="How many seats are planned, by profile and hour")
async def put_seat_plan(asked: shapes.SeatPlanChange, viewer: Writer, request: Request) -> shapes.TuningAnswer:
    value = {profile.value: hours for profile, hours in asked.plan.items()}
    return await _change(request, viewer, _Asked(Kind.SEAT_PLAN, values.SITE, value, asked))


@router.get("/history", summary="Who changed what, newest first")
async def list_tuning_versions(
    viewer: Reader, request: Request, kind: Kind, subject: Annotated[str, Query(max_length=40)]
) -> list[shapes.TuningVersion]:
    async with read_only(parts_of(request).engine) as session:
        rows = await tuning.history(session, kind, subject)
    return [shapes.TuningVersion.model_validate(row) for row in rows]


@router.post("/undo", summary="Let an earlier version hold again: a new version equal to it")
async def undo_tuning(
    asked: shapes.UndoAsk,
    viewer: Writer,
    request: Request,
    kind: Kind,
    subject: Annotated[str, Query(max_length=40)],
) -> shapes.TuningAnswer:
    async with read_only(parts_of(request).engine) as session:
        value = await tuning.as_before(session, kind, subject, asked.to)
    return await _change(request, viewer, _Asked(kind, subject, value, asked, asked.to))


# ── one way for all of them ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind
    subject: str
    value: Mapping[str, Any]  # {}: not there any more
    by: shapes.Change
    undo_of: int | None = None


async def _change(request: Request, viewer: Viewer, asked: _Asked) -> shapes.TuningAnswer:
    """
    Raises:
        BadField, BadSettings, TuningNotFound, TuningNeeded, SoundNotFound: it can never be so.
        TuningUnconfirmed: it can, once its warnings were read.
        TuningMeanwhile
    """
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await tuning.lock(session)
        found = await tuning.newest(session)
        warned = await _JUDGES[asked.kind](session, asked, await situation(session, parts, found))
        codes = tuning_warnings.confirmed(warned, asked.by.confirmed)
        change = tuning.Next(
            asked.kind, asked.subject, asked.value, viewer.login, asked.by.based_on, asked.undo_of
        )  # fmt: skip
        row = await tuning.keep(session, change)
        detail = {
            "revision": row.revision, "value": json.dumps(asked.value, ensure_ascii=False, sort_keys=True),
            "undo_of": "" if asked.undo_of is None else asked.undo_of, "confirmed": codes,
        }  # fmt: skip
        await append(session, viewer.account_id, f"tuning.{asked.kind.value}", asked.subject, detail)
    async with read_only(parts.engine) as session:
        return await whole(session, parts, viewer.locale)


async def _judge_queue(session: AsyncSession, asked: _Asked, now: Situation) -> list[Warned]:
    if not is_queue_name(asked.subject):
        raise BadField(errors=[("queue", "queue_name")])
    if asked.value:
        sets = QueueSets.of(asked.subject, asked.value)
        for sound_id in sets.sounds:
            await line_hours.sound(session, uuid.UUID(sound_id))
        return tuning_warnings.of_queue(sets, now)
    leads = sorted(number for number, queue in now.numbers.items() if queue == asked.subject)
    found = await tuning.newest(session)
    skilled = sorted(
        agent_no for agent_no in found[Kind.SKILLS] if asked.subject in tuning.skills_of(found, agent_no)
    )  # fmt: skip
    if asked.subject == contract.QUEUE_MAIN or leads or skilled:
        raise TuningNeeded(by=", ".join([*leads, *skilled]) or asked.subject)
    return tuning_warnings.of_queue_gone(asked.subject, now)


async def _judge_number(session: AsyncSession, asked: _Asked, now: Situation) -> list[Warned]:
    if not values.NUMBER.fullmatch(asked.subject) or not asked.subject.isascii():
        raise BadField(errors=[("number", "number_digits")])
    if not asked.value:
        return tuning_warnings.of_number_gone(asked.subject, now)
    if asked.subject in await line_hours.on_duty(session):  # callers would be led round and round, a channel each time
        raise BadField(errors=[("number", "number_on_duty")])
    queue = values.queue_of_number(asked.subject, asked.value)
    if queue not in now.queues:
        raise BadField(errors=[("queue", "unknown_code")])
    return tuning_warnings.of_number(queue, now)


async def _judge_skills(session: AsyncSession, asked: _Asked, now: Situation) -> list[Warned]:
    who = select(Account.id).where(Account.agent_no == asked.subject, Account.active)
    if await session.scalar(who) is None:
        raise TuningNotFound
    levels = values.levels_of(asked.value) if asked.value else {contract.QUEUE_MAIN: values.LEVELS[0]}
    if not levels or not levels.keys() <= now.queues.keys():
        raise BadField(errors=[("queues", "unknown_code")])
    return tuning_warnings.of_skills(asked.subject, levels, now)


async def _judge_plan(session: AsyncSession, asked: _Asked, now: Situation) -> list[Warned]:
    if asked.subject != values.SITE:
        raise TuningNotFound
    return tuning_warnings.of_plan(values.plan_of(asked.value or values.first_plan()), now)


_JUDGES: Mapping[Kind, Callable[[AsyncSession, _Asked, Situation], Any]] = {
    Kind.QUEUE: _judge_queue, Kind.NUMBER: _judge_number, Kind.SKILLS: _judge_skills, Kind.SEAT_PLAN: _judge_plan,
}  # fmt: skip
