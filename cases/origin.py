"""Where a case came from: marked when 110 handed its caller over to us, as soon as anybody knows.

At the submit the live picture usually does; where the journal is later than the agent, the house looks again.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.timeline import Event, record
from cti.facts import Topic
from models.call import Call
from models.case import Case, CaseCall, CaseOrigin
from models.feed import LiveRow


async def from_police(session: AsyncSession, call_id: uuid.UUID, police_number_in: str | None) -> bool:
    """Whether this call came in on the number that only 110 knows."""
    if await session.scalar(select(Call.from_police).where(Call.id == call_id)):
        return True
    if not police_number_in:
        return False
    live = select(LiveRow.body["called"].astext).where(LiveRow.topic == Topic.CALL, LiveRow.key == str(call_id))
    return await session.scalar(live) == police_number_in


def mark(session: AsyncSession, case: Case, by: str, call_id: uuid.UUID) -> None:
    case.origin = CaseOrigin.POLICE
    record(session, case.id, Event.FROM_POLICE, by, {"call_id": str(call_id)})


async def mark_late(session: AsyncSession, since: datetime, by: str) -> int:
    """Cases since then whose call the journal knows by now to be 110's; how many."""
    rows = await session.execute(
        select(Case, CaseCall.call_id)
        .join(CaseCall, CaseCall.case_id == Case.id)
        .join(Call, Call.id == CaseCall.call_id)
        .where(Case.created_at >= since, Case.origin == CaseOrigin.CITIZEN, Call.from_police)
        .with_for_update(of=Case, skip_locked=True)
    )
    found = {case.id: (case, call_id) for case, call_id in rows}
    for case, call_id in found.values():
        mark(session, case, by, call_id)
    return len(found)
