"""The floor is the PBX: during a random walk of pauses, sign-outs and queue changes every screen shows what it says.

LX_FLOOR_CALLS=2000 pytest tests/faults/test_floor_walk.py      # a longer walk; LX_FLOOR_SEED plays another one
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.floor_checker import Difference, FloorChecker, keep_looking
from tests.support.floor_day import COUNTS, judge_day
from tests.support.floor_screens import FloorScreen
from tests.support.floor_shift import BOSS, Shift, people_of
from tests.support.floor_words import Words
from tests.support.house import House, house, open_desk
from tests.support.people import headers_of
from tests.support.sipp import Mix, plan_calls
from tests.support.verdict import Verdict
from tests.support.witnesses import read_pbx

CALLS = int(os.environ.get("LX_FLOOR_CALLS", "70"))
SEED = int(os.environ.get("LX_FLOOR_SEED", "20264"))
RATE = 2.0
SEATS = 14
DEAF = "misses rows"
PBX = "127.0.16.1"
WALKED_S = CALLS / RATE

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(180 + 1.5 * WALKED_S)]


@dataclass
class Floor:
    """A house, the screens that look at its floor, and a checker between it and the PBX."""

    h: House
    shift: Shift
    checker: FloorChecker
    screens: list[FloorScreen]
    day: dict[str, Any] = field(default_factory=dict)  # as a screen showed it at the end

    def shown(self) -> Mapping[str, Words]:
        return {s.name: s.shows() for s in self.screens if s.screen is not None}

    async def walk(self) -> None:
        """Until every citizen has hung up; the screens stay until the last look."""
        plans = plan_calls(SEED, CALLS, Mix(gone_soon=0.25, talk_ms=(1500, 9000)))
        await asyncio.to_thread(open_desk, self.h, plans)
        over, closed = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for screen in self.screens:
                tasks.create_task(screen.run(closed))
            await eventually(lambda: all(s.opened for s in self.screens), 20)
            await eventually(lambda: len(self.screens[0].shows()) > SEATS, 20)
            tasks.create_task(keep_looking(self.h, self.checker, self.shown, closed))
            shift = tasks.create_task(self.shift.run(over))
            citizens = self.h.town.call(plans, RATE)
            await hung_up(citizens, within_s=WALKED_S + 60)
            over.set()
            await shift
            looks = self.checker.looks
            await eventually(lambda: self.checker.looks > looks and not self._still(), 20)
            await eventually(self._pictures_agree, 20)
            await self._judge_the_day()
            closed.set()

    def _still(self) -> list[Difference]:
        return [d for d in self.checker.still() if d.screen != DEAF]

    def _pictures_agree(self) -> bool:
        """To the last field, since when and why included."""
        pictures = [s.screen.picture for s in self.screens if s.screen is not None and s.name != DEAF]
        return all(picture == pictures[0] for picture in pictures)

    async def _judge_the_day(self) -> None:
        last: list[Verdict] = []

        async def right() -> bool:
            verdict = Verdict()
            evidence = self.h.evidence()
            calls = read_pbx(evidence.cel, evidence.queue_log)
            verdict.equal("CEL", "calls", CALLS, len(calls))
            for screen in self.screens:
                if screen.screen is not None:
                    self.day = screen.day
                    judge_day(verdict, screen.name, screen.day, calls)
            for day in await self._asked():
                judge_day(verdict, f"GET {day['queue']}", day, calls)
            last[:] = [verdict]
            return not verdict.differences

        try:
            await eventually(right, 30, 0.5)
        except AssertionError as exc:
            raise AssertionError(f"the day at its end: {last[0] if last else exc}") from exc

    async def _asked(self) -> list[dict[str, object]]:
        """The same from the rows."""
        headers = headers_of(self.shift.tokens[BOSS])
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client:
            answer = await client.get(f"{self.h.api_url}/api/v1/floor/day", headers=headers)
        items: list[dict[str, object]] = answer.raise_for_status().json()["items"]
        return items


async def given_a_floor(h: House) -> Floor:
    for name in ("cti", "worker", "api"):
        h.start(name)
    await h.connected()
    tokens = await people_of(h)
    screens = [
        FloorScreen("supervisor", h, tokens[BOSS]),
        FloorScreen("auditor", h, tokens["eye"]),
        FloorScreen("comes back", h, tokens[BOSS], every_s=2.5),
        FloorScreen(DEAF, h, tokens["eye"], deaf_to="1002"),
    ]
    return Floor(h, Shift(h, tokens, SEED), FloorChecker(), screens)


async def test_every_screen_shows_what_the_pbx_says() -> None:
    print(f"seed {SEED}, {CALLS} calls")
    async with house(PBX, seats=SEATS, media=False) as h:
        floor = await given_a_floor(h)
        await floor.walk()
        checker, shift = floor.checker, floor.shift
    away = floor.screens[2].away_s
    told = f"seed {SEED}: {checker.told()}\ndone {dict(shift.done)}\nrefused {dict(shift.refused)}\naway {away:.2f} s"
    print(told)
    print({name: floor.day[name] for name in COUNTS})
    assert shift.done["tuned"], told
    assert not [what for what in shift.refused if what.startswith("tuned")], told
    assert not [d for d in checker.lasting if d.screen != DEAF], told
    assert {d.key for d in checker.lasting} == {("agent", "1002")}, f"a screen that misses rows is noticed: {told}"
    assert checker.looks > WALKED_S * 2, told
    for name in ("agent.pause", "agent.ready", "agent.sign_out", "agent.sign_in", "queue change", "console pause"):
        assert shift.done[name], told
    assert floor.screens[2].opened > WALKED_S / 5, "it came back again and again"
