"""Everybody changes the own password: what it asks for, what ends, what is counted, what stands in the audit."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from models.account import Role
from tests.api.house import PASSWORD, House, Person
from tests.api.test_hours import audited
from tests.api.test_sessions import problem, sign_in

pytestmark = pytest.mark.db

URL, NEW = "/api/v1/session/password", "another horse 马"


async def change(client: httpx.AsyncClient, present: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await client.post(URL, json={"password": present, "new_password": new})


async def open_sessions(house: House, person: Person) -> int:
    found: int = await house.pool.fetchval(
        "SELECT count(*) FROM login_session WHERE account_id = $1 AND NOT ended", person.id
    )
    return found


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_changes_its_own_and_only_the_new_one_signs_in(house: House, role: Role) -> None:
    person = await house.person("who", role)
    assert (await change(house.client(person))).status_code == 204
    assert problem(await sign_in(house.client(), "who", PASSWORD)) == (401, "session.bad_credentials")
    assert (await sign_in(house.client(), "who", NEW)).status_code == 200


async def test_all_other_sessions_of_this_account_end_at_once_and_nobody_elses(
    house: House, zhang: Person, wang: Person
) -> None:
    elsewhere = house.client()
    await sign_in(elsewhere, "zhang", PASSWORD)
    there = Person(zhang.id, "zhang", zhang.role, zhang.agent_no, elsewhere.cookies["lianxin_session"])
    here = house.client(zhang)
    async with house.screen(there) as other, house.screen(zhang) as own:
        await other.next()
        await own.next()
        assert (await change(here)).status_code == 204
        await asyncio.wait_for(other.connection.wait_closed(), 5)
        assert other.connection.close_code == 4401
        await own.until("ping")
    assert problem(await elsewhere.get("/api/v1/session")) == (401, "session.required")
    assert (await here.get("/api/v1/session")).status_code == 200
    assert (await house.client(wang).get("/api/v1/session")).status_code == 200
    assert (await open_sessions(house, zhang), await open_sessions(house, wang)) == (1, 1)


async def test_it_stands_in_the_audit_and_no_password_does(house: House, zhang: Person) -> None:
    await sign_in(house.client(), "zhang", PASSWORD)
    await change(house.client(zhang))
    assert await audited(house) == ["session.begun", "account.password_changed"]
    row = await house.pool.fetchrow("SELECT account_id, subject, detail FROM audit WHERE action LIKE 'account.%'")
    assert (row["account_id"], row["subject"]) == (zhang.id, str(zhang.id))
    assert json.loads(row["detail"]) == {"login": "zhang", "sessions": 1}
    told = str(await house.pool.fetch("SELECT * FROM audit"))
    assert NEW not in told
    assert PASSWORD not in told


async def test_a_wrong_present_password_changes_nothing_and_says_which_field(house: House, zhang: Person) -> None:
    await sign_in(house.client(), "zhang", PASSWORD)
    answer = await change(house.client(zhang), "not this")
    assert problem(answer) == (401, "session.bad_credentials")
    assert [(e["field"], e["message"]) for e in answer.json()["errors"]] == [
        ("password", "This is not your present password.")
    ]
    assert await open_sessions(house, zhang) == 2
    assert (await sign_in(house.client(), "zhang", PASSWORD)).status_code == 200


async def test_wrong_ones_are_counted_with_those_of_the_sign_in(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    for _ in range(2):
        await sign_in(house.client(), "zhang", "wrong")
    for _ in range(3):
        assert problem(await change(client, "wrong")) == (401, "session.bad_credentials")
    locked = await change(client)
    assert problem(locked) == (429, "session.locked")
    assert 0 < int(locked.headers["retry-after"]) <= 30
    assert problem(await sign_in(house.client(), "zhang", PASSWORD)) == (429, "session.locked")
    await house.pool.execute("UPDATE sign_in_failure SET locked_until = now() - interval '1 s'")
    assert (await change(client)).status_code == 204
    assert await house.pool.fetchval("SELECT count(*) FROM sign_in_failure WHERE key = 'login:zhang'") == 0


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("seven77", "A password has at least 8 characters."),
        ("", "Please fill this in."),
        ("x" * 257, "At most 256 characters."),
    ],
)
async def test_the_new_one_obeys_the_rules_of_all_passwords(house: House, zhang: Person, new: str, said: str) -> None:
    answer = await change(house.client(zhang), new=new)
    assert problem(answer) == (422, "request.invalid")
    assert [(e["field"], e["message"]) for e in answer.json()["errors"]] == [("new_password", said)]
    assert "input" not in answer.text, "what was typed is not sent back"
    assert await audited(house) == []


async def test_the_same_change_twice_at_once_is_done_once(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    answers = await asyncio.gather(*(change(client, new=f"new password {i}") for i in range(4)))
    assert sorted(a.status_code for a in answers) == [204, 401, 401, 401]
    assert await audited(house) == ["account.password_changed"]


async def test_a_session_from_before_an_administrators_new_password_changes_nothing(
    house: House, zhang: Person
) -> None:
    root = await house.person("root", Role.ADMIN)
    told = (await house.client(root).post(f"/api/v1/users/{zhang.id}/password")).json()["password"]
    assert problem(await change(house.client(zhang))) == (401, "session.required")
    assert (await sign_in(house.client(), "zhang", told)).status_code == 200
