"""Whom a command would call, and whether this person may: the wall at the edge. cti and the dial plan have their own.

An agency or 110 becomes digits here, and what was meant is written down with the command (``models.target``).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_queries import day_bounds
from api.case_answers import reader_of
from api.edge import Parts
from api.errors import DailyCapReached, TargetNotFound
from api.rights import Right
from api.schemas.commands import AgencyTarget, NumberTarget, PoliceTarget, QueueTarget, SeatTarget
from api.settings import ApiSettings, DialClass
from api.site_policies import Policies
from api.viewer import Viewer
from cases import agencies
from cases.errors import CaseNotFound
from cases.matters import has_open_matter
from cases.numbers import NumberKind, canonical, kind_of
from cases.telephony import class_allows
from models.case import Case, CaseCall
from models.target import CallTarget, Purpose, leg_no_of
from pbx_config.dialling import NumberNotAllowed, allowed

PURPOSES = {
    "call.transfer": Purpose.TRANSFER, "call.consult": Purpose.CONSULT, "call.add": Purpose.CONFERENCE,
    "call.dial": Purpose.CALLOUT,
}  # fmt: skip
AnyTarget = SeatTarget | QueueTarget | NumberTarget | AgencyTarget | PoliceTarget


@dataclass(frozen=True, slots=True)
class Meant:
    """A target as the telephone system understands it."""

    kind: str  # "seat" | "queue" | "number"
    value: str
    agency_id: uuid.UUID | None = None
    police: bool = False

    @property
    def outside(self) -> bool:
        return self.kind == "number"

    @property
    def known(self) -> bool:
        """In the address book, or 110: nobody asks why it is called."""
        return self.police or self.agency_id is not None


async def resolve(session: AsyncSession, target: AnyTarget, settings: ApiSettings) -> Meant:
    """Raises: TargetNotFound, NumberInvalid, NumberNotAllowed."""
    if isinstance(target, PoliceTarget):
        return Meant("number", settings.police_number, police=True)
    if isinstance(target, AgencyTarget):
        row = await agencies.by_number_id(session, target.value)
        if row is None:
            raise TargetNotFound
        return Meant("number", row.number, row.agency_id)
    if isinstance(target, NumberTarget):
        return await resolve_number(session, target.value, settings)
    return Meant(target.kind, target.value)


async def resolve_number(session: AsyncSession, typed: str, settings: ApiSettings) -> Meant:
    """Digits of a number that somebody typed, and whose it is.

    Raises: NumberInvalid, NumberNotAllowed: no number, abroad, priced, ourselves.
    """
    if typed.strip() == settings.police_number:
        return Meant("number", settings.police_number, police=True)
    number = allowed(typed, settings.own_numbers)
    row = await agencies.of_number(session, number)
    return Meant("number", number, row.agency_id if row else None)


async def permit(session: AsyncSession, meant: Meant, viewer: Viewer, parts: Parts, caller: str | None) -> None:
    """Whether this person may have it called now. ``caller``: the number of the citizen on the line, if any.

    Raises:
        NumberNotAllowed: neither book, nor open matter, nor class of service.
        DailyCapReached: called out too often today. 110 is always called.
    """
    if not meant.outside or meant.police:
        return
    now, policies, zone = datetime.now(UTC), parts.policies.now, parts.settings.zone
    if not (meant.known or await _in_class(session, meant.value, viewer, policies)):
        on_the_line = bool(caller) and canonical(caller or "") == canonical(meant.value)
        if not on_the_line and not await has_open_matter(
            session, meant.value, reader_of(viewer), agent_no=viewer.number, now=now
        ):
            raise NumberNotAllowed("outside the class of service, and of no open matter")
    begin, _ = day_bounds(now.astimezone(zone).date(), zone)
    counted = await session.scalar(
        select(func.count()).select_from(CallTarget).where(
            CallTarget.account_id == viewer.account_id, CallTarget.at >= begin, CallTarget.outside,
            CallTarget.purpose != Purpose.POLICE,
        )
    )  # fmt: skip
    if (counted or 0) >= policies.dial_daily_cap:
        raise DailyCapReached(cap=policies.dial_daily_cap)


async def _in_class(session: AsyncSession, number: str, viewer: Viewer, policies: Policies) -> bool:
    """The class of service: the seat's own where it has one; else a supervisor the whole plan, an agent what the site
    says."""
    allowed_there = await class_allows(session, viewer.seat, number)
    if allowed_there is not None:
        return allowed_there
    if viewer.may(Right.DIAL_PLAN) or policies.dial_class is DialClass.PLAN:
        return True
    return policies.dial_class is DialClass.DESK and kind_of(canonical(number)) is not NumberKind.MOBILE


async def target_row(
    session: AsyncSession, command_id: uuid.UUID, purpose: Purpose, meant: Meant, viewer: Viewer, *,
    call_id: uuid.UUID | None, case_id: uuid.UUID | None,
) -> CallTarget:  # fmt: skip
    """The row beside the command. Without a case named, it is the case that the call belongs to.

    Raises: CaseNotFound, CaseConfidential.
    """
    if case_id is not None:
        case = await session.get(Case, case_id)
        if case is None:
            raise CaseNotFound
        reader_of(viewer).check(case)
    elif call_id is not None:
        linked = select(CaseCall.case_id).where(CaseCall.call_id == call_id).order_by(CaseCall.linked_at).limit(1)
        case_id = await session.scalar(linked)
    return CallTarget(
        command_id=command_id,
        call_id=call_id,
        leg_no=leg_no_of(command_id),
        number=meant.value,
        outside=meant.outside,
        agency_id=meant.agency_id,
        case_id=case_id,
        purpose=Purpose.POLICE if meant.police else purpose,
        by=viewer.login,
        account_id=viewer.account_id,
    )
