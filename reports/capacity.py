"""The capacity of a day of the site, by half hour: lines, seats and people on duty side by side, and what they met.

Lines and people come from the record alone. Definitions:

* *lines in use*: channels of the trunk at once, at the most, calls in and out, ringing included (中继占用)
* *on duty*: agents signed in, on average over the half hour, and at once at the most (在岗)
* *at the queue*: talk, hold, wrap-up and idle time ÷ the half hour: people who could serve callers, so neither paused
  nor calling out. It is the number of agents that Erlang's formulas mean (可接话席)
* *offered*, *answered* …: attempts of citizens by the half hour in which they reached the queue (``reports.attempts``)
* *handling time* (AHT): (talk + hold + wrap-up) of the day ÷ calls that came in and that an agent was talking in

A half hour that is not over counts up to now.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from reports import duty_rows
from reports.attempts import SERVICE_S, Attempt, Fate, Person
from reports.duty import duty_of
from reports.halfhours import Span, cut, half_hours, index_of, most_at_once
from reports.minutes import Activity, Piece, pieces_of
from reports.record import attempts_between

_AT_THE_QUEUE: Final = (Activity.TALK, Activity.HOLD, Activity.WRAP_UP, Activity.IDLE)
_HANDLING: Final = (Activity.TALK, Activity.HOLD, Activity.WRAP_UP)


@dataclass(slots=True)
class Slot:
    """One half hour. ``elapsed_s``: as much of it as has passed."""

    span: Span
    elapsed_s: float
    lines_most: int = 0
    on_duty_most: int = 0
    signed_in_s: float = 0.0
    seconds: dict[Activity, float] = field(default_factory=lambda: dict.fromkeys(Activity, 0.0))
    pauses: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    fates: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))
    offered: int = 0
    in_time: int = 0

    @property
    def on_duty(self) -> float:
        return self.signed_in_s / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def at_the_queue(self) -> float:
        return sum(self.seconds[a] for a in _AT_THE_QUEUE) / self.elapsed_s if self.elapsed_s else 0.0


@dataclass(slots=True)
class Capacity:
    """A day, and the rows behind it. ``until``: the end of the day, or now."""

    day: date
    until: datetime
    slots: list[Slot]
    pieces: list[Piece]
    attempts: list[Attempt]

    def total(self, activity: Activity) -> float:
        return sum(slot.seconds[activity] for slot in self.slots)

    @property
    def handling_s(self) -> float | None:
        talked = {piece.call_id for piece in self.pieces if piece.activity in (Activity.TALK, Activity.HOLD)}
        return sum(self.total(a) for a in _HANDLING) / len(talked) if talked else None


async def capacity_of(
    conn: asyncpg.Connection, day: date, zone: ZoneInfo, now: datetime, *, person: Person, queue: str
) -> Capacity:
    """Read and count a day. ``person`` and ``queue``: see ``reports.attempts``."""
    spans = half_hours(day, zone)
    span = Span(spans[0].begin, max(spans[0].begin, min(spans[-1].end, now)))
    busy = await duty_rows.busy_of(conn, span)
    pieces: list[Piece] = []
    for agent_no, events in sorted((await duty_rows.events_of(conn, span)).items()):
        pieces += _of_the_day(pieces_of(agent_no, duty_of(events, span.end), busy.get(agent_no, ())), span)
    lines = await duty_rows.lines_of(conn, span)
    attempts = await attempts_between(conn, span.begin, span.end, person, queue)
    return counted(day, spans, span.end, pieces=pieces, lines=lines, attempts=attempts)


def _of_the_day(pieces: Iterable[Piece], span: Span) -> list[Piece]:
    parts = ((piece, piece.span.within(span)) for piece in pieces)
    return [piece._replace(span=part) for piece, part in parts if part is not None]


def counted(
    day: date, spans: Sequence[Span], until: datetime, *, pieces: list[Piece], lines: Iterable[Span],
    attempts: list[Attempt],
) -> Capacity:  # fmt: skip
    """The numbers of what was read. Pure."""
    slots = [Slot(span, max((min(span.end, until) - span.begin).total_seconds(), 0.0)) for span in spans]
    for piece in pieces:
        for n, part in cut(piece.span, spans):
            slots[n].signed_in_s += part.seconds
            slots[n].seconds[piece.activity] += part.seconds
            if piece.reason is not None:
                slots[n].pauses[piece.reason] += part.seconds
    for slot, most in zip(slots, most_at_once(lines, spans), strict=True):
        slot.lines_most = most
    for slot, most in zip(slots, most_at_once((piece.span for piece in pieces), spans), strict=True):
        slot.on_duty_most = most
    for attempt in attempts:
        _count(attempt, slots, spans)
    return Capacity(day, until, slots, pieces, attempts)


def _count(attempt: Attempt, slots: Sequence[Slot], spans: Sequence[Span]) -> None:
    n = index_of(attempt.at, spans)
    if n is None:
        return
    slots[n].fates[attempt.fate] += 1
    slots[n].offered += attempt.offered
    slots[n].in_time += in_time(attempt)


def in_time(attempt: Attempt) -> bool:
    return attempt.answered_within(SERVICE_S)


# ── drill-down ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """What stands behind a number: a call, or a piece of an agent's duty."""

    begin: datetime
    end: datetime | None
    agent_no: str | None
    call_id: uuid.UUID | None
    what: str  # the fate, or the activity with its reason


def rows_behind(capacity: Capacity, slot: Slot, measure: str) -> list[Row]:
    """The rows of one half hour: ``measure`` is ``offered``, ``in_time``, a fate or an activity; oldest first.

    Raises:
        KeyError: no such measure.
    """
    if measure in {a.value for a in Activity}:
        parts = ((p, p.span.within(slot.span)) for p in capacity.pieces if p.activity == measure)
        return [
            Row(part.begin, part.end, p.agent_no, p.call_id, p.reason or p.activity.value)
            for p, part in sorted(parts, key=lambda x: x[0].span) if part is not None
        ]  # fmt: skip
    tests = {"offered": lambda a: a.offered, "in_time": in_time} | {
        fate.value: lambda a, fate=fate: a.fate is fate for fate in Fate
    }
    chosen = tests[measure]
    found = [a for a in capacity.attempts if slot.span.begin <= a.at < slot.span.end and chosen(a)]
    return [Row(a.at, None, None, a.call_id, a.fate.value) for a in sorted(found, key=lambda a: a.at)]
