"""The floor's checker itself: silent about a screen that follows, loud about every single thing that stays wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.floor_checker import EVERY_S, EXCUSED_S, FloorChecker
from tests.support.floor_day import judge_day
from tests.support.floor_words import Key, Words, numbers, screen_shows
from tests.support.verdict import Verdict
from tests.support.witnesses import Inside, Queued

AGENT, CALL, QUEUE, LONGEST = ("agent", "1001"), ("call", "1.1"), ("queue", "hotline"), ("longest", "hotline")
CALM: Words = {AGENT: "ready", CALL: "queued", ("place", "1.1"): 1, QUEUE: numbers(1, 1, 1, 0), LONGEST: 1000.0}


def played(*steps: tuple[float, Words, Words], starved: float = 0.0) -> FloorChecker:
    """(for how long, what the PBX says, what the screen shows), one after the other."""
    checker, at = FloorChecker(), 0.0
    for seconds, said, shown in steps:
        for _ in range(round(seconds / EVERY_S)):
            checker.look(at, said, {"screen": shown}, at * starved)
            at += EVERY_S
    return checker


def wrong(key: Key, value: Any) -> Words:
    return {k: v for k, v in (CALM | {key: value}).items() if v is not None}


@pytest.mark.parametrize(
    ("key", "value"),
    [(AGENT, "paused"), (AGENT, None), (("agent", "1009"), "ready"), (CALL, "talking"), (CALL, None),
     (("call", "2.2"), "talking"), (("place", "1.1"), 2), (QUEUE, numbers(2, 1, 1, 0)), (QUEUE, numbers(1, 1, 0, 1)),
     (QUEUE, None), (LONGEST, 1003.0), (("trunk", "trunk"), 1)],
)  # fmt: skip
def test_every_single_wrong_thing_is_noticed_once_it_lasts(key: Key, value: Any) -> None:
    checker = played((2, CALM, CALM), (1.6, CALM, wrong(key, value)))
    assert [(d.key, d.shown) for d in checker.lasting] == [(key, value)]
    assert not played((2, CALM, CALM), (0.8, CALM, wrong(key, value)), (2, CALM, CALM)).lasting


def test_a_screen_that_is_always_late_is_right_and_one_that_is_later_is_not() -> None:
    """Between the changes it never once shows what the PBX says."""
    states = ["ready", "ringing", "talking", "wrap_up", "paused", "ready", "paused", "unreachable"]
    said = [{AGENT: state} for state in states for _ in range(2)]
    for late, lasting in ((0, 0), (3, 0), (5, 0), (9, len(states) - 5)):
        checker = FloorChecker()
        for n in range(len(said)):
            checker.look(n * EVERY_S, said[n], {"screen": said[max(0, n - late)]})
        assert (len(checker.lasting) > 0) == (lasting > 0), (late, checker.told())


def test_what_comes_between_two_looks_is_no_difference() -> None:
    """The telephone rang for a moment; only the screen was seen with it."""
    checker = played((1, {AGENT: "ready"}, {AGENT: "ready"}), (0.2, {AGENT: "talking"}, {AGENT: "ringing"}),
                     (1, {AGENT: "talking"}, {AGENT: "talking"}))  # fmt: skip
    assert not checker.lasting
    assert checker.longest_s == 0


def test_a_wrong_thing_that_was_right_long_ago_begins_when_it_is_shown() -> None:
    paused, ready = {AGENT: "paused"}, {AGENT: "ready"}
    checker = played((2, paused, paused), (10, ready, ready), (0.6, ready, paused), (2, ready, ready))
    assert not checker.lasting
    assert 0 < checker.longest_s < 1


def test_a_starved_machine_excuses_a_late_screen_and_never_a_wrong_one() -> None:
    assert not played((1, CALM, CALM), (3, CALM, wrong(AGENT, "paused")), starved=0.9).lasting
    assert played((1, CALM, CALM), (EXCUSED_S + 2, CALM, wrong(AGENT, "paused")), starved=3.0).lasting


def test_a_screen_in_the_checkers_words() -> None:
    picture: dict[str, dict[str, Any]] = {
        "agents": {"1001": {"state": "ready"}},
        "calls": {
            "a": {"linkedid": "1.1", "state": "ringing", "position": 1},
            "b": {"linkedid": "2.2", "state": "held", "position": None},
            "c": {"linkedid": "3.3", "state": "ended", "position": None},
        },
        "queues": {"hotline": numbers(1, 1, 1, 0) | {"longest_since": "1970-01-01T00:16:40+00:00"}},
        "trunks": {"trunk": {"channels": 2}},
    }
    assert screen_shows(picture) == CALM | {CALL: "ringing", ("call", "2.2"): "talking", ("trunk", "trunk"): 2}


def history() -> dict[str, Inside]:
    def call(name: str, *stays: Queued, **milestones: float) -> tuple[str, Inside]:
        return name, Inside(name, name, 0.0, milestones=milestones, ended=60.0, queued=list(stays))

    return dict([
        call("answered", Queued(0, "1001", 3, 3, "COMPLETECALLER")),
        call("gave up", Queued(0, end="ABANDON", wait_s=9)),
        call("short", Queued(0, end="ABANDON", wait_s=2)), call("about five", Queued(0, end="ABANDON", wait_s=5)),
        call("nobody there", LX_NO_AGENT=1.0), call("in the notice"), call("let go by the key", LX_INCIDENT_JOINED=1.0),
        call("not heard", Queued(0, "1001", 3, 3, silent=True), Queued(8, end="ABANDON", wait_s=2)),
    ])  # fmt: skip


DAY = {"offered": 4, "answered": 1, "abandoned": 2, "short": 2, "refused": 1, "lost": 0, "waiting": 0, "early": 1,
       "connect_rate": 1 / 4, "service_level": 1 / 4, "unreached": 6, "withheld": 0}  # fmt: skip
TOLD = DAY | {"queue": "*", "service_s": 15.0}


@pytest.mark.parametrize("name", [None, *DAY])
def test_a_day_that_is_counted_wrong_is_noticed(name: str | None) -> None:
    right, wrong_day = Verdict(), Verdict()
    judge_day(right, "screen", TOLD, history())
    judge_day(right, "screen", TOLD | {"short": 1, "abandoned": 3, "offered": 5, "connect_rate": 1 / 5}, history())
    assert not right.differences, right
    if name is not None:
        judge_day(wrong_day, "screen", TOLD | {name: DAY[name] + 1}, history())
        assert wrong_day.differences


def test_the_seconds_of_in_time_are_not_taken_from_the_day() -> None:
    """Answered after 19 s: in time in a queue of 20, not in the house's 15, whatever the body says of itself."""
    late = history() | {"answered": Inside("answered", "answered", 0.0, ended=60.0, queued=[Queued(0, "1001", 19, 19)])}
    for day, right in (
        (TOLD | {"service_level": 0.0}, True), (TOLD, False), (TOLD | {"service_s": 20.0}, False),
        (TOLD | {"service_s": 20.0, "service_level": 0.0}, False),
        (TOLD | {"queue": "hotline", "service_s": 20.0}, True),
        (TOLD | {"queue": "hotline", "service_s": 15.0, "service_level": 0.0}, False),
    ):  # fmt: skip
        verdict = Verdict()
        judge_day(verdict, "screen", day, late, {"hotline": 20.0})
        assert (not verdict.differences) == right, (day, str(verdict))
