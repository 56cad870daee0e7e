"""Where the minutes went, held against a count second by second of random shifts, written without any cleverness."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from reports.duty import Duty, Event, duty_of, reason_that_counts
from reports.halfhours import Span, cut, day_span, half_hours, index_of, most_at_once
from reports.minutes import Activity, Busy, pieces_of
from tests.reports.shifts import Shift, random_shift

T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
CALL = uuid.UUID(int=7)


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def span(begin: float, end: float) -> Span:
    return Span(at(begin), at(end))


def events(*told: tuple[int, str, str]) -> list[Event]:
    return [Event(at(second), "hotline", kind, reason) for second, kind, reason in told]


def told(duty: Duty) -> list[tuple[float, float, str]]:
    return [((p.span.begin - T0).total_seconds(), (p.span.end - T0).total_seconds(), p.reason) for p in duty.paused]


@pytest.mark.parametrize("seed", range(40))
def test_minutes_are_those_counted_second_by_second(seed: int) -> None:
    shift = random_shift(random.Random(seed), T0)
    pieces = pieces_of("1001", duty_of(shift.events, shift.until), shift.busy)
    counted: Counter[tuple[str, str | None]] = Counter()
    for piece in pieces:
        counted[piece.activity.value, piece.reason] += int(piece.span.seconds)
    assert counted == _second_by_second(shift)
    duty = duty_of(shift.events, shift.until)
    assert sum(p.span.seconds for p in pieces) == sum(s.seconds for s in duty.signed_in)
    for one, other in pairwise(pieces):
        assert one.span.end <= other.span.begin


@pytest.mark.parametrize("seed", range(5))
def test_cut_by_half_hours_nothing_is_lost_or_counted_twice(seed: int) -> None:
    shift = random_shift(random.Random(1000 + seed), T0)
    slots = half_hours(date(2026, 11, 23), ZoneInfo("UTC"))
    pieces = pieces_of("1001", duty_of(shift.events, shift.until), shift.busy)
    by_slot = [0.0] * len(slots)
    for piece in pieces:
        for n, part in cut(piece.span, slots):
            by_slot[n] += part.seconds
            assert slots[n].begin <= part.begin < part.end <= slots[n].end
    assert sum(by_slot) == sum(p.span.seconds for p in pieces)
    for n, slot in enumerate(slots):
        second_by_second = sum(shift.signed_in_at(slot.begin + timedelta(seconds=s)) for s in range(1800))
        assert by_slot[n] == second_by_second


def _second_by_second(shift: Shift) -> Counter[tuple[str, str | None]]:
    found: Counter[tuple[str, str | None]] = Counter()
    for second in range(int((shift.until - T0).total_seconds())):
        doing = shift.doing_at(at(second))
        if doing is not None:
            found[doing] += 1
    return found


def test_what_an_agent_does_while_signed_out_is_not_counted() -> None:
    duty = duty_of(events((10, "sign_in", ""), (70, "sign_out", "")), at(1000))
    pieces = pieces_of(
        "1001", duty, [Busy(span(60, 90), Activity.TALK, CALL), Busy(span(200, 300), Activity.TALK, CALL)]
    )
    assert [(p.activity, p.span) for p in pieces] == [
        (Activity.IDLE, span(10, 60)), (Activity.TALK, span(60, 70)),
    ]  # fmt: skip


def test_two_calls_at_once_are_one_agents_time_once() -> None:
    """A consultation: the citizen is on hold in one leg while the other talks to somebody."""
    duty = duty_of(events((0, "sign_in", "")), at(100))
    busy = [
        Busy(span(10, 50), Activity.TALK, CALL), Busy(span(10, 50), Activity.TALK, CALL),
        Busy(span(20, 30), Activity.HOLD, CALL), Busy(span(45, 60), Activity.CALLBACKS, uuid.UUID(int=8)),
    ]  # fmt: skip
    seconds: Counter[Activity] = Counter()
    for piece in pieces_of("1001", duty, busy):
        seconds[piece.activity] += int(piece.span.seconds)
    assert seconds == {Activity.TALK: 30, Activity.HOLD: 10, Activity.CALLBACKS: 10, Activity.IDLE: 50}


@pytest.mark.parametrize(
    ("joined", "counts"),
    [
        ("meal+wrap-up", "wrap-up"), ("meal+not-ready", "meal"), ("phone:microphone", "phone"), ("PAUSED", "not-ready"),
        ("not-ready+phone:registration", "phone"), ("Auto-Pause", "Auto-Pause"), ("", "none"), ("meal+break", "break"),
    ],
)  # fmt: skip
def test_of_many_reasons_one_counts(joined: str, counts: str) -> None:
    assert reason_that_counts(joined) == counts


def test_added_paused_is_not_ready_until_ready() -> None:
    duty = duty_of(events((0, "sign_in", "PAUSED"), (30, "unpause", ""), (90, "pause", "meal")), at(100))
    assert told(duty) == [(0, 30, "not-ready"), (90, 100, "meal")]


def test_within_one_second_changes_follow_each_other_sensibly() -> None:
    """The rows of one second come in no order: every order of them gives the same."""
    busy_second = events((5, "unpause", ""), (5, "pause", "wrap-up"))
    for order in (busy_second, busy_second[::-1]):
        ready = duty_of([*events((0, "sign_in", "")), *order], at(10))
        assert told(ready) == []  # wrap-up begun and ended
        was_paused = duty_of([*events((0, "sign_in", "PAUSED")), *order], at(10))
        assert told(was_paused) == [(0, 5, "not-ready"), (5, 10, "wrap-up")]
    for order in (
        events((5, "sign_out", ""), (5, "sign_in", "PAUSED")),
        events((5, "sign_in", "PAUSED"), (5, "sign_out", "")),
    ):
        again = duty_of([*events((0, "sign_in", "")), *order], at(10))
        assert again.signed_in == [span(0, 10)]
        assert told(again) == [(5, 10, "not-ready")]
        short_visit = duty_of(order, at(10))
        assert short_visit.signed_in == []


def test_paused_is_who_is_paused_in_every_queue() -> None:
    rows = [
        Event(at(0), "hotline", "sign_in", ""), Event(at(0), "night", "sign_in", ""),
        Event(at(10), "hotline", "pause", "meal"), Event(at(20), "night", "pause", "meal"),
        Event(at(30), "NONE", "unpause", ""), Event(at(40), "NONE", "pause", "training"),
        Event(at(50), "night", "sign_out", ""), Event(at(60), "hotline", "sign_out", ""),
    ]  # fmt: skip
    duty = duty_of(reversed(rows), at(100))
    assert duty.signed_in == [span(0, 60)]
    assert told(duty) == [(20, 30, "meal"), (40, 60, "training")]


@pytest.mark.parametrize(
    ("day", "zone", "count", "hours"),
    [
        (date(2026, 11, 23), "Asia/Shanghai", 48, 24), (date(2026, 3, 29), "Europe/Berlin", 46, 23),
        (date(2026, 10, 25), "Europe/Berlin", 50, 25), (date(2026, 4, 5), "Australia/Lord_Howe", 49, 24.5),
    ],
)  # fmt: skip
def test_a_day_has_the_half_hours_that_pass(day: date, zone: str, count: int, hours: float) -> None:
    slots = half_hours(day, ZoneInfo(zone))
    assert len(slots) == count
    assert slots[0].begin == day_span(day, ZoneInfo(zone)).begin
    assert sum(s.seconds for s in slots) == hours * 3600
    assert all(a.end == b.begin for a, b in pairwise(slots))
    assert [index_of(s.begin, slots) for s in slots] == list(range(count))
    assert index_of(slots[-1].end, slots) is None


def test_lines_in_use_at_once() -> None:
    slots = half_hours(date(2026, 11, 23), ZoneInfo("UTC"))
    rng = random.Random(3)
    lines = [span(b, b + rng.randrange(1, 4000)) for b in (rng.randrange(86_000) for _ in range(300))]
    naive = [
        max(sum(line.begin <= slot.begin + timedelta(seconds=s) < line.end for line in lines) for s in range(1800))
        for slot in slots[:4]
    ]
    assert most_at_once(lines, slots)[:4] == naive
    assert most_at_once([span(0, 10), span(10, 20)], slots)[0] == 1
