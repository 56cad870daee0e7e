"""Telling all of an incident: a round is asked for here, and called through by cti. Withheld numbers cannot be told.

Rounds of the same words are one matter, as whoever heard them is not called by the next: how far it is, is told of
them together.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import IncidentNobody, IncidentTelling, SoundNotFound, TellingNoLine, TellingNotFound
from cases.incidents import numbers_to_tell
from models.hours import Incident, LineSound
from models.telephony import Trunk
from models.telling import Telling, Told, ToldState

_OPEN = (ToldState.WAITING, ToldState.CALLING)


@dataclass(frozen=True, slots=True)
class Round:
    """An incident's latest round, and how many numbers are in which state: of it and all before of the same words."""

    telling: Telling
    states: Mapping[ToldState, int]


async def tell(session: AsyncSession, incident_id: uuid.UUID, sound_id: uuid.UUID, by: str) -> Round:
    """Everybody who was added until now is to hear it; the same announcement again: only who has not heard it.

    Raises:
        IncidentNotFound, SoundNotFound
        IncidentTelling: a round of this incident is still going on.
        IncidentNobody: nobody is left, or nobody was added whose number is known.
        TellingNoLine: no trunk could ever carry it.
    """
    await session.get(Incident, incident_id, with_for_update=True)  # two who ask at once: one after the other
    _, numbers = await numbers_to_tell(session, incident_id)
    if await session.get(LineSound, sound_id) is None:
        raise SoundNotFound
    before = (await rounds(session, [incident_id])).get(incident_id)
    if before is not None and any(before.states.get(state) for state in _OPEN):
        raise IncidentTelling
    reached = await _told_this(session, incident_id, sound_id)
    numbers = [number for number in numbers if number not in reached]
    if not numbers:
        raise IncidentNobody
    spare = select(Trunk.name).where(Trunk.active, or_(Trunk.channel_limit.is_(None), Trunk.channel_limit > 1))
    if await session.scalar(spare.limit(1)) is None:
        raise TellingNoLine
    row = Telling(id=uuid.uuid4(), incident_id=incident_id, sound_id=sound_id, asked_by=by)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await session.execute(insert(Told), [{"telling_id": row.id, "number": number} for number in numbers])
    return (await rounds(session, [incident_id]))[incident_id]


async def _told_this(session: AsyncSession, incident_id: uuid.UUID, sound_id: uuid.UUID) -> set[str]:
    told = select(Told.number).join(Telling, Telling.id == Told.telling_id).where(Told.state == ToldState.TOLD)
    return set(await session.scalars(told.where(Telling.incident_id == incident_id, Telling.sound_id == sound_id)))


async def stop(session: AsyncSession, incident_id: uuid.UUID, by: str, now: datetime) -> Round:
    """Nobody else is called; who is being called just now hears it to the end.

    Raises:
        TellingNotFound: no round is going on.
    """
    row = await session.scalar(
        select(Telling)
        .where(Telling.incident_id == incident_id, Telling.stopped_at.is_(None))
        .where(select(Told.id).where(Told.telling_id == Telling.id, Told.state.in_(_OPEN)).exists())
        .with_for_update()
    )
    if row is None:
        raise TellingNotFound
    row.stopped_at, row.stopped_by = now, by
    await session.execute(
        update(Told).where(Told.telling_id == row.id, Told.state == ToldState.WAITING).values(state=ToldState.STOPPED)
    )
    await session.flush()
    return (await rounds(session, [incident_id]))[incident_id]


async def rounds(session: AsyncSession, incident_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Round]:
    """The latest round of each, by the incident."""
    found = {row.incident_id: row for row in await session.scalars(_latest(incident_ids))}
    fates = _fates(incident_ids).subquery()
    counted = select(fates.c.incident_id, fates.c.state, func.count()).group_by(fates.c.incident_id, fates.c.state)
    states: dict[uuid.UUID, dict[ToldState, int]] = {}
    for incident_id, state, count in await session.execute(counted):
        states.setdefault(incident_id, {})[ToldState(state)] = count
    return {incident_id: Round(row, states.get(incident_id, {})) for incident_id, row in found.items()}


async def each(session: AsyncSession, incident_id: uuid.UUID) -> Mapping[str, Told]:
    """What became of each number: of the latest round, and of those before of the same words."""
    return {row.number: row for row, _ in await session.execute(_fates([incident_id]))}


def _latest(incident_ids: Sequence[uuid.UUID]) -> Select[Telling]:
    latest = select(Telling).where(Telling.incident_id.in_(incident_ids)).ext(distinct_on(Telling.incident_id))
    return latest.order_by(Telling.incident_id, Telling.asked_at.desc())


def _fates(incident_ids: Sequence[uuid.UUID]) -> Select[Told, uuid.UUID]:
    """Each number once: that it was told, else its newest fate."""
    now = _latest(incident_ids).subquery()
    same = and_(Telling.incident_id == now.c.incident_id, Telling.sound_id == now.c.sound_id)
    told_first = ((Told.state == ToldState.TOLD).desc(), Telling.asked_at.desc())
    return (
        select(Told, Telling.incident_id)
        .join(Telling, Telling.id == Told.telling_id)
        .join(now, same)
        .ext(distinct_on(Telling.incident_id, Told.number))
        .order_by(Telling.incident_id, Told.number, *told_first)
    )
