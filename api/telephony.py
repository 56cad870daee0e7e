"""Telephony over HTTP, for an admin: telephones, classes of service, test calls, and how all is; trunks: api.trunks.

The PBX's side (cti.telephony) sees a change by itself within a second; nothing here waits for it. A value that no PBX
can do is refused here, before anything is written. Secrets are generated, told once, and stand in no log or audit.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request, status
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.call_queries import day_bounds
from api.command_rows import NewCommand, store
from api.edge import Parts, needs, parts_of
from api.errors import CommandNotFound, DailyCapReached
from api.provisioning import sheet
from api.rights import Right
from api.schemas.base import Confirmed
from api.schemas.commands import Command
from api.schemas.telephony import (
    ClassAsk,
    ClassName,
    ExtensionChange,
    NewExtension,
    SeatNo,
    SecretAsk,
    Sheet,
    TelephonyNow,
    TestAsk,
    TrunkName,
)
from api.telephony_answers import bad_field, now
from api.tuning_answers import situation
from api.viewer import Viewer
from cases import telephony, tuning, tuning_warnings
from cases.telephony import ClassChange, SeatChange
from cti.facts import Topic
from models.account import Seat
from models.command import Command as CommandRow
from models.db import read_only, transaction
from pbx_config import dialling
from pbx_config.contract import Phone, trunk_endpoint
from pbx_config.errors import BadSettings

router = APIRouter(prefix="/telephony", tags=["telephony"])

Admin = Annotated[Viewer, needs(Right.TELEPHONY)]
TEST_KIND = "trunk.test"
TEST_DEADLINE_S = 45  # rings for 25 s
TESTS_A_DAY = 100


@router.get("", summary="Telephones, trunks, classes of service, and how each is")
async def get_telephony(viewer: Admin, request: Request) -> TelephonyNow:
    return await now(parts_of(request))


async def _change(
    parts: Parts, viewer: Viewer, action: str, subject: str, work: Callable[[AsyncSession], Awaitable[Any]], **told: Any
) -> Any:
    """One transaction: the change and its line in the audit.

    Raises:
        BadField: a value that Asterisk would misread; nothing was written.
    """
    try:
        async with transaction(parts.engine) as session:
            made = await work(session)
            await append(session, viewer.account_id, action, subject, told)
    except BadSettings as exc:
        raise bad_field(exc) from exc
    return made


# ── telephones ───────────────────────────────────────────────────────────────────────────────────────


@router.post("/extensions", status_code=status.HTTP_201_CREATED, summary="A seat with new secrets; its sheet, once")
async def create_extension(asked: NewExtension, viewer: Admin, request: Request) -> Sheet:
    """Also one that was out of service. The browser phone's secret goes to whoever signs in there, to nobody else."""
    parts = parts_of(request)
    seat: Seat = await _change(
        parts, viewer, "extension.created", asked.seat,
        lambda session: telephony.create_seat(session, asked.seat, asked.label, asked.class_name),
        label=asked.label, class_name=asked.class_name or "",
    )  # fmt: skip
    return sheet(seat, parts.settings)


@router.put("/extensions/{seat}", summary="Name and class of service of a seat")
async def set_extension(seat: SeatNo, asked: ExtensionChange, viewer: Admin, request: Request) -> TelephonyNow:
    parts = parts_of(request)
    await _change(
        parts, viewer, "extension.changed", seat,
        lambda session: telephony.change_seat(session, seat, SeatChange(asked.label, asked.class_name, asked.based_on)),
        label=asked.label, class_name=asked.class_name or "",
    )  # fmt: skip
    return await now(parts)


@router.post("/extensions/{seat}/secret", summary="A new secret; the sheet of a SIP telephone, once")
async def renew_secret(seat: SeatNo, asked: SecretAsk, viewer: Admin, request: Request) -> Sheet | None:
    """The old one is refused within a second. A browser phone fetches its own with the next sign-in: no sheet."""
    parts = parts_of(request)
    made: Seat = await _change(
        parts, viewer, "extension.secret", seat,
        lambda session: telephony.renew_secret(session, seat, asked.phone), phone=asked.phone.value,
    )  # fmt: skip
    return sheet(made, parts.settings) if asked.phone is Phone.TELEPHONE else None


@router.delete("/extensions/{seat}", summary="Out of service: neither registers nor calls; a call now is not touched")
async def retire_extension(seat: SeatNo, viewer: Admin, request: Request, confirmed: Confirmed = False) -> TelephonyNow:
    """Where fewer workplaces are left than the seat plan needs, it is said first (409 with warnings)."""
    parts = parts_of(request)
    sitting = {str(body["seat"]) for body in parts.hub.picture.of_topic(Topic.AGENT)}

    async def retire(session: AsyncSession) -> None:
        before = await situation(session, parts, await tuning.newest(session))
        await telephony.retire_seat(session, seat, datetime.now(UTC), sitting)
        tuning_warnings.confirmed(tuning_warnings.of_workplace_gone(before), confirmed)

    await _change(parts, viewer, "extension.retired", seat, retire)
    return await now(parts)


# ── classes of service ───────────────────────────────────────────────────────────────────────────────


@router.put("/classes/{name}", summary="Make or change a class of service")
async def set_class(name: ClassName, asked: ClassAsk, viewer: Admin, request: Request) -> TelephonyNow:
    """Beside these kinds, open matters and the address book may always be called; other countries never."""
    parts = parts_of(request)
    await _change(
        parts, viewer, "class.set", name,
        lambda session: telephony.set_class(session, name, ClassChange(asked.title, asked.kinds, asked.based_on)),
        title=asked.title, kinds=[kind.value for kind in asked.kinds],
    )  # fmt: skip
    return await now(parts)


@router.delete("/classes/{name}", summary="Remove a class of service that no seat has")
async def remove_class(name: ClassName, viewer: Admin, request: Request) -> TelephonyNow:
    parts = parts_of(request)
    await _change(parts, viewer, "class.removed", name, lambda session: telephony.remove_class(session, name))
    return await now(parts)


# ── test calls ───────────────────────────────────────────────────────────────────────────────────────


@router.post("/trunks/{name}/test", status_code=status.HTTP_202_ACCEPTED, summary="A real call through this trunk")
async def test_trunk(name: TrunkName, asked: TestAsk, viewer: Admin, request: Request) -> Command:
    """A command as any other: ask ``/telephony/tests/{id}`` what became of it. Whoever answers hears what it was."""
    parts = parts_of(request)
    async with parts.alarms.watching(viewer, asked.number):
        number = dialling.allowed(asked.number, parts.settings.own_numbers)
        async with transaction(parts.engine) as session:
            await telephony.must_be_trunk(session, name)
            row, made = await store(session, _command(asked.id, name, number, viewer, parts))
            if made:
                await _must_be_below_cap(session, viewer, parts)
                await append(session, viewer.account_id, TEST_KIND, name, {"number": number})
    return Command.model_validate(row)


def _command(id_: uuid.UUID, name: str, number: str, viewer: Viewer, parts: Parts) -> NewCommand:
    asked_at = datetime.now(UTC)
    args = {"trunk": trunk_endpoint(name), "number": number}
    deadline = asked_at + timedelta(seconds=TEST_DEADLINE_S)
    return NewCommand(id_, parts.settings.node, TEST_KIND, args, viewer.account_id, None, asked_at, deadline)


async def _must_be_below_cap(session: AsyncSession, viewer: Viewer, parts: Parts) -> None:
    """Raises: DailyCapReached."""
    begin, _ = day_bounds(datetime.now(parts.settings.zone).date(), parts.settings.zone)
    mine = (CommandRow.kind == TEST_KIND, CommandRow.account_id == viewer.account_id, CommandRow.asked_at >= begin)
    if (await session.scalar(select(func.count()).select_from(CommandRow).where(*mine)) or 0) > TESTS_A_DAY:
        raise DailyCapReached(cap=TESTS_A_DAY)


@router.get("/tests/{command_id}", summary="What became of a test call of mine")
async def get_test(command_id: uuid.UUID, viewer: Admin, request: Request) -> Command:
    async with read_only(parts_of(request).engine) as session:
        row = await session.get(CommandRow, command_id)
    if row is None or row.account_id != viewer.account_id or row.kind != TEST_KIND:
        raise CommandNotFound
    return Command.model_validate(row)
