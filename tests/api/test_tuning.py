"""Queues, numbers, skills and the seat plan over HTTP: versions, warnings that ask, refusals, undo, the audit."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from cases import tuning
from models.account import Role
from pbx_config.queue_file import QueueSets
from tests.api.house import House, Person, agent, queue
from tests.api.test_hours import audited, tone
from tests.api.test_sessions import problem, warned

pytestmark = pytest.mark.db

PLAN = {"day": [12] * 24, "night": [4] * 24, "weekend": [4] * 24, "holiday": [4] * 24, "surge": [12] * 24}


@pytest.fixture
async def root(house: House) -> Person:
    await tuning.seed(house.settings.dsn, QueueSets("hotline"), "市民热线", ["12345"])
    return await house.person("root", Role.ADMIN)


def asked(based_on: int = 1, **changes: Any) -> dict[str, Any]:
    return QueueSets("hotline").value | {"title": "市民热线", "based_on": based_on} | changes


async def test_a_change_its_history_and_the_way_back(house: House, root: Person) -> None:
    client = house.client(root)
    first = (await client.get("/api/v1/tuning")).json()
    assert [q["queue"] for q in first["queues"]] == ["hotline"]
    assert first["numbers"][0] | {"at": ""} == {
        "number": "12345", "queue": "hotline", "revision": 1, "at": "", "by": "lianxin", "undo_of": None,
        "in_force": [],
    }  # fmt: skip
    changed = await client.put("/api/v1/tuning/queues/hotline", json=asked(strategy="rrmemory", max_waiting=40))
    told = changed.json()["queues"][0]
    assert (told["strategy"], told["max_waiting"], told["revision"], told["by"]) == ("rrmemory", 40, 2, "root")
    stale = await client.put("/api/v1/tuning/queues/hotline", json=asked(ring_s=9))
    assert problem(stale) == (409, "tuning.meanwhile")
    assert "root" in stale.json()["detail"]
    undone = await client.post("/api/v1/tuning/undo?kind=queue&subject=hotline", json={"to": 1, "based_on": 2})
    told = undone.json()["queues"][0]
    assert (told["strategy"], told["max_waiting"], told["revision"], told["undo_of"]) == ("leastrecent", 100, 3, 1)
    history = (await client.get("/api/v1/tuning/history?kind=queue&subject=hotline")).json()
    assert [(v["revision"], v["by"], v["undo_of"]) for v in history] == [
        (3, "root", 1),
        (2, "root", None),
        (1, "lianxin", None),
    ]
    assert history[0]["value"] == history[2]["value"]
    assert await audited(house) == ["tuning.queue", "tuning.queue"]
    detail = json.loads(await house.pool.fetchval("SELECT detail FROM audit ORDER BY id DESC LIMIT 1"))
    assert json.loads(detail["value"])["max_waiting"] == 100
    missing = await client.post("/api/v1/tuning/undo?kind=queue&subject=hotline", json={"to": 9, "based_on": 3})
    assert problem(missing) == (404, "tuning.not_found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"strategy": "linear"}, {"strategy": "random\nmaxlen=1"}, {"ring_s": 2}, {"ring_s": "20;"}, {"max_waiting": 0},
        {"weight": 101}, {"announce_every_s": 1}, {"service_s": None}, {"wrap_up_s": 1}, {"evil": 1}, {"title": ""},
    ],
)  # fmt: skip
async def test_a_wrong_value_is_no_version(house: House, root: Person, wrong: dict[str, Any]) -> None:
    answer = await house.client(root).put("/api/v1/tuning/queues/hotline", json=asked(**wrong, confirmed=True))
    assert problem(answer) == (422, "request.invalid")
    assert answer.json()["errors"][0]["field"] == next(iter(wrong))
    assert await house.pool.fetchval("SELECT count(*) FROM tuning WHERE revision > 1") == 0
    assert await audited(house) == []


async def test_a_queue_says_its_own_words(house: House, root: Person) -> None:
    client = house.client(root)
    sound_id = (await client.post("/api/v1/line-sounds", content=tone(2))).json()["id"]
    own = {"welcome_text": "您好，这里是英语服务。", "welcome_sound_id": sound_id, "periodic_sound_id": sound_id}
    told = (await client.put("/api/v1/tuning/queues/hotline", json=asked(**own))).json()["queues"][0]
    assert own.items() <= told.items()
    for field in ("welcome_sound_id", "periodic_sound_id"):
        nobodys = asked(2, **own | {field: str(uuid.uuid4())})
        answer = await client.put("/api/v1/tuning/queues/hotline", json=nobodys)
        assert problem(answer) == (404, "sound.not_found")
        assert (await client.put("/api/v1/tuning/queues/hotline", json=asked(2, **{field: "x"}))).status_code == 422
    assert await house.pool.fetchval("SELECT max(revision) FROM tuning") == 2
    undone = await client.post("/api/v1/tuning/undo?kind=queue&subject=hotline", json={"to": 1, "based_on": 2})
    assert undone.json()["queues"][0]["welcome_sound_id"] is None
    again = await client.post("/api/v1/tuning/undo?kind=queue&subject=hotline", json={"to": 2, "based_on": 3})
    assert own.items() <= again.json()["queues"][0].items()
    with pytest.raises(asyncpg.PostgresError):  # what a version names is there as long as the version is
        await house.pool.execute("DELETE FROM line_sound")


@pytest.mark.parametrize("name", ["general", "lx", "Hot", "a b", "a]", "1a", "a;b", "a" * 33])
async def test_a_name_that_queues_conf_would_misread_is_refused(house: House, root: Person, name: str) -> None:
    answer = await house.client(root).put(f"/api/v1/tuning/queues/{name}", json=asked(0))
    assert problem(answer) == (422, "request.invalid")
    assert answer.json()["errors"][0]["field"] == "queue"


async def test_what_cuts_waiting_people_says_so_and_asks(house: House, root: Person) -> None:
    client = house.client(root)
    await house.publish(queue(waiting=3))
    await _seen(client, waiting=3)
    short = asked(max_waiting=2)
    assert warned(await client.put("/api/v1/tuning/queues/hotline", json=short)) == ["queue.cut_waiting"]
    assert await house.pool.fetchval("SELECT count(*) FROM tuning WHERE kind = 'queue'") == 1, "asked, not done"
    done = await client.put("/api/v1/tuning/queues/hotline", json=short | {"confirmed": True})
    assert done.json()["queues"][0]["max_waiting"] == 2
    detail = json.loads(await house.pool.fetchval("SELECT detail FROM audit"))
    assert detail["confirmed"] == ["queue.cut_waiting"]


async def test_what_is_more_than_the_trunk_says_so(house: House, root: Person) -> None:
    object.__setattr__(house.app.state.parts.settings, "trunk_channels", 120)
    client = house.client(root)
    longer = asked(max_waiting=109)  # and 12 seats by plan
    assert warned(await client.put("/api/v1/tuning/queues/hotline", json=longer)) == ["queue.over_trunk"]
    assert (await client.put("/api/v1/tuning/queues/hotline", json=asked(max_waiting=108))).status_code == 200
    await house.pool.execute("UPDATE trunk SET channel_limit = 121")  # what its page says goes before the settings
    assert (await client.put("/api/v1/tuning/queues/hotline", json=longer | {"based_on": 2})).status_code == 200
    await house.pool.execute("UPDATE trunk SET channel_limit = NULL")
    more = {"plan": PLAN | {"surge": [13] * 24}, "based_on": 1}
    assert set(warned(await client.put("/api/v1/tuning/seat-plan", json=more))) == {
        "queue.over_trunk",
        "plan.over_seats",
    }


async def test_a_seat_out_of_service_is_no_workplace(house: House, root: Person) -> None:
    for n in range(13):
        await house.pool.execute("INSERT INTO seat VALUES ($1, $1, 'w', 't')", str(8101 + n))
    client, had = house.client(root), await house.pool.fetchval("SELECT count(*) FROM seat")
    assert (await client.get("/api/v1/tuning")).json()["seats"] == had
    for n in range(had - 12):
        assert (await client.delete(f"/api/v1/telephony/extensions/{8101 + n}")).status_code == 200
    assert (await client.get("/api/v1/tuning")).json()["seats"] == 12
    last = await client.delete("/api/v1/telephony/extensions/8113")
    assert warned(last) == ["plan.over_seats"]
    assert "11" in last.json()["warnings"][0]["message"]
    assert await house.pool.fetchval("SELECT retired_at FROM seat WHERE seat = '8113'") is None


async def test_a_queue_without_seats_says_so(house: House, root: Person) -> None:
    client = house.client(root)
    await house.person("one", Role.AGENT, "1001")
    made = asked(0, title="英语")
    assert warned(await client.put("/api/v1/tuning/queues/english", json=made)) == ["queue.no_seats"]
    assert (await client.put("/api/v1/tuning/queues/english", json=made | {"confirmed": True})).status_code == 200
    number = {"queue": "english", "based_on": 0}
    assert warned(await client.put("/api/v1/tuning/numbers/12346", json=number)) == ["queue.no_seats"]
    await house.publish(agent("1001", queues=("english", "hotline")), queue("english"))
    await _seen(client, queue="english", agents=1)
    assert (await client.put("/api/v1/tuning/numbers/12346", json=number)).status_code == 200
    alone = {"queues": {"hotline": 1}, "based_on": 0}
    assert warned(await client.put("/api/v1/tuning/skills/1001", json=alone)) == ["queue.no_seats"]
    both = await client.put("/api/v1/tuning/skills/1001", json={"queues": {"english": 1, "hotline": 2}, "based_on": 0})
    told = next(a for a in both.json()["agents"] if a["agent_no"] == "1001")
    assert told["queues"] == {"english": 1, "hotline": 2}
    assert told["answers"] == ["english", "hotline"]
    gone = await client.post("/api/v1/tuning/undo?kind=queue&subject=english", json={"to": 0, "based_on": 1})
    assert problem(gone) == (409, "tuning.needed")
    assert "12346" in gone.json()["detail"]
    closed = await client.post("/api/v1/tuning/undo?kind=number&subject=12346", json={"to": 0, "based_on": 1})
    assert warned(closed) == ["number.closed"]
    for kind, subject in (("number", "12346"), ("skills", "1001")):
        back = {"to": 0, "based_on": 1, "confirmed": True}
        assert (await client.post(f"/api/v1/tuning/undo?kind={kind}&subject={subject}", json=back)).status_code == 200
    gone = await client.post("/api/v1/tuning/undo?kind=queue&subject=english", json={"to": 0, "based_on": 1})
    assert [q["queue"] for q in gone.json()["queues"]] == ["hotline"]


async def test_a_queue_that_nobody_would_answer_any_more_says_so_at_night_too(house: House, root: Person) -> None:
    client = house.client(root)
    await house.person("one", Role.AGENT, "1001")
    await house.person("two", Role.AGENT, "1002")
    made = asked(0, title="英语", confirmed=True)
    assert (await client.put("/api/v1/tuning/queues/english", json=made)).status_code == 200
    english = {"queues": {"english": 1}, "based_on": 0}
    assert (await client.put("/api/v1/tuning/skills/1001", json=english)).status_code == 200, "the other one is left"
    assert warned(await client.put("/api/v1/tuning/skills/1002", json=english)) == ["queue.no_seats"]
    back = {"queues": {"hotline": 1}, "based_on": 1}
    assert warned(await client.put("/api/v1/tuning/skills/1001", json=back)) == ["queue.no_seats"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("numbers/12", {"queue": "hotline"}, 422), ("numbers/12a45", {"queue": "hotline"}, 422),
        ("numbers/12346", {"queue": "nowhere"}, 422), ("skills/1001", {"queues": {}}, 422),
        ("skills/1001", {"queues": {"hotline": 10}}, 422), ("skills/1001", {"queues": {"nowhere": 1}}, 422),
        ("skills/9999", {"queues": {"hotline": 1}}, 404), ("seat-plan", {"plan": {"day": [1] * 24}}, 422),
        ("seat-plan", {"plan": PLAN | {"day": [1] * 23}}, 422),
        ("seat-plan", {"plan": PLAN | {"day": [501] * 24}}, 422),
    ],
)  # fmt: skip
async def test_what_can_never_be_is_refused(
    house: House, root: Person, path: str, body: dict[str, Any], status: int
) -> None:
    await house.person("one", Role.AGENT, "1001")
    answer = await house.client(root).put(f"/api/v1/tuning/{path}", json=body | {"based_on": 0, "confirmed": True})
    assert answer.status_code == status, answer.text
    assert await house.pool.fetchval("SELECT count(*) FROM tuning WHERE by = 'root'") == 0


async def test_the_seat_plan_and_who_is_on_duty(house: House, root: Person) -> None:
    client = house.client(root)
    for n in range(1001, 1013):
        await house.person(f"a{n}", Role.AGENT, str(n))
    plan = (await client.get("/api/v1/tuning")).json()["seat_plan"]
    assert plan["plan"] == PLAN, "12 by day, 4 at night and on days off"
    assert plan["planned"] == PLAN[plan["profile"]][0]
    empty = {"plan": PLAN | {"night": [0] + [4] * 23}, "based_on": 1}
    assert warned(await client.put("/api/v1/tuning/seat-plan", json=empty)) == ["plan.nobody"]
    flat = {"plan": {name: [7] * 24 for name in PLAN}, "based_on": 1}
    told = (await client.put("/api/v1/tuning/seat-plan", json=flat)).json()["seat_plan"]
    assert (told["planned"], told["on_duty"], told["revision"]) == (7, 0, 2)
    now = datetime.now(UTC)
    today = now.astimezone(house.settings.zone).date()
    slots = (await client.get(f"/api/v1/capacity?day={today}")).json()["slots"]
    this = next(s for s in slots if datetime.fromisoformat(s["begin"]) <= now < datetime.fromisoformat(s["end"]))
    assert this["planned"] == 7, "the version that holds by its end"
    assert all(s["planned"] is None for s in slots if datetime.fromisoformat(s["end"]) <= now), "nobody had a plan then"


async def _seen(client: httpx.AsyncClient, **wanted: Any) -> None:
    """The hub follows the feed by itself."""
    for _ in range(200):
        queues = (await client.get("/api/v1/tuning")).json()["queues"]
        if any(wanted.items() <= q.items() for q in queues):
            return
    pytest.fail(f"not seen: {wanted}")
