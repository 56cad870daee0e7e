"""One running hotline for all scenarios; each uses an agent of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from tests.support.hotline import Hotline, running_hotline


@pytest.fixture(scope="package")
def hotline() -> Iterator[Hotline]:
    with running_hotline("127.0.15.1") as running:
        yield running


@pytest.fixture
async def rows(hotline: Hotline) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(hotline.dsn)
    yield connection
    await connection.close()
