"""The agents' shield: steps of abuse in a call, and flags on numbers.

Nobody is refused in silence: a flagged caller waits behind the others or hears a message, and speaks to a person. A
flag has a reason and a reviewer, ends by itself, can be appealed, and can be lifted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import FlagEnded, FlagNotFound
from models.shield import AbuseReport, NumberFlag, Tone

REMEMBERED = timedelta(days=180)
LAST_STEP = 3


def in_force(now: datetime) -> ColumnElement[bool]:
    return and_(NumberFlag.lifted_at.is_(None), NumberFlag.expires_at > now)


def is_in_force(flag: NumberFlag, now: datetime) -> bool:
    return flag.lifted_at is None and flag.expires_at > now


async def flag_of(session: AsyncSession, number: str, now: datetime) -> NumberFlag | None:
    """The flag of a canonical number that counts: the newest in force that says what the line does, else the newest."""
    if not number:
        return None
    found: NumberFlag | None = await session.scalar(
        select(NumberFlag)
        .where(NumberFlag.number == number, in_force(now))
        .order_by(NumberFlag.flag.is_(None), NumberFlag.created_at.desc())
        .limit(1)
    )
    return found


async def flags(session: AsyncSession, number: str, active: bool, now: datetime, limit: int = 200) -> list[NumberFlag]:
    """Newest first; of one canonical number, or of all ("")."""
    clauses: list[ColumnElement[bool]] = [NumberFlag.number == number] if number else []
    if active:
        clauses.append(in_force(now))
    rows = select(NumberFlag).where(*clauses).order_by(NumberFlag.created_at.desc()).limit(limit)
    return list(await session.scalars(rows))


@dataclass(frozen=True, slots=True)
class NewFlag:
    number: str  # canonical
    flag: str | None
    tone: Tone
    reason: str
    by: str
    reviewer: str
    created_at: datetime
    expires_at: datetime


async def set_flag(session: AsyncSession, new: NewFlag) -> NumberFlag:
    row = NumberFlag(
        id=uuid.uuid4(), number=new.number, flag=new.flag, tone=new.tone, reason=new.reason, by=new.by,
        reviewer=new.reviewer, created_at=new.created_at, expires_at=new.expires_at,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def _running(session: AsyncSession, flag_id: uuid.UUID, now: datetime) -> NumberFlag:
    row = await session.get(NumberFlag, flag_id, with_for_update=True)
    if row is None:
        raise FlagNotFound
    if not is_in_force(row, now):
        raise FlagEnded
    return row


async def appeal(session: AsyncSession, flag_id: uuid.UUID, words: str, by: str, now: datetime) -> NumberFlag:
    """The newest words count. Raises: FlagNotFound, FlagEnded."""
    row = await _running(session, flag_id, now)
    row.appealed_at, row.appeal, row.appealed_by = now, words, by
    return row


async def lift(session: AsyncSession, flag_id: uuid.UUID, reason: str, by: str, now: datetime) -> NumberFlag:
    """Raises: FlagNotFound, FlagEnded."""
    row = await _running(session, flag_id, now)
    row.lifted_at, row.lifted_by, row.lift_reason = now, by, reason
    return row


async def last_step(session: AsyncSession, call_id: uuid.UUID) -> AbuseReport | None:
    found: AbuseReport | None = await session.scalar(
        select(AbuseReport).where(AbuseReport.call_id == call_id).order_by(AbuseReport.step.desc()).limit(1)
    )
    return found


async def steps_of_number(session: AsyncSession, number: str, now: datetime) -> int:
    """Steps of abuse of a canonical number that are still remembered."""
    if not number:
        return 0
    counted = select(func.count()).select_from(AbuseReport)
    return await session.scalar(counted.where(AbuseReport.number == number, AbuseReport.at >= now - REMEMBERED)) or 0
