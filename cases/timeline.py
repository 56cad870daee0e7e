"""The case's timeline: one row per thing that happened, never changed afterwards."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.case import CaseEvent


class Event(StrEnum):
    ACCEPTED = "case.accepted"  # 受理
    CONTINUED = "case.continued"  # written on from a colleague's draft; body: who began it
    ANSWERED = "case.answered_on_spot"  # 当场答复, and closed with it
    FOLLOWED_UP = "case.followed_up"  # another case follows this one up
    CALL_LINKED = "case.call_linked"
    CONFERENCE_OPENED = "conference.opened"
    CONFERENCE_CLOSED = "conference.closed"  # body: who was in it and what became of each
    PROMISED = "promise.made"
    DANGER = "danger.raised"
    DANGER_CALLED_BACK = "danger.called_back"
    DANGER_ENDED = "danger.ended"
    FROM_POLICE = "case.from_police"  # 110 handed the caller over
    CALLED_OUT = "case.called_out"  # we called somebody about it


def record(session: AsyncSession, case_id: uuid.UUID, event: Event, by: str, body: dict[str, Any]) -> None:
    session.add(CaseEvent(case_id=case_id, kind=event.value, by=by, body=body))


async def of_case(session: AsyncSession, case_id: uuid.UUID) -> list[CaseEvent]:
    """Oldest first."""
    return list(await session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)))
