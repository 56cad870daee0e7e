"""The refusal ledger (拒接台账): what agencies did when they were dialled. A question to the record, no table."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Failed is not among them: no such number, no line; that is nobody's refusal. Cancelled was we ourselves.
REFUSALS = ("busy", "no_answer", "refused", "hung_up_on_us")

_COUNTED = text("""
SELECT t.agency_id, count(*) AS refused FROM call_target t JOIN leg l ON l.call_id = t.call_id AND l.leg_no = t.leg_no
WHERE t.agency_id = ANY(:ids) AND t.at >= :since AND l.outcome = ANY(:refusals) GROUP BY t.agency_id
""")
_OF_AGENCY = text("""
SELECT t.at, t.call_id, t.case_id, t.number, t.purpose, t.by, l.outcome, n.label
FROM call_target t LEFT JOIN leg l ON l.call_id = t.call_id AND l.leg_no = t.leg_no
LEFT JOIN LATERAL (
    SELECT label FROM agency_number WHERE agency_id = t.agency_id AND number = t.number ORDER BY sort LIMIT 1
) n ON true
WHERE t.agency_id = :agency_id AND t.at >= :since ORDER BY t.at DESC LIMIT 2000
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """One time an agency was dialled; ``outcome`` None until the record has the leg."""

    at: datetime
    call_id: uuid.UUID | None
    case_id: uuid.UUID | None
    number: str
    purpose: str
    by: str
    outcome: str | None
    label: str | None


async def refusals(session: AsyncSession, ids: Sequence[uuid.UUID], since: datetime) -> dict[uuid.UUID, int]:
    """How often each agency was no help; agencies without a refusal are left out."""
    rows = await session.execute(_COUNTED, {"ids": list(ids), "since": since, "refusals": list(REFUSALS)})
    return {row.agency_id: row.refused for row in rows}


async def of_agency(session: AsyncSession, agency_id: uuid.UUID, since: datetime) -> list[Asked]:
    """Newest first, answered ones too."""
    return [
        Asked(**row._mapping) for row in await session.execute(_OF_AGENCY, {"agency_id": agency_id, "since": since})
    ]
