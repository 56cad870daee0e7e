"""What an admin tunes on the line, as versions in the database. Who may is api's; what the PBX does of it is cti's.

The newest version of a subject counts. Changes come one after the other under one lock, so nobody overwrites what he
has not seen.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import TuningMeanwhile, TuningNotFound
from models.account import Account
from models.tuning import Kind, Tuning, TuningInForce
from pbx_config import contract, tuning
from pbx_config.queue_file import QueueSets

LOCK = 7208
HISTORY_MOST = 200
SEEDED_BY = "lianxin"

_SEED = """
INSERT INTO tuning (kind, subject, revision, value, by) VALUES ($1, $2, 1, $3, $4)
ON CONFLICT (kind, subject, revision) DO NOTHING
"""
Newest = Mapping[Kind, Mapping[str, Tuning]]


async def seed(dsn: str, first: QueueSets, title: str, numbers: Sequence[str]) -> None:
    """The first versions, from the settings of the site; what an admin changed stays."""
    rows = [
        (Kind.QUEUE, first.name, first.value | {"title": title}),
        *((Kind.NUMBER, number, {"queue": first.name}) for number in numbers),
        (Kind.SEAT_PLAN, tuning.SITE, tuning.first_plan()),
    ]
    conn = await asyncpg.connect(dsn)
    try:
        told = [(kind.value, subject, json.dumps(value), SEEDED_BY) for kind, subject, value in rows]
        await conn.executemany(_SEED, told)
    finally:
        await conn.close()


async def newest(session: AsyncSession) -> Newest:
    """What counts; a subject that is not there (any more) is not in it."""
    rows = select(Tuning).ext(distinct_on(Tuning.kind, Tuning.subject))
    found: dict[Kind, dict[str, Tuning]] = {kind: {} for kind in Kind}
    for row in await session.scalars(rows.order_by(Tuning.kind, Tuning.subject, Tuning.revision.desc())):
        if row.value:
            found[Kind(row.kind)][row.subject] = row
    return found


def queues_of(found: Newest) -> dict[str, QueueSets]:
    return {name: QueueSets.of(name, row.value) for name, row in found[Kind.QUEUE].items()}


def skills_of(found: Newest, agent_no: str) -> dict[str, int]:
    """Queue → level; who has nothing said of answers the first queue, first."""
    row = found[Kind.SKILLS].get(agent_no)
    return tuning.levels_of(row.value) if row is not None else {contract.QUEUE_MAIN: tuning.LEVELS[0]}


async def agents_of(session: AsyncSession, queues: Collection[str]) -> set[str]:
    """The agents whose skills hold one of these queues, by the newest versions; who has left the house keeps them."""
    rows = select(Tuning).where(Tuning.kind == Kind.SKILLS.value).ext(distinct_on(Tuning.subject))
    newest_first = rows.order_by(Tuning.subject, Tuning.revision.desc())
    found: Newest = {Kind.SKILLS: {row.subject: row for row in await session.scalars(newest_first) if row.value}}
    everybody = await session.scalars(select(Account.agent_no).where(Account.agent_no.is_not(None)))
    return {no for no in everybody if no and not skills_of(found, no).keys().isdisjoint(queues)}


async def history(session: AsyncSession, kind: Kind, subject: str) -> Sequence[Tuning]:
    """Newest first. Raises: TuningNotFound."""
    rows = select(Tuning).where(Tuning.kind == kind.value, Tuning.subject == subject)
    found = list(await session.scalars(rows.order_by(Tuning.revision.desc()).limit(HISTORY_MOST)))
    if not found:
        raise TuningNotFound
    return found


async def in_force(session: AsyncSession) -> Sequence[TuningInForce]:
    return list(await session.scalars(select(TuningInForce).order_by(TuningInForce.node)))


@dataclass(frozen=True, slots=True)
class Next:
    """A change that is about to be kept. ``based_on``: the revision that its author saw; 0: none."""

    kind: Kind
    subject: str
    value: Mapping[str, Any]
    by: str
    based_on: int
    undo_of: int | None = None


async def lock(session: AsyncSession) -> None:
    """Before what a change is judged by is read: until the transaction ends nobody else changes anything here."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": LOCK})


async def keep(session: AsyncSession, change: Next) -> Tuning:
    """A new version. :func:`lock` must have been called. Raises: TuningMeanwhile."""
    rows = select(Tuning.revision, Tuning.by).where(Tuning.kind == change.kind.value, Tuning.subject == change.subject)
    last = (await session.execute(rows.order_by(Tuning.revision.desc()).limit(1))).first()
    revision = last.revision if last is not None else 0
    if revision != change.based_on:
        raise TuningMeanwhile(by=last.by if last is not None else "")
    row = Tuning(
        kind=change.kind.value, subject=change.subject, revision=revision + 1, value=dict(change.value), by=change.by,
        undo_of=change.undo_of,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row


async def as_before(session: AsyncSession, kind: Kind, subject: str, revision: int) -> Mapping[str, Any]:
    """The value of a revision; {} for 0, before the first. Raises: TuningNotFound."""
    if revision == 0:
        return {}
    row = await session.get(Tuning, (kind.value, subject, revision))
    if row is None:
        raise TuningNotFound
    return row.value
