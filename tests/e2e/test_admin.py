"""An administrator before a real browser: a new person, and a prompt that the next citizen hears."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from pbx_config import sounds
from pbx_config.carrier import Carrier
from tests.support import sound
from tests.support.desk import open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

TONE_HZ = 1300


async def test_a_person_is_made_signs_in_and_is_locked(hotline: Hotline, tmp_path: Path) -> None:
    voice = sound.write_tone(tmp_path / "silence.wav", 400, 1)
    async with open_desk(hotline.url, voice) as desk, open_desk(hotline.url, voice) as other:
        await desk.sign_in("admin", hotline.password)
        await desk.at("place-users").click()
        await expect(desk.page.locator('[data-testid="user"][data-user="admin"]')).to_be_visible(timeout=10_000)
        await desk.at("user-login").fill("liuyang")
        await desk.at("user-name").fill("刘洋")
        await desk.at("user-role").select_option("auditor")
        await desk.at("user-save").click()
        password = await desk.at("user-told-password").inner_text(timeout=10_000)
        await desk.shot("users")
        await desk.at("user-told-read").click()
        await expect(desk.at("user-told")).to_have_count(0)

        await other.sign_in("liuyang", password)
        await expect(other.at("place-floor")).to_be_visible(timeout=10_000)
        row = desk.page.locator('[data-testid="user"][data-user="liuyang"]')
        await row.get_by_test_id("user-lock").click()
        await row.get_by_test_id("user-sure").click()
        await expect(row).to_have_attribute("data-active", "false", timeout=10_000)
        await expect(other.at("signin-login")).to_be_visible(timeout=10_000)
        assert desk.problems == []


async def test_the_next_citizen_hears_the_recording_that_was_uploaded(
    hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    tone = sound.write_tone(tmp_path / "notice.wav", TONE_HZ, 2)
    net = hotline.address.rsplit(".", 1)[0]
    addresses = [f"{net}.{n}" for n in range(230, 240)]
    key = f"zh/{sounds.NOTICE}"
    async with (
        Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=addresses) as town,
        open_desk(hotline.url, tone) as desk,
    ):
        await desk.sign_in("admin", hotline.password)
        await desk.at("place-prompts").click()
        side = desk.at(f"prompt-{key}")
        await expect(side).to_have_attribute("data-line", "on", timeout=20_000)
        await desk.at(f"prompt-replace-{key}").click()
        await desk.at(f"prompt-words-{key}").fill("您好，这里是热线，通话将被录音。")
        await desk.at(f"prompt-sound-{key}-file").set_input_files(tone)
        await expect(desk.at(f"prompt-sound-{key}")).not_to_have_attribute("data-sound", "", timeout=20_000)
        await desk.at(f"prompt-use-{key}").click()
        await expect(side).to_contain_text("您好，这里是热线，通话将被录音。", timeout=10_000)
        await expect(side).to_have_attribute("data-line", "on", timeout=10_000)
        await desk.shot("prompts")
        call = await town.place("13912348800")
        cel = hotline.var / "pbx" / "log" / "cel-custom" / "cel.csv"
        await eventually(lambda: cel.exists() and "LX_NOTICE" in cel.read_text(), 30)
        await call.ended(60)  # nobody is there: the line says so, and ends it
        assert sound.share(sound.read(call.heard)[: 2 * sound.RATE], TONE_HZ, 40) > 0.8

        await desk.at(f"prompt-back-{key}").click()
        await expect(side).to_have_attribute("data-version", "1", timeout=10_000)
        await expect(side).to_have_attribute("data-line", "on", timeout=10_000)
        actions = [
            row["action"]
            for row in await rows.fetch("SELECT action FROM audit WHERE action LIKE 'prompt.%' ORDER BY id")
        ]
        assert actions == ["prompt.replaced", "prompt.chosen"]
        assert hotline.lianxin("audit-verify").returncode == 0
        assert desk.problems == []


async def test_a_policy_holds_at_once_and_goes_back(hotline: Hotline, tmp_path: Path) -> None:
    survey = hotline.var / "pbx" / "line" / "survey"
    async with open_desk(hotline.url, sound.write_tone(tmp_path / "quiet.wav", 400, 1)) as desk:
        await desk.sign_in("admin", hotline.password)
        await desk.at("place-policies").click()
        await desk.at("policy-survey").select_option("false", timeout=10_000)
        await desk.at("policy-survey-save").click()
        await expect(desk.at("policy-changes")).to_contain_text("admin", timeout=10_000)
        await eventually(lambda: survey.exists() and survey.read_text() == "0", 10)
        await desk.shot("policies")
        await desk.at("policy-survey-back").click()
        await eventually(lambda: not survey.exists(), 10)
        assert desk.problems == []
