"""Telephones, trunks and classes of service as tables. Who may is api's; the PBX's side follows by itself (cti).

Every change raises one number in its own transaction; that is all the PBX's side looks at.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases import versions
from cases.errors import ClassInUse, ClassNotFound, SeatNotFound, SeatOccupied, SeatTaken, TrunkNotFound
from models.account import Account, Seat
from models.telephony import MAIN_TRUNK, ClassOfService, EndpointState, Telephony, TelephonyApplied, Trunk
from pbx_config.contract import Phone
from pbx_config.dialling import DialKind, kind_of
from pbx_config.telephony import TrunkLine, check_apart, check_seat

SECRET_BYTES = 18


@dataclass(frozen=True, slots=True)
class TrunkChange:
    """``line`` None: the trunk of the settings, of which only the rest can be changed."""

    line: TrunkLine | None
    title: str
    channel_limit: int | None
    position: int
    active: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that the page shows, as of one moment."""

    version: int
    applied: TelephonyApplied | None
    seats: Sequence[Seat]
    trunks: Sequence[Trunk]
    classes: Sequence[ClassOfService]
    states: dict[str, EndpointState]
    people: dict[str, str]  # seat → whose workplace it is


async def whole(session: AsyncSession, node: str) -> Whole:
    version = (await session.get_one(Telephony, 1)).version
    states = await session.scalars(select(EndpointState).where(EndpointState.node == node))
    people = await session.execute(
        select(Account.seat, Account.display_name)
        .where(Account.seat.is_not(None), Account.active)
        .order_by(Account.login)
    )
    return Whole(
        version,
        await session.get(TelephonyApplied, node),
        list(await session.scalars(select(Seat).order_by(Seat.seat))),
        await trunks(session),
        list(await session.scalars(select(ClassOfService).order_by(ClassOfService.name))),
        {row.endpoint: row for row in states},
        {str(seat): name for seat, name in people},
    )


async def bump(session: AsyncSession) -> None:
    """The PBX's side looks at this number."""
    await session.execute(update(Telephony).values(version=Telephony.version + 1))


def new_secret() -> str:
    """144 bits; letters that every telephone's keypad menu knows."""
    return secrets.token_urlsafe(SECRET_BYTES)


# ── telephones ───────────────────────────────────────────────────────────────────────────────────────


async def create_seat(session: AsyncSession, number: str, label: str, class_name: str | None) -> Seat:
    """A new one, or one that was out of service; its secrets are new either way.

    Raises:
        BadSettings: no number of a seat. SeatTaken: in service already. ClassNotFound.
    """
    check_seat(number)
    await _must_be_class(session, class_name)
    seat = await session.get(Seat, number, with_for_update=True)
    if seat is not None and seat.retired_at is None:
        raise SeatTaken(seat=number)
    if seat is None:
        seat = Seat(seat=number)
        session.add(seat)
    seat.label, seat.class_name, seat.retired_at = label or number, class_name, None
    seat.browser_secret, seat.telephone_secret = new_secret(), new_secret()
    await session.flush()
    await bump(session)
    return seat


def seat_version(seat: Seat) -> str:
    """Of its name and class of service."""
    return versions.version_of(seat.label, seat.class_name)


@dataclass(frozen=True, slots=True)
class SeatChange:
    """``based_on``: the version that its author saw."""

    label: str
    class_name: str | None
    based_on: str


async def change_seat(session: AsyncSession, number: str, change: SeatChange) -> Seat:
    """Raises: SeatNotFound, TuningMeanwhile, ClassNotFound."""
    seat = await _in_service(session, number)
    told = versions.Told(number, ("extension.changed", "extension.created"))
    await versions.must_be_newest(session, seat_version(seat), change.based_on, told)
    await _must_be_class(session, change.class_name)
    seat.label, seat.class_name = change.label or number, change.class_name
    await bump(session)
    return seat


async def renew_secret(session: AsyncSession, number: str, phone: Phone) -> Seat:
    """The old one is refused from the PBX's next look on. Raises: SeatNotFound."""
    seat = await _in_service(session, number)
    if phone is Phone.BROWSER:
        seat.browser_secret = new_secret()
    else:
        seat.telephone_secret = new_secret()
    await bump(session)
    return seat


async def retire_seat(session: AsyncSession, number: str, now: datetime, sitting: Collection[str]) -> None:
    """Its telephones neither register nor call any more; a call that goes on is not touched.

    Raises:
        SeatNotFound
        SeatOccupied: somebody is signed in there (``sitting``: such seats).
    """
    seat = await _in_service(session, number)
    if number in sitting:
        raise SeatOccupied(seat=number)
    seat.retired_at = now
    seat.browser_secret, seat.telephone_secret = new_secret(), new_secret()  # what was written down is worth nothing
    await bump(session)


async def _in_service(session: AsyncSession, number: str) -> Seat:
    seat = await session.get(Seat, number, with_for_update=True)
    if seat is None or seat.retired_at is not None:
        raise SeatNotFound(seat=number)
    return seat


# ── trunks ───────────────────────────────────────────────────────────────────────────────────────────


async def lock(session: AsyncSession) -> None:
    """Before what a change is judged by is read: two changes at once are judged one after the other."""
    await session.execute(select(Telephony).with_for_update())


async def set_trunk(session: AsyncSession, change: TrunkChange, name: str, first: Collection[str]) -> Trunk:
    """Make it or change it. A trunk that registers keeps its password where none is given (``line.secret`` empty).

    Raises:
        BadSettings: it overlaps with another one (``first``: the addresses of the settings' trunk). TrunkNotFound.
    """
    await lock(session)
    row = await session.get(Trunk, name)
    if change.line is None:
        if row is None or name != MAIN_TRUNK:
            raise TrunkNotFound(trunk=name)
    else:
        others = await session.scalars(select(Trunk).where(Trunk.kind != "settings", Trunk.name != name))
        check_apart([change.line, *map(line_of, others)], first)
        row = row or Trunk(name=name)
        row.kind = "address" if change.line.username is None else "registration"
        row.host, row.addresses = change.line.host, list(change.line.addresses)
        row.username, row.secret = change.line.username, change.line.secret
        row.codecs = list(change.line.codecs)
    row.title, row.channel_limit = change.title, change.channel_limit
    row.position, row.active = change.position, change.active
    session.add(row)
    await session.flush()
    await bump(session)
    return row


async def trunks(session: AsyncSession) -> Sequence[Trunk]:
    """In the order in which they are tried."""
    return list(await session.scalars(select(Trunk).order_by(Trunk.position, Trunk.name)))


async def secret_of(session: AsyncSession, name: str) -> str | None:
    """The password that a trunk has now."""
    found: str | None = await session.scalar(select(Trunk.secret).where(Trunk.name == name))
    return found


def line_of(row: Trunk) -> TrunkLine:
    return TrunkLine(
        row.name, row.host or "", tuple(row.addresses), row.username, row.secret, tuple(row.codecs)
    )  # fmt: skip


async def remove_trunk(session: AsyncSession, name: str) -> None:
    """Calls that go on through it are not touched. Raises: TrunkNotFound (also of the settings' trunk)."""
    gone = await session.execute(
        delete(Trunk).where(Trunk.name == name, Trunk.kind != "settings").returning(Trunk.name)
    )
    if gone.first() is None:
        raise TrunkNotFound(trunk=name)
    await bump(session)


async def must_be_trunk(session: AsyncSession, name: str) -> None:
    """Raises: TrunkNotFound."""
    if await session.get(Trunk, name) is None:
        raise TrunkNotFound(trunk=name)


async def lines(session: AsyncSession, said: int | None) -> int | None:
    """Calls at once that all trunks carry together; ``said`` by the settings, for their trunk if it has no limit.

    None: it is not known of one of them.
    """
    rows = await session.scalars(select(Trunk))
    limits = [said if row.name == MAIN_TRUNK and row.channel_limit is None else row.channel_limit for row in rows]
    known = [limit for limit in limits if limit is not None]
    return sum(known) if len(known) == len(limits) else None


# ── classes of service ───────────────────────────────────────────────────────────────────────────────


def class_version(row: ClassOfService | None) -> str:
    return versions.version_of(row.title, sorted(row.kinds)) if row is not None else versions.NONE


@dataclass(frozen=True, slots=True)
class ClassChange:
    """``based_on``: the version that its author saw; of a new one: none."""

    title: str
    kinds: Collection[DialKind]
    based_on: str


async def set_class(session: AsyncSession, name: str, change: ClassChange) -> ClassOfService:
    """Raises: TuningMeanwhile."""
    await lock(session)
    row = await session.get(ClassOfService, name)
    told = versions.Told(name, ("class.set", "class.removed"))
    await versions.must_be_newest(session, class_version(row), change.based_on, told)
    row = row or ClassOfService(name=name)
    row.title, row.kinds = change.title, sorted({kind.value for kind in change.kinds})
    session.add(row)
    await session.flush()
    return row


async def remove_class(session: AsyncSession, name: str) -> None:
    """Raises: ClassNotFound, ClassInUse."""
    await lock(session)
    await _must_be_class(session, name)
    if await session.scalar(select(Seat.seat).where(Seat.class_name == name).limit(1)):
        raise ClassInUse(name=name)
    await session.execute(delete(ClassOfService).where(ClassOfService.name == name))


async def _must_be_class(session: AsyncSession, name: str | None) -> None:
    if name is not None and await session.get(ClassOfService, name) is None:
        raise ClassNotFound(name=name)


async def class_allows(session: AsyncSession, seat: str | None, number: str) -> bool | None:
    """Whether the class of this seat lets that number be called; None where the seat has no class of its own."""
    kinds = await session.scalar(
        select(ClassOfService.kinds).join(Seat, Seat.class_name == ClassOfService.name).where(Seat.seat == seat)
    )
    return None if kinds is None else kind_of(number) in kinds
