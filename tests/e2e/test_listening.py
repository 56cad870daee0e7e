"""A supervisor's ear from two pages of a browser: the desk has the telephone, the page of the calls has the buttons."""

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
from pbx_config.carrier_call import CarrierCall
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CITIZEN = "13912348888"


@dataclass
class Scene:
    rows: asyncpg.Connection
    agent: Desk
    boss: Desk  # the desk, with the telephone
    list: Desk  # the page of the calls, in another tab of the same browser
    citizen: CarrierCall

    def ears(self) -> Locator:
        """The supervisor's ear on the citizen's call."""
        return self.list.at("listening-call").filter(has_text="139 1234 8888").get_by_test_id("ears")

    async def when(self, button: str, state: str) -> None:
        await self.ears().get_by_test_id(f"ear-{button}").click()
        await expect(self.ears()).to_have_attribute("data-state", state, timeout=20_000)


@pytest.fixture
async def scene(hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Scene]:
    net = hotline.address.rsplit(".", 1)[0]
    voice = write_speech(tmp_path / "agent.wav", "您好，市民热线，请讲。", rate=48000)
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(
            Carrier(asterisk_for_tests(), target_address=hotline.address, addresses=[f"{net}.129"])
        )
        desks = []
        for login in ("agent1", "supervisor"):
            desk = await stack.enter_async_context(open_desk(hotline.url, voice))
            await desk.sign_in(login, hotline.password)
            await desk.join_the_queue()
            desks.append(desk)
        agent, boss = desks
        second = Desk(await boss.page.context.new_page(), hotline.url)
        await second.page.goto(f"{hotline.url}/listening")
        await expect(second.at("listening")).to_have_attribute("data-state", "open", timeout=15_000)
        await agent.ready()
        citizen = await town.place(CITIZEN, say="我家楼道里的灯坏了", loop=True)
        await expect(agent.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=30_000)
        await agent.answer()
        yield Scene(rows, agent, boss, second, citizen)
        await citizen.hang_up()
        for desk in (agent, boss, second):
            assert desk.problems == []
        for desk in (agent, boss):  # or the next scenario's calls would ring here
            await expect(desk.at("agent-state")).not_to_have_attribute("data-state", "talking", timeout=15_000)
            desk.page.on("dialog", lambda dialog: dialog.accept())
            await desk.at("agent-signout").click()
            await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)


async def test_listen_whisper_barge_and_take_over(scene: Scene) -> None:
    agent, boss = scene.agent, scene.boss
    await expect(scene.ears()).to_have_attribute("data-state", "none", timeout=10_000)
    await scene.when("listen", "listen")
    await expect(agent.at("heard-by-ear")).to_have_attribute("data-mode", "listen", timeout=10_000)
    await expect(boss.at("call-state")).not_to_have_attribute("data-state", "talking")
    await expect(boss.at("case-title")).to_be_hidden()  # no form: it is no call of the supervisor's
    await agent.shot("21-agent-is-heard")
    await scene.list.shot("22-listening")
    await scene.when("whisper", "whisper")
    await expect(agent.at("heard-by-ear")).to_have_attribute("data-mode", "whisper", timeout=10_000)
    await scene.when("barge", "barge")
    await scene.list.shot("23-barged-in")
    await scene.when("stop", "none")
    await expect(agent.at("heard-by")).to_be_hidden(timeout=10_000)
    await scene.when("listen", "listen")

    await agent.at("case-title").fill("楼道灯不亮")
    await expect(agent.at("case-saved-state")).to_have_attribute("data-state", "saved", timeout=10_000)
    await scene.ears().get_by_test_id("ear-take-over").click()
    await expect(boss.at("call-state")).to_have_attribute("data-state", "talking", timeout=30_000)
    await expect(agent.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=20_000)
    await boss.shot("24-taken-over")

    ears: list[Any] = await eventually(lambda: logged(scene, 4), 30)
    assert [(ear["mode"], ear["ended_by"]) for ear in ears] == [
        ("listen", "switched"), ("whisper", "switched"), ("barge", "stopped"), ("listen", "stopped"),
    ]  # fmt: skip
    await expect(scene.list.at("ear-row")).to_have_count(4, timeout=15_000)
    await scene.list.shot("25-ear-log")


async def logged(scene: Scene, many: int) -> list[Any] | None:
    found = await scene.rows.fetch(
        "SELECT e.* FROM ear e JOIN call c ON c.id = e.call_id WHERE c.caller = $1 ORDER BY e.started_at", CITIZEN
    )
    return list(found) if len(found) >= many else None
