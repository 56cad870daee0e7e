"""The agent's desk in a real Chromium, in the words of the trade."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--lang=zh-CN",
]  # fmt: skip
SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


class Desk:
    """One agent before one screen. Controls are found by their data-testid."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.problems: list[str] = []  # what the page threw
        self._account = ("", "")
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def at(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    async def sign_in(self, login: str, password: str) -> None:
        self._account = (login, password)
        await self.page.goto(self.url)
        await self.at("signin-login").fill(login)
        await self.at("signin-password").fill(password)
        await self.at("signin-submit").click()

    async def join_the_queue(self) -> None:
        """Pass the check of microphone and registration with the browser's own phone, and sign in to the queue.

        An agent whom a scenario that failed left in the queue leaves it first, so that one failure stays one.
        """
        await expect(self.at("phone-check").or_(self.at("hand-button"))).to_be_visible(timeout=20_000)
        if not await self.at("phone-check").is_visible():
            await self.at("agent-signout").click()
            await expect(self.at("signin-login")).to_be_visible(timeout=15_000)
            await self.sign_in(*self._account)
        await expect(self.at("phone-check-registration")).to_have_attribute("data-state", "registered", timeout=20_000)
        await self.at("agent-signin").click()
        await expect(self.at("agent-state")).to_have_attribute("data-state", "paused", timeout=10_000)

    async def ready(self) -> None:
        await self.at("agent-ready").click()
        await expect(self.at("agent-state")).to_have_attribute("data-state", "ready", timeout=10_000)

    async def answer(self) -> None:
        await self.page.keyboard.press("F2")
        await expect(self.at("call-state")).to_have_attribute("data-state", "talking", timeout=10_000)

    async def raise_danger(self) -> None:
        """Hold the danger key, as one finger does; a press without length is a brush."""
        await self.page.keyboard.press("F12", delay=1_000)
        await expect(self.at("danger-panel")).to_be_visible(timeout=10_000)

    async def reach(self, text: str, key: str = "Enter") -> None:
        """Find somebody by name, initials or number: Enter asks first, Shift+Enter adds, Alt+Enter hands over."""
        await self.page.keyboard.press("F6")
        await expect(self.at("target-q")).to_be_focused()
        await self.at("target-q").fill(text)
        await expect(self.at("target-consult")).to_be_enabled(timeout=5_000)
        await self.page.keyboard.press(key)

    async def shot(self, name: str) -> None:
        """A screenshot for people, under var/screenshots."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png")


@asynccontextmanager
async def open_desk(url: str, speaks: Path) -> AsyncIterator[Desk]:
    """A Chromium whose microphone hears the WAV ``speaks``, over and over."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-audio-capture={speaks}"]
        )
        context = await browser.new_context(
            locale="zh-CN", viewport={"width": 1440, "height": 900}, permissions=["microphone", "notifications"]
        )
        try:
            yield Desk(await context.new_page(), url)
        finally:
            await browser.close()
