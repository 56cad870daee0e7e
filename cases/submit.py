"""A draft becomes a case: one transaction with its number, its link to the call, its timeline and its feed row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from cases import conferences, drafts, origin
from cases.errors import CaseIncomplete, CaseNotFound, DraftNotYours
from cases.forms import CaseForm
from cases.numbers import canonical
from cases.readers import Reader
from cases.timeline import Event, record
from cases.words import vector
from cti.facts import Topic
from models.case import Case, CaseCall, CaseState, Category, Disposition, District, Draft
from models.feed import Item, append_with

_NEXT = text("""
INSERT INTO case_day AS d (day, last) VALUES (:day, 1)
ON CONFLICT (day) DO UPDATE SET last = d.last + 1 RETURNING last
""")


@dataclass(frozen=True, slots=True)
class Submission:
    draft_id: uuid.UUID
    call_id: uuid.UUID | None
    form: CaseForm
    disposition: Disposition
    follow_up_of: uuid.UUID | None
    continues: uuid.UUID | None
    login: str
    agent_no: str | None
    reader: Reader


@dataclass(frozen=True, slots=True)
class Site:
    """The site's time zone (a case number counts its days), the name its feed rows carry, and the number on which 110
    hands its callers over, where it has one."""

    zone: ZoneInfo
    node: str
    police_number_in: str | None = None


async def submit(session: AsyncSession, asked: Submission, site: Site) -> tuple[Case, bool]:
    """The case, and whether it was made now. The same draft again gives the same case.

    Raises:
        DraftNotYours: the draft, or the case made of it, is somebody else's.
        CaseIncomplete: a code is unknown, or the follow-up's case is missing.
        CaseNotFound, CaseConfidential: of the case followed up.
    """
    await drafts.lock(session, asked.draft_id)
    account_id = asked.reader.account_id
    made = await session.scalar(select(Case).where(Case.draft_id == asked.draft_id))
    if made is not None:
        if made.account_id != account_id:
            raise DraftNotYours
        return made, False
    draft = await session.get(Draft, asked.draft_id)
    if draft is not None and draft.account_id != account_id:
        raise DraftNotYours
    await _check(session, asked)
    case = await _insert(session, asked, site)
    call_id = asked.call_id or (draft.call_id if draft else None)
    if call_id is not None:
        session.add(CaseCall(case_id=case.id, call_id=call_id))
        await session.flush()
    _record(session, case, asked, call_id)
    begun_by = draft.begun_by if draft else []
    begun_by = begun_by or await drafts.begun_by(session, asked.continues, call_id, account_id)
    if begun_by:
        record(session, case.id, Event.CONTINUED, asked.login, {"begun_by": begun_by})
    if call_id is not None:
        if await origin.from_police(session, call_id, site.police_number_in):
            origin.mark(session, case, asked.login, call_id)
        await conferences.adopt(session, case.id, call_id, asked.login)
    await session.execute(delete(Draft).where(Draft.id == asked.draft_id))
    await session.flush()
    await append_with(session, site.node, [Item(Topic.CASE, str(case.id), feed_body(case))])
    return case, True


def feed_body(case: Case) -> dict[str, str | None]:
    return {"case_id": str(case.id), "number": case.number, "state": case.state, "agent_no": case.agent_no}


async def _check(session: AsyncSession, asked: Submission) -> None:
    errors: list[tuple[str, str]] = []
    if asked.form.category and await session.get(Category, asked.form.category) is None:
        errors.append(("form.category", "unknown_code"))
    if asked.form.district and await session.get(District, asked.form.district) is None:
        errors.append(("form.district", "unknown_code"))
    follows = asked.disposition is Disposition.FOLLOW_UP
    if follows != (asked.follow_up_of is not None):
        errors.append(("follow_up_of", "follow_up_missing" if follows else "not_followed_up"))
    if errors:
        raise CaseIncomplete(errors=errors)
    if asked.follow_up_of is not None:
        parent = await session.get(Case, asked.follow_up_of)
        if parent is None:
            raise CaseNotFound
        asked.reader.check(parent)


async def _insert(session: AsyncSession, asked: Submission, site: Site) -> Case:
    form, now = asked.form, datetime.now(UTC)
    answered = asked.disposition is Disposition.ANSWERED_ON_SPOT
    values = form.model_dump() | {
        "citizen_number": canonical(form.citizen_number),
        "contact_number": canonical(form.contact_number),
        "district": form.district or None,
        "category": form.category or None,
    }
    words = vector(form.title, form.description, form.wish, form.address, form.landmark, form.citizen_name)
    # The day's counter stays locked until commit: numbers have no gaps and are given in the order of commits.
    day = now.astimezone(site.zone).strftime("%Y%m%d")
    number = await session.scalar(_NEXT, {"day": day})
    case = Case(
        id=uuid.uuid4(), number=f"{day}-{number:06d}", draft_id=asked.draft_id,
        state=CaseState.CLOSED if answered else CaseState.ACCEPTED, disposition=asked.disposition,
        agent_no=asked.agent_no, account_id=asked.reader.account_id, created_at=now,
        follow_up_of=asked.follow_up_of, words=words, **values,
    )  # fmt: skip
    session.add(case)
    await session.flush()
    return case


def _record(session: AsyncSession, case: Case, asked: Submission, call_id: uuid.UUID | None) -> None:
    by = asked.login
    record(session, case.id, Event.ACCEPTED, by, {"disposition": case.disposition})
    if call_id is not None:
        record(session, case.id, Event.CALL_LINKED, by, {"call_id": str(call_id)})
    if asked.disposition is Disposition.ANSWERED_ON_SPOT:
        record(session, case.id, Event.ANSWERED, by, {})
    if asked.follow_up_of is not None:
        followed = {"case_id": str(case.id), "number": case.number}
        record(session, asked.follow_up_of, Event.FOLLOWED_UP, by, followed)
