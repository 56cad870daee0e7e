"""The floor over HTTP and on the feed: the day's numbers, hands, words, orders to somebody else."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from api.audit import verify
from api.schemas.floor import Hand
from cti.facts import AgentState, Topic
from models.account import Role
from models.feed import Item
from reports import keeper
from tests.api.desk import command
from tests.api.house import House, Person, agent, call, picture_of
from tests.api.stage import show
from tests.api.test_sessions import problem
from tests.reports.history import SETTINGS
from tests.support.eventually import eventually

pytestmark = pytest.mark.db
NUMBERS = ("offered", "answered", "abandoned", "short", "refused", "unreached")


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


async def given_calls(house: House, *fates: tuple[str, str, float], queue: str = "hotline") -> list[uuid.UUID]:
    """(caller, outcome, wait) of calls that reached the queue a moment ago, one after the other."""
    ids = []
    for caller, outcome, wait in fates:
        now = datetime.now(UTC)
        call_id = uuid.uuid4()
        answered = now if outcome == "answered" else None
        await house.pool.execute(
            "INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, queued_at, answered_at,"
            " ended_at, outcome, queue, wait_s)"
            " VALUES ($1, 'pbx1', $7, 'inbound', $2, '12345', $3, $3, $4, $3, $5, $8, $6)",
            call_id, caller, now, answered, outcome, wait, call_id.hex, queue,
        )  # fmt: skip
        item = Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)})
        await house.publish(item)
        ids.append(call_id)
    return ids


FATES = [
    ("13900000001", "answered", 3.0), ("13900000002", "abandoned", 60.0), ("13900000003", "abandoned", 2.0),
    ("13900000002", "refused_full", 0.0), ("13900000001", "abandoned", 20.0),
]  # fmt: skip


async def test_a_day_from_the_rows_and_the_calls_behind_each_number(house: House, boss: Person) -> None:
    ids = await given_calls(house, *FATES)
    client = house.client(boss)
    days = {d["queue"]: d for d in (await client.get("/api/v1/floor/day")).json()["items"]}
    assert [days["*"][n] for n in NUMBERS] == [4, 1, 2, 1, 1, 2]
    assert (days["*"]["connect_rate"], days["*"]["worst_rate"], days["*"]["service_level"]) == (0.25, 0.25, 0.25)
    assert days["hotline"] == days["*"] | {"queue": "hotline"}
    behind = {"abandoned": {1, 4}, "unreached": {1, 2, 3}, "short": {2}, "worst": {0, 1, 3, 4}}
    for number, places in behind.items():
        told = (await client.get("/api/v1/floor/day/calls", params={"number": number})).json()
        newest_first = [str(ids[n]) for n in sorted(places, reverse=True)]
        assert ([c["id"] for c in told["items"]], told["total"]) == (newest_first, len(places)), number
    other = (await client.get("/api/v1/floor/day", params={"day": "2020-01-01"})).json()["items"][0]
    assert (other["offered"], other["connect_rate"]) == (0, None)
    wrong = await client.get("/api/v1/floor/day/calls", params={"number": "happiness"})
    assert problem(wrong) == (422, "request.invalid")


async def test_what_the_house_refused_and_what_the_switch_lost_are_opened_together(house: House, boss: Person) -> None:
    ids = await given_calls(house, ("13900000001", "lost", 8.0), ("13900000002", "refused_full", 0.0))
    client = house.client(boss)
    day = (await client.get("/api/v1/floor/day")).json()["items"][0]
    told = (await client.get("/api/v1/floor/day/calls", params={"number": "unserved"})).json()
    assert day["refused"] + day["lost"] == told["total"] == 2
    assert [c["id"] for c in told["items"]] == [str(ids[1]), str(ids[0])]


async def test_the_rows_say_of_how_many_they_are_the_newest(
    house: House, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.floor.MOST", 3)
    ids = await given_calls(house, *(("13900000001", "abandoned", 9.0) for _ in range(5)))
    told = (await house.client(boss).get("/api/v1/floor/day/calls", params={"number": "abandoned"})).json()
    assert ([c["id"] for c in told["items"]], told["total"]) == ([str(i) for i in reversed(ids[2:])], 5)


async def test_in_time_is_the_same_in_the_number_its_seconds_and_its_rows(house: House, boss: Person) -> None:
    """The main queue within its own 20 s, all together within the standard's 15."""
    await house.pool.execute(
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES ('queue', 'hotline', 1, $1, 'root')",
        json.dumps({"service_s": 20}),
    )
    slow = [("13900000001", "answered", 19.0)] * 3
    await given_calls(house, *slow, ("13900000002", "lost", 60.0))
    quick = await given_calls(house, ("13900000003", "answered", 2.0), queue="tax")
    client = house.client(boss)
    days = {d["queue"]: d for d in (await client.get("/api/v1/floor/day")).json()["items"]}
    assert {q: (d["service_s"], d["service_level"]) for q, d in days.items()} == {
        "*": (15.0, 0.2), "hotline": (20.0, 0.75), "tax": (15.0, 1.0),
    }  # fmt: skip
    for queue, rows in ((None, 1), ("hotline", 3), ("tax", 1)):
        asked = {"number": "in_time"} | ({"queue": queue} if queue else {})
        told = (await client.get("/api/v1/floor/day/calls", params=asked)).json()
        assert told["total"] == rows, queue
        if queue is None:
            assert [c["id"] for c in told["items"]] == [str(quick[0])]


async def test_every_screen_shows_the_same_day_also_one_that_comes_later(house: House, boss: Person) -> None:
    auditor = await house.person("eye", Role.AUDITOR)
    zhang = await house.person("zhang", agent_no="1001")
    stop = asyncio.Event()
    counting = asyncio.create_task(keeper.run(house.settings.dsn, SETTINGS, stop))
    try:
        async with house.screen(boss) as first, house.screen(zhang) as blind:
            await first.next()
            await blind.next()
            await given_calls(house, *FATES)

            async def counted() -> bool:
                await first.next(20)
                return [d["offered"] for d in first.picture["days"].values()] == [4, 4]

            await eventually(counted, 30)
            async with house.screen(auditor) as second:
                await second.next()
                picture = picture_of((await house.client(boss).get("/api/v1/live")).json())
                assert first.picture["days"] == second.picture["days"] == picture["days"]
            assert blind.picture["days"] == {}
            assert (await house.client(zhang).get("/api/v1/live")).json()["days"] == []
    finally:
        stop.set()
        await counting


def same_hand(told: dict[str, Any]) -> Hand:
    """The feed writes +00:00 where HTTP writes Z."""
    return Hand.model_validate(told)


async def test_names_and_hands(house: House, boss: Person, zhang: Person) -> None:
    hand = {"id": str(uuid.uuid4()), "reason": "language"}
    talk = uuid.uuid4()
    await show(house, agent("1001", state=AgentState.TALKING, call_id=str(talk)), call(talk, agent_no="1001"))
    mine, theirs = house.client(zhang), house.client(boss)
    async with house.screen(boss) as screen:
        await screen.next()
        raised = await mine.post("/api/v1/hands", json=hand)
        row = await screen.until("row", topic="hand")
        assert same_hand(row["body"]) == same_hand(raised.json())
        assert (row["body"]["agent_name"], row["body"]["call_id"]) == ("Zhang", str(talk))
        second = await mine.post("/api/v1/hands", json={"id": str(uuid.uuid4()), "reason": "other"})
        assert (raised.status_code, second.status_code, second.json()["id"]) == (201, 200, hand["id"])
        floor = (await theirs.get("/api/v1/floor")).json()
        assert [(p["agent_no"], p["display_name"], p["seat"]) for p in floor["people"]] == [
            ("1001", "Zhang", "8001"), ("1009", "Boss", "8009"),
        ]  # fmt: skip
        assert floor["hands"] == [raised.json()]
        answered = (await theirs.post(f"/api/v1/hands/{hand['id']}/answer")).json()
        assert answered["answered_by"] == "boss"
        assert same_hand((await screen.until("row", topic="hand"))["body"]) == same_hand(answered)
        assert (await mine.get("/api/v1/hands")).json()["items"] == [answered]
        lowered = (await mine.post(f"/api/v1/hands/{hand['id']}/lower")).json()
        assert lowered["ended_by"] == "zhang"
        assert same_hand((await screen.until("row", topic="hand"))["body"]) == same_hand(lowered)
    assert (await theirs.get("/api/v1/floor")).json()["hands"] == []
    assert problem(await theirs.post(f"/api/v1/hands/{hand['id']}/answer")) == (404, "hand.not_found")


async def test_a_hand_is_its_owner_s(house: House, boss: Person, zhang: Person, wang: Person) -> None:
    hand = {"id": str(uuid.uuid4()), "reason": "language"}
    await house.client(zhang).post("/api/v1/hands", json=hand)
    other = house.client(wang)
    assert problem(await other.post(f"/api/v1/hands/{hand['id']}/lower")) == (403, "hand.not_yours")
    assert problem(await other.post("/api/v1/hands", json=hand)) == (403, "hand.not_yours")
    assert (await other.get("/api/v1/hands")).json()["items"] == []
    assert (await house.client(boss).post(f"/api/v1/hands/{hand['id']}/lower")).status_code == 200


async def test_words_reach_whom_they_are_for(house: House, boss: Person, zhang: Person, wang: Person) -> None:
    client = house.client(boss)
    one = {"id": str(uuid.uuid4()), "to_agent": "1001", "text": "请慢一点说"}
    everybody = {"id": str(uuid.uuid4()), "to_agent": None, "text": "供暖事件：统一答复已上墙"}
    async with house.screen(zhang) as first, house.screen(wang) as second:
        await first.next()
        await second.next()
        for words in (one, one, everybody):
            assert (await client.post("/api/v1/messages", json=words)).status_code == 201
        last = await first.until("row", topic="message", key=everybody["id"])
        assert (last["body"]["by"], last["body"]["text"]) == ("Boss", everybody["text"])
        await second.until("row", topic="message", key=everybody["id"])
        assert [m["key"] for m in first.messages if m.get("topic") == "message"] == [one["id"], everybody["id"]]
        assert [m["key"] for m in second.messages if m.get("topic") == "message"] == [everybody["id"]]
    mine = house.client(zhang)
    listed = (await mine.get("/api/v1/messages")).json()["items"]
    assert [m["id"] for m in listed] == [one["id"], everybody["id"]]
    assert (await mine.post(f"/api/v1/messages/{one['id']}/read")).status_code == 204
    assert (await mine.post(f"/api/v1/messages/{one['id']}/read")).status_code == 204
    assert [m["id"] for m in (await mine.get("/api/v1/messages")).json()["items"]] == [everybody["id"]]
    not_theirs = await house.client(wang).post(f"/api/v1/messages/{one['id']}/read")
    assert problem(not_theirs) == (404, "message.not_found")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await house.pool.execute("DELETE FROM desk_message")


async def test_a_screen_that_was_away_is_told_what_it_missed(house: House, boss: Person, zhang: Person) -> None:
    before = await house.publish(agent("1001"))
    await house.client(boss).post("/api/v1/messages", json={"id": str(uuid.uuid4()), "text": "开会"})
    await house.client(boss).post("/api/v1/messages", json={"id": str(uuid.uuid4()), "to_agent": "1002", "text": "你"})
    last = await house.publish(agent("1001"))
    await eventually(lambda: house.app.state.parts.hub.picture.seq >= last)
    async with house.screen(zhang, after=before) as screen:
        missed = (await screen.next())["missed"]
    assert [m["body"]["text"] for m in missed] == ["开会"]


def order(kind: str, agent_no: str, **args: Any) -> dict[str, Any]:
    return command(kind, **args) | {"agent_no": agent_no}


async def test_a_supervisor_orders_and_it_is_audited_and_told(house: House, boss: Person, zhang: Person) -> None:
    await show(house, agent("1001"))
    client, asked = house.client(boss), order("agent.pause", "1001", reason="meeting")
    async with house.screen(zhang) as screen:
        await screen.next()
        first = await client.post("/api/v1/commands", json=asked)
        again = await client.post("/api/v1/commands", json=asked)
        told = (await screen.until("row", topic="message"))["body"]
    assert (first.status_code, again.status_code) == (202, 200)
    assert (told["by"], told["command"], told["reason"]) == ("Boss", "agent.pause", "meeting")
    assert (await client.get(f"/api/v1/commands/{asked['id']}")).json()["state"] == "pending"
    row = await house.pool.fetchrow("SELECT agent_no, node, account_id, args FROM command")
    assert (row["agent_no"], row["account_id"], json.loads(row["args"])) == ("1001", boss.id, {"reason": "meeting"})
    audit = await house.pool.fetch("SELECT action, subject, detail FROM audit")
    assert [(r["action"], r["subject"], json.loads(r["detail"])) for r in audit] == [
        ("supervise.order", "1001", {"command": "agent.pause", "reason": "meeting"})
    ]
    assert (await verify(house.app.state.parts.engine)).broken_at is None


async def test_an_agent_orders_nobody(house: House, zhang: Person, wang: Person) -> None:
    await show(house, agent("1002"))
    client = house.client(zhang)
    for asked in (order("agent.ready", "1002"), order("agent.pause", "1002", reason="meal"),
                  order("agent.sign_out", "1002"), order("agent.wrap_up_end", "1002")):  # fmt: skip
        assert problem(await client.post("/api/v1/commands", json=asked)) == (403, "right.missing")
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 0
    assert (await client.post("/api/v1/commands", json=order("agent.ready", "1001"))).status_code == 202


async def test_only_what_may_be_ordered_and_only_whom_it_reaches(house: House, boss: Person) -> None:
    await show(house, agent("1001"))
    client = house.client(boss)
    away = await client.post("/api/v1/commands", json=order("agent.ready", "1005"))
    assert problem(away) == (409, "agent.away")
    for asked in (order("agent.block", "1001", reason="network"), order("agent.unblock", "1001"),
                  order("agent.sign_in", "1001", seat="8001", phone="browser"),
                  order("call.hangup", "1001", call_id=str(uuid.uuid4()))):  # fmt: skip
        assert problem(await client.post("/api/v1/commands", json=asked)) == (422, "request.invalid")
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 0
