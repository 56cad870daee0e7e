"""Fixtures: a running house with a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.settings import ApiSettings
from tests.api.house import House, Person
from tests.support.postgres import dsn, pg_cluster, pool

__all__ = ["dsn", "pg_cluster", "pool"]  # fixtures by import
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id all the same, at the lowest cost."""
    monkeypatch.setattr("api.passwords._HASHER", CHEAP)


@pytest.fixture
def settings(dsn: str, tmp_path: Path) -> ApiSettings:
    return ApiSettings(dsn=dsn, store_url=str(tmp_path / "store"), lock_s=30, phone_grace_s=0.6, ping_s=0.3)


@pytest.fixture
async def house(settings: ApiSettings, pool: asyncpg.Pool) -> AsyncIterator[House]:
    house = House(settings, pool)
    await house.start()
    yield house
    await house.close()


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def wang(house: House) -> Person:
    return await house.person("wang", agent_no="1002")
