"""Incidents (群体事件): the one outage that many call about. The PBX announces it; the record says whom it took in.

Who pressed the key stands in ``call_step``, written by the journal, so a call that was taken in while nothing of ours
ran is counted as well. Telling them all is :mod:`cases.telling`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import AreaUnknown, IncidentEnded, IncidentNotFound, SoundNotFound
from cases.numbers import canonical
from models.call import Call
from models.hours import CallStep, Incident, LineHours, LineSound

HEARD, JOINED = "incident_heard", "incident_joined"


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls that heard it, calls that were added, and how many people these were (withheld numbers count apart)."""

    heard: int = 0
    joined: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """One who pressed the key."""

    call_id: uuid.UUID
    number: str  # canonical; "" when withheld
    at: datetime


async def bump(session: AsyncSession) -> None:
    """Tell the PBX's side that something of the line's changed."""
    await session.execute(update(LineHours).values(version=LineHours.version + 1))


@dataclass(frozen=True, slots=True)
class NewIncident:
    """``prefixes`` are the area's; no area: all callers."""

    title: str
    area: str | None
    prefixes: Sequence[str]
    sound_id: uuid.UUID
    by: str


async def start(session: AsyncSession, new: NewIncident) -> Incident:
    """From now on callers hear it.

    Raises:
        AreaUnknown: no number is registered there by the numbering plan: nobody would hear it.
        SoundNotFound
    """
    if new.area is not None and not new.prefixes:
        raise AreaUnknown
    if await session.get(LineSound, new.sound_id) is None:
        raise SoundNotFound
    row = Incident(
        id=uuid.uuid4(), title=new.title, area=new.area, sound_id=new.sound_id, started_by=new.by,
        prefixes=None if new.area is None else " ".join(new.prefixes),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await bump(session)
    return row


async def end(session: AsyncSession, incident_id: uuid.UUID, by: str, now: datetime) -> Incident:
    """Raises: IncidentNotFound, IncidentEnded."""
    row = await session.get(Incident, incident_id, with_for_update=True)
    if row is None:
        raise IncidentNotFound
    if row.ended_at is not None:
        raise IncidentEnded
    row.ended_at, row.ended_by = now, by
    await session.flush()
    await bump(session)
    return row


async def listed(session: AsyncSession, limit: int = 100) -> list[Incident]:
    """Open ones first, then the newest."""
    rows = select(Incident).order_by(Incident.ended_at.is_not(None), Incident.started_at.desc()).limit(limit)
    return list(await session.scalars(rows))


async def counts(session: AsyncSession, numbers: Sequence[int]) -> Mapping[int, Counts]:
    """By the incident's number."""
    rows = await session.execute(
        select(CallStep.value, CallStep.kind, func.count(), func.count(func.distinct(Call.caller)))
        .join(Call, Call.id == CallStep.call_id)
        .where(CallStep.kind.in_((HEARD, JOINED)), CallStep.value.in_([str(n) for n in numbers]))
        .group_by(CallStep.value, CallStep.kind)
    )
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for value, kind, calls, people in rows:
        found.setdefault(int(value), {})[kind] = (calls, people)
    return {number: Counts(told.get(HEARD, (0, 0))[0], *told.get(JOINED, (0, 0))) for number, told in found.items()}


async def callers(session: AsyncSession, incident_id: uuid.UUID) -> tuple[Incident, list[Caller]]:
    """Everybody who was added, in order. Raises: IncidentNotFound."""
    row = await session.get(Incident, incident_id)
    if row is None:
        raise IncidentNotFound
    rows = await session.execute(
        select(Call.id, Call.caller, CallStep.at)
        .join(Call, Call.id == CallStep.call_id)
        .where(CallStep.kind == JOINED, CallStep.value == str(row.number))
        .order_by(CallStep.at, CallStep.id)
    )
    return row, [Caller(call_id, canonical(caller), at) for call_id, caller, at in rows]


async def numbers_to_tell(session: AsyncSession, incident_id: uuid.UUID) -> tuple[Incident, list[str]]:
    """Each number once, in the order of their first calls; withheld ones cannot be told. Raises: IncidentNotFound."""
    row, added = await callers(session, incident_id)
    return row, list(dict.fromkeys(caller.number for caller in added if caller.number))
