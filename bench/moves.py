"""Sixty agents, 3 calls/s for 15 minutes; 30 % are held, 20 % transferred, 5 % become conferences (issue's figure).

    python -m bench.moves [--minutes 15] [--rate 3] [--seats 60]

Prints CPU and memory of cti and Asterisk, the delay of each command from asked to confirmed (p50, p99), and how many
rows are wrong or missing (required: 0). A command's delay is measured where it is asked: from before its row is written
until its end is read there; the reading looks every 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass
from random import Random
from typing import Any

import asyncpg
import psutil

from bench.machine import describe, median, percentile, table
from bench.rig import Meter
from bench.stalls import Stalls
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk
from tests.support.sipp import FOREVER_MS, Plan
from tests.support.verdict import Verdict
from tests.support.walk import HOTLINE, Walk
from tests.support.walk_verdict import judge_walk

PBX = "127.0.17.1"
SEED = 3
HELD, TRANSFERRED, CONFERENCES = 0.30, 0.20, 0.05


class Shift(Walk):
    """What agents do to a call in an ordinary hour."""

    async def _move(self, pool: asyncpg.Pool, call_id: str, caller: str) -> None:
        dice = Random(f"{self.seed}/{caller}")
        draw = dice.random()
        number = f"05196{dice.randrange(1_000_000):06d}"  # answers, and hangs up after 14 s: nobody talks for ever
        target = {"target": {"kind": "number", "value": number}}
        await asyncio.sleep(dice.uniform(0.5, 2.0))
        if draw < HELD:
            await self._do(pool, call_id, "call.hold", {})
            await asyncio.sleep(dice.uniform(1.0, 3.0))
            await self._do(pool, call_id, "call.unhold", {})
        elif draw < HELD + TRANSFERRED / 2:
            await self._do(pool, call_id, "call.transfer", target)
        elif draw < HELD + TRANSFERRED:
            await self._do(pool, call_id, "call.consult", target)
            await asyncio.sleep(dice.uniform(1.0, 2.0))
            await self._do(pool, call_id, "call.consult_complete", {})
        elif draw < HELD + TRANSFERRED + CONFERENCES:
            await self._do(pool, call_id, "call.add", target)
            await asyncio.sleep(dice.uniform(1.0, 3.0))
            await self._do(pool, call_id, "call.leave", {})

    async def _do(self, pool: asyncpg.Pool, call_id: str, kind: str, args: dict[str, Any]) -> None:
        body = self._live.get(call_id)
        if body is not None and body["state"] != "ended":
            await self._ask(pool, self.ident(body["caller"], kind), kind, args, body)


@dataclass(frozen=True, slots=True)
class Figures:
    shift: Shift
    verdict: Verdict
    calls: int
    seconds: float
    cpu_s: dict[str, float]
    memory_mb: dict[str, tuple[float, float]]  # at the first call and at the last


async def measure(seats: int, rate: float, minutes: float) -> Figures:
    calls = int(rate * minutes * 60)
    dice = Random(SEED)
    plans = [
        Plan(str(13_900_000_000 + n), FOREVER_MS if n % 2 else dice.randint(7_000, 15_000), dice.randint(200, 900),
             dice.randint(5_000, 12_000) if n % 2 else FOREVER_MS)
        for n in range(calls)
    ]  # fmt: skip
    async with house(PBX, seats=seats, fsync=True, env={"LIANXIN_WRAP_UP_LIMIT_S": "5"}) as built:
        processes = {name: built.start(name) for name in ("cti", "worker", "api")}
        await built.connected()
        built.town.outside()
        await asyncio.to_thread(open_desk, built, [*plans, Plan(HOTLINE, FOREVER_MS, 300, 8_000)])
        meters = {name: Meter(p.pid) for name, p in processes.items()} | {"Asterisk": Meter(built.pbx.process.pid or 0)}
        before = {name: m.rss_mb() for name, m in meters.items()}
        shift, over, begun = Shift(built, SEED), asyncio.Event(), time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(shift.run(over))
            citizens = built.town.call(plans, rate)
            await eventually(lambda: not citizens.running, minutes * 60 + 120, 1.0)
            over.set()
        seconds = time.monotonic() - begun
        cpu = {name: m.cpu_s() for name, m in meters.items()}
        memory = {name: (before[name], m.rss_mb()) for name, m in meters.items()}
        verdict = await _settled(built, calls)
    return Figures(shift, verdict, calls, seconds, cpu, memory)


async def _settled(built: House, calls: int) -> Verdict:
    last: list[Verdict] = []

    async def right() -> bool:
        last[:] = [await judge_walk(built, calls)]
        return not last[0].differences

    try:
        await eventually(right, 90, 2.0)
    except AssertionError:
        return last[0]
    return last[0]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seats", type=int, default=60)
    arguments.add_argument("--rate", type=float, default=3.0)
    arguments.add_argument("--minutes", type=float, default=15.0)
    chosen = arguments.parse_args()
    print(describe())
    psutil.cpu_percent()
    stalls = Stalls()
    found = asyncio.run(measure(chosen.seats, chosen.rate, chosen.minutes))
    print(f"machine busy {psutil.cpu_percent():.0f} % during the run, others included")
    print(stalls.stop())
    print(f"{found.calls} calls in {found.seconds:.0f} s; {found.verdict}")
    print(table(
        ("process", "CPU ms/call", "cores", "MB before", "MB after"),
        [(n, s / found.calls * 1e3, s / found.seconds, *found.memory_mb[n]) for n, s in found.cpu_s.items()],
    ))  # fmt: skip
    rows = []
    for kind, ends in sorted(found.shift.ends().items()):
        delays = [s * 1e3 for s in found.shift.delays_s(kind)] or [float("nan")]
        rows.append((kind, sum(ends.values()), len(delays), median(delays), percentile(delays, 0.99), max(delays)))
    print(table(("command", "asked", "succeeded", "p50 ms", "p99 ms", "max ms"), rows))
    for kind, ends in sorted(found.shift.ends().items()):
        print(f"{kind}: {dict(ends)}")
    wrong = len(found.verdict.differences)
    print(f"rows wrong or missing: {wrong} ({'NOT met' if wrong else 'met'})")


if __name__ == "__main__":
    main()
