"""What would happen with more or fewer people, or other callers: formulas by half hour, a played day, and advice.

Arrivals are this site's own of the day, every attempt that reached the queue, short abandons included: a formula knows
no short ones. Erlang C and A stand side by side: C is the cautious end (nobody gives up, so everybody's wait counts),
A the hopeful one (who gives up makes room, and is lost). Both take each half hour for itself; what spills over into the
next one, and who calls again, only the played day knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.errors import Refused
from reports.attempts import SERVICE_S, Fate
from reports.capacity import Capacity, Slot
from reports.erlang import Load, Service, agents_needed, erlang_a, erlang_c
from reports.halfhours import index_of
from reports.patience import Redials
from reports.simulation import Played, Scene, play

GOAL: Final = 0.95
ALIKE: Final = 0.34  # of the most that is missing: half hours that differ less are told in one sentence


class HandlingUnknown(Refused):
    """Nobody talked on that day, and the question does not say how long a call takes."""

    code = "capacity.handling_unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """``more`` people (fewer: below zero) in the half hours that begin in [begin, end)."""

    begin: datetime
    end: datetime
    more: int


@dataclass(frozen=True, slots=True)
class Callers:
    """``patience_s`` None: nobody gives up."""

    handling_s: float
    patience_s: float | None
    redial_share: float
    redial_after_s: float


@dataclass(frozen=True, slots=True)
class SlotForecast:
    """``needed_*``: agents for the goal."""

    begin: datetime
    end: datetime
    calls: int
    agents: int
    agents_before: int
    c: Service
    a: Service | None
    needed_c: int
    needed_a: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    """Open ``more`` in [begin, end): each half hour of it reaches the goal by Erlang C; ``hopeful``: by Erlang A."""

    begin: datetime
    end: datetime
    more: int
    hopeful: int


@dataclass(frozen=True, slots=True)
class Forecast:
    slots: list[SlotForecast]
    within_low: float | None  # of the day, weighted by calls; None without any
    within_high: float | None
    abandons: float | None  # by Erlang A
    played: Played
    advice: list[Advice]


def agents_before(slot: Slot) -> int:
    """Whole people at the queue, as the record tells it."""
    return round(slot.at_the_queue)


def arrivals(slot: Slot) -> int:
    return slot.offered + slot.fates[Fate.SHORT]


def forecast(
    capacity: Capacity, changes: Sequence[Change], callers: Callers, redials: Redials, seed: int = 1
) -> Forecast:
    """Takes up to some seconds of a processor: not on the event loop."""
    slots = [_forecast(slot, changes, callers) for slot in capacity.slots]
    fresh = _fresh(capacity, redials)
    scene = Scene(
        fresh, [s.agents for s in slots], callers.handling_s, callers.patience_s, callers.redial_share,
        callers.redial_after_s, SERVICE_S,
    )  # fmt: skip
    return Forecast(
        slots, _of_day(slots, lambda s: _ends(s)[0]), _of_day(slots, lambda s: _ends(s)[1]),
        _of_day(slots, lambda s: s.a.abandons if s.a else 0.0) if callers.patience_s else None,
        play(scene, seed), advice_of(slots),
    )  # fmt: skip


def _forecast(slot: Slot, changes: Sequence[Change], callers: Callers) -> SlotForecast:
    before, calls = agents_before(slot), arrivals(slot)
    more = sum(change.more for change in changes if change.begin <= slot.span.begin < change.end)
    agents = max(before + more, 0)
    # A half hour that is not over is taken to go on as it was.
    load = Load(calls * 3600 / slot.elapsed_s if slot.elapsed_s else 0.0, callers.handling_s)
    patience = callers.patience_s
    return SlotForecast(
        slot.span.begin, slot.span.end, calls, agents, before, erlang_c(agents, load, SERVICE_S),
        erlang_a(agents, load, patience, SERVICE_S) if patience else None,
        agents_needed(load, GOAL, SERVICE_S), agents_needed(load, GOAL, SERVICE_S, patience) if patience else None,
    )  # fmt: skip


def _ends(slot: SlotForecast) -> tuple[float, float]:
    ends = [slot.c.within] + ([slot.a.within] if slot.a else [])
    return min(ends), max(ends)


def _of_day(slots: Sequence[SlotForecast], share: Callable[[SlotForecast], float]) -> float | None:
    calls = sum(slot.calls for slot in slots)
    return sum(share(slot) * slot.calls for slot in slots) / calls if calls else None


def _fresh(capacity: Capacity, redials: Redials) -> list[float]:
    """Attempts that are nobody's redial, by half hour; the played day adds its own redials."""
    found, spans = [0.0] * len(capacity.slots), [slot.span for slot in capacity.slots]
    for attempt in capacity.attempts:
        n = index_of(attempt.at, spans)
        if n is not None and (attempt.offered or attempt.fate is Fate.SHORT) and attempt.call_id in redials.fresh:
            found[n] += 1
    return found


def advice_of(slots: Sequence[SlotForecast]) -> list[Advice]:
    """Half hours side by side that miss about as many people, as one sentence each; the most missed first.

    A sentence asks for as many as its worst half hour needs, so that it is true of all.
    """
    runs: list[list[SlotForecast]] = []
    for slot in slots:
        if _missing(slot) <= 0:
            continue
        if runs and runs[-1][-1].end == slot.begin and _alike([*runs[-1], slot]):
            runs[-1].append(slot)
        else:
            runs.append([slot])
    found = [
        Advice(run[0].begin, run[-1].end, max(map(_missing, run)), max(map(_missing_hopeful, run))) for run in runs
    ]
    return sorted(found, key=lambda a: (-a.more * (a.end - a.begin), a.begin))


def _missing(slot: SlotForecast) -> int:
    return slot.needed_c - slot.agents


def _missing_hopeful(slot: SlotForecast) -> int:
    return max((slot.needed_c if slot.needed_a is None else slot.needed_a) - slot.agents, 0)


def _alike(run: Sequence[SlotForecast]) -> bool:
    missing = [_missing(slot) for slot in run]
    return max(missing) - min(missing) <= max(1.0, ALIKE * max(missing))
