"""How many people answer how many calls how soon: Erlang C (everybody waits) and Erlang A (some give up). Pure.

Calls come at random (Poisson), talks are exponential, ``agents`` serve in the order of arrival; under Erlang A each
caller gives up after an exponential patience. All in the steady state: a half hour is looked at as if it went on.

Erlang B is the recursion that divides by itself and cannot overflow. Erlang A is not summed but integrated: the wait
``t`` that an endlessly patient caller would have has a density proportional to
``exp(arrivals·(1 − e^(−t/patience))·patience − agents·t/handling)`` (Baccelli, Hebuterne 1981), a hill whose logarithm
is concave: its top is known, and nothing is computed further than e^-45 below it. So overload and very patient callers
need neither big numbers nor many terms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_DEEP: Final = 45.0
_PANELS: Final = 48
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
MOST_AGENTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Load:
    """``calls_per_hour`` offered, each of ``handling_s`` (talk, hold and wrap-up)."""

    calls_per_hour: float
    handling_s: float

    @property
    def erlangs(self) -> float:
        return self.calls_per_hour * self.handling_s / 3600


@dataclass(frozen=True, slots=True)
class Service:
    """Shares of the calls offered: that must wait, that give up, that a person answers within the time asked for."""

    waits: float
    abandons: float
    within: float


def erlang_b(agents: int, erlangs: float) -> float:
    """The share that finds every agent busy where nobody can wait."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return blocked


def erlang_c(agents: int, load: Load, within_s: float) -> Service:
    """Nobody gives up. Where more is offered than can be served, the queue grows for ever and nobody is in time."""
    erlangs = load.erlangs
    if erlangs <= 0:
        return Service(0.0, 0.0, 1.0)
    if agents <= erlangs:
        return Service(1.0, 0.0, 0.0)
    blocked = erlang_b(agents, erlangs)
    waits = blocked / (1 - (erlangs / agents) * (1 - blocked))
    late = waits * math.exp(-(agents - erlangs) * within_s / load.handling_s)
    return Service(waits, 0.0, 1.0 - late)


def erlang_a(agents: int, load: Load, patience_s: float, within_s: float) -> Service:
    """Callers give up after ``patience_s`` on average. Who gives up is offered, and not answered."""
    if load.erlangs <= 0:
        return Service(0.0, 0.0, 1.0)
    if agents <= 0:
        return Service(1.0, 1.0, 0.0)
    blocked = erlang_b(agents, load.erlangs)
    if blocked == 0.0:
        return Service(0.0, 0.0, 1.0)
    hill = _Hill(load.calls_per_hour / 3600, agents / load.handling_s, 1 / patience_s)
    whole, patient = hill.mass(0.0, hill.end)
    # States above "all busy" against the state "all busy", as the hill's mass; then against the states below.
    above = math.log(agents / load.handling_s) + hill.top + math.log(whole)
    waits = 1 / (1 + (1 / blocked - 1) * math.exp(-min(above, 700.0)))
    soon = hill.mass(0.0, min(within_s, hill.end))[1] if within_s > 0 else 0.0
    abandons = waits * max(1 - patient / whole, 0.0)
    # Both are integrals of their own: what is left of the error must not answer more calls than stay.
    return Service(waits, abandons, min(1 - waits + waits * min(soon / whole, 1.0), 1 - abandons))


class _Hill:
    """The density of the wait that an endlessly patient caller would have, as its logarithm less its ``top``."""

    def __init__(self, arrivals: float, service: float, giving_up: float) -> None:
        self._arrivals, self._service, self._giving_up = arrivals, service, giving_up
        self._peak = math.log(arrivals / service) / giving_up if arrivals > service else 0.0
        self.top = float(self._log(np.array([self._peak]))[0])
        self.begin, self.end = self._down(-1.0), self._down(1.0)

    def _log(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):  # far left of the hill: minus infinity, as deep as it is meant
            return -self._service * t - self._arrivals * np.expm1(-self._giving_up * t) / self._giving_up

    def _depth(self, t: float) -> float:
        return self.top - float(self._log(np.array([t]))[0])

    def _down(self, way: float) -> float:
        """How far the hill must be looked at on one side: where it is e^-45 of its top, or at no wait at all."""
        near, far = 0.0, 1 / (self._service + self._arrivals)
        while self._depth(self._peak + way * far) < _DEEP:
            if self._peak + way * far <= 0:
                return 0.0
            near, far = far, far * 2
        for _ in range(40):
            middle = (near + far) / 2
            near, far = (middle, far) if self._depth(self._peak + way * middle) < _DEEP else (near, middle)
        return max(self._peak + way * far, 0.0)

    def mass(self, begin: float, end: float) -> tuple[float, float]:
        """The integral between two waits; and that of who is patient enough for it."""
        begin = max(begin, self.begin)
        if end <= begin:
            return 0.0, 0.0
        edges = np.linspace(begin, end, _PANELS + 1)
        half = (edges[1:] - edges[:-1]) / 2
        t = (edges[:-1] + half)[:, None] + half[:, None] * _NODES[None, :]
        density = np.exp(self._log(t) - self.top) * (half[:, None] * _WEIGHTS[None, :])
        return float(density.sum()), float((density * np.exp(-self._giving_up * t)).sum())


def agents_needed(load: Load, share: float, within_s: float, patience_s: float | None = None) -> int:
    """The fewest agents who answer ``share`` of the calls within ``within_s``; by Erlang A where patience is told."""

    def enough(agents: int) -> bool:
        if patience_s is None:
            return erlang_c(agents, load, within_s).within >= share
        return erlang_a(agents, load, patience_s, within_s).within >= share

    if load.erlangs <= 0:
        return 0
    few, many = 0, 1
    while not enough(many):
        if many >= MOST_AGENTS:
            return MOST_AGENTS
        few, many = many, min(many * 2, MOST_AGENTS)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many
