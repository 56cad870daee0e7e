"""All screens reconnect at once (F16): the API is restarted while calls come; and a half-open manager's line (F2).

LX_SCREENS=1000 pytest tests/faults/test_screens_come_back.py      # as many as FAULTS.md has it
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.floor_checker import house_pids
from tests.support.floor_screens import FloorScreen
from tests.support.floor_shift import BOSS, people_of
from tests.support.house import House, house, open_desk
from tests.support.light_screen import open_screen
from tests.support.proxy import proxy
from tests.support.sipp import Mix, plan_calls
from tests.support.starvation import Starvation

SCREENS = int(os.environ.get("LX_SCREENS", "40"))
PICTURED = 10  # of them keep the picture that a page shows
SERVED_S, LATE_S = 10.0, 1.0
PBX, LINE = "127.0.16.1", ("127.0.16.2", 5038)
SEATS, CALLS = 8, 30
pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]


@dataclass(slots=True)
class Light:
    """A screen that only notes how late each row of a call came, and comes back as a page does.

    A thousand that also kept a picture would take longer to read than what they are to measure.
    """

    house: House
    token: str
    opened: int = 0
    delays_s: list[float] = field(default_factory=list)
    _seq: int = 0

    async def run(self, until: asyncio.Event) -> None:
        while not until.is_set():
            with contextlib.suppress(OSError):
                screen = await open_screen(self.house, self.token, self._keep, self._seq)
                self.opened += 1
                closed = asyncio.create_task(until.wait())
                await asyncio.wait({closed, screen.gone}, return_when=asyncio.FIRST_COMPLETED)
                closed.cancel()
                screen.close()
            await asyncio.sleep(0.2)  # as a page, it does not knock without a pause

    def _keep(self, at: float, text: str) -> None:
        row = _ROW.match(text)
        if row is not None:
            self._seq = int(row["seq"])
            if row["topic"] == "call":
                self.delays_s.append(at - datetime.fromisoformat(row["at"]).timestamp())


_ROW = re.compile(
    r'\{"type":"row","prev":\d+,"seq":(?P<seq>\d+),"topic":"(?P<topic>\w+)","key":"[^"]*","at":"(?P<at>[^"]+)"'
)


async def test_all_screens_come_back_within_ten_seconds() -> None:
    plans = plan_calls(16, CALLS, Mix(gone_in_notice=0, gone_soon=0, talk_ms=(1000, 4000)))
    async with house(PBX, seats=SEATS, media=False) as h:
        for name in ("cti", "api"):
            h.start(name)
        await h.connected()
        token = (await people_of(h))[BOSS]
        pictured = [FloorScreen(f"screen {n}", h, token) for n in range(PICTURED)]
        light = [Light(h, token) for _ in range(SCREENS - PICTURED)]
        screens: list[FloorScreen | Light] = [*pictured, *light]
        await asyncio.to_thread(open_desk, h, plans)
        closed = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for screen in screens:
                tasks.create_task(screen.run(closed))
            await eventually(lambda: all(s.opened for s in screens), 120)
            citizens = h.town.call(plans, 1.5)
            served_s, starved_s = await _restart_the_api(h, screens)
            for screen in light:
                screen.delays_s.clear()  # what came meanwhile came with the hello
            waited = Starvation()
            before = waited.waited_s(house_pids(h))
            await hung_up(citizens, 90)
            late_s = waited.waited_s(house_pids(h)) - before
            await eventually(lambda: all(s.shows() == pictured[0].shows() for s in pictured), 20)
            closed.set()
    delays = sorted(d for s in light for d in s.delays_s)
    print(f"{SCREENS} screens back in {served_s:.2f} s (starved {starved_s:.1f} s); {len(delays)} call rows, "
          f"worst {delays[-1]:.3f} s, median {delays[len(delays) // 2]:.3f} s (starved {late_s:.1f} s)")  # fmt: skip
    assert served_s <= SERVED_S + min(starved_s, 20)
    assert len(delays) > len(light) * 10
    assert delays[-1] <= LATE_S + min(late_s, 4)


async def _restart_the_api(h: House, screens: Sequence[FloorScreen | Light]) -> tuple[float, float]:
    """(seconds until the last one had its hello, counted from when the first one had; seconds without a processor)."""
    opened = {id(s): s.opened for s in screens}
    h.kill("api")
    h.start("api")
    await eventually(lambda: any(s.opened > opened[id(s)] for s in screens), 60, 0.01)
    begun, waited = time.monotonic(), Starvation()
    before = waited.waited_s(house_pids(h))
    await eventually(lambda: all(s.opened > opened[id(s)] for s in screens), 60, 0.02)
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
