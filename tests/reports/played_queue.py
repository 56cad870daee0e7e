"""A queue played out call by call, as simply as can be: the tests' own, to hold the formulas against."""

from __future__ import annotations

import heapq
import random
import statistics
from collections import deque

from reports.erlang import Load

WARM_S, HOUR_S = 3600.0, 3600.0


def played(
    agents: int, load: Load, patience_s: float | None, within_s: float, hours: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(waits, abandons, within) of all calls of ``hours`` independent hours, and the standard error of each.

    Of all calls, not the mean of the hours' shares: a busy hour has more calls, and they wait longer.
    """
    rng = random.Random(4)
    runs = [_hour(agents, load, patience_s, within_s, rng) for _ in range(hours)]
    total = sum(calls for calls, _ in runs)
    shares, errors = [], []
    for n in range(3):
        share = sum(counts[n] for _, counts in runs) / total
        off = [counts[n] - share * calls for calls, counts in runs]
        shares.append(share)
        errors.append(statistics.stdev(off) * len(off) ** 0.5 / total)
    return tuple(shares), tuple(errors)


def _hour(
    agents: int, load: Load, patience_s: float | None, within_s: float, rng: random.Random
) -> tuple[int, tuple[int, ...]]:
    """How many called in one hour after another of warming up, and how many of these met each fate."""
    free_at = [0.0] * agents
    fates: list[tuple[bool, bool, bool]] = []
    queue: deque[tuple[float, float]] = deque()
    at = 0.0
    while at < WARM_S + HOUR_S:
        at += rng.expovariate(load.calls_per_hour / 3600)
        queue.append((at, at + (rng.expovariate(1 / patience_s) if patience_s else float("inf"))))
        _serve(queue, free_at, at, load, within_s, rng, fates)
    _serve(queue, free_at, float("inf"), load, within_s, rng, fates)
    return len(fates), tuple(sum(fate[n] for fate in fates) for n in range(3))


def _serve(  # noqa: PLR0917 - one place that calls it
    queue: deque[tuple[float, float]], free_at: list[float], now: float, load: Load, within_s: float,
    rng: random.Random, fates: list[tuple[bool, bool, bool]],
) -> None:  # fmt: skip
    """First come, first served, as far as agents become free before ``now``."""
    while queue:
        came, leaves = queue[0]
        begins = max(came, free_at[0])
        if begins > now:
            return
        queue.popleft()
        waited, gone = begins > came, begins > leaves
        if came >= WARM_S:
            fates.append((waited, gone, not gone and begins - came <= within_s))
        if not gone:
            heapq.heapreplace(free_at, begins + rng.expovariate(1 / load.handling_s))
