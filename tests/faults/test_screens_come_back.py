"""All screens reconnect at once (F16): the API is restarted while calls come; and a half-open manager's line (F2).

LX_SCREENS=1000 pytest tests/faults/test_screens_come_back.py      # as many as FAULTS.md has it
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.floor_checker import house_pids
from tests.support.floor_screens import FloorScreen
from tests.support.floor_shift import BOSS, people_of
from tests.support.house import House, house, open_desk
from tests.support.proxy import proxy
from tests.support.sipp import Mix, plan_calls
from tests.support.starvation import Starvation

SCREENS = int(os.environ.get("LX_SCREENS", "40"))
SERVED_S, LATE_S = 10.0, 1.0
PBX, LINE = "127.0.16.1", ("127.0.16.2", 5038)
SEATS, CALLS = 8, 30
pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]


@dataclass(slots=True)
class Late(FloorScreen):
    """Keeps how late each row of a call came."""

    delays_s: list[float] = field(default_factory=list)

    async def _follow(self, screen, until):  # type: ignore[no-untyped-def]
        while not until.is_set():
            try:
                message = await screen.next(0.5)
            except TimeoutError:
                continue
            if message["type"] == "row" and message["topic"] == "call":
                self.delays_s.append(time.time() - datetime.fromisoformat(message["at"]).timestamp())
            screen.messages.clear()
            self.seq = screen.seq


async def test_all_screens_come_back_within_ten_seconds() -> None:
    plans = plan_calls(16, CALLS, Mix(gone_in_notice=0, gone_soon=0, talk_ms=(1000, 4000)))
    async with house(PBX, seats=SEATS, media=False) as h:
        for name in ("cti", "api"):
            h.start(name)
        await h.connected()
        token = (await people_of(h))[BOSS]
        screens = [Late(f"screen {n}", h, token) for n in range(SCREENS)]
        await asyncio.to_thread(open_desk, h, plans)
        closed = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for screen in screens:
                tasks.create_task(screen.run(closed))
            await eventually(lambda: all(s.opened for s in screens), 120)
            citizens = h.town.call(plans, 1.5)
            served_s, starved_s = await _restart_the_api(h, screens)
            for screen in screens:
                screen.delays_s.clear()  # what came meanwhile came with the hello
            waited = Starvation()
            before = waited.waited_s(house_pids(h))
            await hung_up(citizens, 90)
            late_s = waited.waited_s(house_pids(h)) - before
            await eventually(lambda: all(s.shows() == screens[0].shows() for s in screens), 20)
            closed.set()
    delays = sorted(d for s in screens for d in s.delays_s)
    print(f"{SCREENS} screens back in {served_s:.2f} s (starved {starved_s:.1f} s); {len(delays)} call rows, "
          f"worst {delays[-1]:.3f} s, median {delays[len(delays) // 2]:.3f} s (starved {late_s:.1f} s)")  # fmt: skip
    assert served_s <= SERVED_S + min(starved_s, 20)
    assert len(delays) > SCREENS * 10
    assert delays[-1] <= LATE_S + min(late_s, 4)


async def _restart_the_api(h: House, screens: list[Late]) -> tuple[float, float]:
    """(seconds until the last one had its hello, counted from when the first one had; seconds without a processor)."""
    opened = {s.name: s.opened for s in screens}
    h.kill("api")
    h.start("api")
    await eventually(lambda: any(s.opened > opened[s.name] for s in screens), 60, 0.01)
    begun, waited = time.monotonic(), Starvation()
    before = waited.waited_s(house_pids(h))
    await eventually(lambda: all(s.opened > opened[s.name] for s in screens), 60, 0.02)
    return time.monotonic() - begun, waited.waited_s(house_pids(h)) - before


async def test_f2_a_half_open_line_is_shown_on_every_screen() -> None:
    with proxy(*LINE, (PBX, 5038), seed=2) as line:
        async with house(PBX, seats=2, media=False, ami=LINE) as h:
            for name in ("cti", "api"):
                h.start(name)
            await h.connected()
            tokens = await people_of(h)
            screens, closed = [FloorScreen(who, h, tokens[who]) for who in (BOSS, "eye", "1001")], asyncio.Event()

            def nodes() -> list[tuple[object, object]]:
                pictures = [s.screen.picture["nodes"] for s in screens if s.screen is not None]
                return [(n["connected"], n["reason"]) for p in pictures for n in p.values()]

            async with asyncio.TaskGroup() as tasks:
                for screen in screens:
                    tasks.create_task(screen.run(closed))
                await eventually(lambda: nodes() == [(True, None)] * 3, 30)
                line.frozen = True
                begun = time.monotonic()
                await eventually(lambda: nodes() == [(False, "ami.silent")] * 3, 30)
                noticed_s = time.monotonic() - begun
                line.frozen = False
                await eventually(lambda: nodes() == [(True, None)] * 3, 30)
                closed.set()
    print(f"noticed on every screen after {noticed_s:.1f} s")
    assert noticed_s <= 10
