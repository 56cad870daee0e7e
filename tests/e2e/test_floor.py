"""A supervisor on the floor: a call arrives, rings, talks and ends before the eyes; help and order; twice the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CITIZEN = "13912340404"
# What stands on a floor, without its clocks.
SHOWN = """() => [...document.querySelectorAll('[data-testid^="floor-"]')]
  .map((e) => [e.dataset.testid, e.dataset.agent, e.dataset.state, e.dataset.reasons, e.dataset.value, e.dataset.call,
               e.dataset.channels, e.dataset.waiting])
  .filter(([id]) => ["floor-seat", "floor-queue", "floor-caller", "floor-trunk", "floor-hand", "floor-offered",
    "floor-answered", "floor-abandoned", "floor-unreached", "floor-worst", "floor-in_time"].includes(id))"""


@dataclass
class Scene:
    hotline: Hotline
    rows: asyncpg.Connection
    agent: Desk
    boss: Desk
    other: Page  # a second screen of the floor

    def seat(self, page: Page | None = None) -> Locator:
        return (page or self.boss.page).locator('[data-testid="floor-seat"][data-agent="1001"]')

    async def seat_is(self, state: str) -> None:
        """On both screens."""
        for page in (self.boss.page, self.other):
            await expect(self.seat(page)).to_have_attribute("data-state", state, timeout=40_000)

    async def order(self, what: str) -> None:
        await self.boss.at("orders-1001").click()
        await self.boss.at(f"order-{what}").click()

    async def answered(self) -> int:
        value = await self.boss.at("floor-answered").get_attribute("data-value")
        return int(value) if value and value.isdecimal() else 0


@pytest.fixture
async def scene(hotline: Hotline, rows: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[Scene]:
    voice = write_speech(tmp_path / "agent.wav", "您好，市民热线，请讲。", rate=48000)
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(open_desk(hotline.url, voice))
        await agent.sign_in("agent1", hotline.password)
        await agent.join_the_queue()
        await agent.ready()
        boss = await stack.enter_async_context(open_desk(hotline.url, voice))
        await boss.sign_in("supervisor", hotline.password)
        await boss.join_the_queue()
        await boss.at("place-floor").click()
        other = await boss.page.context.new_page()
        await other.goto(f"{hotline.url}/floor")
        yield Scene(hotline, rows, agent, boss, other)
        await other.close()
        await boss.at("place-desk").click()
        for desk in (boss, agent):
            assert desk.problems == []
            await desk.at("agent-signout").click()
            await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)


async def test_the_floor_and_the_seats(scene: Scene) -> None:
    await scene.seat_is("ready")
    await expect(scene.boss.at("floor-offered")).not_to_have_attribute("data-value", "—", timeout=20_000)
    before = await scene.answered()
    with scene.hotline.spawn("call", "--from", CITIZEN, "--say", "路灯不亮了", "--seconds", "90"):
        await a_call_before_the_eyes(scene)
        await a_hand_goes_up(scene)
        await scene.agent.page.keyboard.press("Shift+F2")
    await order_restored(scene)
    await the_day_counts_it(scene, before)
    await both_screens_say_the_same(scene)
    await the_wall(scene)
    await the_desk_lived_on(scene)
    await everything_is_on_record(scene)
    await a_hand_goes_with_its_seat(scene)


async def a_call_before_the_eyes(s: Scene) -> None:
    await s.seat_is("ringing")
    await s.boss.shot("floor-1-ringing")
    await expect(s.agent.at("call-answer")).to_be_enabled(timeout=15_000)  # its own telephone rings, too
    await s.agent.answer()
    await s.seat_is("talking")
    await expect(s.seat().get_by_test_id("floor-with")).to_have_text("139 1234 0404")
    await expect(s.boss.at("floor-trunk")).to_have_attribute("data-channels", "1", timeout=10_000)


async def a_hand_goes_up(s: Scene) -> None:
    await s.agent.page.keyboard.press("Shift+F1")
    await expect(s.agent.at("hand-language")).to_be_visible()
    await s.agent.page.keyboard.press("2")
    await expect(s.boss.at("hand-row")).to_have_attribute("data-agent", "1001", timeout=10_000)
    await expect(s.seat().get_by_test_id("floor-hand")).to_be_visible()
    await s.boss.shot("floor-2-hand")
    await s.boss.page.keyboard.press("Control+F1")
    await expect(s.agent.at("hand-button")).to_have_attribute("data-answered", "supervisor", timeout=10_000)
    await s.agent.shot("floor-3-hand-answered")
    await s.agent.page.keyboard.press("Shift+F1")
    await expect(s.boss.at("hand-row")).to_have_count(0, timeout=10_000)


async def order_restored(s: Scene) -> None:
    """A stuck wrap-up is ended, the agent is paused with a reason, told so, and made ready again."""
    await s.seat_is("wrap_up")
    await s.order("wrapup")
    await s.seat_is("ready")
    await s.order("pause-meeting")
    await s.seat_is("paused")
    await expect(s.seat()).to_have_attribute("data-reasons", "meeting")
    await expect(s.agent.at("agent-state")).to_have_attribute("data-state", "paused", timeout=10_000)
    await expect(s.agent.at("message-bar")).to_have_attribute("data-command", "agent.wrap_up_end")
    await s.agent.at("message-read").click()
    await expect(s.agent.at("message-bar")).to_have_attribute("data-command", "agent.pause")
    await s.agent.shot("floor-4-ordered")
    await s.boss.at("floor-say-all").click()
    await s.boss.at("message-input").fill("供暖事件：统一答复已上墙")
    await s.boss.page.keyboard.press("Enter")
    await s.agent.at("message-read").click()
    await expect(s.agent.at("message-text")).to_have_text("供暖事件：统一答复已上墙")
    await s.agent.at("message-read").click()
    await expect(s.agent.at("message-bar")).to_have_count(0)
    await s.order("ready")
    await s.seat_is("ready")


async def the_day_counts_it(s: Scene, before: int) -> None:
    for page in (s.boss.page, s.other):
        await expect(page.get_by_test_id("floor-answered")).to_have_attribute(
            "data-value", str(before + 1), timeout=30_000
        )
    await s.boss.shot("floor-5-day")
    await s.boss.at("floor-answered").click()
    await expect(s.boss.at("day-call").first).to_contain_text("139 1234 0404", timeout=10_000)
    await s.boss.page.keyboard.press("Escape")
    await expect(s.boss.at("day-calls")).to_be_hidden()


async def both_screens_say_the_same(s: Scene) -> None:
    """Also one that has just come."""
    await s.other.reload()

    async def same() -> Any:
        first, second = await s.boss.page.evaluate(SHOWN), await s.other.evaluate(SHOWN)
        return first if len(first) >= 9 and first == second else None

    assert await eventually(same, 30)


async def the_wall(s: Scene) -> None:
    await s.boss.page.set_viewport_size({"width": 1920, "height": 1080})
    await s.boss.at("floor-wall").click()
    await expect(s.boss.at("orders-1001")).to_have_count(0)
    await s.boss.shot("floor-6-wall")
    await s.boss.at("floor-wall").click()
    await expect(s.boss.at("orders-1001")).to_be_visible()
    await s.boss.page.set_viewport_size({"width": 1440, "height": 900})


async def the_desk_lived_on(s: Scene) -> None:
    """The supervisor's browser telephone stayed registered, and the keys of the desk were off meanwhile."""
    await expect(s.boss.at("light-phone")).to_have_attribute("data-state", "registered")
    await s.boss.page.keyboard.press("F9")
    await s.boss.at("place-desk").click()
    await expect(s.boss.at("agent-state")).to_have_attribute("data-state", "paused")
    await s.boss.at("place-floor").click()
    await expect(s.boss.at("floor")).to_be_visible()


async def everything_is_on_record(s: Scene) -> None:
    audit = await s.rows.fetch("SELECT subject, detail FROM audit WHERE action LIKE 'supervise.%' ORDER BY id")
    assert [(r["subject"], json.loads(r["detail"])) for r in audit] == [
        ("1001", {"command": "agent.wrap_up_end"}),
        ("1001", {"command": "agent.pause", "reason": "meeting"}),
        ("*", {"text": "供暖事件：统一答复已上墙"}),
        ("1001", {"command": "agent.ready"}),
    ]
    hand = await s.rows.fetchrow("SELECT * FROM hand_up")
    assert (hand["reason"], hand["answered_by"], hand["ended_by"]) == ("language", "supervisor", "agent1")
    assert hand["call_id"] == await s.rows.fetchval("SELECT id FROM call WHERE caller = $1", CITIZEN)
    told = await s.rows.fetch("SELECT action, subject FROM audit WHERE action LIKE 'hand.%'")
    assert [tuple(r) for r in told] == [("hand.answered", "1001")]


async def a_hand_goes_with_its_seat(s: Scene) -> None:
    """Who is signed out has no key to lower it with."""
    await s.agent.page.keyboard.press("Shift+F1")
    await s.agent.page.keyboard.press("2")
    await expect(s.boss.at("hand-row")).to_have_attribute("data-agent", "1001", timeout=10_000)
    await s.order("signout")
    await expect(s.seat()).to_have_count(0, timeout=10_000)
    await expect(s.boss.at("hand-row")).to_have_count(0, timeout=10_000)
    by = await s.rows.fetchval("SELECT ended_by FROM hand_up ORDER BY raised_at DESC LIMIT 1")
    assert by == "lianxin"
