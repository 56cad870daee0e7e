"""The switch restarted, reloaded, closed to us or too open (F8, F21): an alarm that names the cause, mended by itself.

What a person mends is the switch's own file; nobody touches our processes. Screens are asked as a page asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from cti.preflight import AmiNotLoopback
from cti.service import CtiSettings, run
from pbx_config import contract
from tests.support.ami_wire import ami_wire
from tests.support.eventually import eventually
from tests.support.floor_screens import FloorScreen
from tests.support.floor_shift import BOSS, people_of
from tests.support.floor_words import pbx_says
from tests.support.house import House, house, open_desk
from tests.support.sipp import Mix, plan_calls

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(150)]
PBX = "127.0.16.1"


class Watched:
    """A house and a supervisor's screen on it."""

    def __init__(self, h: House, screen: FloorScreen) -> None:
        self.h, self.screen = h, screen

    def node(self) -> dict[str, object]:
        shown = self.screen.screen
        found: dict[str, object] = shown.picture["nodes"].get(self.h.pbx.settings.node, {}) if shown else {}
        return found

    async def says(self, *, connected: bool, reason: str | None, within_s: float = 15) -> None:
        await eventually(
            lambda: (self.node().get("connected"), self.node().get("reason")) == (connected, reason), within_s
        )

    async def health(self) -> tuple[str, str | None]:
        """State and reason of cti, as an operator's probe is told."""
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client:
            parts = (await client.get(f"{self.h.api_url}/healthz")).json()["parts"]
        part = next(p for p in parts if p["name"].startswith("cti"))
        return part["state"], part["reason"]

    async def is_healthy(self) -> bool:
        return await self.health() == ("ok", None)

    def manager(self, write: str | None = None, *, read: str = contract.AMI_CLASSES_READ, secret: str = "") -> None:
        """Change cti's user in the switch's file, and have it read."""
        path = self.h.pbx.settings.etc / "manager.conf"
        head, begin, ours = path.read_text(encoding="utf-8").partition(f"[{contract.AmiUser.CTI}]")
        ours, rest = (begin + ours).split("\n[", 1) if "\n[" in ours else (begin + ours, "")
        secret = secret or self.h.pbx.settings.ami_secrets[contract.AmiUser.CTI]
        for name, value in (("secret", secret), ("read", read), ("write", write or contract.AMI_CLASSES_WRITE)):
            ours = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", ours)
        path.write_text(head + ours + ("\n[" + rest if rest else ""), encoding="utf-8")
        self.h.pbx.cli("manager reload")

    def cut(self) -> None:
        """End cti's session: rights and secrets hold from the next login on."""
        self.h.kill("cti")
        self.h.start("cti")


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    async with house(PBX, seats=4, media=False) as h:
        for name in ("cti", "api"):
            h.start(name)
        await h.connected()
        screen, closed = FloorScreen("supervisor", h, (await people_of(h))[BOSS]), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(screen.run(closed))
            await eventually(lambda: screen.opened > 0, 30)
            yield Watched(h, screen)
            closed.set()
        print(h.log_of("cti"))


async def test_f8_a_restart_and_a_reload_while_people_talk(watched: Watched) -> None:
    w, plans = watched, plan_calls(8, 4, Mix(gone_in_notice=0, gone_soon=0, talk_ms=(60_000, 60_000)))
    await asyncio.to_thread(open_desk, w.h, plans)
    w.h.town.call(plans, 4)
    await eventually(lambda: _like_the_pbx(w, talking=4), 30)
    w.h.pbx.cli("module reload")
    await eventually(lambda: _like_the_pbx(w, talking=4), 15)
    assert w.node()["connected"]
    w.h.pbx.process.cli("core restart now")
    await eventually(lambda: not w.node()["connected"], 20)
    if not w.h.pbx.process.running:  # a private root's Asterisk cannot start itself again: `lianxin run` does
        w.h.start_asterisk()
    await w.says(connected=True, reason=None, within_s=60)
    await eventually(lambda: _like_the_pbx(w, talking=0), 15)
    assert len([key for key in w.screen.shows() if key[0] == "agent"]) == 4, "the members came back by themselves"


def _like_the_pbx(w: Watched, talking: int) -> bool:
    with ami_wire(w.h.pbx.settings) as wire:
        said, shown = pbx_says(wire), w.screen.shows()
    different = {k: (shown.get(k), said.get(k)) for k in said.keys() | shown.keys() if shown.get(k) != said.get(k)}
    assert not {k for k in different if k[0] != "longest"}, different
    return list(said.values()).count("talking") == 2 * talking  # the call and the agent


async def test_f8_a_secret_that_changed_is_named_and_mends_itself(watched: Watched) -> None:
    watched.manager(secret="another-secret")
    watched.cut()
    await watched.says(connected=False, reason="ami.refused", within_s=60)
    assert await watched.health() == ("degraded", "ami.refused")
    watched.manager()
    await watched.says(connected=True, reason=None, within_s=60)
    await eventually(watched.is_healthy, 10)


async def test_f8_a_missing_class_is_named_and_mends_itself(watched: Watched) -> None:
    watched.manager(read=contract.AMI_CLASSES_READ.replace(",system", ""))
    watched.cut()
    await watched.says(connected=False, reason="ami.not_booted", within_s=60)
    watched.manager()
    await watched.says(connected=True, reason=None, within_s=60)
    await eventually(watched.is_healthy, 10)


@pytest.mark.parametrize(
    ("write", "reason", "names"),
    [
        (f"{contract.AMI_CLASSES_WRITE},command", "ami.too_mighty", "Command"),
        (contract.AMI_CLASSES_WRITE.replace(",originate", ""), "ami.too_weak", "Originate"),
    ],
)
async def test_f21_a_user_that_may_too_much_or_too_little_is_refused(
    watched: Watched, write: str, reason: str, names: str
) -> None:
    watched.manager(write)
    watched.cut()
    refused = watched.h.processes["cti"]
    await watched.says(connected=False, reason=reason, within_s=60)
    await eventually(lambda: refused.poll() is not None, 60)
    assert refused.returncode != 0
    last_words = watched.h.log_of("cti")[-3000:]
    assert names in last_words
    assert reason in last_words or "AmiToo" in last_words
    assert watched.node()["connected"] is False, "it is not shown as connected once more"
    watched.manager()
    watched.h.start("cti")
    await watched.says(connected=True, reason=None, within_s=60)


@pytest.mark.parametrize("host", ["192.0.2.7", "pbx.example.org", "0.0.0.0"])
async def test_f21_a_switch_that_is_not_on_this_host_is_refused(host: str) -> None:
    """Before anything is connected: AMI is plain text, and whoever reads it may do everything."""
    nowhere = CtiSettings("pbx1", "postgresql://nobody@127.0.16.9:1/none", "secret", None, ami_host=host)
    with pytest.raises(AmiNotLoopback, match=host):
        await run(nowhere, asyncio.Event())


async def test_a_killed_cti_is_missed_on_every_screen(watched: Watched) -> None:
    """It cannot say that it is gone: its last word was that all is well."""
    await eventually(watched.is_healthy, 10)
    watched.h.kill("cti")
    assert watched.node()["connected"] is True

    async def missed() -> bool:
        return await watched.health() == ("degraded", "cti.silent")

    await eventually(missed, 15)
    watched.h.start("cti")
    await eventually(watched.is_healthy, 30)
