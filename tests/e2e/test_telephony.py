"""An admin makes a telephone from its sheet, a trunk after a typing error, and tests it by a real call."""

from __future__ import annotations

import re
import time
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from tests.support.carrier_peer import carrier_peer
from tests.support.desk import open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.sip_phone import SipPhone
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

NUMBER = "13912345678"


async def test_an_admin_makes_a_telephone_and_a_trunk(
    hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    voice = write_speech(tmp_path / "admin.wav", "你好", rate=48000)
    net = hotline.address.rsplit(".", 1)[0]
    peer_at = f"{net}.60"
    async with carrier_peer(peer_at) as peer, open_desk(hotline.url, voice) as desk:
        await desk.sign_in("admin", hotline.password)
        await desk.at("place-telephony").click()
        await expect(desk.at("telephony-page")).to_be_visible(timeout=10_000)
        await expect(desk.at("in-force")).to_have_attribute("data-state", "yes", timeout=20_000)

        await desk.at("new-seat").fill("8077")
        await desk.at("new-label").fill("夜班备用")
        await desk.at("new-label").press("Tab")
        begun = time.monotonic()
        await desk.at("new-create").click()
        secret = await desk.at("sheet-secret").inner_text(timeout=10_000)
        await desk.shot("sheet")
        phone = await SipPhone.open(f"{net}.77", (hotline.address, 5060), "8077", secret)
        try:

            def registered() -> bool:
                if phone.registered != 200:
                    phone.register()
                return phone.registered == 200

            await eventually(registered, 10, 0.3)
            assert time.monotonic() - begun < 10
            await desk.at("sheet-close").click()
            await expect(desk.page.locator("body")).not_to_contain_text(secret)
            await expect(desk.at("state-8077")).to_have_attribute("data-state", "registered", timeout=20_000)
        finally:
            phone.close()

        await desk.at("trunk-new").click()
        await desk.at("trunk-name").fill("b")
        await desk.at("trunk-title").fill("联通")
        await desk.at("trunk-host").fill("127.0.0.300")
        await desk.at("trunk-save").click()
        await expect(desk.page.locator("#trunk-host-problem")).to_contain_text("IPv4", timeout=10_000)
        assert await rows.fetchval("SELECT count(*) FROM trunk") == 1
        await desk.at("trunk-host").fill(peer_at)
        await desk.at("trunk-save").click()
        await expect(desk.at("state-trunk-b")).to_have_attribute("data-state", "registered", timeout=30_000)

        await desk.at("test-number-b").fill(NUMBER)
        await desk.at("test-b").click()
        await expect(desk.at("test-outcome-b")).to_have_attribute("data-state", "succeeded", timeout=20_000)
        peer.invite = "403 Forbidden"
        await desk.at("test-b").click()
        await expect(desk.at("test-outcome-b")).to_have_attribute("data-state", "failed", timeout=20_000)
        await expect(desk.at("test-outcome-b")).to_contain_text("SIP 403")
        assert peer.invited == [NUMBER, NUMBER]

        await desk.at("class-name").fill("local")
        await desk.at("class-title").fill("市内")
        await desk.at("kind-local").check()
        await desk.at("class-save").click()
        await expect(desk.at("class-row-local")).to_be_visible(timeout=10_000)
        await desk.shot("telephony")

        await desk.at("retire-8077").click()
        await desk.at("retire-8077").click()
        await expect(desk.at("extension-8077")).to_have_attribute("data-state", "retired", timeout=10_000)
        await desk.at("retire-8012").click()
        await desk.at("retire-8012").click()
        await expect(desk.at("warnings")).to_contain_text("计划 12 席", timeout=10_000)  # eleven are left of them
        await desk.shot("retire-asks")
        await desk.at("warnings-confirm").click()
        await expect(desk.at("extension-8012")).to_have_attribute("data-state", "retired", timeout=10_000)
        await eventually(lambda: "8077" not in hotline.ask_pbx("pjsip show endpoints"), 10)
        await expect(desk.at("trunk-carries-b")).to_contain_text("0", timeout=20_000)  # while it carries calls, it asks
        await desk.at("remove-b").click()
        await desk.at("remove-b").click()
        await expect(desk.at("trunk-b")).to_have_count(0, timeout=10_000)
        assert [p for p in desk.problems if not re.search("422|409", str(p))] == []
