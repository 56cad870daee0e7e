"""Making accounts and seats: for the installer, the demo, and an administrator's command."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.audit import append
from api.errors import AccountRefused
from api.passwords import SHORTEST, Passwords
from models.account import Account, AgentNumber, LoginSession, Role, Seat
from models.db import transaction


@dataclass(frozen=True, slots=True)
class NewAccount:
    """``agent_no`` for who answers calls, with the seat where that agent sits."""

    login: str
    display_name: str
    role: Role
    password: str
    agent_no: str | None = None
    seat: str | None = None
    locale: str = "zh-CN"


async def create_account(engine: AsyncEngine, new: NewAccount, passwords: Passwords | None = None) -> uuid.UUID:
    """The new account's id.

    Raises:
        AccountRefused: the login or the agent number is taken, or the password is too short.
    """
    if len(new.password) < SHORTEST:
        raise AccountRefused("the password is too short", shortest=SHORTEST)
    hashed = await (passwords or Passwords()).hash(new.password)
    async with transaction(engine) as session:
        account_id = await _insert(session, new, hashed)
        if account_id is None:
            raise AccountRefused("the login or the agent number is taken", login=new.login)
    return account_id


async def _insert(session: AsyncSession, new: NewAccount, hashed: str) -> uuid.UUID | None:
    if new.agent_no is not None and await session.get(AgentNumber, new.agent_no) is not None:
        return None  # it is or was somebody's
    account_id: uuid.UUID | None = await session.scalar(
        insert(Account)
        .values(
            id=uuid.uuid4(), login=new.login.strip().lower(), display_name=new.display_name, role=new.role,
            password_hash=hashed, agent_no=new.agent_no, seat=new.seat, locale=new.locale,
        )
        .on_conflict_do_nothing()
        .returning(Account.id)
    )  # fmt: skip
    if account_id is not None:
        detail = {"login": new.login, "role": new.role.value}
        await append(session, None, "account.created", str(account_id), detail)
    return account_id


async def set_password(engine: AsyncEngine, login: str, password: str, passwords: Passwords | None = None) -> None:
    """A new password; every session of the account ends.

    Raises: AccountRefused: no such login, or the password is too short.
    """
    if len(password) < SHORTEST:
        raise AccountRefused("the password is too short", shortest=SHORTEST)
    hashed = await (passwords or Passwords()).hash(password)
    async with transaction(engine) as session:
        account = await session.scalar(select(Account).where(Account.login == login.strip().lower()))
        if account is None:
            raise AccountRefused("there is no such login", login=login)
        account.password_hash = hashed
        open_sessions = select(LoginSession).where(LoginSession.account_id == account.id, ~LoginSession.ended)
        for one in await session.scalars(open_sessions):
            one.ended = True
        await append(session, None, "account.password_set", str(account.id))


async def ensure_seats(engine: AsyncEngine, seats: list[str], secret: Callable[[], str] | None = None) -> None:
    """Seats that are missing get random secrets; those that are there keep theirs."""
    make = secret or (lambda: secrets.token_urlsafe(18))
    async with transaction(engine) as session:
        for seat in seats:
            values = {"seat": seat, "label": seat, "browser_secret": make(), "telephone_secret": make()}
            await session.execute(insert(Seat).values(values).on_conflict_do_nothing())


def demo_accounts(password: Callable[[], str], agents: int = 2) -> list[NewAccount]:
    """One of each role, and ``agents`` agents 1001, 1002, … at seats 8001, 8002, …; each with a password of its own."""
    made = [
        NewAccount(f"agent{n}", f"受理员{n:02d}", Role.AGENT, password(), str(1000 + n), str(8000 + n))
        for n in range(1, agents + 1)
    ]
    supervisor_no = agents + 1
    return [
        *made,
        NewAccount(
            "supervisor", "值班主任", Role.SUPERVISOR, password(), str(1000 + supervisor_no), str(8000 + supervisor_no)
        ),
        NewAccount("admin", "管理员", Role.ADMIN, password()),
        NewAccount("agency", "承办单位", Role.AGENCY, password()),
        NewAccount("leader", "签批领导", Role.LEADER, password()),
        NewAccount("auditor", "督查员", Role.AUDITOR, password()),
    ]


async def ensure_demo_accounts(engine: AsyncEngine, accounts: list[NewAccount]) -> list[str]:
    """Create those whose login is missing; the logins made now (the others keep their passwords)."""
    passwords = Passwords()
    made: list[str] = []
    for new in accounts:
        hashed = await passwords.hash(new.password)
        async with transaction(engine) as session:
            if await _insert(session, new, hashed) is not None:
                made.append(new.login)
    return made
