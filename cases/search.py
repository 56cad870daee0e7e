"""Finding cases: by case number, by telephone number in any form, by words. Newest first, in keyset pages."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from cases import timeline
from cases.errors import CaseNotFound
from cases.numbers import canonical
from cases.paging import cursor, parse_cursor
from cases.readers import Reader
from cases.words import query
from models.case import Case, CaseCall, CaseEvent

PAGE = 20
_LOOKED_THROUGH = 3000  # newest cases that are read for a word before its index is asked
_NEWEST = (Case.created_at.desc(), Case.id.desc())
_CASE_NUMBER = re.compile(r"(20\d{6})(?:-?(\d{1,6}))?")
_PHONE = re.compile(r"[+＋]?[\d０-９][\d０-９\s()（）-]{5,24}")


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for; several are all demanded. ``q`` is whatever the agent typed into the one box."""

    q: str = ""
    number: str = ""
    phone: str = ""


async def find(
    session: AsyncSession, wanted: Criteria, reader: Reader, after: str | None = None, limit: int = PAGE
) -> tuple[list[Case], str | None]:
    """One page and the cursor of the next (None on the last).

    Raises: BadCursor.
    """
    clauses, words = _question(wanted)
    clauses.append(reader.visible())
    if after:
        at, row_id = parse_cursor(after)
        clauses.append(tuple_(Case.created_at, Case.id) < tuple_(at, row_id))
    if words is None:
        found = await _newest(session, clauses, limit + 1)
    else:
        found = await _with_words(session, clauses, words, limit + 1)
    page = found[:limit]
    return page, cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None


async def _newest(session: AsyncSession, clauses: list[ColumnElement[bool]], limit: int) -> list[Case]:
    question = select(Case).options(defer(Case.words)).where(and_(*clauses)).order_by(*_NEWEST).limit(limit)
    return list(await session.scalars(question))


async def _with_words(session: AsyncSession, clauses: list[ColumnElement[bool]], words: str, limit: int) -> list[Case]:
    """A frequent word is found among the newest cases, a rare one by the index of words.

    PostgreSQL cannot know which it is: given both indexes and a LIMIT it walks a million cases backwards for a word
    that stands in none (2.4 s). So the newest are looked through first, and the index is asked where they did not fill
    the page; by then there are few enough answers to sort.
    """
    has = text("words @@ CAST(:asked AS tsquery)").bindparams(asked=words)
    recent = (
        select(Case.id, Case.created_at, Case.words).where(and_(*clauses)).order_by(*_NEWEST).limit(_LOOKED_THROUGH)
    )
    window = recent.subquery()
    among = select(window.c.id).where(has).order_by(window.c.created_at.desc(), window.c.id.desc()).limit(limit)
    ids = list(await session.scalars(among))
    if len(ids) < limit:
        every = select(Case.id, Case.created_at).where(has, *clauses).cte("every").prefix_with("MATERIALIZED")
        ids = list(
            await session.scalars(
                select(every.c.id).order_by(every.c.created_at.desc(), every.c.id.desc()).limit(limit)
            )
        )
    found = await session.scalars(select(Case).options(defer(Case.words)).where(Case.id.in_(ids)).order_by(*_NEWEST))
    return list(found)


def _question(wanted: Criteria) -> tuple[list[ColumnElement[bool]], str | None]:
    """What columns must say, and the tsquery of words, if words are asked for."""
    clauses: list[ColumnElement[bool]] = []
    words: str | None = None
    if wanted.number.strip():
        clauses.append(_by_number(wanted.number))
    if wanted.phone.strip():
        clauses.append(_by_phone(wanted.phone))
    q = wanted.q.strip()
    if q and _CASE_NUMBER.fullmatch(q):
        clauses.append(_by_number(q))
    elif q and _PHONE.fullmatch(q):
        clauses.append(_by_phone(q))
    elif q:
        words = query(q)
        clauses += [] if words else [false()]
    return clauses, words


def _by_number(number: str) -> ColumnElement[bool]:
    match = _CASE_NUMBER.fullmatch(number.strip())
    if not match:
        return false()
    day, counted = match.groups()
    if counted:
        return Case.number == f"{day}-{int(counted):06d}"
    return and_(Case.number > f"{day}-", Case.number < f"{day}.")  # "." follows "-": the whole day, by the index


def _by_phone(phone: str) -> ColumnElement[bool]:
    stored = canonical(phone)
    if not stored:
        return false()
    return or_(Case.citizen_number == stored, Case.contact_number == stored)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything that hangs on it inside this room; its calls are named, not read."""

    case: Case
    events: list[CaseEvent]
    follow_ups: list[Case]
    call_ids: list[uuid.UUID]


async def read(session: AsyncSession, case_id: uuid.UUID, reader: Reader) -> CaseFile:
    """Raises: CaseNotFound, CaseConfidential."""
    case = await session.get(Case, case_id, options=[defer(Case.words)])
    if case is None:
        raise CaseNotFound
    reader.check(case)
    follow_ups = await session.scalars(
        select(Case)
        .options(defer(Case.words))
        .where(Case.follow_up_of == case_id, reader.visible())
        .order_by(Case.created_at)
    )
    call_ids = await session.scalars(
        select(CaseCall.call_id).where(CaseCall.case_id == case_id).order_by(CaseCall.linked_at)
    )
    return CaseFile(case, await timeline.of_case(session, case_id), list(follow_ups), list(call_ids))


async def of_calls(session: AsyncSession, call_ids: list[uuid.UUID], reader: Reader) -> dict[uuid.UUID, list[Case]]:
    """The visible cases of each call."""
    rows = await session.execute(
        select(CaseCall.call_id, Case)
        .options(defer(Case.words))
        .join(Case, Case.id == CaseCall.case_id)
        .where(CaseCall.call_id.in_(call_ids), reader.visible())
        .order_by(Case.created_at)
    )
    found: dict[uuid.UUID, list[Case]] = {}
    for call_id, case in rows:
        found.setdefault(call_id, []).append(case)
    return found
