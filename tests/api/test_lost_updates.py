"""Two admins change one thing: the second is told so, and nothing of the first one's is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api import audit
from cases import line_hours
from models.account import Role
from tests.api.house import House, Person
from tests.api.test_sessions import problem
from tests.support.eventually import eventually

pytestmark = pytest.mark.db

API = "/api/v1"
DAY = "2026-10-01"
KINDS = ("workday", "weekend", "holiday")
SETS = {
    "users": ("display_name", "role", "agent_no", "seat", "locale", "queues"),
    "profile": ("max_waiting", "max_wait_s", "opening_text", "sound_id", "on_full", "on_no_agent", "on_too_long"),
    "plan": KINDS,
    "day": ("kind", "name_zh", "name_en"),
    "extension": ("label", "class_name"),
    "class": ("title", "kinds"),
}


@dataclass(frozen=True)
class Thing:
    """One that both have open: where it is read and changed, and what each of them would change."""

    read: str
    at: tuple[Any, ...]  # the way to it in the answer; a mapping chooses from a list
    url: str
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]


THINGS = {
    "users": Thing(
        "/users", ("items", {"login": "li"}), "/users/{id}", {"queues": ["tax"]}, {"display_name": "李雷"}
    ),
    "profile": Thing(
        "/hours", ("profiles", {"name": "night"}), "/hours/profiles/night", {"max_waiting": 3}, {"opening_text": "夜间"}
    ),
    "plan": Thing(
        "/hours", ("plan",), "/hours/plan", {"weekend": [{"minute": 0, "profile": "weekend"}]},
        {"holiday": [{"minute": 0, "profile": "holiday"}]},
    ),
    "day": Thing(
        "/hours/calendar/2026/10", ("days", {"day": DAY}), f"/hours/calendar/{DAY}", {"kind": "make_up"},
        {"name_en": "A day"},
    ),
    "extension": Thing(
        "/telephony", ("extensions", {"seat": "8001"}), "/telephony/extensions/8001", {"class_name": "local"},
        {"label": "1 号"},
    ),
    "class": Thing(
        "/telephony", ("classes", {"name": "local"}), "/telephony/classes/local", {"kinds": ["mobile"]},
        {"title": "本市"},
    ),
}  # fmt: skip


@pytest.fixture
async def root(house: House) -> Person:
    root = await house.person("root", Role.ADMIN)
    await house.person("li", Role.SUPERVISOR)
    await house.pool.execute("INSERT INTO seat VALUES ('8001', '8001', 'w', 't')")
    at_night = json.dumps({kind: [[0, "night"]] for kind in KINDS})  # a change has read the profile of now before
    await house.pool.execute("UPDATE line_hours SET hours = $1", at_night)
    await line_hours.seed(house.settings.dsn)
    new = {"title": "市内", "kinds": ["local"], "based_on": ""}
    assert (await house.client(root).put(f"{API}/telephony/classes/local", json=new)).status_code == 200
    return root


@pytest.fixture
async def other(house: House, root: Person) -> Person:
    return await house.person("other", Role.ADMIN)


async def now(client: httpx.AsyncClient, thing: Thing) -> dict[str, Any]:
    found = (await client.get(API + thing.read)).json()
    for step in thing.at:
        found = next(one for one in found if one.items() >= step.items()) if isinstance(step, dict) else found[step]
    return dict(found)


async def sent(
    client: httpx.AsyncClient, name: str, was: Mapping[str, Any], changes: Mapping[str, Any]
) -> httpx.Response:
    """As a form sends it: everything that it shows, with what was typed."""
    body = {field: was[field] for field in SETS[name]} | dict(changes)
    return await client.put(API + THINGS[name].url.format(**was), json=body | {"based_on": was["version"]})


@pytest.mark.parametrize("name", THINGS)
async def test_a_stale_form_is_refused_and_takes_nothing_back(
    house: House, root: Person, other: Person, name: str
) -> None:
    mine, theirs, thing = house.client(root), house.client(other), THINGS[name]
    opened = await now(mine, thing)
    assert (await sent(theirs, name, await now(theirs, thing), thing.theirs)).is_success
    newer = await now(mine, thing)
    assert newer.items() >= thing.theirs.items()
    lines = await house.pool.fetchval("SELECT count(*) FROM audit")

    stale = await sent(mine, name, opened, thing.mine)
    assert problem(stale) == (409, "tuning.meanwhile")
    assert stale.json()["detail"].startswith("other "), "who it was, and what to do"
    assert "Load the new values" in stale.json()["detail"]
    assert await now(mine, thing) == newer, "nothing was taken back"
    assert await house.pool.fetchval("SELECT count(*) FROM audit") == lines

    again = await sent(mine, name, newer, thing.mine)
    assert again.is_success, again.text
    both = await now(mine, thing)
    assert both.items() >= (dict(thing.theirs) | dict(thing.mine)).items()


@pytest.mark.parametrize("name", THINGS)
async def test_of_two_at_once_one_is_told(house: House, root: Person, other: Person, name: str) -> None:
    mine, theirs, thing = house.client(root), house.client(other), THINGS[name]
    opened = await now(mine, thing)

    async def both_wait() -> bool:
        locked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await house.pool.fetchval(locked) == 2)

    async with house.pool.acquire() as conn, asyncio.TaskGroup() as group:
        async with conn.transaction():
            await conn.execute("SELECT pg_advisory_xact_lock($1)", audit.LOCK)  # neither ends before both have begun
            asked = [
                group.create_task(sent(mine, name, opened, thing.mine)),
                group.create_task(sent(theirs, name, opened, thing.theirs)),
            ]
            await eventually(both_wait)
    answers = [task.result() for task in asked]
    assert sorted(a.is_success for a in answers) == [False, True], [a.text for a in answers]
    assert problem(next(a for a in answers if not a.is_success)) == (409, "tuning.meanwhile")


@pytest.mark.parametrize("name", THINGS)
async def test_who_does_not_say_what_he_saw_is_refused(house: House, root: Person, name: str) -> None:
    client, thing = house.client(root), THINGS[name]
    was = await now(client, thing)
    body = {field: was[field] for field in SETS[name]} | dict(thing.mine)
    refused = await client.put(API + thing.url.format(**was), json=body)
    assert problem(refused) == (422, "request.invalid")
    assert [e["field"] for e in refused.json()["errors"]] == ["based_on"]


async def test_ones_own_language_makes_an_older_form_stale(house: House, root: Person) -> None:
    client, thing = house.client(root), THINGS["users"]
    li = await house.person("wang", Role.SUPERVISOR)
    opened = await now(client, Thing("/users", ("items", {"login": "wang"}), "", {}, {}))
    assert (await house.client(li).patch(f"{API}/session", json={"locale": "zh-CN"})).status_code == 200
    stale = await client.put(
        API + thing.url.format(**opened),
        json={field: opened[field] for field in SETS["users"]} | {"based_on": opened["version"]},
    )
    assert problem(stale) == (409, "tuning.meanwhile")
    assert stale.json()["detail"].startswith("wang "), "not another admin"


async def test_a_day_is_not_cleared_unseen_and_a_class_not_made_twice(
    house: House, root: Person, other: Person
) -> None:
    mine, theirs = house.client(root), house.client(other)
    opened = await now(mine, THINGS["day"])
    url = f"{API}/hours/calendar/{DAY}"
    assert (await sent(theirs, "day", opened, {"name_en": "A day"})).is_success
    stale = await mine.delete(url, params={"based_on": opened["version"]})
    assert problem(stale) == (409, "tuning.meanwhile")
    newer = await now(mine, THINGS["day"])
    assert (await mine.delete(url, params={"based_on": newer["version"]})).status_code == 204
    assert (await now(mine, THINGS["day"]))["version"] == ""
    assert problem(await sent(theirs, "day", newer, {})) == (409, "tuning.meanwhile"), "it is not there any more"

    twice = {"title": "另一个", "kinds": [], "based_on": ""}
    assert problem(await theirs.put(f"{API}/telephony/classes/local", json=twice)) == (409, "tuning.meanwhile")
    assert (await now(mine, THINGS["class"]))["title"] == "市内"
