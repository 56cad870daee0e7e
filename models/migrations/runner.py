"""Bring a database to the newest schema, and check that it can hold Chinese text."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.db import orm_url
from models.errors import Refused

MIGRATION_LOCK = 7202


class UnfitDatabase(Refused):
    """The database's locale cannot search Chinese: recreate it with ``initdb --locale=C.UTF-8``."""

    code = "database.locale"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:k)"), {"k": MIGRATION_LOCK})
    command.upgrade(_config(connection), revision)


async def migrate(dsn: str, revision: str = "head") -> None:
    """Upgrade to ``revision``. Two at once: the second waits, then finds nothing to do.

    Raises:
        UnfitDatabase: trigram search of Chinese text finds nothing here.
    """
    engine = create_async_engine(orm_url(dsn), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            if not await connection.scalar(text("SELECT cardinality(show_trgm('路灯')) > 0")):
                raise UnfitDatabase("lc_ctype is not UTF-8")
        async with engine.execution_options(isolation_level="READ COMMITTED").connect() as connection:
            await connection.run_sync(_upgrade, revision)
            await connection.commit()
    finally:
        await engine.dispose()
