"""Asterisk killed with calls up (F7): every call closed as lost, its audio kept and repaired, seats back alone."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.settling import hung_up, like_the_pbx, settled
from tests.support.eventually import eventually
from tests.support.house import house, open_desk
from tests.support.sipp import FOREVER_MS, Mix, Plan, plan_calls

PBX = "127.0.16.1"
UP = 30


@pytest.mark.fault
@pytest.mark.pbx
@pytest.mark.db
@pytest.mark.timeout(180)
async def test_asterisk_killed_with_calls_up() -> None:
    cut = [Plan(str(13_900_000_000 + n), 15_000, 400, FOREVER_MS) for n in range(UP)]
    after = plan_calls(5, 10, Mix(gone_in_notice=0, gone_soon=0, talk_ms=(1500, 3000)), first=13_800_000_000)
    async with house(PBX, seats=UP + 5) as h:
        h.start("cti")
        h.start("worker")
        await h.connected()
        await asyncio.to_thread(
            open_desk, h, cut + after, list(h.agent_of_seat)[:UP]
        )  # five more callers than seats wait
        first = h.town.call(cut, 10, name="cut")
        await eventually(lambda: _talking(h.town.logs) >= UP - 2, 30)
        await asyncio.sleep(4)  # there must be some seconds of audio to save
        h.kill_asterisk()
        await asyncio.to_thread(h.start_asterisk)
        await h.connected()
        await hung_up(first, 60)
        again = h.town.call(after, 5, name="after", host=131)
        await hung_up(again, 60)
        verdict = await settled(h, calls=UP + 10, within_s=90)
        await like_the_pbx(h, within_s=10)
    assert verdict.outcomes["lost"] == UP, verdict
    assert verdict.outcomes["answered"] == 10, verdict
    assert verdict.recordings["missing"] == 0, verdict


def _talking(logs: list) -> int:
    return sum(log.read_text().count("connected|") for log in logs if log.exists())
