"""A surge (F18): more calls than seats and places. None is lost to SIP, every place is right, nobody is met by silence.

As large as a town may see it, each half by itself, for together they need more than two cores (README):

LX_SURGE_RATE=60 LX_SURGE_S=60 LX_SURGE_PLACES=100 pytest -n 0 tests/faults/test_surge.py
LX_SURGE_RATE=10 LX_SURGE_S=60 LX_SURGE_PLACES=500 LX_SURGE_PATIENCE_S=70 pytest -n 0 tests/faults/test_surge.py
"""

from __future__ import annotations

import asyncio
import os

import pytest

from pbx_config.settings import QueueTuning
from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.floor_checker import FloorChecker, keep_looking
from tests.support.floor_screens import FloorScreen
from tests.support.floor_shift import BOSS, people_of
from tests.support.house import House, house, open_desk
from tests.support.sipp import FOREVER_MS, Plan
from tests.support.witnesses import Inside, read_pbx, read_sipp

RATE = float(os.environ.get("LX_SURGE_RATE", "15"))
SECONDS = float(os.environ.get("LX_SURGE_S", "4"))
PLACES = int(os.environ.get("LX_SURGE_PLACES", "25"))
PATIENCE_S = float(os.environ.get("LX_SURGE_PATIENCE_S", "12"))
SEATS = 6
FULL = "LX_FULL"
PBX = "127.0.16.1"
pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(240 + 2 * SECONDS + PATIENCE_S)]


async def test_a_surge_loses_nobody_in_silence() -> None:
    count = int(RATE * SECONDS)
    plans = [Plan(str(13_900_000_000 + n), int(PATIENCE_S * 1000), 300, FOREVER_MS) for n in range(count)]
    async with house(PBX, seats=SEATS, media=False, queue=QueueTuning(max_waiting=PLACES)) as h:
        await h.fetch(f"UPDATE line_profile SET max_waiting = {PLACES}")  # the hours' own limit holds, too
        for name in ("cti", "worker", "api"):
            h.start(name)
        await h.connected()
        screen = FloorScreen("supervisor", h, (await people_of(h))[BOSS])
        await asyncio.to_thread(open_desk, h, plans)
        checker, closed = FloorChecker(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(screen.run(closed))
            await eventually(lambda: len(screen.shows()) > SEATS, 30)
            tasks.create_task(keep_looking(h, checker, lambda: {"supervisor": screen.shows()}, closed))
            citizens = h.town.call(plans, RATE)
            await hung_up(citizens, SECONDS + PATIENCE_S + 80)
            await eventually(lambda: not checker.still(), 20)
            closed.set()
        assert citizens.process.returncode == 0, citizens.errors()[-2000:]
        sent_away = _nobody_met_silence(h, plans)
        await eventually(lambda: _each_is_an_entry(h, sent_away), 40, 0.5)
    print(checker.told(), f"{len(sent_away)} of {count} beyond the limit")
    assert not checker.lasting, checker.told()
    places = [key for key in checker.places if key > PLACES]
    assert max(checker.places) == PLACES, "the queue was full, as it was meant to be"
    assert not places, places


def _nobody_met_silence(h: House, plans: list[Plan]) -> list[str]:
    """Every call was answered by the PBX; who found the queue full heard it said to the end. Their numbers."""
    outside = read_sipp(h.town.logs)
    evidence = h.evidence()
    inside: dict[str, Inside] = {c.caller: c for c in read_pbx(evidence.cel, evidence.queue_log).values()}
    assert {p.caller for p in plans} == outside.keys() == inside.keys()
    assert not [o for o in outside.values() if o.answered is None or o.ended_by in ("refused", "unanswered")]
    sent_away = [caller for caller, call in inside.items() if FULL in call.milestones]
    assert sent_away, "the surge was too small"
    for caller in sent_away:
        assert not inside[caller].queued
        heard_s = (inside[caller].ended or 0.0) - inside[caller].milestones[FULL]
        assert heard_s > 2.0, f"{caller} was sent away after {heard_s:.1f} s: no time to hear why"
    return sent_away


async def _each_is_an_entry(h: House, callers: list[str]) -> bool:
    """Of the list of people to be called back."""
    rows = await h.fetch("SELECT number, kind FROM unreached")
    found = {r["number"]: r["kind"] for r in rows}
    missing = [c for c in callers if found.get(c) != "refused"]
    assert not missing, f"{len(missing)} of {len(callers)} are in no list: {missing[:5]}"
    return True
