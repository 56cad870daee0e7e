"""Calls that move at random: every move an agent can make, in any order, also while cti is killed and cut off (F24).

LX_WALK_CALLS=2000 pytest tests/faults/test_walk.py      # the long walk; LX_WALK_SEED plays another one
"""

from __future__ import annotations

import asyncio
import os
from random import Random

import pytest

from tests.faults.nemesis import Nemesis
from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk
from tests.support.proxy import Proxy, proxy
from tests.support.verdict import Verdict
from tests.support.walk import Walk, plan_walk
from tests.support.walk_verdict import judge_walk

CALLS = int(os.environ.get("LX_WALK_CALLS", "120"))
SEED = int(os.environ.get("LX_WALK_SEED", "20260"))
RATE = 2.0
PBX, LINE = "127.0.16.1", ("127.0.16.2", 5038)
WALKED_S = CALLS / RATE

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(360 + 1.2 * WALKED_S)]


async def test_random_moves_end_right() -> None:
    async with house(PBX, seats=60) as h:
        walk, verdict = await _walk(h)
    told = {kind: dict(ends) for kind, ends in walk.ends().items()}
    assert not verdict.differences, f"{verdict}\n{told}"
    assert verdict.outcomes["answered"] > CALLS * 0.8, verdict
    for kind in ("call.transfer", "call.consult", "call.consult_complete", "call.add", "call.hold"):
        assert walk.delays_s(kind), told


async def test_random_moves_while_cti_is_killed_and_its_line_cut() -> None:
    with proxy(*LINE, (PBX, 5038), seed=SEED) as line:
        async with house(PBX, seats=60, ami=LINE) as h:
            walk, verdict = await _walk(h, _hurt(h, line))
    assert not verdict.differences, f"{verdict}\n{ {k: dict(v) for k, v in walk.ends().items()} }"
    assert verdict.outcomes["answered"] > CALLS * 0.7, verdict


def _hurt(h: House, line: Proxy) -> Nemesis:
    """A kill and a cut in every thirty seconds."""
    nemesis = Nemesis(Random(SEED))
    for n in range(max(1, int(WALKED_S // 30))):
        killed = nemesis.plan(f"kill cti {n}", (30 * n + 6, 30 * n + 12), lambda: h.kill("cti"))
        nemesis.plan(f"start cti {n}", (killed + 1, killed + 1), lambda: h.begin("cti"))
        nemesis.plan(f"cut the manager's line {n}", (30 * n + 20, 30 * n + 26), line.cut)
    return nemesis


async def _walk(h: House, nemesis: Nemesis | None = None) -> tuple[Walk, Verdict]:
    plans = plan_walk(SEED, CALLS)
    h.start("cti")
    h.start("worker")
    await h.connected()
    h.town.outside()
    await asyncio.to_thread(open_desk, h, plans)
    walk, over = Walk(h, SEED), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(walk.run(over))
        citizens = h.town.call(plans[:-1], RATE)
        if nemesis is not None:
            await nemesis.run()
        await hung_up(citizens, within_s=WALKED_S + 90)
        over.set()
    last: list[Verdict] = []

    async def right() -> bool:
        last[:] = [await judge_walk(h, CALLS)]
        return not last[0].differences

    try:
        await eventually(right, 180, 2.0)  # the worker makes every recording after Asterisk's work
    except AssertionError:
        return walk, last[0]
    return walk, last[0]
