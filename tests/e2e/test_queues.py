"""An admin before a real browser: changes that are in force in Asterisk, one that is warned of, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from tests.support.desk import open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.sound import write_tone

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]


async def test_an_admin_changes_a_queue_makes_another_and_takes_it_back(
    hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    file = hotline.var / "pbx" / "line" / "queues" / "queues.conf"
    async with open_desk(hotline.url, write_tone(tmp_path / "silence.wav", 600, 1)) as desk:
        await desk.sign_in("admin", hotline.password)
        await desk.at("place-queues").click()
        await expect(desk.at("queues-page")).to_be_visible(timeout=10_000)
        standing = desk.at("standing-queue-hotline")
        await expect(standing).to_have_attribute("data-state", "in_force", timeout=20_000)

        await desk.at("queue-hotline-max_waiting").fill("60")
        await desk.at("queue-hotline-strategy").select_option("rrmemory")
        await desk.at("queue-hotline-welcome_text").fill("您好，欢迎致电市民热线。")
        await desk.at("queue-hotline-welcome_sound-speak").focus()
        await desk.page.keyboard.press("Enter")
        await expect(desk.at("queue-hotline-welcome_sound-audio")).to_be_visible(timeout=20_000)
        await desk.at("queue-hotline-save").click()
        await expect(desk.at("queue-hotline")).to_have_attribute("data-revision", "2", timeout=10_000)
        await expect(standing).to_have_attribute("data-state", "in_force", timeout=10_000)
        assert "maxlen = 60" in file.read_text()
        assert "strategy = rrmemory" in file.read_text()
        await eventually((file.parent / "welcome-hotline").exists, 10)

        await desk.at("queue-hotline-ring_s").fill("1")
        await desk.at("queue-hotline-save").click()
        await expect(desk.at("queue-hotline-problem")).to_be_visible()
        await desk.at("queue-hotline-ring_s").fill("20")
        await expect(desk.at("queue-hotline-problem")).to_be_hidden()

        await desk.at("queue-new-open").click()
        await desk.at("queue-new-name").fill("english")
        await desk.at("queue-new-title").fill("英语")
        await desk.at("queue-new-save").click()
        await expect(desk.at("warnings")).to_be_visible(timeout=10_000)
        await expect(desk.at("warnings").locator("[data-code='queue.no_seats']")).to_be_visible()
        await desk.shot("queues-warning")
        await desk.page.keyboard.press("Escape")
        await expect(desk.at("warnings")).to_be_hidden()
        assert await rows.fetchval("SELECT count(*) FROM tuning WHERE subject = 'english'") == 0
        await desk.at("queue-new-save").click()
        await desk.at("warnings-confirm").click()
        await expect(desk.at("standing-queue-english")).to_have_attribute("data-state", "in_force", timeout=10_000)

        await expect(desk.at("queue-new")).to_have_count(0)
        await desk.at("number-new").fill("12346")
        await desk.at("number-new-queue").select_option("english")
        await desk.at("number-new-save").click()
        await desk.at("warnings-confirm").click()
        await expect(desk.at("number-12346")).to_have_attribute("data-queue", "english", timeout=10_000)
        await eventually((file.parent / "number-12346").exists, 10)

        await desk.at("history-queue-hotline").click()
        await expect(desk.at("version")).to_have_count(2, timeout=10_000)
        await desk.shot("queues")
        await desk.at("version-undo").click()
        await expect(desk.at("queue-hotline")).to_have_attribute("data-revision", "3", timeout=10_000)
        await eventually(lambda: "maxlen = 100" in file.read_text(), 10)
        await expect(desk.at("queue-hotline-max_waiting")).to_have_value("100")
        await eventually(lambda: not (file.parent / "welcome-hotline").exists(), 10)
        for kind, subject in (("number", "12346"), ("queue", "english")):
            await desk.at(f"history-{kind}-{subject}").click()
            await expect(desk.at("version")).to_have_count(1, timeout=10_000)
            await desk.at("version-undo").click()
            if kind == "number":
                await expect(desk.at("warnings").locator("[data-code='number.closed']")).to_be_visible(timeout=10_000)
                await desk.shot("queues-number-closed")
                await desk.at("warnings-confirm").click()
            await expect(desk.at(f"history-{kind}-{subject}")).to_have_count(0, timeout=10_000)
        await eventually(lambda: "english" not in file.read_text(), 10)
        await expect(desk.at("seat-plan-now")).to_have_attribute("data-planned", re.compile("^(12|4)$"))
        assert desk.problems == []
