"""Which profile when: the calendar of 2026, the clock on the wall, the override, and the plan laid out for the PBX."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pbx_config.calendar_cn import official_days, seeds
from pbx_config.contract import OverflowKind, Profile
from pbx_config.errors import BadSettings
from pbx_config.hours import (
    BadPlan,
    Change,
    DayKind,
    Hours,
    Override,
    Plan,
    is_worked,
    kind_of,
    planned_at,
    profile_at,
    slots,
)
from pbx_config.line_files import LineFiles, OpenIncident, Overflow, ProfileSets, area_signs

SHANGHAI, BERLIN, KATHMANDU = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
CALENDAR = {one.day: one.kind for file in seeds() for one in official_days(file)}
PLAN = Plan(SHANGHAI, Hours(), CALENDAR)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-09-18", 5, "2026-09-24"), ("2026-09-18", 15, "2026-10-15"),
        ("2026-02-11", 5, "2026-02-25"), ("2026-02-11", 15, "2026-03-10"),
    ],
)  # fmt: skip
def test_the_seed_counts_working_days_as_the_state_council_does(received: str, days: int, due: str) -> None:
    day = date.fromisoformat(received)
    while days:
        day += timedelta(days=1)
        days -= is_worked(day, CALENDAR)
    assert day == date.fromisoformat(due)


def test_the_seed_has_no_day_that_says_nothing() -> None:
    for day, kind in CALENDAR.items():
        weekend = day.weekday() > 4
        assert kind in (DayKind.HOLIDAY, DayKind.MAKE_UP)
        assert weekend or kind is DayKind.HOLIDAY, "only a weekend is made up"
    assert sum(kind is DayKind.MAKE_UP for kind in CALENDAR.values()) == 6
    assert sum(kind is DayKind.HOLIDAY for kind in CALENDAR.values()) == 33
    assert not [day for day in CALENDAR if day.year != 2026]


@pytest.mark.parametrize(
    ("wall", "profile"),
    [
        ("2026-09-17 07:59:59", "night"), ("2026-09-17 08:00:00", "day"), ("2026-09-17 17:59:59.999999", "day"),
        ("2026-09-17 18:00:00", "night"), ("2026-09-18 23:59:59.999999", "night"), ("2026-09-19 00:00:00", "weekend"),
        ("2026-09-20 00:00:00", "night"), ("2026-09-20 09:00:00", "day"),  # a Sunday that is worked
        ("2026-02-14 12:00:00", "day"), ("2026-02-15 00:00:00", "holiday"), ("2026-02-23 23:59:59", "holiday"),
        ("2026-02-24 00:00:00", "night"), ("2026-10-03 10:00:00", "holiday"), ("2027-01-01 10:00:00", "day"),
        ("2027-01-02 10:00:00", "weekend"),
    ],
)  # fmt: skip
def test_the_clock_on_the_wall_decides(wall: str, profile: str) -> None:
    at = datetime.fromisoformat(wall).replace(tzinfo=SHANGHAI)
    assert profile_at(at, PLAN) == profile
    assert profile_at(at.astimezone(UTC), PLAN) == profile, "whatever the zone the moment is told in"


def test_every_kind_of_day_has_its_hours() -> None:
    for kind in DayKind:
        day = next(d for n in range(366) if kind_of(d := date(2026, 1, 1) + timedelta(days=n), CALENDAR) is kind)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
        expected = {DayKind.WEEKEND: "weekend", DayKind.HOLIDAY: "holiday"}.get(kind, "day")
        assert planned_at(noon, PLAN) == expected


@pytest.mark.parametrize(
    ("utc", "profile"),
    [
        ("2026-03-27T06:45", "night"), ("2026-03-27T07:00", "day"),  # winter: UTC+1
        ("2026-03-30T05:45", "night"), ("2026-03-30T06:00", "day"),  # summer: UTC+2
        ("2026-10-23T15:45", "day"), ("2026-10-23T16:00", "night"),
        ("2026-10-26T16:45", "day"), ("2026-10-26T17:00", "night"),
    ],
)  # fmt: skip
def test_summer_time_moves_the_hours_with_the_wall(utc: str, profile: str) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert profile_at(at, Plan(BERLIN)) == profile


def test_a_supervisors_word_holds_until_its_end_and_not_a_moment_longer() -> None:
    until = datetime(2026, 9, 17, 4, tzinfo=UTC)
    plan = Plan(SHANGHAI, Hours(), CALENDAR, Override(Profile.SURGE, until))
    assert profile_at(until - timedelta(microseconds=1), plan) is Profile.SURGE
    assert profile_at(until, plan) is Profile.DAY
    assert planned_at(until - timedelta(hours=1), plan) is Profile.DAY


@pytest.mark.parametrize(
    ("zone", "first", "days"),
    [
        (SHANGHAI, date(2026, 9, 18), 30), (BERLIN, date(2026, 3, 28), 3), (BERLIN, date(2026, 10, 24), 3),
        (KATHMANDU, date(2026, 9, 18), 3),
    ],
)  # fmt: skip
def test_the_plan_laid_out_says_the_same_at_every_moment(zone: ZoneInfo, first: date, days: int) -> None:
    plan = Plan(zone, Hours(), CALENDAR)
    begin, told = slots(first, days, plan)
    assert begin.astimezone(zone).strftime("%F %T") == f"{first} 00:00:00"
    for n, profile in enumerate(told):
        for seconds in (0, 450, 899):
            assert profile_at(begin + timedelta(seconds=900 * n + seconds), plan) is profile
    assert (begin + timedelta(seconds=900 * len(told))).astimezone(zone).hour == 0


@pytest.mark.parametrize(
    "changes",
    [
        (), (Change(15, Profile.DAY),), (Change(0, Profile.DAY), Change(0, Profile.NIGHT)),
        (Change(0, Profile.DAY), Change(600, Profile.NIGHT), Change(540, Profile.DAY)),
        (Change(0, Profile.DAY), Change(481, Profile.NIGHT)), (Change(0, Profile.DAY), Change(1440, Profile.NIGHT)),
        (Change(0, Profile.SURGE),),
    ],
)  # fmt: skip
def test_hours_that_leave_a_hole_are_refused(changes: tuple[Change, ...]) -> None:
    with pytest.raises(BadPlan):
        Hours(workday=changes)


# ── the files ────────────────────────────────────────────────────────────────────────────────────────


def test_the_files_say_what_the_dial_plan_reads(tmp_path: Path) -> None:
    files = LineFiles(tmp_path)
    begin = datetime(2026, 9, 18, tzinfo=UTC)
    assert files.plan(begin, [Profile.DAY, Profile.NIGHT, Profile.HOLIDAY])
    assert not files.plan(begin, [Profile.DAY, Profile.NIGHT, Profile.HOLIDAY]), "unchanged: not touched"
    assert (tmp_path / "plan").read_text() == f"{int(begin.timestamp())}dnh"
    duty = Overflow(OverflowKind.DUTY, "053188880001")
    files.profile(Profile.SURGE, ProfileSets(40, 600, "ab" * 32, on_full=duty))
    assert (tmp_path / "profile-s").read_text() == f"40|600|{'ab' * 32}|duty=053188880001|message|message"
    files.override(Override(Profile.SURGE, begin))
    assert (tmp_path / "override").read_text() == f"{int(begin.timestamp())}s"
    files.override(None)
    assert not (tmp_path / "override").exists()


def test_incidents_nearest_first_and_ended_ones_leave_nothing(tmp_path: Path) -> None:
    files = LineFiles(tmp_path)
    sound = files.sound(b"words")
    files.incidents([OpenIncident(3, sound), OpenIncident(12, sound, ["1396311"])])
    assert (tmp_path / "incidents").read_text() == "12|3"
    signs = (tmp_path / "incident-12/area/1396").read_text()
    assert (len(signs), signs.index("1"), signs.count("1")) == (1000, 311, 1)
    files.incidents([])
    assert (tmp_path / "incidents").read_text() == ""
    assert not list(tmp_path.glob("incident-*"))


def test_an_area_code_is_all_numbers_that_begin_so() -> None:
    signs = area_signs(["631", "13963", "1396311", "10"])
    assert set(signs) == {*(f"631{n}" for n in range(10)), "1396", *(f"10{n:02d}" for n in range(100))}
    assert signs["6310"] == signs["1001"] == "1" * 1000
    assert signs["1396"] == "0" * 300 + "1" * 100 + "0" * 600


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        (OverflowKind.DUTY, ""), (OverflowKind.DUTY, "110@trunk"), (OverflowKind.DUTY, "1,2"),
        (OverflowKind.DUTY, "${SHELL(x)}"), (OverflowKind.QUEUE, "a|b"), (OverflowKind.QUEUE, ""),
        (OverflowKind.MESSAGE, "x"), (OverflowKind.VOICEMAIL, "1"), (OverflowKind.CALLBACK, "1"),
    ],
)  # fmt: skip
def test_nothing_strange_reaches_the_dial_plan(kind: OverflowKind, to: str) -> None:
    with pytest.raises(BadSettings):
        Overflow(kind, to)


@pytest.mark.parametrize("prefix", ["", "0631", "../x", "63a", "+86"])
def test_no_prefix_leads_out_of_the_folder(prefix: str) -> None:
    with pytest.raises(BadSettings):
        area_signs([prefix])
