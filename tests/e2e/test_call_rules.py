"""What protects those in a call and brings back those who were missed, before real browsers.

The abuse key up to its third time, a flag with its reviewer, end and appeal, the list of the missed and the call out of
it, a blind transfer, and the key for 110.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Locator, expect

from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(420)]

ANGRY, MISSED, NEIGHBOUR, HURT = "13912346601", "13912346602", "13912346603", "13912346604"
WATER, POLICE = "053182030301", "110"  # of the demo address book


@dataclass
class Scene:
    rows: asyncpg.Connection
    agent: Desk
    boss: Desk
    town: Carrier
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def talks_with(self, caller: str) -> CarrierCall:
        """The agent is ready, and answers this citizen."""
        await self.is_ready()
        citizen = await self.town.place(caller, say="喂，你们到底管不管", loop=True)
        await expect(self.agent.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=30_000)
        await self.agent.answer()
        return citizen

    async def is_ready(self) -> None:
        state = self.agent.at("agent-state")
        if await state.get_attribute("data-state") == "wrap_up":
            await self.agent.page.keyboard.press("F9")
            await expect(state).not_to_have_attribute("data-state", "wrap_up", timeout=15_000)
        if await state.get_attribute("data-state") != "ready":
            await self.agent.ready()

    def leg(self, number: str) -> Locator:
        roster = self.agent.at("roster-leg")
        return roster.and_(self.agent.page.locator(f'[data-number="{number}"]')).last

    async def ended(self, caller: str) -> dict[str, Any]:
        """This caller's newest call, once its row says that it is over."""
        sql = (
            "SELECT * FROM call WHERE caller = $1 AND started_at > $2 AND ended_at IS NOT NULL ORDER BY started_at DESC"
        )
        return dict(await eventually(lambda: self.rows.fetchrow(sql, caller, self.begun_at), 60))


@pytest.fixture
async def scene(hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Scene]:
    net = hotline.address.rsplit(".", 1)[0]
    voice = write_speech(tmp_path / "agent.wav", "您好，市民热线，请讲。", rate=48000)
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(
            Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=[f"{net}.128"])
        )
        for number, words in ((WATER, "您好，供水集团"), (POLICE, "您好，一一零"), (MISSED, "喂，你好")):
            await town.subscriber(number, answer_after_s=1, say=words)
        desks = []
        for login in ("agent1", "supervisor"):
            desk = await stack.enter_async_context(open_desk(hotline.url, voice))
            await desk.sign_in(login, hotline.password)
            await desk.join_the_queue()
            desks.append(desk)
        agent, boss = desks
        yield Scene(rows, agent, boss, town)
        for desk in desks:
            assert desk.problems == []
            desk.page.on("dialog", lambda dialog: dialog.accept())
            await desk.at("agent-signout").click()
            await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)


async def test_the_abuse_key_warns_twice_and_then_ends_the_call(scene: Scene) -> None:
    await scene.talks_with(ANGRY)
    for step in ("1", "2"):
        await scene.agent.page.keyboard.press("Shift+F12")
        await expect(scene.agent.at("call-abuse")).to_have_attribute("data-step", step, timeout=15_000)
        # The citizen hears the warning, then both talk again; the key does nothing until then.
        await expect(scene.leg(ANGRY)).to_have_attribute("data-state", "joined", timeout=40_000)
    await scene.agent.shot("33-abuse-twice")
    await scene.agent.page.keyboard.press("Shift+F12")  # no supervisor is ready: a message ends it
    await expect(scene.agent.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=40_000)
    call = await scene.ended(ANGRY)
    reports = await scene.rows.fetch(
        "SELECT r.step, c.kind, c.state FROM abuse_report r JOIN command c ON c.id = r.command_id"
        " WHERE r.call_id = $1 ORDER BY r.step", call["id"],
    )  # fmt: skip
    assert [tuple(r) for r in reports] == [
        (1, "call.abuse_warn", "succeeded"), (2, "call.abuse_warn", "succeeded"), (3, "call.abuse_end", "succeeded"),
    ]  # fmt: skip
    assert (call["outcome"], call["agent_no"]) == ("answered", "1001")


async def test_a_flag_has_a_reason_a_reviewer_an_end_and_an_appeal(scene: Scene) -> None:
    citizen = await scene.talks_with(NEIGHBOUR)
    agent, boss = scene.agent, scene.boss
    await agent.at("right-flags").click()
    await agent.at("flag-save").click()
    assert await scene.rows.fetchval("SELECT count(*) FROM number_flag WHERE number = $1", NEIGHBOUR) == 0
    await agent.at("flag-reason").fill("连续三天辱骂受理员")
    await agent.at("flag-reason").press("Enter")
    row = agent.at("flag-row").and_(agent.page.locator(f'[data-number="{NEIGHBOUR}"]'))
    await expect(row).to_have_attribute("data-state", "active", timeout=10_000)
    await expect(row.get_by_test_id("flag-meta")).to_contain_text("supervisor")
    await agent.shot("34-flag")
    kept = await scene.rows.fetchrow("SELECT * FROM number_flag WHERE number = $1", NEIGHBOUR)
    assert (kept["reason"], kept["by"], kept["reviewer"], kept["flag"]) == (
        "连续三天辱骂受理员", "agent1", "supervisor", None,
    )  # fmt: skip
    assert 0 < (kept["expires_at"] - kept["created_at"]).days <= 7

    await row.get_by_test_id("flag-appeal").click()
    await agent.at("flag-text").fill("号码换了机主")
    await agent.at("flag-text").press("Enter")
    await expect(row).to_have_attribute("data-state", "appealed", timeout=10_000)
    await citizen.hang_up()
    await boss.at("right-flags").click()
    judged = boss.at("flag-row").and_(boss.page.locator(f'[data-number="{NEIGHBOUR}"]'))
    await expect(judged.get_by_test_id("flag-appeal-text")).to_contain_text("号码换了机主", timeout=10_000)
    await judged.get_by_test_id("flag-lift").click()
    await boss.at("flag-text").fill("申诉成立")
    await boss.at("flag-text").press("Enter")
    await expect(judged).to_have_attribute("data-state", "lifted", timeout=10_000)
    again = await scene.rows.fetchrow("SELECT appealed_by, lifted_by FROM number_flag WHERE number = $1", NEIGHBOUR)
    assert tuple(again) == ("agent1", "supervisor")


async def test_who_was_missed_is_on_the_list_and_called_out_of_it(scene: Scene) -> None:
    # The list is fair: whoever the tests before left on it would come first.
    await scene.rows.execute(
        "UPDATE unreached SET state = 'expired', taken_by = NULL, taken_until = NULL, ended_at = now()"
        " WHERE state IN ('open', 'taken')"
    )
    missed = await scene.town.place(MISSED, say="喂")  # nobody is ready
    waiting = "SELECT 1 FROM live WHERE topic = 'call' AND body->>'state' = 'queued'"
    await eventually(lambda: scene.rows.fetchval(waiting), 30)
    await missed.hang_up()
    await scene.ended(MISSED)
    agent = scene.agent
    await agent.at("right-callbacks").click()
    entry = agent.at("callback-row").and_(agent.page.locator(f'[data-number="{MISSED}"]'))
    await expect(entry).to_be_visible(timeout=60_000)
    await agent.shot("35-missed")
    await agent.page.keyboard.press("Control+F9")
    await expect(agent.at("call-state")).to_have_attribute("data-state", "talking", timeout=40_000)
    await expect(scene.leg(MISSED)).to_have_attribute("data-state", "joined", timeout=20_000)
    await agent.page.keyboard.press("Shift+F2")
    await expect(agent.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=20_000)
    out = await eventually(
        lambda: scene.rows.fetchrow(
            "SELECT * FROM call WHERE direction = 'outbound' AND called = $1 AND ended_at IS NOT NULL", MISSED
        ), 30,
    )  # fmt: skip
    assert (out["outcome"], out["agent_no"]) == ("answered", "1001")
    state = "SELECT state FROM unreached WHERE number = $1 ORDER BY last_at DESC LIMIT 1"
    await eventually(lambda: _is_done(scene, state), 60)


async def _is_done(scene: Scene, sql: str) -> bool:
    return bool(await scene.rows.fetchval(sql, MISSED) == "done")


async def test_handed_over_without_asking_the_citizen_talks_with_the_agency(scene: Scene) -> None:
    citizen = await scene.talks_with(HURT)
    await scene.agent.reach("供水", "Alt+Enter")
    await expect(scene.agent.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=20_000)
    live = "SELECT body->'parties' FROM live WHERE topic = 'call' AND body->>'caller' = $1"

    async def agency_joined() -> bool:
        parties = str(await scene.rows.fetchval(live, HURT) or "")
        return WATER in parties and parties.count('"joined"') == 2

    await eventually(agency_joined, 30)
    await citizen.hang_up()
    call = await scene.ended(HURT)
    leg = await eventually(
        lambda: scene.rows.fetchrow("SELECT outcome FROM leg WHERE call_id = $1 AND number = $2", call["id"], WATER), 30
    )
    assert leg["outcome"] in ("answered", "hung_up_on_us")
    purpose = await scene.rows.fetchval("SELECT purpose FROM call_target WHERE call_id = $1", call["id"])
    assert (purpose, call["hung_up_by"]) == ("transfer", "citizen")


async def test_one_key_brings_110_into_the_call(scene: Scene) -> None:
    citizen = await scene.talks_with(HURT)
    await scene.agent.page.keyboard.press("Shift+F6")
    await expect(scene.leg(POLICE)).to_have_attribute("data-state", "joined", timeout=30_000)
    await expect(scene.leg(HURT)).to_have_attribute("data-state", "joined")
    await scene.agent.shot("36-police")
    await scene.leg(POLICE).get_by_test_id("roster-drop").click()
    await expect(scene.leg(POLICE)).to_have_attribute("data-state", "left", timeout=15_000)
    await citizen.hang_up()
    call = await scene.ended(HURT)
    purpose = await scene.rows.fetchval("SELECT purpose FROM call_target WHERE call_id = $1", call["id"])
    assert purpose == "police"

    async def whole() -> Any:
        return await scene.rows.fetchrow("SELECT * FROM recording WHERE call_id = $1 AND part = 0", call["id"])

    kept = await eventually(whole, 90)
    assert kept["state"] in ("complete", "short")
