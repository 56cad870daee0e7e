"""The played day and the advice: against the formulas where these hold, and beyond them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from reports.capacity import Capacity, Slot
from reports.erlang import Load, Service, agents_needed, erlang_a
from reports.halfhours import Span
from reports.minutes import Activity
from reports.patience import Redials
from reports.simulation import MOST_CALLS, Scene, play, runs_for
from reports.what_if import GOAL, Callers, Change, SlotForecast, advice_of, forecast

T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
STEADY = Scene([200.0] * 12, [30] * 12, 240, 60, 0.0, 300, 15)  # 400 calls an hour, as in FIELD's figure
NOBODY = Redials(None, None, 0, 0, frozenset())
CALLERS = Callers(240, 60, 0.0, 300)


def at(half_hour: int) -> datetime:
    return T0 + timedelta(minutes=30 * half_hour)


def slot(n: int, offered: int, agents: float) -> Slot:
    found = Slot(Span(at(n), at(n + 1)), 1800.0, offered=offered)
    found.seconds[Activity.IDLE] = agents * 1800
    return found


def day(*slots: tuple[int, float]) -> Capacity:
    return Capacity(date(2026, 11, 23), at(len(slots)), [slot(n, *told) for n, told in enumerate(slots)], [], [])


def test_a_steady_day_without_redials_is_erlang_a() -> None:
    played, said = play(STEADY), erlang_a(30, Load(400, 240), 60, 15)
    assert played.redials == 0
    assert played.within.mean == pytest.approx(said.within, abs=0.015)
    assert played.abandons.mean == pytest.approx(said.abandons, abs=0.008)
    assert played.within.low < said.within < played.within.high


def test_the_same_question_gets_the_same_answer_and_another_seed_another() -> None:
    small = replace(STEADY, calls=[40.0] * 4, agents=[6] * 4)
    assert play(small, 3) == play(small, 3) != play(small, 4)


def test_redials_make_a_bad_hour_worse() -> None:
    crowded = replace(STEADY, agents=[24] * 12)
    calm, stubborn = play(crowded), play(replace(crowded, redial_share=0.7))
    assert stubborn.redials > 100
    assert stubborn.offered > calm.offered * 1.03
    assert stubborn.within.mean < calm.within.mean


def test_closed_seats_finish_their_call_and_nobody_is_lost_from_the_count() -> None:
    closed = Scene([30.0, 30.0], [10, 0], 240, None, 0.0, 300, 15)
    played = play(closed)
    assert 0.3 < played.within.mean < 0.6
    assert played.abandons.mean == pytest.approx(1 - played.within.mean, abs=0.1)  # whom nobody came for
    assert play(Scene([0.0], [0], 240, 60, 0.5, 300, 15)).within.mean == 1.0


@pytest.mark.parametrize("calls", [5.0, 800.0, 2500.0])
def test_its_work_is_bounded(calls: float) -> None:
    scene = Scene([calls] * 48, [3] * 48, 300, 60, 0.95, 60, 15)
    expected = calls * 48 * 8  # nobody calls more often than eight times
    assert 4 <= runs_for(scene) <= 40
    assert runs_for(scene) == 4 or runs_for(scene) * expected <= MOST_CALLS
    if calls == 800.0:
        begun = time.process_time()
        play(replace(scene, redial_share=0.5))
        assert time.process_time() - begun < 60  # some seconds on a slow machine


def test_more_seats_where_they_are_asked_for_and_nowhere_else() -> None:
    capacity = day((60, 5.0), (60, 5.2), (60, 4.9))
    before = forecast(capacity, [], CALLERS, NOBODY)
    after = forecast(capacity, [Change(at(1), at(2), 6)], CALLERS, NOBODY)
    assert [s.agents for s in before.slots] == [5, 5, 5]
    assert [s.agents for s in after.slots] == [5, 11, 5]
    assert after.slots[1].a is not None
    assert before.slots[1].a is not None
    assert after.slots[1].a.within > before.slots[1].a.within
    assert after.slots[0] == before.slots[0]
    assert before.within_low is not None
    assert after.within_low is not None
    assert before.within_low < after.within_low <= (after.within_high or 0)
    assert forecast(capacity, [Change(at(0), at(3), -9)], CALLERS, NOBODY).slots[0].agents == 0


def test_following_the_advice_reaches_the_goal_and_one_less_does_not() -> None:
    capacity = day((10, 4.0), (60, 5.0), (70, 5.0), (70, 6.0), (2, 3.0), (40, 2.0), (0, 0.0))
    told = forecast(capacity, [], CALLERS, NOBODY)
    assert told.advice
    changes = [Change(a.begin, a.end, a.more) for a in told.advice]
    after = forecast(capacity, changes, CALLERS, NOBODY)
    assert after.advice == []
    assert min(s.c.within for s in after.slots) >= GOAL
    fewer = forecast(capacity, [replace(c, more=c.more - 1) for c in changes], CALLERS, NOBODY)
    assert len(fewer.advice) >= 1
    assert all(a.hopeful <= a.more for a in told.advice)
    for s in told.slots:
        assert s.needed_c == agents_needed(Load(s.calls * 2, 240), GOAL, 15)


def forecasts(missing: Sequence[int]) -> list[SlotForecast]:
    good = Service(0, 0, 1)
    return [SlotForecast(at(n), at(n + 1), 1, 10, 10, good, None, 10 + m, None) for n, m in enumerate(missing)]


def test_half_hours_that_miss_about_as_many_are_one_sentence() -> None:
    told = [(a.begin, a.end, a.more) for a in advice_of(forecasts([0, 3, 3, 2, 12, 0, -2, 1]))]
    assert told == [(at(4), at(5), 12), (at(1), at(4), 3), (at(7), at(8), 1)]


def test_a_half_hour_that_lasts_is_taken_to_go_on_as_it_was() -> None:
    half = slot(0, 30, 0)
    half.elapsed_s = 900.0
    half.seconds[Activity.IDLE] = 900.0 * 5
    capacity = Capacity(date(2026, 11, 23), at(1), [half], [], [])
    found = forecast(capacity, [], CALLERS, NOBODY).slots[0]
    assert found.agents == 5
    assert found.needed_c == agents_needed(Load(120, 240), GOAL, 15)


def test_without_patience_nobody_gives_up() -> None:
    found = forecast(day((60, 9.0)), [], Callers(240, None, 0.0, 300), NOBODY)
    assert found.slots[0].a is None
    assert found.abandons is None
    assert found.within_low == found.within_high
