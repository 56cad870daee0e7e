"""A call that moves: one citizen, two agents and a supervisor in browsers, agencies and 110 at their telephones.

One story, in the order in which a bad day has it; each scene is a method, and the rows are read at the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Locator, expect

from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall, Subscriber
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(420)]

CITIZEN = "13912349999"
GAS, WATER, POWER, POLICE = "053182050501", "053182030301", "95598", "110"  # of the demo address book


@dataclass
class Scene:
    """Everybody on the stage."""

    hotline: Hotline
    rows: asyncpg.Connection
    first: Desk
    second: Desk
    boss: Desk
    town: Carrier
    agencies: dict[str, Subscriber]
    citizen: CarrierCall

    def leg(self, number: str, desk: Desk | None = None) -> Locator:
        """The newest leg of that number on the roster."""
        roster = (desk or self.first).at("roster-leg")
        return roster.and_(roster.page.locator(f'[data-number="{number}"]')).last

    async def reach(self, text: str, key: str) -> None:
        """The first agent finds somebody by name, initials or number and presses the key."""
        page = self.first.page
        await page.keyboard.press("F6")
        await expect(self.first.at("target-q")).to_be_focused()
        await self.first.at("target-q").fill(text)
        await expect(self.first.at("target-row").first).to_be_visible()
        await expect(self.first.at("target-consult")).to_be_enabled(timeout=5_000)
        await page.keyboard.press(key)

    async def stands(self, number: str, state: str, desk: Desk | None = None, within_s: float = 20) -> None:
        await expect(self.leg(number, desk)).to_have_attribute("data-state", state, timeout=within_s * 1000)

    async def talking(self, desk: Desk | None = None) -> None:
        await expect((desk or self.first).at("call-state")).to_have_attribute("data-state", "talking", timeout=15_000)

    async def call(self) -> dict[str, Any]:
        return dict(await self.rows.fetchrow("SELECT * FROM call WHERE caller = $1", CITIZEN))


@pytest.fixture
async def scene(hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Scene]:
    net = hotline.address.rsplit(".", 1)[0]
    voice = write_speech(tmp_path / "agent.wav", "您好，市民热线，请讲。", rate=48000)
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(
            Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=[f"{net}.128"])
        )
        agencies = {
            GAS: await town.subscriber(GAS, reject=True),
            WATER: await town.subscriber(WATER, answer_after_s=1, say="您好，供水集团"),
            POWER: await town.subscriber(POWER, refuse=True),
            POLICE: await town.subscriber(POLICE, answer_after_s=1, say="您好，一一零"),
            CITIZEN: await town.subscriber(CITIZEN, answer_after_s=1, say="喂，你好"),
        }
        desks = []
        for login in ("agent1", "agent2", "supervisor"):
            desk = await stack.enter_async_context(open_desk(hotline.url, voice))
            await desk.sign_in(login, hotline.password)
            await desk.join_the_queue()
            desks.append(desk)
        first, second, boss = desks
        await first.ready()
        citizen = await town.place(CITIZEN, say="我家楼道里有煤气味，水管也爆了", loop=True)
        await expect(first.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=30_000)
        await first.answer()
        yield Scene(hotline, rows, first, second, boss, town, agencies, citizen)
        for desk in desks:
            assert desk.problems == []
            await desk.at("agent-signout").click()
            await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)


async def test_one_call_moves_through_everything(scene: Scene) -> None:
    await hold_and_back(scene)
    await the_busy_agency_comes_back_to_the_agent(scene)
    await ask_then_conference_with_one_who_refuses(scene)
    await promise_and_a_pause_of_the_recording(scene)
    await danger(scene)
    await hand_over_to_the_colleague(scene)
    await the_citizen_leaves_and_the_conference_goes_on(scene)
    await the_rows_are_right(scene)
    await call_the_citizen_back(scene)


async def hold_and_back(s: Scene) -> None:
    await s.first.page.keyboard.press("F4")
    await expect(s.first.at("call-state")).to_have_attribute("data-state", "held", timeout=10_000)
    await expect(s.first.at("call-hold-timer")).to_be_visible()
    await s.first.page.keyboard.press("F4")
    await s.talking()


async def the_busy_agency_comes_back_to_the_agent(s: Scene) -> None:
    await s.reach("rqjt", "Enter")
    await s.stands(GAS, "busy")
    await s.talking()
    await s.first.shot("11-agency-busy")


async def ask_then_conference_with_one_who_refuses(s: Scene) -> None:
    await s.reach("供水", "Enter")
    await s.stands(WATER, "consulting")
    await expect(s.first.at("consult-panel")).to_have_attribute("data-state", "talking", timeout=10_000)
    await s.first.shot("12-consulting")
    await s.first.at("consult-swap").click()
    await expect(s.first.at("consult-panel")).to_have_attribute("data-state", "swapped", timeout=10_000)
    await s.first.at("consult-swap").click()
    await expect(s.first.at("consult-panel")).to_have_attribute("data-state", "talking", timeout=10_000)
    await s.first.at("consult-merge").click()
    await s.stands(WATER, "joined")
    await s.reach("95598", "Shift+Enter")
    await s.stands(POWER, "refused")
    await s.first.shot("13-conference")


async def promise_and_a_pause_of_the_recording(s: Scene) -> None:
    await s.first.at("case-title").fill("水管爆裂并有煤气味")
    await s.first.at("case-address").fill("滨北新区黄河路8号3单元")
    await s.first.at("case-description").fill("楼道里有很重的煤气味，老人在家。")
    await expect(s.first.at("case-saved-state")).to_have_attribute("data-state", "saved", timeout=10_000)
    await s.first.page.keyboard.press("Shift+F4")
    await s.first.page.keyboard.press("1")
    await expect(s.first.at("record-paused")).to_be_visible(timeout=10_000)
    await s.first.shot("14-recording-paused")
    await s.first.page.keyboard.press("Shift+F4")
    await expect(s.first.at("record-paused")).to_be_hidden(timeout=10_000)


async def danger(s: Scene) -> None:
    await s.first.raise_danger()
    await expect(s.first.at("danger-place")).to_contain_text("黄河路8号")
    await expect(s.first.at("danger-words")).to_contain_text("煤气味")
    await expect(s.boss.at("danger-banner")).to_be_visible(timeout=10_000)
    await s.stands(POLICE, "joined")
    await s.boss.shot("15-danger-supervisor")
    await s.first.shot("16-danger-agent")
    await s.boss.at("danger-acknowledge").click()
    await expect(s.boss.at("danger-banner")).to_be_hidden(timeout=10_000)
    await expect(s.first.at("danger-seen")).to_be_visible(timeout=10_000)
    await s.leg(POLICE).get_by_test_id("roster-drop").click()
    await s.stands(POLICE, "left")
    await s.first.at("danger-close").click()  # or the house would call the citizen back by itself
    await expect(s.first.at("danger-panel")).to_be_hidden(timeout=10_000)


async def hand_over_to_the_colleague(s: Scene) -> None:
    await s.second.ready()
    await s.reach("8002", "Shift+Enter")
    await expect(s.second.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=20_000)
    await s.second.page.keyboard.press("F2")
    await s.stands("8002", "joined")
    await s.first.at("call-leave").click()
    await expect(s.first.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=15_000)
    await s.talking(s.second)
    await s.second.shot("17-colleague-has-it")


async def the_citizen_leaves_and_the_conference_goes_on(s: Scene) -> None:
    await s.citizen.hang_up()
    await s.stands(CITIZEN, "left", s.second)
    await s.stands(WATER, "joined", s.second)
    await s.second.page.keyboard.press("Shift+F2")  # two are left: hanging up is the end
    await expect(s.second.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=15_000)
    await s.first.page.keyboard.press("Control+Enter")
    await expect(s.first.at("case-saved-state")).to_be_hidden(timeout=15_000)


async def the_rows_are_right(s: Scene) -> None:
    call = await eventually(
        lambda: s.rows.fetchrow("SELECT * FROM call WHERE caller = $1 AND ended_at IS NOT NULL", CITIZEN), 30
    )
    assert (call["outcome"], call["agent_no"], call["direction"]) == ("answered", "1001", "inbound")
    legs = await s.rows.fetch("SELECT number, outcome, party FROM leg WHERE call_id = $1 AND leg_no > 1", call["id"])
    outcomes = {leg["number"]: leg["outcome"] for leg in legs}
    # The colleague may have been quick: whoever answers and hangs up within ten seconds "hung up on us".
    assert outcomes.pop("8002") in ("answered", "hung_up_on_us")
    assert outcomes == {GAS: "busy", WATER: "answered", POWER: "refused", POLICE: "answered"}
    danger = await s.rows.fetchrow("SELECT * FROM danger WHERE call_id = $1", call["id"])
    assert danger["acknowledged_at"] is not None

    async def all_kept() -> Any:
        found = await s.rows.fetch("SELECT * FROM recording WHERE call_id = $1 AND part > 0 ORDER BY part", call["id"])
        return found if len(found) == 3 else None

    recordings = await eventually(all_kept, 60)  # the citizen's, the water group's, 110's
    assert all(r["undeletable"] for r in recordings), [dict(r) for r in recordings]
    assert recordings[0]["part"] == 1
    assert recordings[0]["pauses"], dict(recordings[0])
    case = await s.rows.fetchrow(
        'SELECT c.* FROM "case" c JOIN case_call l ON l.case_id = c.id WHERE l.call_id = $1', call["id"]
    )
    assert case["title"] == "水管爆裂并有煤气味"


async def call_the_citizen_back(s: Scene) -> None:
    number = await s.rows.fetchval('SELECT number FROM "case" WHERE citizen_number = $1', CITIZEN)
    if await s.first.at("wrap-up").is_visible():
        await s.first.page.keyboard.press("F9")
    await s.first.page.keyboard.press("F3")
    await s.first.at("search-q").fill(number)
    await s.first.at("case-row").first.click()
    await s.first.at("case-detail").get_by_test_id("dial").first.click(timeout=10_000)
    await expect(s.first.at("call-state")).to_have_attribute("data-state", "talking", timeout=30_000)
    await s.stands(CITIZEN, "joined")
    assert s.agencies[CITIZEN].callers[-1] == "12345"
    await s.first.shot("18-calling-out")
    await s.first.page.keyboard.press("Shift+F2")
    await expect(s.first.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=15_000)
    call = await eventually(
        lambda: s.rows.fetchrow(
            "SELECT * FROM call WHERE direction = 'outbound' AND called = $1 AND ended_at IS NOT NULL", CITIZEN
        ),
        20,
    )
    assert (call["outcome"], call["agent_no"]) == ("answered", "1001")
