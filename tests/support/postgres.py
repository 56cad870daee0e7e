"""A PostgreSQL of the suite's own: one cluster, a migrated template, a clone per test.

A suite's conftest imports the fixtures by name: what is defined there lives as long as that package's tests run.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from models import cluster as pg
from models.db import make_pool
from models.migrations.runner import migrate

TEMPLATE = "lianxin_template"


@pytest.fixture(scope="package")
def pg_cluster() -> Iterator[pg.Cluster]:
    """A running cluster whose template database is migrated to the newest schema."""
    home = Path(tempfile.mkdtemp(prefix="lxpg"))
    home.chmod(0o755)
    cluster = pg.Cluster(home / "data", pg.free_port(), "test")
    pg.init(cluster)
    pg.start(cluster, fsync=False)
    try:
        asyncio.run(_template(cluster))
        yield cluster
    finally:
        pg.stop(cluster, "immediate")
        shutil.rmtree(home)


async def _template(cluster: pg.Cluster) -> None:
    await pg.ensure_database(cluster, TEMPLATE)
    await migrate(cluster.dsn_of(TEMPLATE))


@pytest.fixture
async def dsn(pg_cluster: pg.Cluster) -> AsyncIterator[str]:
    """The DSN of an empty, migrated database of the test's own."""
    name = f"t_{secrets.token_hex(6)}"
    await pg.ensure_database(pg_cluster, name, TEMPLATE)
    yield pg_cluster.dsn_of(name)
    admin = await asyncpg.connect(pg_cluster.dsn_of("postgres"))
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await make_pool(dsn)
    yield pool
    pool.terminate()
