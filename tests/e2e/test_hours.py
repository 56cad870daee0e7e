"""A supervisor before a real browser: a surge for the next call, and an incident that a citizen joins by a key."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from playwright.async_api import expect

from pbx_config.carrier import Carrier
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CALLER = "13912347711"
WORDS = "您好，我们已知滨北停暖，正在抢修。"


async def steps(rows: asyncpg.Connection) -> list[tuple[str, str]]:
    found = await rows.fetch(
        "SELECT s.kind, s.value FROM call_step s JOIN call c ON c.id = s.call_id WHERE c.caller = $1 ORDER BY s.at",
        CALLER,
    )
    return [(row["kind"], row["value"]) for row in found]


async def test_a_supervisor_records_an_incident_and_a_citizen_joins_it(
    hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    voice = write_speech(tmp_path / "boss.wav", WORDS, rate=48000)
    net = hotline.address.rsplit(".", 1)[0]
    addresses = [f"{net}.{n}" for n in (128, *range(220, 230))]  # the first is where the trunk leads
    async with (
        Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=addresses) as town,
        open_desk(hotline.url, voice) as desk,
    ):
        await desk.sign_in("supervisor", hotline.password)
        await desk.at("place-hours").click()
        await expect(desk.at("hours-page")).to_be_visible(timeout=10_000)
        await expect(desk.at("calendar").locator("[data-day]").first).to_be_visible(timeout=10_000)
        await desk.at("override-set").click()
        await expect(desk.at("hours-now")).to_have_attribute("data-profile", "surge", timeout=10_000)

        await desk.at("place-incidents").click()
        await desk.at("incident-title").fill("滨北停暖")
        await desk.at("incident-sound-record").click()
        await expect(desk.at("incident-sound-record")).to_have_attribute("aria-pressed", "true")
        await expect(desk.at("incident-sound-seconds")).to_have_attribute(
            "data-seconds", re.compile("[3-9]"), timeout=20_000
        )
        await desk.at("incident-sound-record").click()
        await expect(desk.at("incident-sound")).not_to_have_attribute("data-sound", "", timeout=20_000)
        await desk.at("incident-start").click()
        await expect(desk.at("incident")).to_have_attribute("data-state", "open", timeout=10_000)
        number = await desk.at("incident").get_attribute("data-incident")

        incidents = hotline.var / "pbx" / "line" / "incidents"
        cel = hotline.var / "pbx" / "log" / "cel-custom" / "cel.csv"
        await eventually(lambda: incidents.exists() and incidents.read_text() == number, 20)
        call = await town.place(CALLER)
        await eventually(lambda: cel.exists() and "LX_INCIDENT_HEARD" in cel.read_text(), 40)
        await call.press("1")
        assert (await call.ended()).by_line
        await expect(desk.at("incident-counts")).to_contain_text("1", timeout=20_000)
        await eventually(lambda: _joined(rows, number), 30)
        await desk.at("incident-callers").click()
        await expect(desk.at("incident-caller-list")).to_contain_text("139 1234 7711", timeout=10_000)
        await desk.shot("incidents")
        await desk.at("incident-end").click()
        await expect(desk.at("incident")).to_have_attribute("data-state", "ended", timeout=10_000)
        await all_are_told(desk, town)
        await desk.at("place-hours").click()
        await desk.at("override-end").click()
        await expect(desk.at("hours-now")).not_to_have_attribute("data-profile", "surge", timeout=10_000)
        await desk.shot("hours")
        assert desk.problems == []


async def all_are_told(desk: Desk, town: Carrier) -> None:
    """By day whoever was added is called and hears it; at night it can only be asked for, and stopped."""
    citizen = await town.subscriber(CALLER)
    await desk.at("incident-tell-open").click()
    await desk.at("incident-tell-words").fill("您好，这里是市民热线，滨北片区供暖已恢复。")
    await desk.at("incident-tell-sound-speak").click()
    await expect(desk.at("incident-tell-sound")).not_to_have_attribute("data-sound", "", timeout=20_000)
    await desk.shot("incidents-2-tell")
    await desk.at("incident-tell-start").click()
    telling = desk.at("incident-telling")
    await expect(telling).to_have_attribute("data-state", "going", timeout=10_000)
    if not 8 <= datetime.now(ZoneInfo("Asia/Shanghai")).hour < 21:
        await desk.at("incident-tell-stop").click()
    await expect(telling).to_have_attribute("data-state", "over", timeout=60_000)
    await desk.shot("incidents-3-told")
    if citizen.answers:
        await expect(desk.at("incident-told")).to_contain_text("已通知 1")
        await expect(desk.at("incident-caller-list")).to_contain_text("已通知", timeout=10_000)
    else:
        await expect(desk.at("incident-told")).to_contain_text("1 个未拨打")


async def _joined(rows: asyncpg.Connection, number: str | None) -> bool:
    return ("incident_joined", number) in await steps(rows)
