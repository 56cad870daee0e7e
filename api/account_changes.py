"""What an administrator does with accounts, inside the caller's transaction; each with its line in the audit.

One thing everybody does: change the own password.

An administrator always remains: nobody locks or demotes himself, and whoever acts is asked again once the rows of all
administrators are locked, so that two who lock each other at once do not both succeed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.errors import (
    AccountNotFound,
    AgentNumberNeeded,
    AgentNumberNotForRole,
    AgentNumberTaken,
    AgentSignedIn,
    LoginTaken,
    OwnAccount,
    RightMissing,
    SeatUnknown,
)
from api.rights import Right, may
from api.viewer import Viewer
from cases import versions
from cases.tuning_warnings import Warned, confirmed
from models.account import Account, AgentNumber, LoginSession, Role, Seat, SignInFailure

Ended = Sequence[bytes]  # hashes of the sessions that ended: their screens are to be closed after the commit


@dataclass(frozen=True, slots=True)
class Plan:
    """How an account is to be."""

    display_name: str
    role: Role
    agent_no: str | None
    seat: str | None
    locale: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What it would do to queues that an agent answers them no more; ``confirmed``: that was read."""

    warned: Sequence[Warned] = ()
    confirmed: bool = False

    def read(self) -> dict[str, Any]:
        """For the audit. Asked last: what can never be was refused by then. Raises: TuningUnconfirmed."""
        codes = confirmed(self.warned, self.confirmed)
        return {"confirmed": codes} if codes else {}


def version_of(account: Account) -> str:
    """Of everything that a plan says."""
    return versions.version_of(*(getattr(account, field.name) for field in fields(Plan)))


_RIGHTS_OF = ("role", "agent_no", "seat", "queues")  # what a session was opened with


async def create(session: AsyncSession, viewer: Viewer, login: str, plan: Plan, hashed: str) -> Account:
    """Raises: LoginTaken, and what :func:`change` says of a plan."""
    account_id = uuid.uuid4()
    await _check(session, plan, account_id)
    values = asdict(plan) | {"role": plan.role.value, "queues": list(plan.queues)}
    made: Account | None = await session.scalar(
        insert(Account)
        .values(id=account_id, login=login, password_hash=hashed, **values)
        .on_conflict_do_nothing()
        .returning(Account)
    )
    if made is None:
        raise LoginTaken
    told = {name: list(value) if isinstance(value, tuple) else value or "" for name, value in asdict(plan).items()}
    detail = {"login": login} | told | {"role": plan.role.value}
    await append(session, viewer.account_id, "account.created", str(account_id), detail)
    return made


async def locked_row(session: AsyncSession, account_id: uuid.UUID) -> Account:
    """The account, held until the transaction ends, and with it every administrator's row: in one order, for all.

    Raises: AccountNotFound.
    """
    held = select(Account).where((Account.id == account_id) | (Account.role == Role.ADMIN))
    rows = {row.id: row for row in await session.scalars(held.order_by(Account.id).with_for_update())}
    if account_id not in rows:
        raise AccountNotFound
    return rows[account_id]


async def must_be_newest(session: AsyncSession, account: Account, based_on: str) -> None:
    """:func:`locked_row` gave it. Raises: TuningMeanwhile: somebody else changed it since it was read."""
    told = versions.Told(str(account.id), ("account.changed",))
    await versions.must_be_newest(session, version_of(account), based_on, told)


async def change(
    session: AsyncSession, viewer: Viewer, account: Account, plan: Plan, leaving: Leaving, *, in_queue: bool
) -> Ended:
    """``in_queue``: signed in at a seat now.

    Raises:
        OwnAccount: an administrator's own role.
        AgentSignedIn: role, number or seat of somebody who answers calls now.
        TuningUnconfirmed: nobody else answers a queue; done once that was read.
        AgentNumberTaken, AgentNumberNeeded, AgentNumberNotForRole, SeatUnknown
    """
    wanted: dict[str, Any] = asdict(plan) | {"role": plan.role.value, "queues": list(plan.queues)}
    before = {name: getattr(account, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if not changed:
        return []
    await _still_admin(session, viewer)
    if "role" in changed:
        _somebody_else(viewer, account)
    if in_queue and changed.keys() & {"role", "agent_no", "seat"}:
        raise AgentSignedIn
    await _check(session, plan, account.id)
    for name, value in changed.items():
        setattr(account, name, value)
    await session.flush()
    ended = await _end_sessions(session, account) if changed.keys() & set(_RIGHTS_OF) else []
    detail = {name: [_said(before[name]), _said(value)] for name, value in changed.items()}
    detail |= {"login": account.login} | leaving.read()
    await append(session, viewer.account_id, "account.changed", str(account.id), detail)
    return ended


def _said(value: Any) -> Any:
    return value if isinstance(value, list) else value or ""


async def _check(session: AsyncSession, plan: Plan, account_id: uuid.UUID) -> None:
    if plan.role is Role.AGENT and not (plan.agent_no and plan.seat):
        raise AgentNumberNeeded
    if not may(plan.role, Right.PHONE) and (plan.agent_no or plan.seat):
        raise AgentNumberNotForRole
    if plan.queues and plan.role is not Role.SUPERVISOR:
        raise AgentNumberNotForRole
    if plan.seat is not None and await session.get(Seat, plan.seat) is None:
        raise SeatUnknown
    if plan.agent_no is not None:
        owner = await session.get(AgentNumber, plan.agent_no)
        if owner is not None and owner.account_id != account_id:
            raise AgentNumberTaken


async def lock(session: AsyncSession, viewer: Viewer, account: Account, leaving: Leaving) -> Ended:
    """Raises: OwnAccount, TuningUnconfirmed."""
    await _still_admin(session, viewer)
    _somebody_else(viewer, account)
    return await _set_active(session, viewer, account, leaving, active=False)


async def unlock(session: AsyncSession, viewer: Viewer, account: Account) -> None:
    """Wrong passwords of before are forgiven too."""
    await _still_admin(session, viewer)
    await _set_active(session, viewer, account, Leaving(), active=True)
    failures = await session.get(SignInFailure, f"login:{account.login}")
    if failures is not None:
        await session.delete(failures)


async def _set_active(
    session: AsyncSession, viewer: Viewer, account: Account, leaving: Leaving, *, active: bool
) -> Ended:
    if account.active == active:
        return []
    account.active = active
    await session.flush()
    ended = await _end_sessions(session, account)
    action = "account.unlocked" if active else "account.locked"
    detail = {"login": account.login, "sessions": len(ended)} | leaving.read()
    await append(session, viewer.account_id, action, str(account.id), detail)
    return ended


async def set_password(session: AsyncSession, viewer: Viewer, account: Account, hashed: str) -> Ended:
    await _still_admin(session, viewer)
    account.password_hash = hashed
    await session.flush()
    # Who resets the own one must still be able to read the new one.
    ended = await _end_sessions(session, account, but=viewer.token_sha256)
    detail = {"login": account.login, "sessions": len(ended)}
    await append(session, viewer.account_id, "account.password_reset", str(account.id), detail)
    return ended


async def change_own_password(session: AsyncSession, viewer: Viewer, account: Account, hashed: str) -> Ended:
    """By its owner, who goes on working: every session but this one ends."""
    account.password_hash = hashed
    await session.flush()
    ended = await _end_sessions(session, account, but=viewer.token_sha256)
    detail = {"login": account.login, "sessions": len(ended)}
    await append(session, viewer.account_id, "account.password_changed", str(account.id), detail)
    return ended


async def _end_sessions(session: AsyncSession, account: Account, but: bytes = b"") -> Ended:
    its = (LoginSession.account_id == account.id, ~LoginSession.ended, LoginSession.token_sha256 != but)
    open_ones = update(LoginSession).where(*its)
    return list(await session.scalars(open_ones.values(ended=True).returning(LoginSession.token_sha256)))


async def _still_admin(session: AsyncSession, viewer: Viewer) -> None:
    """Raises: RightMissing: another administrator took the right away this very moment."""
    me = await session.get(Account, viewer.account_id)
    if me is None or not me.active or not may(Role(me.role), Right.ACCOUNTS):
        raise RightMissing(right=Right.ACCOUNTS.value)


def _somebody_else(viewer: Viewer, account: Account) -> None:
    if account.id == viewer.account_id:
        raise OwnAccount
