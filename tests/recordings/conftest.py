"""A desk of the test's own for every test of recordings."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from tests.recordings.spooling import Desk, desk_settings
from tests.support.postgres import dsn, pg_cluster, pool

__all__ = ["dsn", "pg_cluster", "pool"]  # fixtures by import


@pytest.fixture
def desk(dsn: str, pool: asyncpg.Pool, tmp_path: Path) -> Desk:
    return Desk(desk_settings(dsn, tmp_path), pool, tmp_path / "store")
