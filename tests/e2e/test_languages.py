"""Every screen of agents and supervisors in one language at a time: no Chinese in English, no English in Chinese."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from tests.support.desk import Desk, open_desk
from tests.support.hotline import Hotline, running_hotline
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
# What is the same in both: keys, abbreviations of the trade, names of the machine's parts.
SAME = re.compile(
    r"\b(F\d+|Ctrl|Shift|Alt|Enter|Esc|Space|Tab|Insert|SIP|HTTPS?|WebSocket|WebRTC|WAV|Opus|DTMF|ID|KB|MB|Hz"
    r"|Erlang|hotline|trunk|main|alaw|ulaw|local|wangfang|ldbl|t\d+)\b"
)
# Everything that is on the page for eyes or for a screen reader, once.
TEXTS = """() => {
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.textContent.trim(), on = node.parentElement;
    if (text && !on.closest('script, style, [data-testid^="language-"]') && on.checkVisibility()) found.add(text);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const on of document.querySelectorAll(`[${name}]`))
      if (on.checkVisibility() && !on.closest('[data-testid^="language-"]')) found.add(on.getAttribute(name));
  return [...found, document.title];
}"""
# A bar of which something is cut off: what stands there cannot be reached.
CUT = """() => [...document.querySelectorAll("header.bar")].some((bar) =>
  bar.scrollWidth > bar.clientWidth + 1 || [...bar.children].some((one) => one.offsetHeight > bar.clientHeight))"""


class Reader:
    """Reads whatever screen is shown, in the language that was chosen, and looks whether its bar is whole."""

    def __init__(self, desk: Desk, language: str, data: list[str]) -> None:
        self.desk, self.language, self._data = desk, language, data
        self.foreign: dict[str, list[str]] = {}
        self.cut: list[str] = []
        self.read = 0

    async def screen(self, name: str) -> None:
        texts: list[str] = await self.desk.page.evaluate(TEXTS)
        self.read += len(texts)
        wrong = [text for text in texts if self._foreign(text)]
        if wrong:
            self.foreign[name] = wrong
        if await self.desk.page.evaluate(CUT):
            self.cut.append(name)

    def _foreign(self, text: str) -> bool:
        for word in self._data:
            text = text.replace(word, "")
        if self.language == "en":
            return bool(CHINESE.search(text))
        return bool(LATIN.search(SAME.sub("", text)))


@pytest.fixture(scope="module")
def hotline() -> Iterator[Hotline]:
    """One of its own: what other scenarios typed is in one language, and on these screens."""
    with running_hotline("127.0.15.2") as running:
        yield running


@pytest.fixture
async def desk(hotline: Hotline, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(hotline.url, write_speech(tmp_path / "voice.wav", "您好", rate=48000)) as one:
        yield one


async def reads(desk: Desk, language: str, rows: asyncpg.Connection) -> Reader:
    await desk.at(f"language-{language}").click()
    await expect(desk.at(f"language-{language}")).to_have_attribute("aria-pressed", "true")
    names = await rows.fetch(
        "SELECT login, display_name FROM account UNION SELECT initials, initials FROM agency"
        " UNION SELECT value->>'title', by FROM tuning WHERE kind = 'queue'"
    )
    own = ["中文", "English"]  # a language is named in itself
    return Reader(desk, language, ["连心线", "Lianxin", *own, *(word for row in names for word in row)])


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_agents_screens(hotline: Hotline, rows: asyncpg.Connection, desk: Desk, language: str) -> None:
    await desk.page.goto(hotline.url)
    await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)
    reader = await reads(desk, language, rows)
    await reader.screen("sign in")
    await desk.at("signin-login").fill("agent1")
    await desk.at("signin-password").fill("not this")
    await desk.at("signin-submit").click()
    await expect(desk.page.get_by_role("alert").first).to_be_visible(timeout=10_000)
    await reader.screen("wrong password")
    await desk.sign_in("agent1", hotline.password)
    await expect(desk.at("phone-check-registration")).to_be_visible(timeout=20_000)
    reader = await reads(desk, language, rows)
    await reader.screen("phone check")
    await desk.join_the_queue()
    await reader.screen("idle")
    for page in ("search", "targets", "callbacks", "meeting", "flags"):
        tab = desk.at(f"right-{page}")
        if await tab.count():
            await tab.click()
            await reader.screen(page)
    for name, key in (("keys", "F1"), ("pause", "Shift+F9"), ("hand", "Shift+F1"), ("new case", "Shift+F7")):
        await desk.page.keyboard.press(key)
        await reader.screen(name)
        await desk.page.keyboard.press("Escape")
    await desk.at("place-recordings").click()
    await expect(desk.page.get_by_role("heading").first).to_be_visible(timeout=10_000)
    await reader.screen("recordings")
    await desk.shot(f"30-recordings-{language}")
    await desk.at("place-desk").click()
    await desk.at("agent-signout").click()
    await expect(desk.at("signin-login")).to_be_visible(timeout=15_000)
    assert (reader.foreign, reader.cut) == ({}, [])
    assert reader.read > 200, "the pages were empty"
    assert desk.problems == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_supervisors_pages_with_an_alarm_over_each(
    hotline: Hotline, rows: asyncpg.Connection, desk: Desk, language: str
) -> None:
    await rows.execute(
        "INSERT INTO alarm (id, node, code, who, detail) SELECT gen_random_uuid(), 't15', code, '8003', '0014155552671'"
        " FROM unnest(ARRAY['number.not_allowed', 'number.invalid', 'number.daily_cap', 'line.seat_dialled',"
        " 'line.trunk_dialled', 'line.seat_silent', 'line.desk_silent']) AS code"
    )
    await desk.sign_in("supervisor", hotline.password)
    await expect(desk.at("alarm-row")).to_have_count(7, timeout=20_000)
    reader = await reads(desk, language, rows)
    for page in ("desk", "hours", "queues", "incidents", "listening", "capacity", "recordings", "floor"):
        await desk.at(f"place-{page}").first.click()
        await expect(desk.page).to_have_url(re.compile(r"/$" if page == "desk" else f"/{page}$"), timeout=10_000)
        await expect(desk.at("alarm-row")).to_have_count(7)
        await expect(desk.page.locator("h2, th, section.panel").first).to_be_visible(timeout=10_000)
        await reader.screen(page)
        await desk.shot(f"31-{page}-{language}")
    await desk.page.reload()
    await expect(desk.at("alarm-row")).to_have_count(7, timeout=20_000)
    while await desk.at("alarm-row").count():
        many = await desk.at("alarm-row").count()
        await desk.at("alarm-acknowledge").first.press("Enter")
        await expect(desk.at("alarm-row")).to_have_count(many - 1, timeout=10_000)
    await desk.at("attempt-log").locator("summary").click()
    await expect(desk.at("attempt-row").first).to_have_attribute("data-seen", "supervisor", timeout=10_000)
    await reader.screen("attempts")
    await desk.shot(f"32-attempts-{language}")
    await desk.page.reload()
    await expect(desk.at("floor")).to_have_attribute("data-state", "open", timeout=20_000)
    await expect(desk.at("alarm-bar")).to_be_hidden()
    assert (reader.foreign, reader.cut) == ({}, [])
    assert desk.problems == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_admins_pages(hotline: Hotline, rows: asyncpg.Connection, desk: Desk, language: str) -> None:
    """All but the prompts, which have both languages side by side."""
    await desk.sign_in("admin", hotline.password)
    await expect(desk.at("place-users").first).to_be_visible(timeout=20_000)
    reader = await reads(desk, language, rows)
    for page in ("hours", "queues", "listening", "capacity", "telephony", "floor", "policies", "users"):
        await desk.at(f"place-{page}").first.click()
        await expect(desk.page).to_have_url(re.compile(f"/{page}$"), timeout=10_000)
        await expect(desk.page.locator("h2, th, section.panel").first).to_be_visible(timeout=10_000)
        if page == "users":
            await expect(desk.at("user").first).to_be_visible(timeout=10_000)
        await reader.screen(page)
        await desk.shot(f"37-{page}-{language}")
    assert (reader.foreign, reader.cut) == ({}, [])
    assert reader.read > 200, "the pages were empty"
    assert desk.problems == []
