"""A supervisor asks what other numbers of seats would have done with yesterday's citizens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from api.settings import ApiSettings
from models.account import Role
from models.db import make_engine
from tests.api.house import PASSWORD, House
from tests.support.desk import open_desk
from tests.support.pbx import PROJECT
from tests.support.postgres import dsn, pg_cluster, pool
from tests.support.site_history import History
from tests.support.sound import write_tone

__all__ = ["dsn", "pg_cluster", "pool"]  # fixtures by import
pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.timeout(180)]


@pytest.fixture
async def house(dsn: str, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[House]:
    """The API with its pages; no call is made here, so no PBX."""
    house = House(ApiSettings(dsn=dsn, store_url=str(tmp_path / "store"), web_dist=PROJECT / "web" / "dist"), pool)
    await house.start()
    yield house
    await house.close()


async def test_a_supervisor_tries_more_seats_on_yesterdays_citizens(house: House, tmp_path: Path) -> None:
    zone = house.settings.zone
    yesterday = datetime.now(zone).date() - timedelta(days=1)
    history = History(datetime.combine(yesterday, time(), zone).astimezone(UTC)).play()
    engine = make_engine(house.settings.dsn)
    await history.write(engine)
    await engine.dispose()
    await house.person("boss", Role.SUPERVISOR, "1099", locale="zh-CN")
    answered = sum(n["answered"] for n in history.outcomes.values())
    async with open_desk(house.url, write_tone(tmp_path / "silence.wav", 400, 1)) as desk:
        await desk.sign_in("boss", PASSWORD)
        await desk.at("place-capacity").click()
        await desk.at("capacity-day").fill(yesterday.isoformat())
        await desk.at("capacity-load").click()
        await expect(desk.at("capacity-sum")).to_contain_text(str(answered), timeout=20_000)
        await expect(desk.at("capacity-row")).to_have_count(48)
        was = await desk.at("whatif-was").inner_text(timeout=20_000)
        before = await desk.at("whatif-played").first.inner_text()
        await desk.at("whatif-begin").select_option("14")  # 7:00 to 12:00, the morning's rush
        await desk.at("whatif-end").select_option("24")
        slider = desk.at("whatif-more")
        await slider.focus()
        for _ in range(8):
            await desk.page.keyboard.press("ArrowRight")
        await expect(desk.at("whatif-now")).to_contain_text("+8", timeout=10_000)
        await expect(desk.at("whatif-played").first).not_to_have_text(before, timeout=20_000)
        assert await desk.at("whatif-was").inner_text() == was, "yesterday stays what it was"
        assert _percent(await desk.at("whatif-played").first.inner_text()) > _percent(before)
        await desk.shot("capacity")
        await desk.at("advice-try").first.click()
        await expect(desk.at("whatif-now")).not_to_contain_text("+8", timeout=10_000)
        assert desk.problems == []


def _percent(text: str) -> float:
    return float(text.partition("%")[0].strip().split()[-1])
