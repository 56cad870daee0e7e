"""Hand-made histories of calls, in the words of the trade: rows of ``call`` as the journal writes them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from cases.numbers import canonical
from reports.attempts import Attempt, attempt_of
from reports.day import Day, Period
from reports.keeper import ReportSettings

ZONE = ZoneInfo("Asia/Shanghai")
QUEUE = "hotline"
SETTINGS = ReportSettings(ZONE, QUEUE, canonical, {QUEUE: 15.0})
TODAY = date(2026, 11, 23)
LI, WANG, ZHAO = "13900000001", "13900000002", "05318888001"


def at(clock: str, day: date = TODAY) -> datetime:
    """A moment of the site's day."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=ZONE)


def call(clock: str, caller: str, outcome: str, day: date = TODAY, **changes: Any) -> dict[str, Any]:
    """A call that reaches the queue at ``clock``, ten seconds after its beginning. ``wait``: seconds in the queue."""
    queued = at(clock, day)
    wait = changes.pop("wait", 8.0 if outcome == "answered" else 60.0)
    answered = queued + timedelta(seconds=wait) if outcome == "answered" else None
    row = {
        "id": uuid.uuid4(), "node": "pbx1", "linkedid": uuid.uuid4().hex, "direction": "inbound", "caller": caller,
        "called": "12345", "started_at": queued - timedelta(seconds=10), "queued_at": queued, "answered_at": answered,
        "ended_at": queued + timedelta(seconds=wait + 60), "outcome": outcome, "queue": QUEUE, "wait_s": wait,
    }  # fmt: skip
    return row | changes


def waiting(clock: str, caller: str, **changes: Any) -> dict[str, Any]:
    return call(clock, caller, "open", **({"ended_at": None, "wait_s": None} | changes))


def unqueued(clock: str, caller: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """Refused at the queue's door, or gone during the notice."""
    return call(clock, caller, outcome, **({"queued_at": None, "wait_s": None, "queue": None} | changes))


def attempts(rows: list[dict[str, Any]]) -> list[Attempt]:
    found = (attempt_of(row, canonical, QUEUE) for row in rows)
    return [a for a in found if a is not None]


def day_of(rows: list[dict[str, Any]], now: str = "23:59:59", **changes: Any) -> Day:
    zone = changes.get("zone", ZONE)
    return Day(attempts(rows), Period.of(TODAY, zone), at(now), changes.get("service_s", 15.0))


async def write(pool: asyncpg.Pool, rows: list[dict[str, Any]], told: bool = True) -> None:
    """Into the record; ``told`` on the feed as the journal does when a call comes or ends."""
    for row in rows:
        names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
        sets = ", ".join(f"{n} = EXCLUDED.{n}" for n in row)
        await pool.execute(
            f"INSERT INTO call ({names}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {sets}", *row.values()
        )
        if told:
            item = {"topic": "record", "key": str(row["id"]), "body": {"call_id": str(row["id"])}, "live": False}
            await pool.execute("SELECT feed_append('pbx1', $1::jsonb)", json.dumps([item]))


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
