"""Whom a call can be moved to: one search over the address book, the seats and the queues; and the refusal ledger."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.edge import Parts, needs, parts_of
from api.errors import TargetNotFound
from api.party_answers import agency_name
from api.rights import Right
from api.schemas.targets import AgencyBrief, RefusalEntry, RefusalLedger, TargetHit, TargetList
from api.viewer import Viewer
from cases import agencies, ledger
from cases.catalogue import initials
from cases.texts import ShortLine
from cti.facts import AgentState, Topic
from models.account import Account, Seat
from models.agency import Agency
from models.db import read_only
from pbx_config.contract import QUEUE_MAIN

router = APIRouter(tags=["targets"])

Desk = Annotated[Viewer, needs(Right.TARGETS)]
_MONTH = timedelta(days=30)
_ORDER = {AgentState.READY.value: 0, None: 2}


@router.get("/targets", summary="Whom to call or hand over to: agencies, seats, queues")
async def list_targets(
    viewer: Desk,
    request: Request,
    q: Annotated[ShortLine, Query(description="a part of the name, pinyin initials, or digits; empty: all")] = "",
) -> TargetList:
    """An agency once for each of its numbers, the one that has duty now first; then seats, free ones first.

    A seat or a queue that was typed in full comes before everything.
    """
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        found = await _agencies(session, q, viewer.locale, parts)
        seats = await _seats(session, viewer, parts)
    typed = q.strip().lower()
    others = [hit for hit in (*seats, *_queues(parts)) if _fits(hit, typed)]
    return TargetList(items=sorted([*found, *others], key=lambda hit: typed != hit.id))


async def _agencies(session: AsyncSession, q: str, locale: str, parts: Parts) -> list[TargetHit]:
    now = datetime.now(UTC)
    found = await agencies.search(session, q, now.astimezone(parts.settings.zone))
    refused = await ledger.refusals(session, list({f.agency.id for f in found}), now - _MONTH)
    return [
        TargetHit(
            kind="agency", id=str(f.number.id), name=agency_name(f.agency, locale), label=f.number.label,
            number=f.number.number, initials=f.agency.initials, on_duty=f.on_duty, agency_id=f.agency.id,
            refusals_30d=refused.get(f.agency.id, 0),
        )
        for f in found
    ]  # fmt: skip


async def _seats(session: AsyncSession, viewer: Viewer, parts: Parts) -> list[TargetHit]:
    """Everybody's but one's own."""
    rows = await session.scalars(select(Seat).where(Seat.retired_at.is_(None)).order_by(Seat.seat))
    people = {a.agent_no: a for a in await session.scalars(select(Account).where(Account.agent_no.is_not(None)))}
    sitting = {body["seat"]: body for body in parts.hub.picture.of_topic(Topic.AGENT)}
    hits = []
    for seat in rows:
        live = sitting.get(seat.seat, {})
        agent_no = live.get("agent_no")
        if seat.seat == viewer.seat or (agent_no and agent_no == viewer.agent_no):
            continue
        person = people.get(agent_no)
        name = person.display_name if person else seat.label
        hits.append(
            TargetHit(
                kind="seat", id=seat.seat, name=name, label=seat.label, number=seat.seat, initials=initials(name),
                on_duty=bool(live), agent_no=agent_no, state=live.get("state"),
            )
        )  # fmt: skip
    return sorted(hits, key=lambda hit: (_ORDER.get(hit.state, 1), hit.id))


def _queues(parts: Parts) -> list[TargetHit]:
    live = {body["queue"]: body for body in parts.hub.picture.of_topic(Topic.QUEUE)}
    return [
        TargetHit(
            kind="queue", id=name, name=name, initials=name, on_duty=bool(live.get(name, {}).get("agents", 0)),
            waiting=live.get(name, {}).get("waiting"), ready=live.get(name, {}).get("ready"),
        )
        for name in sorted(live.keys() | {QUEUE_MAIN})
    ]  # fmt: skip


def _fits(hit: TargetHit, typed: str) -> bool:
    return any(typed in text.lower() for text in (hit.id, hit.name, hit.initials, hit.agent_no or ""))


@router.get("/agencies/{agency_id}/refusals", summary="What became of each call to an agency")
async def list_refusals(
    agency_id: uuid.UUID,
    viewer: Desk,
    request: Request,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> RefusalLedger:
    """Counted from the legs of the record: nobody writes this ledger, nobody can mend it."""
    async with read_only(parts_of(request).engine) as session:
        agency = await session.get(Agency, agency_id)
        if agency is None:
            raise TargetNotFound
        asked = await ledger.of_agency(session, agency_id, datetime.now(UTC) - timedelta(days=days))
    outcomes = Counter(a.outcome for a in asked if a.outcome)
    return RefusalLedger(
        agency=AgencyBrief(
            id=agency.id, name=agency_name(agency, viewer.locale), initials=agency.initials, parent=agency.parent
        ),
        days=days, asked=len(asked), outcomes=dict(outcomes),
        items=[RefusalEntry.model_validate(a) for a in asked if a.outcome in ledger.REFUSALS],
    )  # fmt: skip
