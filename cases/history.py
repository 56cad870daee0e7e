"""What a number did before: its cases, for the screen that pops while the telephone rings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from cases.readers import Reader
from models.case import Case, CaseState

SHOWN = 5


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """``cases`` are the last few, newest first; ``open_cases`` counts all that are not closed."""

    cases: list[Case]
    open_cases: int


async def of_number(session: AsyncSession, number: str, reader: Reader) -> CaseHistory:
    """By canonical number, as caller or as contact."""
    if not number:
        return CaseHistory([], 0)
    mine: ColumnElement[bool] = or_(Case.citizen_number == number, Case.contact_number == number)
    last = await session.scalars(
        select(Case)
        .options(defer(Case.words))
        .where(mine, reader.visible())
        .order_by(Case.created_at.desc(), Case.id.desc())
        .limit(SHOWN)
    )
    still_open = await session.scalar(
        select(func.count()).select_from(Case).where(mine, reader.visible(), Case.state != CaseState.CLOSED)
    )
    return CaseHistory(list(last), still_open or 0)
