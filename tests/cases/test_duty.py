"""Which number has duty, hour by hour, in the site's zone."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from cases.duty import on_duty
from models.agency import AgencyNumber

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALL_DAY = AgencyNumber(weekdays="1234567", from_time=None, to_time=None)
OFFICE = AgencyNumber(weekdays="12345", from_time=time(8, 30), to_time=time(17, 30))
NIGHT = AgencyNumber(weekdays="12345", from_time=time(18), to_time=time(8))
SUNDAY = AgencyNumber(weekdays="7", from_time=None, to_time=None)


@pytest.mark.parametrize(
    ("number", "moment", "duty"),
    [
        (ALL_DAY, "2026-11-23T03:00", True),
        (OFFICE, "2026-11-23T08:29:59", False),  # a Monday
        (OFFICE, "2026-11-23T08:30", True),
        (OFFICE, "2026-11-23T17:29:59", True),
        (OFFICE, "2026-11-23T17:30", False),
        (OFFICE, "2026-11-22T10:00", False),  # a Sunday
        (NIGHT, "2026-11-23T17:59", False),
        (NIGHT, "2026-11-23T18:00", True),
        (NIGHT, "2026-11-24T07:59", True),  # of Monday's span
        (NIGHT, "2026-11-24T08:00", False),
        (NIGHT, "2026-11-23T07:59", False),  # Sunday has no night duty
        (NIGHT, "2026-11-28T07:59", True),  # Saturday morning is the end of Friday's
        (NIGHT, "2026-11-28T18:00", False),
        (SUNDAY, "2026-11-22T00:00", True),
        (SUNDAY, "2026-11-23T00:00", False),
    ],
)
def test_a_span_belongs_to_the_day_on_which_it_begins(number: AgencyNumber, moment: str, duty: bool) -> None:
    assert on_duty(number, datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)) is duty


def test_every_minute_of_a_week_has_somebody_where_day_and_night_meet() -> None:
    day = AgencyNumber(weekdays="1234567", from_time=time(8), to_time=time(18))
    night = AgencyNumber(weekdays="1234567", from_time=time(18), to_time=time(8))
    for hour in range(24):
        for minute in range(60):
            now = datetime(2026, 11, 23, hour, minute, tzinfo=SHANGHAI)
            assert on_duty(day, now) != on_duty(night, now)
