"""Tuning as the wire tells it: the newest versions beside what the PBXs do of them and what is live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.edge import Parts
from api.schemas import tuning as shapes
from api.sentences import sentence
from cases import line_hours, telephony, tuning
from cases.tuning_warnings import Situation
from cti.facts import Topic
from models.account import Account, Seat
from models.hours import LineProfile
from models.tuning import Kind, Tuning, TuningInForce
from pbx_config import tuning as values
from pbx_config.contract import Profile
from pbx_config.hours import profile_at

# Versions from before queues had words of their own lack these.
_SILENT: Final[dict[str, Any]] = {
    "welcome_text": "", "welcome_sound_id": None, "periodic_text": "", "periodic_sound_id": None,
}  # fmt: skip
_ANSWERS: Final = and_(Account.agent_no.is_not(None), Account.active)
_NUMBERS: Final = select(Account.agent_no).where(_ANSWERS)
InForce = Mapping[tuple[str, str], list[shapes.InForce]]


def signed_in(parts: Parts) -> dict[str, frozenset[str]]:
    """agent_no → the queues it answers now."""
    return {body["agent_no"]: frozenset(body["queues"]) for body in parts.hub.picture.of_topic(Topic.AGENT)}


def waiting(parts: Parts) -> dict[str, int]:
    return {body["queue"]: body["waiting"] for body in parts.hub.picture.of_topic(Topic.QUEUE)}


def plan_of(found: tuning.Newest) -> values.SeatPlan:
    row = found[Kind.SEAT_PLAN].get(values.SITE)
    return values.plan_of(row.value if row is not None else values.first_plan())


async def _workplaces(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(Seat.retired_at.is_(None))) or 0


async def situation(session: AsyncSession, parts: Parts, found: tuning.Newest) -> Situation:
    """What a change is judged by."""
    return Situation(
        queues=tuning.queues_of(found),
        numbers={number: row.value["queue"] for number, row in found[Kind.NUMBER].items()},
        waiting=waiting(parts),
        signed_in=signed_in(parts),
        skilled={no: frozenset(tuning.skills_of(found, no)) for no in await session.scalars(_NUMBERS) if no},
        lines=await telephony.lines(session, parts.settings.trunk_channels),
        seats=await _workplaces(session),
        planned_most=max(max(hours) for hours in plan_of(found).values()),
    )


async def whole(session: AsyncSession, parts: Parts, locale: str) -> shapes.TuningAnswer:
    """Everything that the page shows."""
    found = await tuning.newest(session)
    now = datetime.now(UTC)
    profile = profile_at(now, await line_hours.plan(session, parts.settings.zone, now))
    told = _in_force(await tuning.in_force(session), locale)
    on_duty = signed_in(parts)
    accounts = select(Account).where(_ANSWERS).order_by(Account.agent_no)
    limits = await session.get(LineProfile, profile.value)
    return shapes.TuningAnswer(
        queues=[_queue(name, row, told, parts) for name, row in sorted(found[Kind.QUEUE].items())],
        numbers=[
            shapes.TunedNumber(**_version(row), number=n, queue=row.value["queue"], in_force=told[row.kind, n])
            for n, row in sorted(found[Kind.NUMBER].items())
        ],
        agents=[_agent(account, found, on_duty) for account in await session.scalars(accounts)],
        seat_plan=_seat_plan(found, profile, now.astimezone(parts.settings.zone), len(on_duty)),
        most_now=limits.max_waiting if limits is not None else None,
        lines=await telephony.lines(session, parts.settings.trunk_channels),
        seats=await _workplaces(session), timezone=parts.settings.timezone,
    )  # fmt: skip


def _version(row: Tuning | None) -> dict[str, Any]:
    if row is None:
        return {"revision": 0, "at": None, "by": None, "undo_of": None}
    return {"revision": row.revision, "at": row.at, "by": row.by, "undo_of": row.undo_of}


def _queue(name: str, row: Tuning, told: InForce, parts: Parts) -> shapes.TunedQueue:
    answering = sum(name in queues for queues in signed_in(parts).values())
    return shapes.TunedQueue(
        **_version(row), **(_SILENT | row.value), queue=name, waiting=waiting(parts).get(name, 0), agents=answering,
        in_force=told[row.kind, name],
    )  # fmt: skip


def _agent(account: Account, found: tuning.Newest, on_duty: Mapping[str, frozenset[str]]) -> shapes.TunedAgent:
    agent_no = account.agent_no or ""
    answers = on_duty.get(agent_no)
    return shapes.TunedAgent(
        **_version(found[Kind.SKILLS].get(agent_no)), agent_no=agent_no, display_name=account.display_name,
        queues=tuning.skills_of(found, agent_no), answers=None if answers is None else sorted(answers),
    )  # fmt: skip


def _seat_plan(found: tuning.Newest, profile: Profile, local: datetime, on_duty: int) -> shapes.SeatPlan:
    plan = plan_of(found)
    return shapes.SeatPlan(
        **_version(found[Kind.SEAT_PLAN].get(values.SITE)), plan={p: list(hours) for p, hours in plan.items()},
        profile=profile, planned=values.planned_seats(plan, profile, local), on_duty=on_duty,
    )  # fmt: skip


def _in_force(rows: Iterable[TuningInForce], locale: str) -> InForce:
    told: dict[tuple[str, str], list[shapes.InForce]] = defaultdict(list)
    for row in rows:
        refused = sentence(row.refused_code, locale, {}) if row.refused_code else None
        told[row.kind, row.subject].append(
            shapes.InForce(
                node=row.node, revision=row.revision, at=row.at, refused_revision=row.refused_revision, refused=refused
            )
        )
    return told
