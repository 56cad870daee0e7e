"""The telephones of a seat: a desk telephone works like the browser's, and what is broken is said and gets no call."""

from __future__ import annotations

from pathlib import Path

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

# A headset whose plug can be pulled: its tracks end, and no microphone is found until it is back.
HEADSET = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const tracks = [];
let plugged = true;
navigator.mediaDevices.getUserMedia = async (...args) => {
  if (!plugged) throw new DOMException("no microphone", "NotFoundError");
  const stream = await real(...args);
  tracks.push(...stream.getAudioTracks());
  return stream;
};
window.plug = (there) => {
  plugged = there;
  if (!there) for (const t of tracks.splice(0)) { t.stop(); t.dispatchEvent(new Event("ended")); }
};
"""


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return write_speech(tmp_path / "agent.wav", "您好，市民热线。", rate=48000)


async def seen_by_the_pbx(rows: asyncpg.Connection, agent_no: str) -> tuple[str, str]:
    row = await rows.fetchrow(
        "SELECT body->>'state' AS state, body->>'reasons' AS reasons FROM live WHERE topic = 'agent' AND key = $1",
        agent_no,
    )
    return (row["state"], row["reasons"]) if row else ("signed_out", "")


async def test_a_desk_telephone_works_like_the_browser_with_the_same_screen(
    hotline: Hotline, rows: asyncpg.Connection, voice: Path
) -> None:
    secret = await rows.fetchval("SELECT telephone_secret FROM seat WHERE seat = '8002'")
    net = hotline.address.rsplit(".", 1)[0]
    addresses = [f"{net}.{n}" for n in range(200, 210)]
    async with (
        Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=addresses) as town,
        open_desk(hotline.url, voice) as desk,
    ):
        telephone = await town.telephone("8002", secret, answer_after_s=2, say="您好，这里是市民热线")
        await desk.sign_in("agent2", hotline.password)
        await expect(desk.at("phone-check")).to_be_visible(timeout=10_000)
        await desk.at("language-en").click()
        await desk.at("phone-check-kind-telephone").check(force=True)
        await desk.at("agent-signin").click()
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "paused", timeout=10_000)
        await desk.ready()
        citizen = await town.place("053186012345", say="我想问一下社保卡怎么补办", seconds=30)
        await expect(desk.at("call-state")).to_have_attribute("data-state", "ringing", timeout=30_000)
        await expect(desk.at("call-caller")).to_contain_text("0531")
        await expect(desk.at("call-place")).to_contain_text("Jinan")
        await expect(desk.at("call-state")).to_have_attribute("data-state", "talking", timeout=15_000)
        await expect(desk.at("case-title")).to_be_focused()
        await desk.shot("6-desk-telephone-en")
        await desk.page.keyboard.type("Social security card")
        await citizen.hang_up()
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=10_000)
        await desk.page.keyboard.press("F10")
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "ready", timeout=10_000)
        assert telephone.answers == 1
        call = await eventually(
            lambda: rows.fetchrow("SELECT * FROM call WHERE caller = '053186012345' AND ended_at IS NOT NULL")
        )
        assert (call["outcome"], call["agent_no"], call["hung_up_by"]) == ("answered", "1002", "citizen")
        state = await rows.fetchval(
            'SELECT state FROM "case" c JOIN case_call l ON l.case_id = c.id WHERE l.call_id = $1', call["id"]
        )
        assert state == "closed"
        await desk.at("agent-signout").click()
        await expect(desk.at("signin-login")).to_be_visible(timeout=10_000)


async def test_a_second_tab_says_where_the_phone_is_and_can_take_it(
    hotline: Hotline, rows: asyncpg.Connection, voice: Path
) -> None:
    async with open_desk(hotline.url, voice) as first:
        await first.sign_in("agent1", hotline.password)
        await first.join_the_queue()
        await first.ready()
        second = Desk(await first.page.context.new_page(), hotline.url)
        await second.page.goto(hotline.url)
        await expect(second.at("phone-trouble")).to_have_attribute("data-state", "second-tab", timeout=20_000)
        await second.shot("7-second-tab")
        assert await seen_by_the_pbx(rows, "1001") == ("ready", "[]"), "the first tab's phone is not disturbed"
        await second.at("phone-trouble-action").click()
        await expect(second.at("phone-trouble")).to_be_hidden(timeout=20_000)
        await expect(first.at("phone-trouble")).to_have_attribute("data-state", "second-tab", timeout=20_000)
        await expect(second.at("agent-state")).to_have_attribute("data-state", "ready", timeout=20_000)
        await second.at("agent-signout").click()
        await expect(second.at("signin-login")).to_be_visible(timeout=10_000)


async def test_a_lost_microphone_and_a_lost_network_get_no_calls(
    hotline: Hotline, rows: asyncpg.Connection, voice: Path
) -> None:
    async with open_desk(hotline.url, voice) as desk:
        await desk.page.add_init_script(HEADSET)
        await desk.sign_in("agent1", hotline.password)
        await desk.join_the_queue()
        await desk.ready()
        await desk.page.evaluate("() => window.plug(false)")
        await expect(desk.at("phone-trouble")).to_have_attribute("data-state", "microphone", timeout=10_000)
        await eventually(lambda: blocked_for(rows, "phone:microphone"))
        await desk.shot("8-no-microphone")
        await desk.page.evaluate("() => window.plug(true)")
        await desk.at("phone-trouble-action").click()
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "ready", timeout=20_000)

        await desk.page.context.set_offline(True)
        await desk.page.evaluate("() => window.dispatchEvent(new Event('offline'))")
        await expect(desk.at("phone-trouble")).to_be_visible(timeout=20_000)
        await desk.page.context.set_offline(False)
        await expect(desk.at("phone-trouble")).to_be_hidden(timeout=30_000)
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "ready", timeout=20_000)
        await desk.at("agent-signout").click()
        await expect(desk.at("signin-login")).to_be_visible(timeout=10_000)


async def blocked_for(rows: asyncpg.Connection, reason: str) -> bool:
    state, reasons = await seen_by_the_pbx(rows, "1001")
    return state == "paused" and reason in reasons


async def test_a_closed_browser_is_sent_no_call(hotline: Hotline, rows: asyncpg.Connection, voice: Path) -> None:
    async with open_desk(hotline.url, voice) as desk:
        await desk.sign_in("agent1", hotline.password)
        await desk.join_the_queue()
        await desk.ready()

    async def not_offered() -> bool:
        return (await seen_by_the_pbx(rows, "1001"))[0] in ("unreachable", "paused")

    await eventually(not_offered, 15)
    async with open_desk(hotline.url, voice) as desk:  # another machine takes the orphaned phone by itself
        await desk.sign_in("agent1", hotline.password)
        await expect(desk.at("agent-state")).to_have_attribute("data-state", "ready", timeout=30_000)
        await desk.at("agent-signout").click()
        await expect(desk.at("signin-login")).to_be_visible(timeout=10_000)


async def test_a_refused_registration_is_said(hotline: Hotline, voice: Path) -> None:
    async with open_desk(hotline.url, voice) as desk:

        async def with_a_wrong_secret(route: object) -> None:
            answer = await route.fetch()  # type: ignore[attr-defined]
            body = await answer.json()
            body["phones"]["browser"]["secret"] = "not-the-secret-of-this-seat"
            await route.fulfill(response=answer, json=body)  # type: ignore[attr-defined]

        await desk.page.route("**/api/v1/agent/phone", with_a_wrong_secret)
        await desk.sign_in("agent1", hotline.password)
        check = desk.at("phone-check-registration")
        await expect(check).to_have_attribute("data-state", "refused", timeout=20_000)
        await expect(desk.at("agent-signin")).to_be_disabled()
        await desk.shot("9-refused")
