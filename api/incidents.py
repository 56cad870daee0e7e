"""Incidents over HTTP: start one, end it, who was added, and the numbers of those who can be told.

Once started the PBX carries it alone. Sending the message to all of them is not done here: the numbers are handed out.
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
from api.schemas.hours import IncidentAnswer, IncidentAsk, IncidentCaller, IncidentCallers, IncidentList
from api.viewer import Viewer
from cases import incidents
from cases.incidents import Counts, NewIncident
from cases.numbers import display
from cases.regions import prefixes_of
from models.db import read_only, transaction
from models.hours import Incident

router = APIRouter(prefix="/incidents", tags=["incidents"])

Supervisor = Annotated[Viewer, needs(Right.INCIDENTS)]


def _answer(row: Incident, counts: Counts) -> IncidentAnswer:
    return IncidentAnswer(
        id=row.id, number=row.number, title=row.title, area=row.area, sound_id=row.sound_id,
        started_at=row.started_at, started_by=row.started_by, ended_at=row.ended_at, ended_by=row.ended_by,
        heard=counts.heard, joined=counts.joined, people=counts.people,
    )  # fmt: skip


@router.get("", summary="Incidents, open ones first, with who heard and who was added")
async def list_incidents(viewer: Supervisor, request: Request) -> IncidentList:
    async with read_only(parts_of(request).engine) as session:
        rows = await incidents.listed(session)
        counts = await incidents.counts(session, [row.number for row in rows])
    return IncidentList(items=[_answer(row, counts.get(row.number, Counts())) for row in rows])


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
        await append(session, viewer.account_id, "incident.ended", str(incident_id))
        return _answer(row, counts.get(row.number, Counts()))


@router.get("/{incident_id}/callers", summary="Everybody who was added: number, call, time")
async def list_incident_callers(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> IncidentCallers:
    async with read_only(parts_of(request).engine) as session:
        _, found = await incidents.callers(session, incident_id)
    return IncidentCallers(
        items=[
            IncidentCaller(call_id=c.call_id, number=c.number, number_display=display(c.number), at=c.at) for c in found
        ]
    )


@router.post("/{incident_id}/numbers", summary="The numbers to tell, one a line; written into the audit")
async def export_incident_numbers(incident_id: uuid.UUID, viewer: Supervisor, request: Request) -> Response:
    async with transaction(parts_of(request).engine) as session:
        row, numbers = await incidents.numbers_to_tell(session, incident_id)
        await append(session, viewer.account_id, "incident.numbers_exported", str(row.id), {"count": len(numbers)})
    name = f'attachment; filename="incident-{row.number}.csv"'
    text = "number\r\n" + "".join(f"{number}\r\n" for number in numbers)
    return Response(text, media_type="text/csv; charset=utf-8", headers={"content-disposition": name})
