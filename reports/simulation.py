"""A day of the hotline played out call by call, redials included: what no formula tells. Pure, seeded.

Calls arrive at random at the rate of each half hour; talks and patience are exponential; who gives up calls again with
a chance, after an exponential time, and that call is offered anew. Agents come and go at the half hours; who is talking
when their seat closes ends that call first. The same question gives the same answer.

Its work is bounded by :func:`runs_for`: about ``MOST_CALLS`` calls whatever the day, so at most some seconds.
"""

from __future__ import annotations

import heapq
import random
import statistics
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_CALLS: Final = 60_000
MOST_RUNS, FEWEST_RUNS = 40, 4
_TRIES: Final = 8  # of one caller: who calls more often is not a citizen any more but a machine
_GIVE_WAY: Final = 500  # steps after which the thread lets others run


@dataclass(frozen=True, slots=True)
class Scene:
    """A day: by half hour calls (their mean) and agents. ``patience_s`` None: nobody gives up."""

    calls: Sequence[float]
    agents: Sequence[int]
    handling_s: float
    patience_s: float | None
    redial_share: float
    redial_after_s: float
    within_s: float
    slot_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Share:
    """The mean over runs, and between which bounds nineteen of twenty days lie."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Played:
    runs: int
    offered: float  # a day, redials included
    redials: float
    within: Share
    abandons: Share


def runs_for(scene: Scene) -> int:
    """How often to play it. Each caller may call again: their whole number is what costs."""
    expected = sum(scene.calls) / max(1 - scene.redial_share, 1 / _TRIES)
    return max(FEWEST_RUNS, min(MOST_RUNS, int(MOST_CALLS / max(expected, 1.0))))


def play(scene: Scene, seed: int = 1) -> Played:
    """Runs in a thread: it gives way often, so that the event loop beside it stays quick."""
    runs = [_Day(scene, random.Random(seed * 1_000_003 + n)).run() for n in range(runs_for(scene))]
    offered = [run.offered for run in runs]
    return Played(
        len(runs), statistics.fmean(offered), statistics.fmean(run.redials for run in runs),
        _share([run.in_time / run.offered if run.offered else 1.0 for run in runs]),
        _share([run.gave_up / run.offered if run.offered else 0.0 for run in runs]),
    )  # fmt: skip


def _share(values: list[float]) -> Share:
    ordered = sorted(values)
    edge = int(len(ordered) * 0.025)
    return Share(statistics.fmean(ordered), ordered[edge], ordered[-1 - edge])


_CALL, _END, _LEAVE, _SHIFT = range(4)


class _Day:
    """One run. Steps are (when, number, kind, what); the number keeps steps of one moment in their order."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self._scene, self._rng = scene, rng
        self._steps: list[tuple[float, int, int, int]] = []
        self._waiting: deque[tuple[int, float]] = deque()  # caller, since when
        self._still: set[int] = set()  # who waits and has not given up
        self._tries: dict[int, int] = {}
        self._n = self._busy = self._agents = 0
        self.offered = self.redials = self.in_time = self.gave_up = 0

    def run(self) -> _Day:
        for slot, (calls, agents) in enumerate(zip(self._scene.calls, self._scene.agents, strict=True)):
            begin = slot * self._scene.slot_s
            self._push(begin, _SHIFT, agents)
            self._arrive(begin, calls)
        heapq.heapify(self._steps)
        done = 0
        while self._steps:
            at, _, kind, what = heapq.heappop(self._steps)
            self._take(at, kind, what)
            done += 1
            if done % _GIVE_WAY == 0:
                time.sleep(0)
        self.gave_up += len(self._still)  # the day is over, and nobody came for them
        return self

    def _arrive(self, begin: float, calls: float) -> None:
        at, rate = begin, calls / self._scene.slot_s
        while rate > 0:
            at += self._rng.expovariate(rate)
            if at >= begin + self._scene.slot_s:
                return
            self._push(at, _CALL, 1)

    def _push(self, at: float, kind: int, what: int) -> None:
        self._n += 1
        heapq.heappush(self._steps, (at, self._n, kind, what))

    def _take(self, at: float, kind: int, what: int) -> None:
        if kind == _CALL:
            self._call(at, what)
        elif kind == _LEAVE:
            self._leave(at, what)
        elif kind == _END:
            self._busy -= 1
        else:
            self._agents = what
        self._serve(at)

    def _call(self, at: float, tries: int) -> None:
        self.offered += 1
        self.redials += tries > 1
        self._n += 1
        caller = self._n
        self._waiting.append((caller, at))
        self._still.add(caller)
        self._tries[caller] = tries
        if self._scene.patience_s is not None:
            self._push(at + self._rng.expovariate(1 / self._scene.patience_s), _LEAVE, caller)

    def _leave(self, at: float, caller: int) -> None:
        if caller not in self._still:
            return
        self._still.discard(caller)
        self.gave_up += 1
        tries, scene = self._tries[caller], self._scene
        if tries < _TRIES and self._rng.random() < scene.redial_share:
            again = at + self._rng.expovariate(1 / scene.redial_after_s)
            if again < len(scene.calls) * scene.slot_s:
                self._push(again, _CALL, tries + 1)

    def _serve(self, at: float) -> None:
        while self._waiting and self._busy < self._agents:
            caller, since = self._waiting.popleft()
            if caller not in self._still:
                continue
            self._still.discard(caller)
            self._busy += 1
            self.in_time += at - since <= self._scene.within_s
            self._push(at + self._rng.expovariate(1 / self._scene.handling_s), _END, 0)
