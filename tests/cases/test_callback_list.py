"""The list of unreached people on a real database: from the record, whatever the order; one agent for one citizen."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cases import callbacks
from cases.errors import CallbackEnded, CallbackNotNow, CallbackNotYours, CallbackTaken, NoCallback
from cases.fair import Floor, Rules
from cases.unreached_keeper import UnreachedKeeper
from cases.unreached_rows import Site
from cti.facts import Topic
from models.db import make_engine, transaction
from models.feed import Item, append_in
from models.target import leg_no_of
from models.unreached import UnreachedEnd
from tests.support.eventually import eventually
from tests.support.noon import noon_zone

pytestmark = pytest.mark.db
CITIZEN, OTHER = "13912345678", "13812345678"
QUIET = Floor(0, None, 1)
SITE = Site(noon_zone(), ("12345",), Rules(tries=2))


@pytest.fixture
async def engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(dsn, pool_size=12)
    yield engine
    await engine.dispose()


@pytest.fixture
def keeper(engine: AsyncEngine) -> UnreachedKeeper:
    return UnreachedKeeper(engine, SITE)


async def write(pool: asyncpg.Pool, minutes_ago: float, outcome: str = "abandoned", **more: Any) -> uuid.UUID:
    """A row of the record, and the feed's row that tells it, in one transaction as the journal does."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    wish, step = more.pop("wish", None), more.pop("step", None)
    row = {
        "id": uuid.uuid4(), "node": "pbx1", "linkedid": str(uuid.uuid4()), "direction": "inbound", "caller": CITIZEN,
        "called": "12345", "started_at": at, "ended_at": at + timedelta(seconds=40), "outcome": outcome,
        "wait_s": 30.0, "queue": "hotline",
    } | more  # fmt: skip
    if outcome == "answered":
        row.setdefault("answered_at", at + timedelta(seconds=5))
    names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(f"INSERT INTO call ({names}) VALUES ({places})", *row.values())
        if wish:
            await conn.execute(
                "INSERT INTO wish VALUES ($1, $2, $3, $4, $5, 3, 2)",
                uuid.uuid4(), row["id"], wish, at, at - timedelta(minutes=4),
            )  # fmt: skip
        if step:
            await conn.execute(
                "INSERT INTO call_step VALUES ($1, $2, $3, $4, '1')", uuid.uuid4(), row["id"], at, step
            )  # fmt: skip
        told = {"call_id": str(row["id"])}
        await append_in(conn, "pbx1", [Item(Topic.RECORD, str(row["id"]), told)])
    return uuid.UUID(str(row["id"]))


async def rows(pool: asyncpg.Pool) -> list[dict[str, Any]]:
    return [dict(r) for r in await pool.fetch("SELECT * FROM unreached ORDER BY number, day")]


async def taken(engine: AsyncEngine, agent_no: str, floor: Floor = QUIET) -> uuid.UUID:
    async with transaction(engine) as session:
        row = await callbacks.take_next(session, agent_no, agent_no, floor, datetime.now(UTC))
        return row.id


async def test_redials_are_one_entry_and_a_talk_clears_it(pool: asyncpg.Pool, keeper: UnreachedKeeper) -> None:
    await write(pool, 30)
    await write(pool, 20, "refused_full", caller="+86" + CITIZEN, wait_s=None)
    await write(pool, 9, caller="")
    await write(pool, 8, caller="anonymous")
    await write(pool, 7, caller="0014155550100")
    await keeper.look()
    found = {r["number"]: r for r in await rows(pool)}
    assert (found[CITIZEN]["attempts"], found[CITIZEN]["kind"], found[CITIZEN]["waited_s"]) == (2, "refused", 30.0)
    assert (found[""]["attempts"], found[""]["callable"]) == (2, False), "counted, and nobody can call them"
    assert found["+14155550100"]["callable"] is False, "nobody calls abroad"
    reached = await write(pool, 1, "answered")
    await keeper.look()
    cleared = next(r for r in await rows(pool) if r["number"] == CITIZEN)
    assert (cleared["state"], cleared["end_reason"]) == ("cleared", None)
    assert cleared["ended_at"] == await pool.fetchval("SELECT answered_at FROM call WHERE id = $1", reached)


async def test_the_journal_read_again_and_late_rows_give_the_same_entries(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    """Row by row in a seeded order, each looked at; then all at once, and once more from nothing."""
    walk = random.Random(12345)
    outcomes = ["abandoned", "refused_full", "timed_out", "answered", "lost", "left_early", "asked_back"]
    for n in range(60):
        outcome = walk.choice(outcomes)
        await write(
            pool, walk.uniform(1, 2000), outcome, caller=f"1391234567{walk.randrange(5)}",
            wish="call_back" if outcome == "asked_back" else None,
        )  # fmt: skip
        if n % 3 == 0:
            await keeper.look()
    await keeper.look()
    as_they_came = await rows(pool)
    assert len(as_they_came) >= 5
    await UnreachedKeeper(engine, SITE).look()
    assert await rows(pool) == as_they_came, "read again from zero"
    await pool.execute("TRUNCATE unreached, unreached_event")
    await UnreachedKeeper(engine, SITE).look()
    assert await rows(pool) == as_they_came, "and from nothing"


async def test_the_record_thinks_better_of_it(pool: asyncpg.Pool, keeper: UnreachedKeeper) -> None:
    """A call that was taken for lost goes on and is answered: nobody was unreached."""
    call_id = await write(pool, 3, "lost")
    await keeper.look()
    assert len(await rows(pool)) == 1
    await pool.execute("UPDATE call SET outcome = 'answered', answered_at = started_at WHERE id = $1", call_id)
    async with pool.acquire() as conn, conn.transaction():
        await append_in(conn, "pbx1", [Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)})])
    await keeper.look()
    assert await rows(pool) == []


async def test_an_outage_of_a_thousand_keys_leaves_nobody_on_the_list(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    """Heard it, pressed the key, was let go; also after the whole record is read. Who came to the queue is missed."""
    at_key = {"queue": None, "wait_s": None, "step": "incident_joined"}
    for n in range(5):
        await write(pool, 9 - n, "left_early", caller=f"1391234560{n}", **at_key)
    await write(pool, 4, "lost", caller="13912345605", **at_key)
    await write(pool, 3, "left_early", caller=OTHER, **(at_key | {"step": "incident_heard"}))
    await write(pool, 2, queued_at=datetime.now(UTC) - timedelta(minutes=2), step="incident_joined")
    for one in (keeper, UnreachedKeeper(engine, SITE)):
        await one.look()
        assert [(r["number"], r["kind"]) for r in await rows(pool)] == [(OTHER, "abandoned"), (CITIZEN, "abandoned")]


async def test_those_who_were_listed_for_a_key_before_are_taken_off(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    """A version that did not know the key wrote them down."""
    call_id = await write(pool, 5, "left_early", queue=None, wait_s=None)
    await keeper.look()
    assert len(await rows(pool)) == 1
    step = "INSERT INTO call_step VALUES ($1, $2, now(), 'incident_joined', '1')"
    await pool.execute(step, uuid.uuid4(), call_id)
    await UnreachedKeeper(engine, SITE).look()
    assert await rows(pool) == []


async def test_a_seat_that_was_not_heard_clears_nothing_for_good(pool: asyncpg.Pool, keeper: UnreachedKeeper) -> None:
    """The journal reads an answer, five seconds later that it was none: the kept place is owed again."""
    await write(pool, 30, "asked_back", wish="call_back")
    call_id = await write(pool, 3, "open", answered_at=datetime.now(UTC) - timedelta(minutes=2.9), ended_at=None)
    await keeper.look()
    assert [r["state"] for r in await rows(pool)] == ["cleared"]
    gave_up = "UPDATE call SET outcome = $2, answered_at = NULL, ended_at = $3 WHERE id = $1"
    for outcome, ended_at in (("open", None), ("abandoned", datetime.now(UTC))):
        await pool.execute(gave_up, call_id, outcome, ended_at)
        async with pool.acquire() as conn, conn.transaction():
            await append_in(conn, "pbx1", [Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)})])
        await keeper.look()
    (row,) = await rows(pool)
    assert (row["state"], row["attempts"], row["kind"], row["place"]) == ("open", 2, "call_back", 3)
    steps = await pool.fetch("SELECT step FROM unreached_event ORDER BY id")
    assert [r["step"] for r in steps] == ["cleared", "reopened"]


async def test_agents_who_race_never_have_the_same_citizen(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    await write(pool, 60 * 30)  # the same citizen yesterday and today: two entries, one agent
    await write(pool, 50)
    for n in range(6):
        await write(pool, 40 - n, caller=f"1391234560{n}")
    await keeper.look()
    results = await asyncio.gather(*(taken(engine, f"10{n:02}") for n in range(10)), return_exceptions=True)
    got = [r for r in results if isinstance(r, uuid.UUID)]
    assert len(got) == len(set(got))
    assert all(isinstance(r, uuid.UUID | NoCallback) for r in results), results
    numbers = [r["number"] for r in await rows(pool) if r["state"] == "taken"]
    assert len(numbers) == len(set(numbers)) == len(got)
    # Who lost a race may ask again: in the end everybody has one.
    while len(numbers) < 7:
        await taken(engine, "1099")
        numbers = [r["number"] for r in await rows(pool) if r["state"] == "taken"]
    assert len(set(numbers)) == 7
    with pytest.raises(NoCallback):
        await taken(engine, "1098")


async def test_whom_the_keeper_looks_at_is_waited_for(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    """Its lock lasts a moment: an agent's key is not answered with "nobody" because of it."""
    await write(pool, 50)
    await keeper.look()
    async with pool.acquire() as conn:
        async with conn.transaction():
            entry_id = await conn.fetchval("SELECT id FROM unreached FOR UPDATE")
            asked = asyncio.create_task(taken(engine, "1001"))
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            await eventually(lambda: pool.fetchval(waits))
        assert await asked == entry_id


async def test_who_waits_is_first_and_a_kept_place_is_before_who_waits(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    await write(pool, 90)
    await write(pool, 10, "asked_back", caller=OTHER, wish="call_back")  # entered 14 minutes ago
    await keeper.look()
    busy = Floor(3, datetime.now(UTC) - timedelta(minutes=20), 1)
    with pytest.raises(CallbackNotNow):
        await taken(engine, "1001", busy)
    now_it_is = Floor(3, datetime.now(UTC) - timedelta(minutes=13), 0)
    await taken(engine, "1001", now_it_is)
    with pytest.raises(CallbackNotNow):
        await taken(engine, "1002", now_it_is)
    assert [r["number"] for r in await rows(pool) if r["state"] == "taken"] == [OTHER]


async def call_back(pool: asyncpg.Pool, entry_id: uuid.UUID, state: str = "succeeded") -> str:
    """The command that an agent's key made; the linkedid of its call."""
    command_id = uuid.uuid4()
    ended = None if state == "pending" else datetime.now(UTC)
    await pool.execute(
        "INSERT INTO command (id, node, kind, args, agent_no, state, asked_at, deadline_at, ended_at)"
        " VALUES ($1, 'pbx1', 'call.dial', '{}', '1001', $2, $3, $3, $4)", command_id, state, datetime.now(UTC), ended,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO call_target (command_id, leg_no, number, outside, purpose, by)"
        " VALUES ($1, $2, $3, true, 'callout', 'zhang')", command_id, leg_no_of(command_id), CITIZEN,
    )  # fmt: skip
    await pool.execute("UPDATE unreached SET command_id = $2 WHERE id = $1", entry_id, command_id)
    return f"pbx1-1.{leg_no_of(command_id)}"


async def only(pool: asyncpg.Pool) -> dict[str, Any]:
    found = await rows(pool)
    assert len(found) == 1
    return found[0]


async def test_the_facts_of_the_call_back_close_it(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    out: dict[str, Any] = {"direction": "outbound", "caller": "12345", "called": CITIZEN}
    await write(pool, 60)
    await keeper.look()
    await call_back(pool, await taken(engine, "1001"), "refused")
    await keeper.look()
    assert ((await only(pool))["state"], (await only(pool))["tries"]) == ("open", 0), "never dialled: no try"

    linkedid = await call_back(pool, await taken(engine, "1001"), "pending")
    await keeper.look()
    assert (await only(pool))["state"] == "taken"
    await write(pool, 0, "not_reached", linkedid=linkedid, **out)
    await keeper.look()
    tried = await only(pool)
    assert (tried["state"], tried["tries"]) == ("open", 1)
    assert tried["next_at"] > datetime.now(UTC)
    with pytest.raises(NoCallback):
        await taken(engine, "1001")

    await pool.execute("UPDATE unreached SET next_at = NULL")
    linkedid = await call_back(pool, await taken(engine, "1001"))
    await write(pool, 0, "answered", linkedid=linkedid, **out)
    await keeper.look()
    done = await only(pool)
    assert (done["state"], done["end_reason"], done["taken_by"]) == ("done", "reached", None)
    steps = [r["step"] for r in await pool.fetch("SELECT step FROM unreached_event ORDER BY id")]
    assert steps == ["taken", "released", "taken", "no_answer", "taken", "done"]


async def test_a_lease_that_is_over_gives_it_back(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    await write(pool, 60)
    await keeper.look()
    await taken(engine, "1001")
    await keeper.look()
    assert (await only(pool))["state"] == "taken"
    await pool.execute("UPDATE unreached SET taken_until = now() - interval '1 s'")
    await keeper.look()
    assert (await only(pool))["state"] == "open"


async def test_who_may_give_back_and_close_one_that_is_taken(
    pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper
) -> None:
    await write(pool, 60)
    await keeper.look()
    entry_id = await taken(engine, "1001")
    with pytest.raises(CallbackNotYours):
        async with transaction(engine) as session:
            await callbacks.release(session, entry_id, "1002", "wang")
    with pytest.raises(CallbackTaken) as refused:
        async with transaction(engine) as session:
            await callbacks.take(session, entry_id, "1009", "boss", datetime.now(UTC))
    assert refused.value.fields == {"agent_no": "1001"}
    async with transaction(engine) as session:
        await callbacks.release(session, entry_id, None, "boss")
    now = datetime.now(UTC)
    with pytest.raises(CallbackNotYours):  # nobody closes somebody whom they have not taken
        async with transaction(engine) as session:
            await callbacks.close(session, entry_id, UnreachedEnd.NOT_WANTED, "1001", "zhang", now=now)
    assert await taken(engine, "1001") == entry_id
    async with transaction(engine) as session:
        await callbacks.close(session, entry_id, UnreachedEnd.NOT_WANTED, "1001", "zhang", now=now)
    await keeper.look()
    assert ((await only(pool))["state"], (await only(pool))["end_reason"]) == ("done", "not_wanted")
    with pytest.raises(CallbackEnded):
        async with transaction(engine) as session:
            await callbacks.take(session, entry_id, "1001", "zhang", now)


async def test_what_nobody_reached_for_too_long_expires(pool: asyncpg.Pool, keeper: UnreachedKeeper) -> None:
    await write(pool, 60 * 24 * 6)
    await keeper.look()
    assert (await only(pool))["state"] == "open"
    keeper._site = replace(SITE, rules=Rules(expires_after=timedelta(days=5)))
    keeper._all_at = None
    await keeper.look()
    assert (await only(pool))["state"] == "expired"


async def test_the_history_cannot_be_changed(pool: asyncpg.Pool, engine: AsyncEngine, keeper: UnreachedKeeper) -> None:
    await write(pool, 5)
    await keeper.look()
    await taken(engine, "1001")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("DELETE FROM unreached_event")
