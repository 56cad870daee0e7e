"""`lianxin account`: make an account, or give one a new password. The password is asked for, never an argument."""

from __future__ import annotations

import getpass
import sys
from dataclasses import dataclass

from api import accounts
from cli import database
from cli.language import say, tell
from cli.settings import Settings
from models.account import Role
from models.db import make_engine


def ask_password() -> str:
    """From the terminal, unseen; or the first line of a pipe."""
    return getpass.getpass(say("account_password")) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the account is for; ``agent_no`` and ``seat`` for who answers calls."""

    login: str
    name: str
    role: Role
    agent_no: str | None
    seat: str | None


async def add(settings: Settings, person: Person) -> None:
    """Ask for the password, make the account.

    Raises:
        AccountRefused: login or agent number taken, password too short.
    """
    new = accounts.NewAccount(person.login, person.name, person.role, ask_password(), person.agent_no, person.seat)
    async with database.available(settings) as dsn:
        engine = make_engine(dsn)
        try:
            await accounts.create_account(engine, new)
        finally:
            await engine.dispose()
    tell(say("account_made", login=new.login))


async def change_password(settings: Settings, login: str) -> None:
    """Every session of the account ends.

    Raises:
        AccountRefused: no such login, or the password is too short.
    """
    password = ask_password()
    async with database.available(settings) as dsn:
        engine = make_engine(dsn)
        try:
            await accounts.set_password(engine, login, password)
        finally:
            await engine.dispose()
    tell(say("account_changed", login=login))
