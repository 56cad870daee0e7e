"""F17: Asterisk started while the clock was ahead, and the clock was put right: no call after it is taken for lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from cti.journal import store
from tests.cti.journal.conftest import Journal
from tests.cti.journal.test_store import has_read, running

pytestmark = pytest.mark.db
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
AHEAD = timedelta(hours=1)
EARLIER, REF, LATER = "t12-0.0", "t12-1.0", "t12-2.0"


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(store, "_now", clock)
    return clock


def started(journal: Journal, at: datetime) -> None:
    journal.append("queue_log", f"{int(at.timestamp())}|NONE|NONE|NONE|QUEUESTART|\n".encode())


def line(journal: Journal, event: str, at: datetime, ref: str = REF) -> None:
    told = [event, f"{at.timestamp():.6f}", "13912345678", "12345", "line", "PJSIP/trunk-00000001", "", "", ref, ref]
    journal.append("cel", ('"' + '","'.join([*told, "", "", ""]) + '"\n').encode())


async def outcomes(pool: asyncpg.Pool) -> dict[str, tuple[str, datetime | None]]:
    return {r["linkedid"]: (r["outcome"], r["ended_at"]) for r in await pool.fetch("SELECT * FROM call")}


async def test_a_start_that_is_not_yet_ends_no_call(journal: Journal, pool: asyncpg.Pool, clock: Clock) -> None:
    """Also for the reader that was there when it was read, and for one that begins meanwhile."""
    clock.now = NOW + AHEAD
    line(journal, "CHAN_START", NOW - timedelta(minutes=5))
    started(journal, NOW - timedelta(days=1))
    async with running(journal) as there:
        await has_read(there, 2)
        started(journal, clock.now)
        await has_read(there, 3)
        assert (await outcomes(pool))[REF][0] == "lost", "it went with the switch"
        clock.now = NOW + timedelta(minutes=5)  # put right
        line(journal, "CHAN_START", clock.now, LATER)
        line(journal, "ANSWER", clock.now, LATER)
        await has_read(there, 5)
        assert (await outcomes(pool))[LATER][1] is None
    line(journal, "BRIDGE_ENTER", clock.now + timedelta(seconds=9), LATER)
    line(journal, "CHAN_START", NOW - timedelta(days=2), EARLIER)
    await journal.read()
    assert (await outcomes(pool))[LATER][1] is None
    assert (await outcomes(pool))[REF][0] == "lost"
    assert (await outcomes(pool))[EARLIER][0] == "lost", "the start before that one holds"


async def test_a_start_that_was_ends_what_was_open(journal: Journal, pool: asyncpg.Pool, clock: Clock) -> None:
    line(journal, "CHAN_START", NOW - timedelta(minutes=5))
    async with running(journal) as there:
        await has_read(there, 1)
        assert (await outcomes(pool))[REF][1] is None
        started(journal, clock.now)
        await has_read(there, 2)
        assert (await outcomes(pool))[REF][0] == "lost"
        line(journal, "ANSWER", NOW - timedelta(minutes=4))  # told late
        await has_read(there, 3)
        assert (await outcomes(pool))[REF][0] == "lost"
    line(journal, "ANSWER", NOW - timedelta(minutes=3))
    await journal.read()
    assert (await outcomes(pool))[REF][0] == "lost"
