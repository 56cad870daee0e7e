"""The pop: what is known about a number, asked while the telephone rings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.call_queries import calls_of_number
from api.case_answers import case_brief, reader_of
from api.edge import needs, parts_of
from api.party_answers import flag_answer
from api.rights import Right
from api.schemas.calls import CallerInfo
from api.viewer import Viewer
from cases import history, shield
from cases.numbers import canonical, display, kind_of
from cases.texts import ShortLine
from models.db import read_only

router = APIRouter(tags=["caller"])

RECENT = timedelta(days=30)


@router.get("/caller/{number}", summary="Who a number is and what it called about")
async def get_caller(
    number: Annotated[ShortLine, Path(description="in any form; 'anonymous' when withheld")],
    viewer: Annotated[Viewer, needs(Right.CALLS)],
    request: Request,
) -> CallerInfo:
    parts = parts_of(request)
    stored, now = canonical(number), datetime.now(UTC)
    async with read_only(parts.engine) as session:
        total, recent, last = await calls_of_number(session, stored, now - RECENT)
        flag = await shield.flag_of(session, stored, now)
        abuse = await shield.steps_of_number(session, stored, now)
        known = await history.of_number(session, stored, reader_of(viewer))
    region = await parts.regions.of(stored, viewer.locale)
    return CallerInfo(
        number=stored, display=display(stored), kind=kind_of(stored), province=region.province, city=region.city,
        operator=region.operator, country=region.country, calls_total=total, last_calls=last,
        cases=[case_brief(c) for c in known.cases], open_cases=known.open_cases,
        nth_call=recent + 1, flag=flag_answer(flag) if flag else None, abuse_reports=abuse,
    )  # fmt: skip
