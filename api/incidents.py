"""Incidents over HTTP: start one, end it, who was added, and telling them all.

Once started the PBX carries it alone. Telling is asked for here and called through by cti; the numbers can be had, too.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from api.audit import append
from api.edge import needs, parts_of
from api.rights import Right
from api.schemas.hours import (
    IncidentAnswer,
    IncidentAsk,
    IncidentCaller,
    IncidentCallers,
    IncidentList,
    TellAsk,
    TellingAnswer,
)
from api.viewer import Viewer
from cases import incidents, telling
from cases.incidents import Caller, Counts, NewIncident
from cases.numbers import display
from cases.regions import prefixes_of
from cases.telling import Round
from models.db import read_only, transaction
from models.hours import Incident
from models.telling import Told, ToldState

router = APIRouter(prefix="/incidents", tags=["incidents"])

Supervisor = Annotated[Viewer, needs(Right.INCIDENTS)]


def _answer(row: Incident, counts: Counts, latest: Round | None = None) -> IncidentAnswer:
    return IncidentAnswer(
        id=row.id, number=row.number, title=row.title, area=row.area, sound_id=row.sound_id,
        started_at=row.started_at, started_by=row.started_by, ended_at=row.ended_at, ended_by=row.ended_by,
        heard=counts.heard, joined=counts.joined, people=counts.people,
        telling=None if latest is None else _telling(latest),
    )  # fmt: skip


def _telling(told: Round) -> TellingAnswer:
    row, states = told.telling, told.states
    return TellingAnswer(
        sound_id=row.sound_id, asked_at=row.asked_at, asked_by=row.asked_by, stopped_at=row.stopped_at,
        stopped_by=row.stopped_by, left=states.get(ToldState.WAITING, 0), calling=states.get(ToldState.CALLING, 0),
        told=states.get(ToldState.TOLD, 0), missed=states.get(ToldState.MISSED, 0),
        stopped=states.get(ToldState.STOPPED, 0),
    )  # fmt: skip


@router.get("", summary="Incidents, open ones first, with who heard and who was added")
async def list_incidents(viewer: Supervisor, request: Request) -> IncidentList:
    async with read_only(parts_of(request).engine) as session:
        rows = await incidents.listed(session)
        counts = await incidents.counts(session, [row.number for row in rows])
        latest = await telling.rounds(session, [row.id for row in rows])
    items = [_answer(row, counts.get(row.number, Counts()), latest.get(row.id)) for row in rows]
    return IncidentList(items=items)


@router.post("", status_code=status.HTTP_201_CREATED, summary="From now on callers hear that we know of it")
async def start_incident(asked: IncidentAsk, viewer: Supervisor, request: Request) -> IncidentAnswer:
    area = (asked.area or "").strip() or None
    prefixes = await asyncio.to_thread(prefixes_of, area) if area else []
    async with transaction(parts_of(request).engine) as session:
        new = NewIncident(asked.title, area, prefixes, asked.sound_id, viewer.login)
        row = await incidents.start(session, new)
        detail = {"title": asked.title, "area": area or "", "number": row.number}
        await append(session, viewer.account_id, "incident.started", str(row.id), detail)
        return _answer(row, Counts())


@router.post("/{incident_id}/end", summary="Callers hear it no more")
async def end_incident(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> IncidentAnswer:
    async with transaction(parts_of(request).engine) as session:
        row = await incidents.end(session, incident_id, viewer.login, datetime.now(UTC))
        counts = await incidents.counts(session, [row.number])
        latest = await telling.rounds(session, [row.id])
        await append(session, viewer.account_id, "incident.ended", str(incident_id))
        return _answer(row, counts.get(row.number, Counts()), latest.get(row.id))


@router.post("/{incident_id}/telling", status_code=status.HTTP_201_CREATED, summary="Call all who were added")
async def tell_all(incident_id: uuid.UUID, asked: TellAsk, viewer: Supervisor, request: Request) -> TellingAnswer:
    """They hear the announcement, and are tried again where they were busy or away. By day only, few at once, and never
    on more than half of a trunk's lines: citizens who call find free ones."""
    async with transaction(parts_of(request).engine) as session:
        told = await telling.tell(session, incident_id, asked.sound_id, viewer.login)
        detail = {"sound": str(asked.sound_id), "count": told.states[ToldState.WAITING]}
        await append(session, viewer.account_id, "incident.telling_asked", str(incident_id), detail)
        return _telling(told)


@router.post("/{incident_id}/telling/stop", summary="Nobody else is called")
async def stop_telling(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> TellingAnswer:
    async with transaction(parts_of(request).engine) as session:
        told = await telling.stop(session, incident_id, viewer.login, datetime.now(UTC))
        await append(session, viewer.account_id, "incident.telling_stopped", str(incident_id))
        return _telling(told)


@router.get("/{incident_id}/callers", summary="Everybody who was added: number, call, time")
async def list_incident_callers(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> IncidentCallers:
    async with read_only(parts_of(request).engine) as session:
        _, found = await incidents.callers(session, incident_id)
        told = await telling.each(session, incident_id)
    return IncidentCallers(items=[_caller(c, told.get(c.number)) for c in found])


def _caller(c: Caller, told: Told | None) -> IncidentCaller:
    return IncidentCaller(
        call_id=c.call_id, number=c.number, number_display=display(c.number), at=c.at,
        told=None if told is None else ToldState(told.state), why=None if told is None else told.why,
    )  # fmt: skip


@router.post("/{incident_id}/numbers", summary="The numbers to tell, one a line; written into the audit")
async def export_incident_numbers(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> Response:
    async with transaction(parts_of(request).engine) as session:
        row, numbers = await incidents.numbers_to_tell(session, incident_id)
        await append(session, viewer.account_id, "incident.numbers_exported", str(row.id), {"count": len(numbers)})
    name = f'attachment; filename="incident-{row.number}.csv"'
    text = "number\r\n" + "".join(f"{number}\r\n" for number in numbers)
    return Response(text, media_type="text/csv; charset=utf-8", headers={"content-disposition": name})
