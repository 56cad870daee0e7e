"""The feed is commit-ordered, and live at seq n plus the rows after n is the state."""

import asyncio

import asyncpg
import pytest

from models.feed import Item, PostgresFeed, append_in, replace_node_in, trim

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
