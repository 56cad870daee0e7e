"""Which number of an agency has duty now. Pure; times are the site's."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.agency import AgencyNumber


def on_duty(number: AgencyNumber, now: datetime) -> bool:
    """``now`` is aware, in the site's zone. A span over midnight belongs to the day on which it begins."""
    clock, today = now.time().replace(tzinfo=None), str(now.isoweekday())
    begins, ends = number.from_time, number.to_time
    if begins is None or ends is None or begins == ends:
        return today in number.weekdays
    if begins < ends:
        return today in number.weekdays and begins <= clock < ends
    yesterday = str((now - timedelta(days=1)).isoweekday())
    return (today in number.weekdays and clock >= begins) or (yesterday in number.weekdays and clock < ends)
