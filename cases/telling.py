"""Telling all of an incident: a round is asked for here, and called through by cti. Withheld numbers cannot be told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
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
    """An incident's latest round: how many are in which state."""

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
    return Round(row, {ToldState.WAITING: len(numbers)})


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
    latest = (
        select(Telling)
        .where(Telling.incident_id.in_(incident_ids))
        .ext(distinct_on(Telling.incident_id))
        .order_by(Telling.incident_id, Telling.asked_at.desc())
    )
    found = {row.id: row for row in await session.scalars(latest)}
    counted = select(Told.telling_id, Told.state, func.count()).where(Told.telling_id.in_(found))
    states: dict[uuid.UUID, dict[ToldState, int]] = {}
    for telling_id, state, count in await session.execute(counted.group_by(Told.telling_id, Told.state)):
        states.setdefault(telling_id, {})[ToldState(state)] = count
    return {row.incident_id: Round(row, states.get(row.id, {})) for row in found.values()}


async def each(session: AsyncSession, incident_id: uuid.UUID) -> Mapping[str, Told]:
    """What became of each number in the latest round."""
    latest = (await rounds(session, [incident_id])).get(incident_id)
    if latest is None:
        return {}
    rows = await session.scalars(select(Told).where(Told.telling_id == latest.telling.id))
    return {row.number: row for row in rows}
