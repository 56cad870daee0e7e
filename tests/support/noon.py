"""A time zone in which it is about noon: what happened hours ago is of the same day, whenever the tests are run."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def noon_zone() -> ZoneInfo:
    offset = 12 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT")
