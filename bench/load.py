"""cti's CPU per call ÷ Asterisk's at 100 calls/s (required ≤ 0.5), and cti's memory over 20,000 calls (required flat).

    python -m bench.load [--calls 20000] [--rate 100] [--seats 150]

Prints whose the machine's cores were as well: where the rate is more than the machine carries, Asterisk takes them all
and no ratio can be told. Such a run is ended after twice its time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import time
from dataclasses import dataclass

import psutil

from bench.machine import describe, table
from bench.rig import Meter, bench_house, short_calls
from bench.stalls import Stalls
from tests.support.eventually import eventually
from tests.support.house import House, open_desk
from tests.support.sipp import Sipp

SEATS = 150
SAMPLE_S = 1.0
IDLE_S = 10.0
LATE_S = 60.0
FLAT_MB = 10.0  # growth over the last four fifths of 20,000 calls


@dataclass(frozen=True, slots=True)
class Figures:
    calls: int
    seconds: float
    cti_ms: float  # CPU per call
    asterisk_ms: float
    answered: int
    failed: int
    idle_cti: float  # cores while nothing happens, already taken off
    idle_asterisk: float
    memory: list[tuple[int, float]]  # calls begun so far, MB of cti
    cores: dict[str, float]  # taken during the run, by whom
    carried: bool  # the calls came to their end in time

    @property
    def ratio(self) -> float:
        return self.cti_ms / self.asterisk_ms

    def growth_mb(self) -> float:
        """Least-squares growth of cti's memory over the last four fifths of the run."""
        steady = self.memory[len(self.memory) // 5 :]
        slope = statistics.linear_regression([c for c, _ in steady], [mb for _, mb in steady]).slope
        return slope * (steady[-1][0] - steady[0][0])


async def measure(calls: int, rate: int, seats: int) -> Figures:
    async with bench_house(seats) as built:
        plans = short_calls(1, calls, 13_900_000_000)
        cti = built.start("cti", module="bench.short_cti")
        await built.connected(30)
        await asyncio.to_thread(open_desk, built, plans)
        meters = [Meter(cti.pid), Meter(built.pbx.process.pid or 0)]
        await asyncio.sleep(IDLE_S)  # what the seats' qualifying costs without calls is no call's price
        idle = [m.cpu_s() / IDLE_S for m in meters]
        meters = [Meter(m.pid) for m in meters]
        begun = time.monotonic()
        running = built.town.call(plans, rate)
        memory, cores = await _watch(
            running, calls, rate, {"Asterisk": [meters[1]], "cti": [meters[0]]} | _others(built)
        )
        seconds, carried = time.monotonic() - begun, not running.running
        running.stop()
        if carried:
            await _caught_up(built)
        spent_s = time.monotonic() - begun
        cti_s, asterisk_s = (m.cpu_s() - one * spent_s for m, one in zip(meters, idle, strict=True))
        rows = await built.fetch("SELECT outcome, count(*) AS n FROM call GROUP BY 1")
    outcomes = {r["outcome"]: r["n"] for r in rows}
    price = cti_s / calls * 1e3, asterisk_s / calls * 1e3
    answered = outcomes.get("answered", 0)
    return Figures(
        calls, seconds, price[0], price[1], answered, calls - answered, idle[0], idle[1], memory, cores, carried
    )  # fmt: skip


async def _watch(
    running: Sipp, calls: int, rate: int, whose: dict[str, list[Meter]]
) -> tuple[list[tuple[int, float]], dict[str, float]]:
    """A sample each second until SIPp's end, or until it is far too late: cti's memory, and who took how many cores."""
    memory, cores, begun = [], dict.fromkeys(whose, 0.0), time.monotonic()
    while running.running and time.monotonic() - begun < 2 * calls / rate + LATE_S:
        await asyncio.sleep(SAMPLE_S)
        seconds = time.monotonic() - begun
        memory.append((min(calls, round(seconds * rate)), whose["cti"][0].rss_mb()))
        with contextlib.suppress(psutil.NoSuchProcess):  # the citizens are gone: what was seen before stands
            cores = {name: sum(m.cpu_s() for m in same) / seconds for name, same in whose.items()}
    return memory, cores


def _others(built: House) -> dict[str, list[Meter]]:
    postmaster = int((built.cluster.data / "postmaster.pid").read_text().split()[0])
    sipp = [p.pid for p in psutil.Process().children() if p.name() == "sipp"]
    return {"PostgreSQL": [Meter(postmaster)], "SIPp": [Meter(pid) for pid in sipp]}


async def _caught_up(built: House) -> None:
    """The journal's work belongs to cti's price: wait until no call is open."""

    async def none_open() -> bool:
        rows = await built.fetch("SELECT count(*) AS n FROM call WHERE ended_at IS NULL")
        return bool(rows[0]["n"] == 0)

    await eventually(none_open, 60, 0.5)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=20_000)
    arguments.add_argument("--rate", type=int, default=100)
    arguments.add_argument("--seats", type=int, default=SEATS)
    chosen = arguments.parse_args()
    print(describe())
    psutil.cpu_percent()
    stalls = Stalls()
    f = asyncio.run(measure(chosen.calls, chosen.rate, chosen.seats))
    print(f"machine busy {psutil.cpu_percent():.0f} % during the run, others included")
    print(stalls.stop())
    heads = ("calls", "seconds", "answered", "not", "cti ms/call", "Asterisk ms/call", "ratio", "cti MB", "growth MB")
    row = (f.calls, f.seconds, f.answered, f.failed, f.cti_ms, f.asterisk_ms, f.ratio, f.memory[-1][1], f.growth_mb())
    print(table(heads, [row]))
    print("cores: " + ", ".join(f"{name} {n:.2f}" for name, n in f.cores.items()))
    if not f.carried:
        print(f"this machine does not carry {chosen.rate} calls/s: no ratio can be told")
    print(f"without calls: cti {f.idle_cti:.3f} cores, Asterisk {f.idle_asterisk:.3f} (taken off above)")
    print(f"ratio ≤ 0.5: {'met' if f.ratio <= 0.5 else 'NOT met'}; memory flat (≤ {FLAT_MB:.0f} MB): "
          f"{'met' if f.growth_mb() <= FLAT_MB else 'NOT met'}")  # fmt: skip


if __name__ == "__main__":
    main()
