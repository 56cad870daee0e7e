"""Attempts that were refused, as supervisors see them: one alarm for each kind and who tried, until acknowledged."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from api.alarms import item_of
from api.audit import append
from api.edge import needs, parts_of
from api.errors import AlarmNotFound
from api.rights import Right
from api.schemas.alarms import Alarm, AlarmList
from api.viewer import Viewer
from models.account import Account
from models.alarm import Alarm as AlarmRow
from models.db import read_only, transaction
from models.feed import append_with

router = APIRouter(prefix="/alarms", tags=["floor"])

Watcher = Annotated[Viewer, needs(Right.FLOOR)]
Supervisor = Annotated[Viewer, needs(Right.SUPERVISE)]
_MOST = 100
_TRIED_SHOWN = 5
_KEPT_SHOWN = timedelta(days=7)


@router.get("", summary="Attempts that were refused, newest first")
async def list_alarms(
    viewer: Watcher,
    request: Request,
    open_: Annotated[bool, Query(alias="open", description="only what nobody has acknowledged")] = False,
) -> AlarmList:
    """Open ones however old they are, acknowledged ones of a week with who did it."""
    question = _grouped().limit(_MOST)
    if open_:
        question = question.where(AlarmRow.acknowledged_at.is_(None))
    else:
        since = datetime.now(UTC) - _KEPT_SHOWN
        question = question.where(AlarmRow.acknowledged_at.is_(None) | (AlarmRow.acknowledged_at >= since))
    async with read_only(parts_of(request).engine) as session:
        return AlarmList(items=[_answer(found) for found in await session.execute(question)])


def _grouped() -> Select[Any]:
    newest = aggregate_order_by(AlarmRow.id, AlarmRow.at.desc(), AlarmRow.id.desc())
    tried = aggregate_order_by(AlarmRow.detail, AlarmRow.at.desc())
    last_at = func.max(AlarmRow.at)
    same = (AlarmRow.code, AlarmRow.who, AlarmRow.acknowledged_at, AlarmRow.acknowledged_by, Account.display_name)
    return (
        select(
            *same, func.array_agg(newest)[1].label("id"), func.array_agg(tried)[1:200].label("tried"),
            func.count().label("attempts"), func.min(AlarmRow.at).label("first_at"), last_at.label("last_at"),
        )
        .outerjoin(Account, Account.id == AlarmRow.account_id)
        .group_by(*same)
        .order_by(last_at.desc())
    )  # fmt: skip


def _answer(found: Any) -> Alarm:
    return Alarm(
        id=found.id, code=found.code, who=found.who, name=found.display_name,
        tried=list(dict.fromkeys(found.tried))[:_TRIED_SHOWN], attempts=found.attempts, first_at=found.first_at,
        last_at=found.last_at, acknowledged_at=found.acknowledged_at, acknowledged_by=found.acknowledged_by,
    )  # fmt: skip


@router.post("/{alarm_id}/acknowledge", summary="I have seen it")
async def acknowledge_alarm(alarm_id: uuid.UUID, viewer: Supervisor, request: Request) -> Alarm:
    """This attempt and those of its kind before it; what comes later is an alarm again. The first one's word counts."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        row = await session.get(AlarmRow, alarm_id, with_for_update=True)
        if row is None:
            raise AlarmNotFound
        if row.acknowledged_at is None:
            attempts = await _acknowledge(session, row, viewer.login)
            await append(
                session, viewer.account_id, "alarm.acknowledged", row.who, {"code": row.code, "attempts": attempts}
            )
            await append_with(session, row.node, [item_of(row)])
        same = _grouped().where(
            AlarmRow.code == row.code, AlarmRow.who == row.who, AlarmRow.acknowledged_at == row.acknowledged_at
        )
        return _answer((await session.execute(same)).one())


async def _acknowledge(session: AsyncSession, row: AlarmRow, by: str) -> int:
    before = (AlarmRow.code == row.code, AlarmRow.who == row.who, AlarmRow.acknowledged_at.is_(None))
    done = await session.execute(
        update(AlarmRow)
        .where(*before, AlarmRow.at <= row.at)
        .values(acknowledged_at=datetime.now(UTC), acknowledged_by=by)
        .returning(AlarmRow.id)
        .execution_options(synchronize_session=False)
    )
    attempts = len(done.all())
    await session.refresh(row)
    return attempts
