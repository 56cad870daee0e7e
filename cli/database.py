"""The database of this configuration: the private cluster or DATABASE_URL, and its schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cli.secret_files import secret
from cli.settings import Settings
from models import cluster as pg
from models.migrations.runner import migrate


def cluster(settings: Settings) -> pg.Cluster:
    """The private cluster's description; starts nothing."""
    password = secret(settings.var / "secrets", "postgresql")
    return pg.Cluster(settings.var / "postgresql", settings.pg_port, password)


def dsn(settings: Settings) -> str:
    return settings.database_url or cluster(settings).dsn


def start(settings: Settings) -> None:
    """Start the private cluster (one that an earlier run left is taken over); nothing to do for DATABASE_URL."""
    if not settings.private_database:
        return
    private = cluster(settings)
    pg.init(private)
    if pg.running(private) and pg.running_port(private) != private.port:
        pg.stop(private)
    pg.start(private)


def stop(settings: Settings) -> None:
    if settings.private_database and (settings.var / "postgresql" / "PG_VERSION").exists():
        pg.stop(cluster(settings))


async def upgrade(settings: Settings) -> None:
    """Make the database where it is missing and bring it to the newest schema."""
    if settings.private_database:
        await pg.ensure_database(cluster(settings))
    await migrate(dsn(settings))


@asynccontextmanager
async def available(settings: Settings) -> AsyncIterator[str]:
    """The DSN of a database that answers; a private cluster that was not running is stopped again afterwards."""
    was_running = not settings.private_database or pg.running(cluster(settings))
    await asyncio.to_thread(start, settings)
    try:
        yield dsn(settings)
    finally:
        if not was_running:
            await asyncio.to_thread(stop, settings)
