"""An administrator makes and changes people: what is refused, what ends at once, and what stands in the audit."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import asyncpg
import httpx
import pytest

from cases import tuning
from cti.facts import Topic
from models.account import Role
from pbx_config.queue_file import QueueSets
from tests.api.house import PASSWORD, House, Person, agent, gone
from tests.api.test_hours import audited
from tests.api.test_sessions import problem, sign_in, warned
from tests.support.eventually import eventually

pytestmark = pytest.mark.db

WANG = {
    "login": "WangFang", "display_name": "王芳", "role": "agent", "agent_no": "1005", "seat": "8005", "locale": "zh-CN",
}  # fmt: skip


@pytest.fixture
async def root(house: House) -> Person:
    await house.pool.execute("INSERT INTO seat VALUES ('8005', '8005', 'w', 't'), ('8006', '8006', 'w', 't')")
    return await house.person("root", Role.ADMIN)


def plan(user: dict[str, Any], **changes: Any) -> dict[str, Any]:
    of_user = {name: user[name] for name in ("display_name", "role", "agent_no", "seat", "locale", "queues")}
    return of_user | {"based_on": user["version"]} | changes


async def made(house: House, root: Person, **changes: Any) -> tuple[dict[str, Any], str]:
    answer = await house.client(root).post("/api/v1/users", json=WANG | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["user"], answer.json()["password"]


async def details(house: House, action: str) -> list[dict[str, Any]]:
    rows = await house.pool.fetch("SELECT account_id, detail FROM audit WHERE action = $1 ORDER BY id", action)
    assert all(row["account_id"] for row in rows)
    return [json.loads(row["detail"]) for row in rows]


async def test_a_new_person_signs_in_with_the_password_that_is_told_once(house: House, root: Person) -> None:
    user, password = await made(house, root)
    assert (user["login"], user["active"], user["in_queue"], user["sessions"]) == ("wangfang", True, False, 0)
    assert (await sign_in(house.client(), "wangfang", password)).status_code == 200
    listed = (await house.client(root).get("/api/v1/users")).json()["items"]
    assert [u["login"] for u in listed] == ["root", "wangfang"]
    assert listed[1]["sessions"] == 1
    assert password not in json.dumps(listed)
    assert (await details(house, "account.created"))[0]["agent_no"] == "1005"
    assert password not in str(await house.pool.fetch("SELECT detail FROM audit"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"login": "root"}, "account.login_taken"),
        ({"agent_no": None}, "account.number_needed"),
        ({"seat": None}, "account.number_needed"),
        ({"seat": "8999"}, "account.seat_unknown"),
        ({"role": "leader"}, "account.number_not_for_role"),
        ({"queues": ["hotline"]}, "account.number_not_for_role"),
        ({"login": "王 芳"}, "request.invalid"),
        ({"display_name": ""}, "request.invalid"),
        ({"agent_no": "10 05"}, "request.invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_made(
    house: House, root: Person, changes: dict[str, Any], code: str
) -> None:
    assert problem(await house.client(root).post("/api/v1/users", json=WANG | changes))[1] == code
    assert await house.pool.fetchval("SELECT count(*) FROM account") == 1
    assert await audited(house) == []


async def test_another_role_ends_the_sessions_and_another_name_does_not(house: House, root: Person) -> None:
    user, password = await made(house, root)
    wang = house.client()
    await sign_in(wang, "wangfang", password)
    client, url = house.client(root), f"/api/v1/users/{user['id']}"
    named = (await client.put(url, json=plan(user, display_name="王方", locale="en"))).json()
    assert (await wang.get("/api/v1/session")).json()["display_name"] == "王方"
    boss = await client.put(url, json=plan(named, role="supervisor", queues=["hotline", "hotline"]))
    assert (boss.json()["role"], boss.json()["queues"]) == ("supervisor", ["hotline"])
    assert problem(await wang.get("/api/v1/session")) == (401, "session.required")
    assert (await client.put(url, json=plan(boss.json()))).status_code == 200, "nothing changed, nothing written"
    assert await details(house, "account.changed") == [
        {"login": "wangfang", "display_name": ["王芳", "王方"], "locale": ["zh-CN", "en"]},
        {"login": "wangfang", "role": ["agent", "supervisor"], "queues": [[], ["hotline"]]},
    ]
    await audited(house)


async def test_a_number_stays_that_persons_for_ever(house: House, root: Person) -> None:
    client = house.client(root)
    user, _ = await made(house, root)
    changed = await client.put(f"/api/v1/users/{user['id']}", json=plan(user, agent_no="1006"))
    assert changed.json()["agent_no"] == "1006"
    other = WANG | {"login": "other", "seat": "8006"}
    assert problem(await client.post("/api/v1/users", json=other)) == (409, "account.number_taken")
    assert (await client.put(f"/api/v1/users/{user['id']}", json=plan(changed.json(), agent_no="1005"))).json()[
        "agent_no"
    ] == "1005", "its own again"
    with pytest.raises(asyncpg.UniqueViolationError):
        await house.pool.execute("UPDATE account SET agent_no = '1006' WHERE login = 'root'")


async def test_a_locked_person_is_out_at_once_and_finishes_the_call(house: House, root: Person) -> None:
    zhang = await house.person("zhang", agent_no="1001")
    await house.publish(agent("1001"))
    client, url = house.client(root), f"/api/v1/users/{zhang.id}"
    async with house.screen(zhang) as screen:
        await screen.next()
        user = next(u for u in (await client.get("/api/v1/users")).json()["items"] if u["login"] == "zhang")
        assert user["in_queue"]
        assert problem(await client.put(url, json=plan(user, seat="8005"))) == (409, "account.signed_in")
        locked = await client.post(f"{url}/lock")
        assert (locked.json()["active"], locked.json()["sessions"]) == (False, 0)
        await asyncio.wait_for(screen.connection.wait_closed(), 5)
        assert screen.connection.close_code == 4401
    orders = await house.pool.fetch(
        "SELECT kind, args, agent_no FROM command WHERE account_id IS NOT NULL ORDER BY asked_at"
    )
    assert [(o["kind"], json.loads(o["args"]), o["agent_no"]) for o in orders] == [
        ("agent.pause", {"reason": "locked"}, "1001"), ("agent.sign_out", {}, "1001"),
    ]  # fmt: skip
    assert problem(await house.client(zhang).get("/api/v1/session")) == (401, "session.required")
    assert problem(await sign_in(house.client(), "zhang", PASSWORD)) == (401, "session.bad_credentials")
    await client.post(f"{url}/unlock")
    assert (await sign_in(house.client(), "zhang", PASSWORD)).status_code == 200
    assert [a for a in await audited(house) if a != "session.begun"] == ["account.locked", "account.unlocked"]


async def test_who_alone_answers_a_queue_is_not_taken_out_of_it_unasked(house: House, root: Person) -> None:
    await tuning.seed(house.settings.dsn, QueueSets("hotline"), "市民热线", ["12345"])
    client = house.client(root)
    user, _ = await made(house, root)
    url = f"/api/v1/users/{user['id']}"
    assert warned(await client.post(f"{url}/lock")) == ["queue.no_seats"]
    elsewhere = plan(user, role="auditor", agent_no=None, seat=None)
    assert warned(await client.put(url, json=elsewhere)) == ["queue.no_seats"]
    assert (await client.put(url, json=plan(user, agent_no="1006"))).status_code == 200, "answers as before"
    await house.person("second", agent_no="1007")
    await house.publish(agent("1006"))
    user = await in_queue(client, "wangfang")
    assert warned(await client.post(f"{url}/lock")) == ["queue.no_seats"], "the other one is not here"
    moved = await client.put(url, json=plan(user, role="auditor", agent_no=None, seat=None))
    assert problem(moved) == (409, "account.signed_in"), "what can never be is not asked about"
    assert (await client.post(f"{url}/lock?confirmed=true")).json()["active"] is False
    assert (await details(house, "account.locked"))[0]["confirmed"] == ["queue.no_seats"]
    await house.publish(gone(Topic.AGENT, "1006"))


async def in_queue(client: httpx.AsyncClient, login: str) -> dict[str, Any]:
    """The hub follows the feed by itself."""

    async def there() -> dict[str, Any] | None:
        users = (await client.get("/api/v1/users")).json()["items"]
        return next((u for u in users if u["login"] == login and u["in_queue"]), None)

    return await eventually(there)


async def test_a_new_password_ends_the_old_one_and_its_sessions(house: House, root: Person) -> None:
    user, old = await made(house, root)
    wang = house.client()
    await sign_in(wang, "wangfang", old)
    new = (await house.client(root).post(f"/api/v1/users/{user['id']}/password")).json()["password"]
    assert new != old
    assert problem(await wang.get("/api/v1/session")) == (401, "session.required")
    assert problem(await sign_in(wang, "wangfang", old)) == (401, "session.bad_credentials")
    assert (await sign_in(wang, "wangfang", new)).status_code == 200
    own = house.client(root)
    assert (await own.post(f"/api/v1/users/{root.id}/password")).status_code == 200
    assert (await own.get("/api/v1/session")).status_code == 200, "who resets the own one still sees the new one"
    assert len(await details(house, "account.password_reset")) == 2


async def test_no_administrator_shuts_the_own_door(house: House, root: Person) -> None:
    client, url = house.client(root), f"/api/v1/users/{root.id}"
    user = (await client.get("/api/v1/users")).json()["items"][0]
    assert problem(await client.post(f"{url}/lock")) == (409, "account.own")
    assert problem(await client.put(url, json=plan(user, role="leader"))) == (409, "account.own")
    assert (await client.put(url, json=plan(user, display_name="根"))).json()["display_name"] == "根"


async def test_two_administrators_who_lock_each_other_leave_one(house: House, root: Person) -> None:
    second = await house.person("second", Role.ADMIN)

    async def lock(by: Person, whom: Person) -> httpx.Response:
        return await house.client(by).post(f"/api/v1/users/{whom.id}/lock")

    for _ in range(5):
        answers = await asyncio.gather(lock(root, second), lock(second, root))
        assert sorted(answer.status_code for answer in answers)[0] == 200
        assert await house.pool.fetchval("SELECT count(*) FROM account WHERE active AND role = 'admin'") == 1
        await house.pool.execute("UPDATE account SET active = true")
        await house.pool.execute("UPDATE login_session SET ended = false")


async def test_nobody_is_changed_who_is_not_there(house: House, root: Person) -> None:
    for way in ("lock", "unlock", "password"):
        nobody = await house.client(root).post(f"/api/v1/users/{uuid.uuid4()}/{way}")
        assert problem(nobody) == (404, "account.not_found")
