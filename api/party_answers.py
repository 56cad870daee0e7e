"""Conferences, promises, flags and the people of a call as the wire tells them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.conferences import CallParty, Conference, Promise
from api.schemas.shield import NumberFlag
from cases import agencies, conferences, shield
from cases.conferences import LegParty
from cases.numbers import canonical, display
from models.agency import Agency
from models.conference import Conference as ConferenceRow
from models.conference import Promise as PromiseRow
from models.shield import NumberFlag as FlagRow


def agency_name(agency: Agency, locale: str) -> str:
    return agency.name_en if locale == "en" else agency.name_zh


async def agency_names(session: AsyncSession, ids: Iterable[uuid.UUID | None], locale: str) -> dict[uuid.UUID, str]:
    wanted = [i for i in set(ids) if i is not None]
    found = await agencies.names(session, wanted) if wanted else {}
    return {agency_id: agency_name(agency, locale) for agency_id, agency in found.items()}


async def parties_of_calls(
    session: AsyncSession, call_ids: Sequence[uuid.UUID], locale: str
) -> dict[uuid.UUID, list[CallParty]]:
    """Two statements for any number of calls."""
    found = await conferences.parties_of(session, call_ids)
    named = await agency_names(session, (p.agency_id for legs in found.values() for p in legs), locale)
    return {call_id: [_party(p, named) for p in legs] for call_id, legs in found.items()}


def _party(leg: LegParty, named: dict[uuid.UUID, str]) -> CallParty:
    return CallParty(
        leg_no=leg.leg_no, party=leg.party, number=leg.number, number_display=display(canonical(leg.number)),
        agency_id=leg.agency_id, agency_name=named.get(leg.agency_id) if leg.agency_id else None, seat=leg.seat,
        agent_no=leg.agent_no, purpose=leg.purpose, outcome=leg.outcome, started_at=leg.started_at,
        answered_at=leg.answered_at, ended_at=leg.ended_at, hung_up_by=leg.hung_up_by,
    )  # fmt: skip


def conference_answer(row: ConferenceRow, parties: list[CallParty]) -> Conference:
    return Conference(
        id=row.id, call_id=row.call_id, case_id=row.case_id, opened_at=row.opened_at, opened_by=row.opened_by,
        closed_at=row.closed_at, parties=parties,
    )  # fmt: skip


async def conference_answers(session: AsyncSession, rows: Sequence[ConferenceRow], locale: str) -> list[Conference]:
    parties = await parties_of_calls(session, [r.call_id for r in rows], locale) if rows else {}
    return [conference_answer(row, parties.get(row.call_id, [])) for row in rows]


async def promise_answers(session: AsyncSession, rows: Sequence[PromiseRow], locale: str) -> list[Promise]:
    named = await agency_names(session, (r.agency_id for r in rows), locale)
    return [
        Promise(
            id=r.id, case_id=r.case_id, conference_id=r.conference_id, agency_id=r.agency_id,
            agency_name=named.get(r.agency_id) if r.agency_id else None, who=r.who, what=r.what, due_at=r.due_at,
            made_at=r.made_at, by=r.by,
        )
        for r in rows
    ]  # fmt: skip


def flag_answer(row: FlagRow) -> NumberFlag:
    names = (name for name in NumberFlag.model_fields if name not in ("active", "number_display"))
    fields = {name: getattr(row, name) for name in names}
    active = shield.is_in_force(row, datetime.now(UTC))
    return NumberFlag.model_validate(fields | {"active": active, "number_display": display(row.number)})
