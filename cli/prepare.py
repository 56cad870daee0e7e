"""The steps before anything is started: folders, Asterisk, database, catalogue, seats, demo accounts, rendering.

Every step may be repeated: the second time it finds nothing to do.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import pwd
from pathlib import Path

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api import accounts
from api.passwords import readable_password
from cases import agencies, catalogue, line_hours, tuning
from cli import database as db
from cli import pbx_parts
from cli.language import say
from cli.progress import Progress
from cli.secret_files import secret
from cli.settings import Settings
from cti.telephony.wanted import Wanted, wanted
from models.account import Account
from models.db import make_engine, read_only
from models.errors import Refused
from pbx_config import contract
from pbx_config.install import ensure_asterisk
from pbx_config.pbx import Pbx
from pbx_config.process import Asterisk
from pbx_config.queue_file import QueueSets


class WrongUser(Refused):
    """The data belongs to another user; the text is a whole sentence."""

    code = "run.wrong_user"


def folders(settings: Settings) -> None:
    """Raises: WrongUser."""
    for folder in (settings.var, settings.logs, settings.run_dir, settings.pbx_folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except PermissionError as exc:
            raise WrongUser(say("failed", why=exc)) from exc
        if not os.access(folder, os.W_OK):
            owner = pwd.getpwuid(folder.stat().st_uid).pw_name
            me = pwd.getpwuid(os.getuid()).pw_name
            raise WrongUser(say("not_writable", path=folder, owner=owner, me=me))
    settings.pbx_run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)


def has_cluster(settings: Settings) -> bool:
    return (settings.var / "postgresql").exists()


def asterisk(settings: Settings) -> Asterisk:
    """Raises: InstallFailed."""
    with Progress(say("step_asterisk")) as progress:
        return ensure_asterisk(settings.asterisk_root, progress)


def database(settings: Settings) -> None:
    """Start it where it is ours, bring it to the newest schema."""
    db.start(settings)
    asyncio.run(db.upgrade(settings))


def demo_password(settings: Settings) -> str:
    return secret(settings.var / "secrets", "demo-password", readable_password)


def line(settings: Settings, asterisk: Asterisk, told: Wanted) -> Pbx:
    return pbx_parts.pbx(settings, asterisk, told.seats, told.trunks)


def first_queue(settings: Settings) -> QueueSets:
    """As it is until an admin says otherwise."""
    return QueueSets(contract.QUEUE_MAIN, service_s=round(settings.service_s), wrap_up_s=settings.wrap_up_limit_s)


async def seed(settings: Settings) -> Wanted:
    """Catalogue, seats, demo accounts and address book; returns telephones and trunks as the database has them."""
    dsn = db.dsn(settings)
    await catalogue.seed(dsn)
    await line_hours.seed(dsn)
    await tuning.seed(dsn, first_queue(settings), say("first_queue"), settings.own_numbers())
    engine = make_engine(dsn)
    try:
        await accounts.ensure_seats(engine, settings.seat_numbers())
        told = await _telephony(dsn)
        if settings.demo:
            await _demo(settings, engine, {s.seat for s in told.seats})
        if settings.agencies is not None or settings.demo:
            await agencies.load(dsn, settings.agencies or agencies.DEMO)
    finally:
        await engine.dispose()
    return told


async def _telephony(dsn: str) -> Wanted:
    conn = await asyncpg.connect(dsn)
    try:
        return await wanted(conn)
    finally:
        await conn.close()


async def _demo(settings: Settings, engine: AsyncEngine, seats: set[str]) -> None:
    """One of each role, all with one password; hashing is slow, so only those that are missing."""
    async with read_only(engine) as session:
        there = set(await session.scalars(select(Account.login)))
    password = demo_password(settings)
    wanted = [a for a in accounts.demo_accounts(lambda: password) if a.login not in there]
    await accounts.ensure_demo_accounts(
        engine, [a if a.seat in seats else dataclasses.replace(a, seat=None) for a in wanted]
    )


async def migrate_only(settings: Settings) -> None:
    """Schema, catalogue, seats, demo accounts; starts nothing that stays."""
    folders(settings)
    async with db.available(settings):
        await db.upgrade(settings)
        await seed(settings)


async def render_only(settings: Settings) -> list[Path]:
    """The PBX's files and prompts, from the seats in the database; returns the files that changed."""
    folders(settings)
    async with db.available(settings) as dsn:
        told = await _telephony(dsn)
    return line(settings, asterisk(settings), told).prepare()
