"""The feed is commit-ordered, and live at seq n plus the rows after n is the state."""

import asyncio
from types import SimpleNamespace

import asyncpg
import pytest

from models.feed import Item, PostgresFeed, RawRow, append_in, follow, replace_node_in, trim

pytestmark = pytest.mark.db


@pytest.fixture
def feed(pool: asyncpg.Pool, dsn: str) -> PostgresFeed:
    return PostgresFeed(pool, dsn)


async def test_rows_come_back_in_order_with_their_bodies(feed: PostgresFeed) -> None:
    last = await feed.append(
        "n1", [Item("call", "a", {"x": "张先生"}, live=True), Item("record", "a", {"call_id": "a"})]
    )
    rows = await feed.read(0)
    assert [(r.topic, r.key, r.body) for r in rows] == [
        ("call", "a", {"x": "张先生"}),
        ("record", "a", {"call_id": "a"}),
    ]
    assert rows[-1].seq == last


async def test_live_holds_the_newest_body_and_forgets_what_is_gone(feed: PostgresFeed) -> None:
    await feed.append("n1", [Item("call", "a", {"v": 1}, True), Item("call", "a", {"v": 2}, True)])
    await feed.append("n1", [Item("call", "b", {"v": 3}, True), Item("call", "c", {"v": 4}, True)])
    last = await feed.append("n1", [Item("call", "b", None, True)])
    snapshot = await feed.snapshot()
    assert snapshot.seq == last
    assert sorted(snapshot.rows) == [("call", "a", {"v": 2}), ("call", "c", {"v": 4})]


async def test_replacing_a_node_leaves_other_nodes_alone_and_asks_for_resync(
    feed: PostgresFeed, pool: asyncpg.Pool
) -> None:
    await feed.append("n1", [Item("call", "a", {"v": 1}, True)])
    await feed.append("n2", [Item("call", "z", {"v": 9}, True)])
    async with pool.acquire() as conn:
        await replace_node_in(conn, "n1", [Item("call", "b", {"v": 2}, True)])
    assert sorted((await feed.snapshot()).rows) == [("call", "b", {"v": 2}), ("call", "z", {"v": 9})]
    assert (await feed.read(0))[-1].topic == "resync"


async def test_a_reader_never_skips_a_row_that_commits_late(feed: PostgresFeed, pool: asyncpg.Pool) -> None:
    seen: list[int] = []

    async def write(n: int) -> None:
        for i in range(20):
            async with pool.acquire() as conn, conn.transaction():
                await append_in(conn, "n1", [Item("call", f"{n}-{i}", {"i": i})])

    async def read() -> None:
        while len(seen) < 80:
            seen.extend(r.seq for r in await feed.read(seen[-1] if seen else 0))
            await asyncio.sleep(0)

    await asyncio.wait_for(asyncio.gather(read(), *(write(n) for n in range(4))), 30)
    total = await pool.fetchval("SELECT count(*) FROM feed")
    assert (len(seen), len(set(seen))) == (total, 80)


async def test_append_wakes_a_waiter_and_trim_keeps_the_newest(feed: PostgresFeed, pool: asyncpg.Pool) -> None:
    async with feed.wait() as woken:
        await feed.append("n1", [Item("case", "a", None), Item("case", "b", None)])
        await asyncio.wait_for(woken.wait(), 5)
    async with pool.acquire() as conn:
        assert await trim(conn, keep_rows=1) == 1
    assert [r.key for r in await feed.read(0)] == ["b"]


async def test_a_follower_is_told_the_rows_and_reads_only_where_it_must(
    feed: PostgresFeed, pool: asyncpg.Pool, dsn: str
) -> None:
    async with follow(dsn) as follower, asyncio.timeout(20):
        await follower.next(0)
        conn = follower._conn
        reads = 0

        async def fetch(*args: object) -> list[asyncpg.Record]:
            nonlocal reads
            reads += 1
            return await conn.fetch(*args)

        follower._conn = SimpleNamespace(fetch=fetch)
        seen: list[RawRow] = []

        async def come() -> list[str]:
            """The keys of what comes until the newest seq is there."""
            begin, newest = len(seen), await pool.fetchval("SELECT max(seq) FROM feed")
            while not seen or seen[-1].seq < newest:
                await follower.woken.wait()
                follower.woken.clear()
                while rows := await follower.next(seen[-1].seq if seen else 0):
                    seen.extend(rows)
            return [row.key for row in seen[begin:]]

        await feed.append("n1", [Item("call", "a", {"x": '张先生 "引号"'}, True), Item("agent", "b", None, True)])
        await feed.append("n1", [Item("call", "c", {"v": 2}, True)])
        assert (await come(), reads) == (["a", "b", "c"], 0), "NOTIFY carried them"
        await feed.append("n1", [Item("call", "long", {"x": "长" * 3000}, True)])
        assert (await come(), reads) == (["long"], 1), "8,000 bytes are the most: read"
        await feed.append("n1", [Item("call", f"m{n}", {}, True) for n in range(40)])
        await feed.append("n1", [Item("call", "after", {}, True)])
        assert (len(await come()), reads) == (41, 2), "many at once: read, and what was read is not taken again"
        await feed.append("n1", [Item("call", "lost", {}, True)])
        await follower.woken.wait()
        follower._told.clear()
        await feed.append("n1", [Item("call", "d", {}, True)])
        assert (await come(), reads) == (["lost", "d"], 3), "a notification that was lost leaves a gap: read"
        await pool.execute("SELECT nextval(pg_get_serial_sequence('feed', 'seq'))")
        await feed.append("n1", [Item("call", "e", {}, True)])
        assert (await come(), reads) == (["e"], 3), "a number that nobody used is no gap"
        for foreign in ("", "[7, null]", "[]", '{"x": 1}', "hello"):
            await pool.execute("SELECT pg_notify('lianxin_feed', $1)", foreign)
        await feed.append("n1", [Item("call", "f", {}, True)])
        assert (await come())[-1:] == ["f"], "what is none of ours is no harm"
    told = {row.seq: (row.at, row.node, row.topic, row.key, row.body) for row in seen}
    async with follow(dsn) as again:
        assert {r.seq: (r.at, r.node, r.topic, r.key, r.body) for r in await again.read(0)} == told, (
            "as the table has it"
        )


async def test_a_follower_is_told_in_the_order_of_seq_by_many_writers(pool: asyncpg.Pool, dsn: str) -> None:
    async def write(n: int) -> None:
        for i in range(30):
            async with pool.acquire() as conn, conn.transaction():
                await append_in(conn, "n1", [Item("call", f"{n}-{i}", {"i": "x" * (4000 * (i % 3))})])

    async with follow(dsn) as follower, asyncio.timeout(30), asyncio.TaskGroup() as group:
        for n in range(4):
            group.create_task(write(n))
        seen: list[int] = []
        while len(seen) < 120:
            await follower.woken.wait()
            follower.woken.clear()
            while rows := await follower.next(seen[-1] if seen else 0):
                seen.extend(row.seq for row in rows)
    assert seen == [r["seq"] for r in await pool.fetch("SELECT seq FROM feed ORDER BY seq")]
