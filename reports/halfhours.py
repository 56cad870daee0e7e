"""The half hours of a day of the site, and spans of time cut by them. Pure.

A half hour is thirty minutes that pass, counted from the site's midnight: a day on which clocks change has 46 or 50.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

HALF_HOUR: Final = timedelta(minutes=30)


class Span(NamedTuple):
    """[begin, end), both aware, in UTC."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()

    def within(self, other: Span) -> Span | None:
        """What both have; None where that is nothing."""
        begin, end = max(self.begin, other.begin), min(self.end, other.end)
        return Span(begin, end) if begin < end else None


def day_span(day: date, zone: ZoneInfo) -> Span:
    """From midnight to midnight at the site."""
    begin, end = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return Span(begin, end)


def half_hours(day: date, zone: ZoneInfo) -> list[Span]:
    """The last one is shorter where a zone changes by less than half an hour."""
    whole, found = day_span(day, zone), []
    at = whole.begin
    while at < whole.end:
        found.append(Span(at, min(at + HALF_HOUR, whole.end)))
        at += HALF_HOUR
    return found


def index_of(at: datetime, slots: Sequence[Span]) -> int | None:
    """In which half hour a moment lies."""
    if not slots or not slots[0].begin <= at < slots[-1].end:
        return None
    return int((at - slots[0].begin) / HALF_HOUR)


def cut(span: Span, slots: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """The parts of a span by half hour; what lies outside of them is left out."""
    inside = span.within(Span(slots[0].begin, slots[-1].end)) if slots else None
    if inside is None:
        return
    first = int((inside.begin - slots[0].begin) / HALF_HOUR)
    for n in range(first, len(slots)):
        part = inside.within(slots[n])
        if part is None:
            return
        yield n, part


def most_at_once(spans: Iterable[Span], slots: Sequence[Span]) -> list[int]:
    """How many spans ran at once at the most, by half hour; one that ends as another begins is not counted with it."""
    steps = sorted(step for span in spans for step in ((span.begin, 1), (span.end, -1)) if span.begin < span.end)
    most, now, n = [0] * len(slots), 0, 0
    for k, slot in enumerate(slots):
        while n < len(steps) and steps[n][0] <= slot.begin:
            now, n = now + steps[n][1], n + 1
        most[k] = now
        while n < len(steps) and steps[n][0] < slot.end:
            now, n = now + steps[n][1], n + 1
            most[k] = max(most[k], now)
    return most
