"""Conferences and promises of a case, and the legs of a call as people: who was asked, what became of it.

A conference may be opened while its case is still a draft: the submit adopts it. It is closed by the record, when the
call is over, not by whoever leaves first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import AgencyNotFound, CaseNotFound, ConferenceNotFound, PromiseTaken
from cases.readers import Reader
from cases.timeline import Event, record
from models.agency import Agency
from models.case import Case, CaseCall
from models.conference import Conference, Promise
from models.danger import Danger
from models.target import CallTarget

_PARTIES = text("""
SELECT l.call_id, l.leg_no, l.party, l.number, l.seat, l.agent_no, l.outcome, l.started_at, l.answered_at, l.ended_at,
    l.hung_up_by, t.purpose, t.agency_id
FROM leg l LEFT JOIN call_target t ON t.call_id = l.call_id AND t.leg_no = l.leg_no
WHERE l.call_id = ANY(:ids) ORDER BY l.started_at, l.id
""")


@dataclass(frozen=True, slots=True)
class LegParty:
    """A leg of the record, with whom it was meant for."""

    call_id: uuid.UUID
    leg_no: int | None
    party: str
    number: str
    seat: str | None
    agent_no: str | None
    outcome: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hung_up_by: str | None
    purpose: str | None
    agency_id: uuid.UUID | None


async def parties_of(session: AsyncSession, call_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LegParty]]:
    """The legs of each call, in order of appearance."""
    found: dict[uuid.UUID, list[LegParty]] = {}
    for row in await session.execute(_PARTIES, {"ids": list(call_ids)}):
        found.setdefault(row.call_id, []).append(LegParty(**row._mapping))
    return found


@dataclass(frozen=True, slots=True)
class Opening:
    call_id: uuid.UUID
    case_id: uuid.UUID | None
    by: str
    reader: Reader


async def open_(session: AsyncSession, asked: Opening) -> tuple[Conference, bool]:
    """The call's conference, and whether it was opened now. A call has one.

    Raises: CaseNotFound, CaseConfidential.
    """
    if asked.case_id is not None:
        await _visible(session, asked.case_id, asked.reader)
    made = await session.scalar(
        insert(Conference)
        .values(
            id=uuid.uuid4(), call_id=asked.call_id, case_id=asked.case_id, opened_by=asked.by,
            account_id=asked.reader.account_id,
        )
        .on_conflict_do_nothing()
        .returning(Conference)
    )  # fmt: skip
    if made is None:
        stored = await session.scalar(select(Conference).where(Conference.call_id == asked.call_id))
        if stored is None:
            raise ConferenceNotFound  # somebody else's transaction made it and took it back
        return stored, False
    if asked.case_id is not None:
        linked = insert(CaseCall).values(case_id=asked.case_id, call_id=asked.call_id).on_conflict_do_nothing()
        await session.execute(linked)
        record(session, asked.case_id, Event.CONFERENCE_OPENED, asked.by, _told(made))
    return made, True


def _told(conference: Conference) -> dict[str, str]:
    return {"conference_id": str(conference.id), "call_id": str(conference.call_id)}


@dataclass(frozen=True, slots=True)
class Promised:
    id: uuid.UUID | None  # the client's
    case_id: uuid.UUID | None
    conference_id: uuid.UUID | None
    agency_id: uuid.UUID | None
    who: str
    what: str
    due_at: datetime
    by: str
    reader: Reader


async def promise(session: AsyncSession, asked: Promised) -> tuple[Promise, bool]:
    """Write a promise down; the same id again gives the same promise.

    Raises:
        ConferenceNotFound, CaseNotFound, CaseConfidential, AgencyNotFound
        PromiseTaken: the id is another promise's.
    """
    if asked.id is not None and (stored := await session.get(Promise, asked.id)) is not None:
        if (stored.by, stored.what) != (asked.by, asked.what):
            raise PromiseTaken
        return stored, False
    case_id = await _case_of(session, asked)
    if asked.agency_id is not None and await session.get(Agency, asked.agency_id) is None:
        raise AgencyNotFound
    made = Promise(
        id=asked.id or uuid.uuid4(), conference_id=asked.conference_id, case_id=case_id, agency_id=asked.agency_id,
        who=asked.who, what=asked.what, due_at=asked.due_at, by=asked.by,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    await session.refresh(made)
    if case_id is not None:
        record(session, case_id, Event.PROMISED, asked.by, _promised(made))
    return made, True


async def _case_of(session: AsyncSession, asked: Promised) -> uuid.UUID | None:
    conference = None
    if asked.conference_id is not None:
        conference = await session.get(Conference, asked.conference_id)
        if conference is None:
            raise ConferenceNotFound
    case_id = asked.case_id or (conference.case_id if conference else None)
    if case_id is not None:
        await _visible(session, case_id, asked.reader)
    elif conference is None:
        raise CaseNotFound
    elif conference.account_id != asked.reader.account_id:
        raise ConferenceNotFound  # of a draft that only its agent knows
    return case_id


async def _visible(session: AsyncSession, case_id: uuid.UUID, reader: Reader) -> None:
    case = await session.get(Case, case_id)
    if case is None:
        raise CaseNotFound
    reader.check(case)


def _promised(made: Promise) -> dict[str, str | None]:
    return {
        "promise_id": str(made.id), "agency_id": str(made.agency_id) if made.agency_id else None, "who": made.who,
        "what": made.what, "due_at": made.due_at.isoformat(),
    }  # fmt: skip


async def of_case(session: AsyncSession, case_id: uuid.UUID) -> tuple[list[Conference], list[Promise]]:
    """Oldest first; promises by when they are due."""
    conferences = await session.scalars(
        select(Conference).where(Conference.case_id == case_id).order_by(Conference.opened_at)
    )
    promises = await session.scalars(select(Promise).where(Promise.case_id == case_id).order_by(Promise.due_at))
    return list(conferences), list(promises)


async def of_call(session: AsyncSession, call_id: uuid.UUID) -> Conference | None:
    found: Conference | None = await session.scalar(select(Conference).where(Conference.call_id == call_id))
    return found


async def adopt(session: AsyncSession, case_id: uuid.UUID, call_id: uuid.UUID, by: str) -> None:
    """What happened in a call while its case was a draft belongs to the case now."""
    conference = await of_call(session, call_id)
    if conference is not None and conference.case_id is None:
        conference.case_id = case_id
        record(session, case_id, Event.CONFERENCE_OPENED, conference.opened_by, _told(conference))
        mine = select(Promise).where(Promise.conference_id == conference.id, Promise.case_id.is_(None))
        for made in await session.scalars(mine.order_by(Promise.made_at)):
            made.case_id = case_id
            record(session, case_id, Event.PROMISED, made.by, _promised(made))
    unclaimed = or_(CallTarget.case_id.is_(None), CallTarget.case_id == case_id)
    await session.execute(update(CallTarget).where(CallTarget.call_id == call_id, unclaimed).values(case_id=case_id))
    danger = await session.scalar(select(Danger).where(Danger.call_id == call_id, Danger.case_id.is_(None)))
    if danger is not None:
        danger.case_id = case_id
        record(session, case_id, Event.DANGER, by, {"danger_id": str(danger.id), "call_id": str(call_id)})
