"""The migrations give exactly the tables that the code declares, and go back again."""

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from models import cluster as pg
from models.db import orm_url
from models.migrations import runner
from models.tables import Base

pytestmark = pytest.mark.db


async def test_migrations_equal_the_declared_tables(dsn: str) -> None:
    engine = create_async_engine(orm_url(dsn))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), Base.metadata)
        )
    await engine.dispose()
    assert differences == []


async def test_down_and_up_again(dsn: str) -> None:
    engine = create_async_engine(orm_url(dsn))
    async with engine.connect() as connection:
        await connection.run_sync(lambda c: command.downgrade(runner._config(c), "base"))
        await connection.commit()
    await engine.dispose()
    await runner.migrate(dsn)


async def test_chinese_trigrams_work_here(pool: asyncpg.Pool) -> None:
    assert await pool.fetchval("SELECT cardinality(show_trgm('路灯不亮')) > 0")


async def test_history_cannot_be_changed(pool: asyncpg.Pool) -> None:
    await pool.execute("INSERT INTO audit (action, subject, detail, previous_hash, hash) VALUES ('a','s','{}','','x')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("DELETE FROM audit")


async def test_a_database_that_cannot_search_chinese_is_refused(pg_cluster: pg.Cluster) -> None:
    admin = await asyncpg.connect(pg_cluster.dsn_of("postgres"))
    await admin.execute("CREATE DATABASE ascii_only LC_CTYPE 'C' LC_COLLATE 'C' TEMPLATE template0")
    try:
        with pytest.raises(runner.UnfitDatabase):
            await runner.migrate(pg_cluster.dsn_of("ascii_only"))
    finally:
        await admin.execute("DROP DATABASE ascii_only WITH (FORCE)")
        await admin.close()
