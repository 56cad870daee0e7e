"""Asterisk's event to the WebSocket message at the desk (required: p99 ≤ 10 ms), with a million cases in the database.

    python -m bench.pop [--rounds 3] [--seconds 30] [--rates 2,20,100] [--cases 1000000]

From the AMI event's own Timestamp (the feed row's ``fact_at``, compared here with CEL's independent stamp of the same
ring) to the moment an agent's, and a supervisor's, socket has the message. Both clocks are this machine's. Messages on
their way while the machine itself stood still (bench.stalls) are told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from bench.machine import describe, median, percentile, table
from bench.rig import bench_house, healthy_api, short_calls, sign_in
from bench.seed import seed
from bench.stalls import Stalls
from tests.support.eventually import eventually
from tests.support.house import House, open_desk
from tests.support.light_screen import LightScreen, open_screen
from tests.support.sipp import Plan
from tests.support.witnesses import read_pbx

SEATS = 300  # twice what the fastest rate keeps busy: a queue that grows would be another measurement
DESKS = 120  # agents whose screens are open, and one supervisor
CALLS_LEAST = 200  # a p99 of fewer is the worst sample
LIMIT_MS = 10.0
PATIENCE_S = 20.0
DRAIN_S = 120.0
BOSS = "boss"
Delay = tuple[float, bool]  # milliseconds, and whether the machine stood still meanwhile


@dataclass(frozen=True, slots=True)
class Round:
    rate: int
    agent: list[Delay]  # the ring, at the ringing agent's desk
    supervisor: list[Delay]  # the ring, at the supervisor's
    changes: list[Delay]  # every change of a call, at the supervisor's
    feed: list[Delay]  # of the ring: until PostgreSQL had begun to write the row
    not_rung: int  # calls that rang nowhere: the machine was too slow for this rate
    stamp_ms: float  # |fact_at − CEL|, median
    busy: float
    stalls: str


async def measure(rates: list[int], rounds: int, seconds: int, cases: int) -> list[Round]:
    runs = [rate for _ in range(rounds) for rate in rates]
    plans = [
        short_calls(n, max(rate * seconds, CALLS_LEAST), 13_900_000_000 + n * 100_000) for n, rate in enumerate(runs)
    ]
    async with bench_house(SEATS) as built:
        if cases:
            await seed(built.dsn, cases)
            await _settle(built)
        built.start("cti", module="bench.short_cti")
        for command in ("worker", "api"):
            built.start(command)
        await built.connected()
        await healthy_api(built)
        await asyncio.to_thread(open_desk, built, [p for run in plans for p in run])
        agents = list(built.agent_of_seat.values())[:DESKS]
        tokens = await sign_in(built.dsn, [(BOSS, "supervisor", None), *((a, "agent", a) for a in agents)])
        desks = {login: await open_screen(built, token) for login, token in tokens.items()}
        found = []
        for n, rate in enumerate(runs):
            found.append(await _round(built, desks, rate, plans[n], n))
            await _drained(built)
        for desk in desks.values():
            desk.close()
    return found


async def _settle(built: House) -> None:
    """What autovacuum and the checkpointer would do during the first minutes after a million new rows."""
    for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
        await built.fetch(statement)


async def _drained(built: House) -> None:
    """No call of the round before is left when the next one begins."""

    async def none_left() -> bool:
        rows = await built.fetch("SELECT count(*) AS n FROM live WHERE topic = 'call'")
        return bool(rows[0]["n"] == 0)

    await eventually(none_left, DRAIN_S, 0.5)


async def _round(built: House, desks: dict[str, LightScreen], rate: int, plans: list[Plan], number: int) -> Round:
    for desk in desks.values():
        desk.received.clear()
    psutil.cpu_percent()
    stalls = Stalls()
    calls = built.town.call(plans, rate, name=f"citizens{number}")
    await asyncio.to_thread(calls.wait_or_stop, len(plans) / rate + PATIENCE_S)
    busy = psutil.cpu_percent()
    stalls.stop()
    facts = await built.fetch(
        "SELECT seq, at, fact_at, body->>'state' AS state, body->>'linkedid' AS linkedid FROM feed"
        " WHERE topic = 'call' AND body IS NOT NULL AND fact_at IS NOT NULL AND (body->>'caller') = ANY($1)"
        " ORDER BY seq",
        [p.caller for p in plans],
    )
    stamp_of = {f["seq"]: f["fact_at"].timestamp() for f in facts}
    first_ring: dict[str, int] = {}
    for f in facts:
        if f["state"] == "ringing":
            first_ring.setdefault(f["linkedid"], f["seq"])
    rings = {seq: stamp_of[seq] for seq in first_ring.values()}
    written = [(rings[f["seq"]], f["at"].timestamp()) for f in facts if f["seq"] in rings]
    return Round(
        rate,
        [d for login, desk in desks.items() if login != BOSS for d in _delays(desk, rings, stalls)],
        _delays(desks[BOSS], rings, stalls),
        _delays(desks[BOSS], stamp_of, stalls),
        [((at - fact) * 1e3, stalls.hit(fact, at)) for fact, at in written],
        len(plans) - len(rings),
        _against_cel(built, {link: stamp_of[seq] for link, seq in first_ring.items()}),
        busy,
        str(stalls),
    )


def _delays(desk: LightScreen, stamp_of: dict[int, float], stalls: Stalls) -> list[Delay]:
    """From the fact's stamp to the message, of the rows in ``stamp_of``."""
    delays = []
    for at, text in desk.received:
        if '"topic":"call"' in text:
            stamp = stamp_of.get(int(json.loads(text)["seq"]))
            if stamp is not None:
                delays.append(((at - stamp) * 1e3, stalls.hit(stamp, at)))
    return delays


def _against_cel(built: House, ring_at: dict[str, float]) -> float:
    """How far the stamps we measure from lie from CEL's stamp of the agent's channel, an independent witness."""
    inside = read_pbx([built.pbx.settings.cel_file], [built.pbx.settings.queue_log_file])
    known = {link: inside[link].second_channel_at for link in ring_at if link in inside}
    return median([abs(ring_at[link] - at) * 1e3 for link, at in known.items() if at])


def report(found: Iterable[Round]) -> str:
    found, rows = list(found), []
    for rate in sorted({r.rate for r in found}):
        same = [r for r in found if r.rate == rate]
        stamp, busy = (median([getattr(r, name) for r in same]) for name in ("stamp_ms", "busy"))
        lost = sum(r.not_rung for r in same)
        for name in ("agent", "supervisor", "changes", "feed"):
            rows.append((rate, name, *figures([getattr(r, name) for r in same]), lost, stamp, f"{busy:.0f} %"))
    heads = (
        "calls/s", "screen", "samples", "p50 ms", "p99 ms", "worst ms", "undisturbed", "their p50", "their p99",
        "not rung", "stamp vs CEL ms", "busy",
    )  # fmt: skip
    return "\n".join([table(heads, rows), *(f"{r.rate}/s: {r.stalls}" for r in found)])


def figures(rounds: list[list[Delay]]) -> tuple[object, ...]:
    """Medians over the rounds: of all samples, and of those on whose way the machine never stood still."""
    everything = [[ms for ms, _ in one] for one in rounds if one]
    clean = [kept for one in rounds if (kept := [ms for ms, hit in one if not hit])]
    return (
        sum(map(len, everything)),
        *(median([percentile(v, share) for v in everything]) for share in (0.5, 0.99)),
        max((max(v) for v in everything), default=float("nan")),
        sum(map(len, clean)),
        *(median([percentile(v, share) for v in clean]) for share in (0.5, 0.99)),
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--rates", default="2,20,100")
    arguments.add_argument("--cases", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    print(describe())
    rates = [int(r) for r in chosen.rates.split(",")]
    gc.disable()  # the desks' own collector is not to be measured; the run is bounded
    found = asyncio.run(measure(rates, chosen.rounds, chosen.seconds, chosen.cases))
    print(report(found))
    for rate in rates:
        p99 = figures([r.agent for r in found if r.rate == rate])[2]
        verdict = "met" if isinstance(p99, float) and p99 <= LIMIT_MS else "NOT met"
        print(f"{rate}/s: p99 ≤ {LIMIT_MS:.0f} ms at the agent's desk: {verdict} ({p99:.1f} ms)")


if __name__ == "__main__":
    main()
