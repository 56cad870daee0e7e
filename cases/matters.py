"""Whether a number belongs to an open matter: then an agent may call it, whatever the class of service says."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases import callbacks
from cases.numbers import canonical, forms
from cases.readers import Reader
from models.call import Call
from models.case import Case, CaseState
from models.danger import Danger

TALKED_WITHIN = timedelta(hours=24)  # cut off, or something was forgotten


async def has_open_matter(session: AsyncSession, dialled: str, reader: Reader, *, agent_no: str, now: datetime) -> bool:
    """An open case that this reader may see, a call of this agent's a moment ago, an unreached person, a danger."""
    number = canonical(dialled)
    written = forms(number)
    mine = exists().where(
        Call.agent_no == agent_no, Call.started_at >= now - TALKED_WITHIN,
        or_(Call.caller.in_(written), Call.called.in_(written)),
    )  # fmt: skip
    case = exists().where(
        or_(Case.citizen_number == number, Case.contact_number == number),
        Case.state != CaseState.CLOSED,
        reader.visible(),
    )
    danger = exists().where(Danger.number == number, Danger.ended_at.is_(None))
    if await session.scalar(select(or_(mine, case, danger))):
        return True
    return await callbacks.is_owed(session, number)
