"""The capacity of a day from real rows: a played day's truth, second by second, is what comes out; and real hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.journal.reader import JournalReader, JournalSettings
from models.call import Call, Leg
from models.db import make_engine
from pbx_config import contract
from reports.attempts import Fate
from reports.capacity import Capacity, capacity_of, rows_behind
from reports.duty_rows import holds_of
from reports.halfhours import Span, day_span
from reports.minutes import Activity
from tests.support.site_history import History

pytestmark = pytest.mark.db
SHANGHAI, DAY = ZoneInfo("Asia/Shanghai"), date(2026, 11, 23)
WHOLE = day_span(DAY, SHANGHAI)
TRACES = Path(__file__).parents[1] / "cti/journal/traces"


@pytest.fixture
async def engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(dsn)
    yield engine
    await engine.dispose()


@pytest.fixture
async def history(engine: AsyncEngine) -> History:
    history = History(WHOLE.begin, seed=7).play()
    await history.write(engine)
    return history


async def capacity(pool: asyncpg.Pool, now: datetime = WHOLE.end, day: date = DAY) -> Capacity:
    async with pool.acquire() as conn:
        return await capacity_of(conn, day, SHANGHAI, now, person=lambda n: n, queue="hotline")


async def test_the_day_is_what_was_played(pool: asyncpg.Pool, history: History) -> None:
    found = await capacity(pool)
    assert len(found.slots) == 48
    for n, slot in enumerate(found.slots):
        told: Counter[tuple[str, str | None]] = Counter()
        for activity, seconds in slot.seconds.items():
            if activity is not Activity.PAUSE:
                told[activity.value, None] += int(seconds)
        told.update({("pause", reason): int(seconds) for reason, seconds in slot.pauses.items()})
        assert +told == +history.truth.get(n, Counter()), n
        assert sum(slot.seconds.values()) == slot.signed_in_s == sum(history.truth.get(n, Counter()).values())
        outcomes = history.outcomes.get(n, Counter())
        assert slot.fates[Fate.ANSWERED] == outcomes["answered"]
        assert slot.fates[Fate.ABANDONED] + slot.fates[Fate.SHORT] == outcomes["abandoned"]
    talks = sum(o["answered"] for o in history.outcomes.values())
    assert found.handling_s == pytest.approx(
        sum(found.total(a) for a in (Activity.TALK, Activity.HOLD, Activity.WRAP_UP)) / talks
    )


async def test_every_number_drills_down_to_as_many_rows(pool: asyncpg.Pool, history: History) -> None:
    found = await capacity(pool)
    slot = found.slots[19]
    for measure, count in (
        ("offered", slot.offered),
        ("in_time", slot.in_time),
        *((f.value, c) for f, c in slot.fates.items()),
    ):
        rows = rows_behind(found, slot, measure)
        assert len(rows) == count
        known = await pool.fetchval("SELECT count(*) FROM call WHERE id = ANY($1)", [r.call_id for r in rows])
        assert known == count
    for activity in Activity:
        rows = rows_behind(found, slot, activity.value)
        assert sum((r.end - r.begin).total_seconds() for r in rows if r.end) == slot.seconds[activity]


async def test_a_day_that_is_not_over_counts_up_to_now(pool: asyncpg.Pool, history: History) -> None:
    now = WHOLE.begin + timedelta(hours=10, minutes=10)
    found = await capacity(pool, now)
    assert found.until == now
    assert [s.elapsed_s for s in found.slots[19:23]] == [1800, 600, 0, 0]
    assert found.slots[20].signed_in_s == sum(history.truth[20].values()) - await _later(pool, now)
    assert all(not s.signed_in_s and not s.offered for s in found.slots[21:])


async def _later(pool: asyncpg.Pool, now: datetime) -> float:
    """What the half hour still brings, of the whole day's answer."""
    whole = await capacity(pool)
    rest = Span(now, whole.slots[20].span.end)
    parts = [p.span.within(rest) for p in whole.pieces]
    return sum(part.seconds for part in parts if part)


async def test_who_stayed_over_midnight_is_still_there(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    """Signed in and paused the evening before; a second sign-in of last month is another story that has ended."""
    history = History(WHOLE.begin)
    evening = -2 * 3600
    agent = history.agents[0]
    for second, kind, reason in (
        (evening - 30 * 86_400, "sign_in", ""), (evening, "sign_in", "PAUSED"), (evening + 60, "unpause", ""),
        (evening + 900, "pause", "meal"), (3600, "unpause", ""), (7200, "sign_out", ""),
    ):  # fmt: skip
        history._tell(agent, second, kind, reason)
    await history.write(engine)
    found = await capacity(pool)
    assert (found.total(Activity.PAUSE), found.total(Activity.IDLE)) == (3600, 3600)
    assert [s.on_duty for s in found.slots[:5]] == [1, 1, 1, 1, 0]


async def test_lines_in_use_are_the_trunks_channels(pool: asyncpg.Pool, history: History) -> None:
    found = await capacity(pool)
    lines = [
        (r.started_at, r.ended_at) for r in history.rows if isinstance(r, Leg) and r.channel.startswith("PJSIP/trunk-")
    ]
    for n in (3, 19, 20, 30):
        begin = found.slots[n].span.begin
        moments = (begin + timedelta(seconds=s) for s in range(1800))
        assert found.slots[n].lines_most == max(sum(b <= m < (e or m) for b, e in lines) for m in moments)


async def test_an_open_call_and_a_long_one_belong_to_the_half_hours_they_fill(
    pool: asyncpg.Pool, engine: AsyncEngine
) -> None:
    history = History(WHOLE.begin)
    agent = history.agents[0]
    history._tell(agent, 0, "sign_in", "")
    call = history._call("13912345678", 60, 6000, "open", queued_at=history.at(60), answered_at=history.at(100))
    history._leg(call, agent, 90, 100, 6000)
    for row in history.rows:
        if isinstance(row, Call | Leg):
            row.ended_at = None
    await history.write(engine)
    found = await capacity(pool, history.at(4000))
    assert [s.seconds[Activity.TALK] for s in found.slots[:4]] == [1700, 1800, 400, 0]
    assert [s.lines_most for s in found.slots[:4]] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    "name", ["held_by_the_citizen", "held_by_the_switch", "gone_while_held", "answered", "swapped"]
)
async def test_the_spans_of_real_holds_are_the_calls_hold(
    name: str, pool: asyncpg.Pool, dsn: str, tmp_path: Path
) -> None:
    """Captured journals of real calls: their spans add up to what the record says of the call."""
    for stream, place in (("cel.csv", contract.CEL_FILE), ("queue_log", contract.QUEUE_LOG_FILE)):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes((TRACES / name / stream).read_bytes())
    await JournalReader(JournalSettings("t12", tmp_path, dsn, 0.02)).catch_up()
    calls = await pool.fetch("SELECT id, hold_s, started_at, ended_at FROM call WHERE direction = 'inbound'")
    async with pool.acquire() as conn:
        span = Span(min(c["started_at"] for c in calls), max(c["ended_at"] for c in calls))
        held = await holds_of(conn, span)
    for call in calls:
        assert sum(h.seconds for h in held.get(call["id"], [])) == pytest.approx(call["hold_s"] or 0.0, abs=1e-5)


async def test_nothing_at_all_is_a_day_too(pool: asyncpg.Pool) -> None:
    found = await capacity(pool)
    assert found.handling_s is None
    assert sum(s.offered + s.signed_in_s for s in found.slots) == 0
