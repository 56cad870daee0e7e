"""The feed socket: snapshot and rows are an exact copy, slow readers delay nobody, nothing is lost by a restart."""

import asyncio
import dataclasses
import random
import time
import uuid
from typing import Any

import pytest

from cti.facts import AgentState, CallState, CommandLive, Topic, body_of
from models import cluster as pg
from models.account import Role
from models.feed import Item, replace_node_in
from tests.api.house import NODE, House, Person, Screen, agent, call, gone, picture_of, queue
from tests.support.eventually import eventually

pytestmark = pytest.mark.db


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


async def live(house: House, person: Person) -> dict[str, Any]:
    answer = await house.client(person).get("/api/v1/live")
    assert answer.status_code == 200, answer.text
    snapshot: dict[str, Any] = answer.json()
    return snapshot


async def test_rows_follow_the_hello_and_each_names_the_one_before(house: House, boss: Person) -> None:
    await house.publish(agent("1001"))
    async with house.screen(boss) as screen:
        hello = await screen.next()
        assert hello["type"] == "hello"
        assert [a["agent_no"] for a in hello["snapshot"]["agents"]] == ["1001"]
        last = await house.publish(agent("1001", state=AgentState.PAUSED, reasons=("meal",)), agent("1002"))
        await screen.until("row", seq=last)
        assert screen.picture["agents"]["1001"]["reasons"] == ["meal"]
        assert screen.picture == picture_of(await live(house, boss))


async def test_an_agent_sees_the_own_calls_only_and_loses_one_that_moves_on(house: House) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    wang = await house.person("wang", agent_no="1002")
    call_id = uuid.uuid4()
    async with house.screen(zhang) as first, house.screen(wang) as second:
        await first.next()
        await second.next()
        await house.publish(agent("1002"), call(call_id))
        await house.publish(call(call_id, state=CallState.RINGING, ringing=("1001",)))
        ringing = await first.until("row")
        assert (ringing["topic"], ringing["body"]["ringing"]) == ("call", ["1001"])
        await house.publish(call(call_id, state=CallState.RINGING, ringing=("1002",)))
        assert (await first.until("row"))["body"] is None
        assert (await second.until("row", topic="call"))["body"]["ringing"] == ["1002"]
        await house.publish(Item(Topic.COMMAND, "c", body_of(CommandLive("c", "agent.ready", "1002", "succeeded"))))
        assert (await second.until("row", topic="command"))["body"]["state"] == "succeeded"
        last = await house.publish(queue(waiting=7))
        await first.until("row", seq=last)
        assert {m.get("topic") for m in first.messages if m["type"] == "row"} == {"call", "queue"}
        assert first.picture["agents"] == {}


def random_item(rng: random.Random, calls: list[uuid.UUID]) -> Item:
    kind = rng.random()
    if kind < 0.3:
        number = f"100{rng.randint(1, 4)}"
        return gone(Topic.AGENT, number) if rng.random() < 0.2 else agent(number, state=rng.choice(list(AgentState)))
    if kind < 0.5:
        return queue(rng.choice(["hotline", "second"]), waiting=rng.randint(0, 50))
    if kind < 0.6:
        return Item(Topic.CASE, "c", {"case_id": "c", "number": "1", "state": "accepted", "agent_no": "1001"})
    one = rng.choice(calls)
    if rng.random() < 0.2:
        return gone(Topic.CALL, str(one))
    who = rng.choice([(), ("1001",), ("1002",), ("1001", "1002")])
    return call(one, ringing=who, agent_no=rng.choice([None, "1001", "1003"]), state=rng.choice(list(CallState)))


@pytest.mark.parametrize("seed", range(4))
async def test_state_and_events_are_the_state_fetched_again(house: House, boss: Person, seed: int) -> None:
    """Four writers, one of them replacing everything; every screen ends with what a new one is given."""
    agents = [await house.person(f"a{n}", agent_no=f"100{n}") for n in (1, 2)]
    rng, calls = random.Random(seed), [uuid.uuid4() for _ in range(6)]

    async def write(count: int) -> None:
        for _ in range(count):
            await house.publish(*(random_item(rng, calls) for _ in range(rng.randint(1, 3))))
            await asyncio.sleep(rng.random() * 0.01)  # the writers' pace: their order is what is tried

    async def replace() -> None:
        for _ in range(3):
            await asyncio.sleep(0.05)  # in the middle of the writers
            async with house.pool.acquire() as conn:
                await replace_node_in(conn, NODE, [agent("1001"), call(rng.choice(calls), ringing=("1001",))])

    people = [boss, *agents]
    async with house.screen(boss) as s0, house.screen(agents[0]) as s1, house.screen(agents[1]) as s2:
        screens = [s0, s1, s2]
        readers = [asyncio.create_task(_read(s)) for s in screens]
        await asyncio.gather(write(40), write(40), replace())
        last = await house.publish(queue("hotline", waiting=99))

        async def same() -> bool:
            for person, screen in zip(people, screens, strict=True):
                snapshot = await live(house, person)
                assert snapshot["seq"] >= last
                assert screen.picture == picture_of(snapshot)
            return True

        await eventually(same, within_s=15)
        for reader in readers:
            assert not reader.done() or reader.exception() is None, reader.exception()
            reader.cancel()


async def _read(screen: Screen) -> None:
    while True:
        await screen.next(within_s=30)


async def test_a_reader_that_stops_delays_nobody_and_is_resynced(house: House, boss: Person) -> None:
    """A row is big here, so that the kernel's buffers fill soon."""
    blob = "x" * 20_000
    async with house.screen(boss, max_queue=1) as stopped, house.screen(boss) as reading:
        await stopped.next()
        await reading.next()
        slowest = 0.0
        for n in range(900):
            began = time.monotonic()
            last = await house.publish(agent("1001", seat=blob, node=str(n)))
            if n % 30 == 0:
                await reading.until("row", seq=last, within_s=10)
                slowest = max(slowest, time.monotonic() - began)
        await reading.until("row", seq=last, within_s=20)
        assert slowest < 3
        await stopped.until("resync", within_s=20)
        hello = await stopped.until("hello")
        assert hello["seq"] == last
        assert stopped.picture["agents"]["1001"]["node"] == "899"
        assert house.app.state.parts.hub.overflows >= 1


async def test_two_hundred_screens_of_which_forty_sleep(house: House, boss: Person) -> None:
    agents = [await house.person(f"a{n}", agent_no=f"1{n:03d}") for n in range(100, 110)]
    async with asyncio.TaskGroup() as group:
        closing = asyncio.Event()
        ready: list[Screen] = []
        late: list[float] = []

        async def page(person: Person, asleep: bool) -> None:
            async with house.screen(person) as screen:
                await screen.next(within_s=60)
                ready.append(screen)
                while not asleep and not closing.is_set():
                    message = await screen.next(within_s=60)
                    if message.get("key") == "hotline":
                        late.append(message["body"]["waiting"])
                await closing.wait()

        for n in range(200):
            group.create_task(page(agents[n % 10] if n % 2 else boss, asleep=n % 5 == 0))
        await eventually(lambda: len(ready) == 200, within_s=60)
        for n in range(20):
            await house.publish(queue(waiting=n))
        await eventually(lambda: late.count(19) == 160, within_s=60)
        assert len(late) < 160 * 20  # coalesced
        closing.set()
        await house.publish(queue(waiting=20))
    await eventually(lambda: house.app.state.parts.hub.sockets == 0, within_s=30)


async def test_after_a_restart_a_screen_goes_on_from_its_seq(house: House) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    await house.publish(agent("1001"))
    async with house.screen(zhang) as screen:
        await screen.next()
        before = screen.seq
        await house.stop()
        await screen.connection.wait_closed()
    done = Item(Topic.COMMAND, "c1", body_of(CommandLive("c1", "agent.ready", "1001", "succeeded")))
    other = Item(Topic.COMMAND, "c2", body_of(CommandLive("c2", "agent.ready", "1002", "succeeded")))
    case = Item(Topic.CASE, "k", {"case_id": "k", "number": "1", "state": "accepted", "agent_no": "1001"})
    await house.publish(done, other, case, agent("1001", state=AgentState.TALKING))
    await house.start()
    await eventually(house.app.state.parts.hub.loaded.is_set)
    async with house.screen(zhang, after=before) as screen:
        hello = await screen.next()
        assert [row["key"] for row in hello["missed"]] == ["c1", "k"]
        assert hello["complete"] is True
        assert screen.picture["agents"]["1001"]["state"] == "talking"
    async with house.screen(zhang, after=10**9) as screen:
        assert (await screen.next())["complete"] is False


async def test_sign_out_closes_the_sockets_of_that_session(house: House, boss: Person) -> None:
    async with house.screen(boss) as screen:
        await screen.next()
        assert (await house.client(boss).delete("/api/v1/session")).status_code == 204
        await asyncio.wait_for(screen.connection.wait_closed(), 5)
        assert screen.connection.close_code == 4401
    async with house.screen(dataclasses.replace(boss, token="forged")) as screen:
        await screen.connection.wait_closed()
        assert screen.connection.close_code == 4401


async def test_another_sites_page_gets_no_socket(house: House, boss: Person) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    url = house.url.replace("http", "ws") + "/api/v1/feed"
    cookie = {"cookie": f"lianxin_session={boss.token}"}
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=cookie, origin="http://evil.example")
    assert refused.value.response.status_code == 403


async def test_nonsense_from_a_screen_changes_nothing(house: House, boss: Person) -> None:
    async with house.screen(boss) as screen:
        await screen.next()
        for text in ("", "{", '{"type":"phone"}', "x" * 10_000, '{"type":"row"}', "[]", "null"):
            await screen.connection.send(text)
        await screen.say(type="pong")
        last = await house.publish(queue())
        row = await screen.until("row", seq=last)
    assert row["prev"] == last - 1, "not one row came of it"
    assert await commands_of(house) == []


# ── telephones ───────────────────────────────────────────────────────────────────────────────────────


async def commands_of(house: House) -> list[tuple[str, str]]:
    rows = await house.pool.fetch("SELECT kind, args->>'reason' AS reason FROM command ORDER BY asked_at")
    return [(r["kind"], r["reason"]) for r in rows]


async def test_a_lost_microphone_blocks_and_a_mended_one_unblocks(house: House) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    tab = str(uuid.uuid4())
    async with house.screen(zhang) as screen:
        await screen.next()
        await house.publish(agent("1001"))
        await screen.say(type="phone", tab=tab, state="ok")
        await screen.say(type="phone", tab=tab, state="lost", reason="microphone")

        async def blocked() -> bool:
            return await commands_of(house) == [("agent.block", "microphone")]

        await eventually(blocked)
        row = await house.pool.fetchrow("SELECT agent_no, account_id, state FROM command")
        assert (row["agent_no"], row["account_id"], row["state"]) == ("1001", None, "pending")
        await house.publish(agent("1001", state=AgentState.PAUSED, reasons=("phone:microphone",)))
        await screen.say(type="phone", tab=tab, state="ok")

        async def unblocked() -> bool:
            return (await commands_of(house))[1:] == [("agent.unblock", None)]

        await eventually(unblocked)


async def test_a_page_that_vanishes_blocks_after_the_grace_and_a_reload_within_it_does_not(house: House) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    tab = str(uuid.uuid4())
    await house.publish(agent("1001"))
    for _ in range(3):  # reloads
        async with house.screen(zhang) as screen:
            await screen.next()
            await screen.say(type="phone", tab=tab, state="ok")
            await screen.until("ping")
    assert await commands_of(house) == []

    async def blocked() -> bool:
        return await commands_of(house) == [("agent.block", "network")]

    await eventually(blocked)


async def test_a_signed_in_agent_whose_page_never_came_is_blocked_also_after_a_restart(house: House) -> None:
    await house.stop()
    await house.publish(agent("1001"), agent("1002", phone="telephone"))
    await house.start()

    async def blocked() -> bool:
        rows = await house.pool.fetch("SELECT agent_no, kind, args->>'reason' AS reason FROM command")
        return [tuple(r) for r in rows] == [("1001", "agent.block", "network")]

    await eventually(blocked)


async def test_a_second_machine_takes_the_telephone_and_the_first_is_told(house: House) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    here, there, third = (str(uuid.uuid4()) for _ in range(3))
    await house.publish(agent("1001"))
    async with house.screen(zhang) as first, house.screen(zhang) as second:
        await first.next()
        await second.next()
        await first.say(type="phone", tab=here, state="ok")
        await first.until("ping")
        await second.say(type="phone", tab=third, state="lost", reason="second-tab")  # changes nothing
        await second.say(type="phone", tab=there, state="ok")
        assert (await first.until("phone", owner=there))["owner"] == there
        await second.until("phone", owner=there)
    assert ("agent.block", "second-tab") not in await commands_of(house)


# ── the database goes and comes back ─────────────────────────────────────────────────────────────────


async def test_postgresql_away_and_back(house: House, boss: Person, pg_cluster: pg.Cluster) -> None:
    async with house.screen(boss) as screen:
        await screen.next()
        await asyncio.to_thread(pg.stop, pg_cluster, "immediate")
        try:
            away = await screen.until("ping", feed="away", within_s=10)
            assert away["feed_since"]
            client = house.client(boss)
            answer = await client.get("/api/v1/drafts")
            assert (answer.status_code, answer.json()["code"]) == (503, "database.away")
            assert answer.headers["retry-after"]
            asked = {"id": str(uuid.uuid4()), "kind": "agent.ready", "args": {}}
            assert (await client.post("/api/v1/commands", json=asked)).status_code == 503
            health = await client.get("/healthz")
            assert (health.status_code, health.json()["status"]) == (503, "down")
        finally:
            await asyncio.to_thread(pg.start, pg_cluster, fsync=False)
        await screen.until("ping", feed="ok", within_s=15)

        async def published() -> int:
            return await house.publish(agent("1001"))

        last = await published()
        await screen.until("row", seq=last, within_s=10)
        assert (await client.post("/api/v1/commands", json=asked)).status_code == 202


async def test_a_trimmed_feed_is_read_afresh(house: House, boss: Person) -> None:
    async with house.screen(boss) as screen:
        await screen.next()
        hub = house.app.state.parts.hub
        await house.publish(agent("1001"))
        await screen.until("row", topic="agent")
        async with house.pool.acquire() as conn, conn.transaction():
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            await conn.execute("SELECT pg_advisory_xact_lock(7201)")
            await conn.execute(
                "INSERT INTO feed (seq, node, topic, key) SELECT s, 'n', 'case', 'k' FROM generate_series(500, 510) s"
            )
            await conn.execute("DELETE FROM feed WHERE seq < 500")
            await conn.execute(f"{kill} AND datname = current_database()")
        await screen.until("resync", within_s=15)
        assert (await screen.until("hello"))["seq"] == 510
        assert hub.picture.seq == 510


async def test_a_record_row_goes_to_who_had_the_call_and_to_all_only_where_that_is_not_known(
    house: House, boss: Person
) -> None:
    def record(call_id: uuid.UUID) -> Item:
        return Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)})

    zhang, wang = await house.person("zhang", agent_no="1001"), await house.person("wang", agent_no="1002")
    waiting, talked, unknown = (uuid.uuid4() for _ in range(3))
    async with house.screen(zhang) as hers, house.screen(wang) as his, house.screen(boss) as all_of_them:
        for screen in (hers, his, all_of_them):
            await screen.until("hello")
        await house.publish(call(waiting), call(talked, state=CallState.TALKING, agent_no="1001"))
        await house.publish(record(waiting), record(talked), gone(Topic.CALL, str(talked)), record(talked))
        await house.publish(record(unknown), gone(Topic.CALL, str(waiting)), agent("1001"), agent("1002"))

        def records(screen: Screen) -> list[str]:
            return [m["key"] for m in screen.messages if m["type"] == "row" and m["topic"] == "record"]

        await hers.until("row", topic="agent", key="1001")
        await his.until("row", topic="agent", key="1002")
        await all_of_them.until("row", topic="agent", key="1002")
        assert records(hers) == [str(talked), str(talked), str(unknown)]
        assert records(his) == [str(unknown)]
        assert records(all_of_them) == [str(waiting), str(talked), str(talked), str(unknown)]


async def test_a_record_row_goes_to_all_where_its_calls_end_was_missed(house: House) -> None:
    zhang, call_id = await house.person("zhang", agent_no="1001"), uuid.uuid4()
    async with house.screen(zhang) as hers:
        await hers.until("hello")
        await house.publish(agent("1001"), call(call_id))
        await hers.until("row", topic="agent")
        async with house.pool.acquire() as conn:  # cti was without a database while she had the call
            await replace_node_in(conn, NODE, [agent("1001")])
        await hers.until("hello")
        await house.publish(Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)}))
        told = await hers.until("row", topic="record", key=str(call_id))
        assert told["body"] == {"call_id": str(call_id)}
