"""A supervisor's ear from two pages of a browser: the desk has the telephone, the page of the calls has the buttons."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, expect

from api.accounts import NewAccount, ensure_demo_accounts
from models.account import Role
from models.db import make_engine
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.pbx import asterisk_for_tests
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CITIZENS = itertools.count(13912348801)  # one for each scenario: the log of ears is everybody's
OTHER, OTHER_SEAT, OTHER_NAME = "1004", "8004", "夜班主任"


@dataclass
class Scene:
    rows: asyncpg.Connection
    agent: Desk
    boss: Desk  # the desk, with the telephone
    list: Desk  # the page of the calls, in another tab of the same browser
    number: str
    citizen: CarrierCall

    def ears(self, on: Desk | None = None) -> Locator:
        """The supervisor's ear on the citizen's call."""
        calls = (on or self.list).at("listening-call")
        return calls.filter(has_text=readable(self.number)).get_by_test_id("ears")

    def log(self) -> Locator:
        return self.list.at("ear-row").filter(has_text=readable(self.number))

    async def when(self, button: str, state: str) -> None:
        await self.ears().get_by_test_id(f"ear-{button}").click()
        await expect(self.ears()).to_have_attribute("data-state", state, timeout=20_000)


def readable(number: str) -> str:
    return f"{number[:3]} {number[3:7]} {number[7:]}"


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
        second = await page_of_the_calls(boss)
        await agent.ready()
        number = str(next(CITIZENS))
        citizen = await town.place(number, say="我家楼道里的灯坏了", loop=True)
        await expect(agent.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=30_000)
        await agent.answer()
        yield Scene(rows, agent, boss, second, number, citizen)
        await citizen.hang_up()
        for desk in (agent, boss, second):
            assert desk.problems == []
        for desk in (agent, boss):  # or the next scenario's calls would ring here
            await expect(desk.at("agent-state")).not_to_have_attribute("data-state", "talking", timeout=15_000)
            desk.page.on("dialog", lambda dialog: dialog.accept())
            await desk.at("agent-signout").click()
            await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)


async def page_of_the_calls(desk: Desk) -> Desk:
    """In another tab of the same browser."""
    tab = Desk(await desk.page.context.new_page(), desk.url)
    await tab.page.goto(f"{desk.url}/listening")
    await expect(tab.at("listening")).to_have_attribute("data-state", "open", timeout=15_000)
    return tab


@pytest.fixture
async def other_account(hotline: Hotline, rows: asyncpg.Connection) -> AsyncIterator[str]:
    """The login of a second supervisor, of whom other scenarios know nothing; the password is everybody's."""
    login = "supervisor2"
    engine = make_engine(hotline.dsn)
    new = NewAccount(login, OTHER_NAME, Role.SUPERVISOR, hotline.password, OTHER, OTHER_SEAT)
    await ensure_demo_accounts(engine, [new])
    await engine.dispose()
    await rows.execute("UPDATE account SET active = true WHERE login = $1", login)
    yield login
    await rows.execute("UPDATE account SET active = false WHERE login = $1", login)


@contextlib.asynccontextmanager
async def other_supervisor(hotline: Hotline, login: str, voice: Path) -> AsyncIterator[tuple[Desk, Desk]]:
    """(desk, page of the calls) in a browser of her own; whatever became of it, she is signed out afterwards."""
    async with open_desk(hotline.url, voice) as desk:
        await desk.sign_in(login, hotline.password)
        await desk.join_the_queue()
        yield desk, await page_of_the_calls(desk)
    async with open_desk(hotline.url, voice) as again:
        await again.sign_in(login, hotline.password)
        await again.at("agent-signout").click(timeout=20_000)
        await expect(again.at("signin-login")).to_be_visible(timeout=15_000)


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
    await expect(scene.log()).to_have_count(4, timeout=15_000)
    await scene.list.shot("25-ear-log")


# Who has it is shown for as long as it takes to be handed over: the page itself notes it.
NOTES_HOLDERS = """() => {
  window.holders = [];
  new MutationObserver(() => {
    for (const e of document.querySelectorAll('[data-testid="ear-holder"]'))
      window.holders.push([e.innerText, e.parentElement.querySelector('[data-testid="ear-take-over"]').disabled]);
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


async def test_two_listen_and_one_takes_over(
    scene: Scene, hotline: Hotline, other_account: str, tmp_path: Path
) -> None:
    voice = write_speech(tmp_path / "other.wav", "我来听一下。", rate=48000)
    async with other_supervisor(hotline, other_account, voice) as (desk, calls):
        await scene.when("listen", "listen")
        await scene.ears(calls).get_by_test_id("ear-listen").click()
        await expect(scene.ears(calls)).to_have_attribute("data-state", "listen", timeout=20_000)
        await expect(scene.ears().get_by_test_id("ear-other")).to_contain_text(OTHER_NAME)
        await expect(scene.ears(calls).get_by_test_id("ear-other")).to_contain_text("值班主任")
        await expect(scene.agent.at("heard-by-ear")).to_have_count(2, timeout=10_000)
        await calls.shot("26-two-listen")

        await calls.page.evaluate(NOTES_HOLDERS)
        await scene.ears().get_by_test_id("ear-take-over").click()
        await expect(scene.boss.at("call-state")).to_have_attribute("data-state", "talking", timeout=30_000)
        await expect(scene.agent.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=20_000)
        noted: list[Any] = await calls.page.evaluate("() => window.holders")
        assert noted, "who has it was never shown"
        assert all("值班主任" in text and disabled for text, disabled in noted), noted
        row = calls.at("listening-call").filter(has_text=readable(scene.number))
        await expect(row).to_contain_text("1003", timeout=10_000)
        await expect(scene.ears(calls)).to_have_attribute("data-state", "none", timeout=10_000)
        await expect(scene.ears(calls).get_by_test_id("ear-holder")).to_have_count(0)
        assert desk.problems + calls.problems == []
    ears: list[Any] = await eventually(lambda: logged(scene, 2), 30)
    assert sorted((ear["agent_no"], ear["ended_by"]) for ear in ears) == [("1003", "stopped"), (OTHER, "call_over")]


async def test_a_listeners_browser_dies(scene: Scene, hotline: Hotline, other_account: str, tmp_path: Path) -> None:
    """Nothing says good-bye: the switch misses its sound, and the floor shows one listener fewer."""
    voice = write_speech(tmp_path / "other.wav", "我来听一下。", rate=48000)
    floor = Desk(await scene.boss.page.context.new_page(), hotline.url)
    await floor.page.goto(f"{hotline.url}/floor")
    async with other_supervisor(hotline, other_account, voice) as (desk, calls):
        await scene.when("listen", "listen")
        await scene.ears(calls).get_by_test_id("ear-listen").click()
        ears = floor.at("floor-ear").get_by_test_id("ears")
        await expect(ears.get_by_test_id("ear-other")).to_contain_text(OTHER_NAME, timeout=20_000)
        await floor.shot("27-floor-two-listen")
        await die(desk)
        await expect(ears.get_by_test_id("ear-other")).to_have_count(0, timeout=90_000)
        await expect(ears).to_have_attribute("data-state", "listen")
        await expect(scene.agent.at("heard-by-ear")).to_have_count(1)
        await expect(scene.agent.at("call-state")).to_have_attribute("data-state", "talking")
    [ear] = await eventually(lambda: logged(scene, 1), 30)
    assert (ear["agent_no"], ear["seat"], ear["mode"]) == (OTHER, OTHER_SEAT, "listen")
    assert ear["ended_by"] == "telephone_gone"
    await expect(scene.log()).to_have_attribute("data-end", "telephone_gone", timeout=15_000)
    assert floor.problems == []
    await floor.page.close()


async def die(desk: Desk) -> None:
    """The browser, at once: no page of it is told."""
    browser = desk.page.context.browser
    assert browser is not None
    session = await browser.new_browser_cdp_session()
    with contextlib.suppress(PlaywrightError):  # it dies instead of answering
        await session.send("Browser.crash")
    await eventually(lambda: not browser.is_connected())


async def logged(scene: Scene, many: int) -> list[Any] | None:
    found = await scene.rows.fetch(
        "SELECT e.* FROM ear e JOIN call c ON c.id = e.call_id WHERE c.caller = $1 ORDER BY e.started_at",
        scene.number,
    )
    return list(found) if len(found) >= many else None
