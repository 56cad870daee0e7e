"""The day's indicators from hand-made histories: each number, and the calls behind it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.day import Number, Period
from reports.keeper import bodies_of
from tests.reports import history
from tests.reports.history import LI, QUEUE, TODAY, WANG, ZHAO, at, attempts, call, day_of, unqueued, waiting

YESTERDAY = TODAY - timedelta(days=1)


def test_each_number_counts_its_calls_and_no_other() -> None:
    rows = {
        "answered": call("09:00:00", LI, "answered", wait=15.0),
        "late": call("09:01:00", WANG, "answered", wait=15.1),
        "abandoned": call("09:02:00", ZHAO, "abandoned", wait=5.0),
        "short": call("09:03:00", ZHAO, "abandoned", wait=4.9),
        "full": unqueued("09:04:00", ZHAO, "refused_full"),
        "nobody": unqueued("09:05:00", ZHAO, "refused_no_agent"),
        "sent_away": call("09:06:00", ZHAO, "timed_out"),
        "back": call("09:06:10", ZHAO, "asked_back"),
        "back_instead": unqueued("09:06:20", ZHAO, "asked_back"),
        "lost": call("09:07:00", ZHAO, "lost"),
        "waits": waiting("09:08:00", ZHAO),
        "early": unqueued("09:09:00", ZHAO, "left_early"),
        "arriving": unqueued("09:10:00", ZHAO, "open", ended_at=None),
        "out": call("09:11:00", ZHAO, "answered", direction="outbound"),
        "denied": unqueued("09:12:00", ZHAO, "denied"),
    }
    day = day_of(list(rows.values()))
    names = {row["id"]: name for name, row in rows.items()}
    told = {number.value: {names[i] for i in day.ids(number)} for number in Number}
    offered = {"answered", "late", "abandoned", "full", "nobody", "sent_away", "lost", "waits", "back", "back_instead"}
    assert told == {
        "offered": offered, "answered": {"answered", "late"}, "abandoned": {"abandoned", "back"}, "short": {"short"},
        "refused": {"full", "nobody", "sent_away", "back_instead"}, "lost": {"lost"},
        "unserved": {"full", "nobody", "sent_away", "back_instead", "lost"},
        "waiting": {"waits"}, "early": {"early"},
        "in_time": {"answered"}, "withheld": set(), "worst": offered - {"waits"},
        "unreached": offered - {"answered", "late"} | {"short", "early", "arriving"},
    }  # fmt: skip
    assert (day.connect_rate, day.service_level) == (2 / 9, 1 / 9)
    parts = (Number.ANSWERED, Number.ABANDONED, Number.REFUSED, Number.LOST, Number.WAITING)
    assert day.count(Number.OFFERED) == sum(day.count(n) for n in parts), "offered is made of its parts"


def test_a_quiet_day_has_no_rates() -> None:
    day = day_of([waiting("09:00:00", LI)])
    assert (day.connect_rate, day.service_level, day.worst, day.count(Number.OFFERED)) == (None, None, None, 1)


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ([call("09:00:00", LI, "abandoned"), call("09:05:00", LI, "abandoned")], 1),
        ([call("09:00:00", LI, "abandoned"), call("09:05:00", LI, "answered")], 0),
        ([call("09:00:00", LI, "answered"), call("09:05:00", LI, "abandoned")], 0),
        ([call("09:00:00", LI, "abandoned"), call("09:00:00", WANG, "abandoned", wait=1)], 2),
        ([call("09:00:00", LI, "abandoned"), waiting("09:05:00", LI)], 1),
        ([waiting("09:05:00", LI)], 0),
        ([unqueued("09:00:00", LI, "refused_full"), call("09:01:00", "+86 139-0000-0001", "answered")], 0),
        ([call("09:00:00", LI, "abandoned"), call("23:00:00", LI, "answered", day=YESTERDAY)], 1),
        ([call("09:00:00", LI, "abandoned"), call("09:30:00", LI, "answered", direction="outbound")], 1),
        ([call("09:00:00", "", "abandoned"), call("09:01:00", "anonymous", "abandoned")], 0),
    ],
)
def test_unreached_are_people_and_a_later_success_of_the_day_clears_them(rows: list[Any], people: int) -> None:
    assert day_of(rows).count(Number.UNREACHED) == people


def test_withheld_numbers_are_calls_apart_not_people() -> None:
    full = unqueued("09:02:00", "", "refused_full")
    rows = [call("09:00:00", "", "abandoned"), call("09:01:00", "", "answered"), full]
    day = day_of(rows)
    assert day.ids(Number.WITHHELD) == [rows[0]["id"], rows[2]["id"]]
    assert day.unreached == frozenset()


def test_a_call_belongs_to_the_day_on_which_it_reached_the_queue() -> None:
    before = call("23:59:59.999", LI, "abandoned", day=YESTERDAY)
    began_before = call("00:00:05", WANG, "abandoned")  # dialled at 23:59:55
    last = call("23:59:59.999", ZHAO, "abandoned")
    after = call("00:00:00", ZHAO, "abandoned", day=TODAY + timedelta(days=1))
    assert day_of([before, began_before, last, after]).ids(Number.ABANDONED) == [began_before["id"], last["id"]]


def test_the_zone_of_the_site_decides_the_day() -> None:
    evening = call("23:30:00", LI, "abandoned", day=YESTERDAY)  # 15:30 UTC of the day before, 10:30 in New York
    night = call("00:30:00", WANG, "abandoned")
    assert day_of([evening, night]).ids(Number.ABANDONED) == [night["id"]]
    new_york = day_of([evening, night], zone=ZoneInfo("America/New_York"))
    assert new_york.ids(Number.ABANDONED) == [], "both were on the 22nd there"


def test_the_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    zone = ZoneInfo("Europe/Berlin")
    period = Period.of(date(2026, 10, 25), zone)
    assert (period.end.timestamp() - period.begin.timestamp()) / 3600 == 25
    assert period.has(datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1))


def test_the_worst_window_reaches_over_midnight_and_says_of_how_many() -> None:
    rows = [
        call("20:00:00", LI, "abandoned", day=YESTERDAY),
        call("21:00:00", WANG, "answered", day=YESTERDAY),
        call("08:00:00", LI, "answered"),
        call("09:00:00", WANG, "answered"),
    ]
    day = day_of(rows)
    assert day.worst is not None
    assert (day.worst.rate, day.worst.offered, day.worst.until) == (0.5, 2, at("00:00:00"))
    assert set(day.ids(Number.WORST)) == {rows[0]["id"], rows[1]["id"]}
    assert day.connect_rate == 1.0, "the calendar's day alone would hide it"


def test_a_day_has_one_number_of_seconds_and_counts_by_it() -> None:
    rows = [call("09:00:00", LI, "answered", wait=18.0)]
    assert (day_of(rows).service_s, day_of(rows).service_level) == (15.0, 0.0)
    assert day_of(rows, service_s=20.0).service_level == 1.0


def test_a_queue_is_told_by_its_own_seconds_and_the_house_by_the_standard_s() -> None:
    """Main queue tuned to 20 s: three answered after 19 s, one lost."""
    rows = [*(call(f"09:0{n}:00", LI, "answered", wait=19.0) for n in range(3)), call("09:05:00", WANG, "lost")]
    rows.append(call("09:06:00", ZHAO, "answered", wait=4.0, queue="tax"))
    settings = dataclasses.replace(history.SETTINGS, service_s={QUEUE: 20.0, "quiet": 30.0})
    bodies = bodies_of(attempts(rows), Period.of(TODAY, history.ZONE), at("10:00:00"), settings)
    told = {body.queue: (body.service_s, body.service_level, body.offered) for body in bodies}
    assert told == {
        "*": (15.0, 0.2, 5), QUEUE: (20.0, 0.75, 4), "tax": (15.0, 1.0, 1), "quiet": (30.0, None, 0),
    }  # fmt: skip


def test_what_is_no_attempt_gives_none() -> None:
    assert attempts([call("09:00:00", LI, "internal", direction="internal"), unqueued("09:00:00", LI, "denied")]) == []
