"""A site's policies hold at once and stand in the audit; a supervisor of one queue sees only it if so."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from cti.facts import EarsLive, Topic, body_of
from models.account import Role
from models.feed import Item
from tests.api.desk import command
from tests.api.house import House, Person, Screen, agent, call, queue
from tests.api.test_floor import given_calls
from tests.api.test_hours import audited
from tests.api.test_sessions import problem
from tests.support.eventually import eventually

pytestmark = pytest.mark.db

SALES, TAX = "hotline", "tax"


@pytest.fixture
async def root(house: House) -> Person:
    return await house.person("root", Role.ADMIN)


@pytest.fixture
async def boss(house: House) -> Person:
    """Supervises the queue tax alone."""
    boss = await house.person("boss", Role.SUPERVISOR, "1009")
    await house.pool.execute("UPDATE account SET queues = '{tax}' WHERE login = 'boss'")
    return boss


async def decide(house: House, root: Person, **values: Any) -> dict[str, dict[str, Any]]:
    answer = await house.client(root).patch("/api/v1/policies", json=values)
    assert answer.status_code == 200, answer.text
    return {policy["name"]: policy for policy in answer.json()["items"]}


async def test_who_decided_what_when_and_what_it_was(house: House, root: Person) -> None:
    before = await house.pool.fetchval("SELECT version FROM line_hours")
    now = await decide(house, root, dial_daily_cap=3, survey=False)
    assert (now["dial_daily_cap"]["value"], now["dial_daily_cap"]["installed"]) == (3, 200)
    assert (now["dial_daily_cap"]["by"], now["export_mark_every_s"]["by"]) == ("root", None)
    assert await house.pool.fetchval("SELECT version FROM line_hours") == before + 1, "cti is told"
    await decide(house, root, dial_daily_cap=3)
    now = await decide(house, root, dial_daily_cap=None)
    assert (now["dial_daily_cap"]["value"], now["dial_daily_cap"]["at"]) == (200, None)
    told = (await house.client(root).get("/api/v1/policies")).json()["changes"]
    assert [(c["by"], c["name"], c["before"], c["after"]) for c in told] == [
        ("root", "dial_daily_cap", "3", ""), ("root", "survey", "", "false"), ("root", "dial_daily_cap", "", "3"),
    ]  # fmt: skip
    assert await audited(house) == ["policy.changed"] * 3
    auditor = await house.person("eye", Role.AUDITOR)
    assert (await house.client(auditor).get("/api/v1/policies")).json()["changes"] == told
    assert problem(await house.client(auditor).patch("/api/v1/policies", json={"survey": True}))[1] == "right.missing"


@pytest.mark.parametrize(
    "wrong", [{"export_mark_every_s": 3601}, {"dial_class": "abroad"}, {"dial_daily_cap": -1}, {"nothing": True}]
)
async def test_what_no_policy_can_be_is_refused(house: House, root: Person, wrong: dict[str, Any]) -> None:
    both = wrong | {"survey": False}
    assert problem(await house.client(root).patch("/api/v1/policies", json=both)) == (422, "request.invalid")
    assert await house.pool.fetchval("SELECT count(*) FROM site_policy") == 0


async def test_the_class_of_service_holds_for_the_next_call(house: House, root: Person) -> None:
    zhang = house.client(await house.person("zhang", agent_no="1001"))
    await house.publish(agent("1001"))

    async def dials(number: str) -> Any:
        return await zhang.post("/api/v1/commands", json=command("call.dial", number=number))

    assert problem(await dials("13912345678")) == (403, "number.not_allowed")
    await decide(house, root, dial_class="plan")
    assert (await dials("13912345678")).status_code == 202
    await decide(house, root, dial_class="matters", dial_daily_cap=5)
    assert problem(await dials("053188880001")) == (403, "number.not_allowed")
    await decide(house, root, dial_class="plan", dial_daily_cap=1)
    assert problem(await dials("053188880001")) == (429, "number.daily_cap")


async def test_agents_are_shown_who_listens_only_while_the_site_says_so(house: House, root: Person) -> None:
    zhang, call_id = await house.person("zhang", agent_no="1001"), uuid.uuid4()
    await house.publish(agent("1001"), call(call_id, agent_no="1001"))
    ears = Item(Topic.EARS, str(call_id), body_of(EarsLive(str(call_id), "pbx1", "1.1", "1001")), live=True)
    await house.publish(ears)
    client = house.client(zhang)

    async def shown() -> bool:
        return len((await client.get("/api/v1/live")).json()["ears"]) == 1

    await eventually(shown)
    async with house.screen(zhang) as screen:
        await screen.next()
        await decide(house, root, agents_see_ears=False)
        assert not await shown()
        await screen.until("resync")
        assert (await screen.until("hello"))["snapshot"]["ears"] == []


async def two_queues(house: House, boss: Person) -> tuple[uuid.UUID, uuid.UUID]:
    """An agent and a call in each."""
    sales, tax = uuid.uuid4(), uuid.uuid4()
    for no in ("1001", "1002"):
        await house.person(f"agent{no}", agent_no=no)
    await house.publish(
        queue(SALES), queue(TAX), agent("1001", queues=(SALES,)), agent("1002", queues=(TAX,)),
        call(sales, queue=SALES, agent_no="1001", state="talking"),
        call(tax, queue=TAX, agent_no="1002", state="talking"),
    )  # fmt: skip

    async def there() -> bool:
        return len((await house.client(boss).get("/api/v1/queues")).json()) >= 1

    await eventually(there)
    return sales, tax


def seen(screen: Screen) -> tuple[set[str], set[str], set[str]]:
    return set(screen.picture["queues"]), set(screen.picture["agents"]), set(screen.picture["calls"])


async def test_a_supervisor_of_one_queue_sees_only_it_where_the_site_says_so(
    house: House, root: Person, boss: Person
) -> None:
    sales, tax = await two_queues(house, boss)
    async with house.screen(boss) as screen:
        await screen.until("hello")
        everything = ({SALES, TAX}, {"1001", "1002"}, {str(sales), str(tax)})
        assert seen(screen) == everything, "the site has not said so"
        await decide(house, root, supervisors_limited=True)
        await screen.until("hello")
        assert seen(screen) == ({TAX}, {"1002"}, {str(tax)})

        third = uuid.uuid4()
        await house.publish(
            queue(SALES, waiting=1), call(third, queue=SALES), agent("1001", state="paused", queues=(SALES,))
        )
        await house.publish(call(third, queue=TAX))
        row = await screen.until("row", topic="call", key=str(third))
        assert row["body"]["queue"] == TAX
        assert seen(screen) == ({TAX}, {"1002"}, {str(tax), str(third)})
        await house.publish(call(third, queue=SALES), agent("1001", queues=(SALES, TAX)))
        assert (await screen.until("row", topic="call", key=str(third)))["body"] is None, "it left the queue"
        await screen.until("row", topic="agent", key="1001")
        await decide(house, root, supervisors_limited=None)
        await screen.until("hello")
        assert set(screen.picture["queues"]) == {SALES, TAX}
    await audited(house)


async def test_and_listens_orders_and_counts_only_there(house: House, root: Person, boss: Person) -> None:
    sales, tax = await two_queues(house, boss)
    await decide(house, root, supervisors_limited=True)
    client = house.client(boss)
    assert [q["queue"] for q in (await client.get("/api/v1/queues")).json()] == [TAX]
    assert [p["agent_no"] for p in (await client.get("/api/v1/floor")).json()["people"]] == ["1002", "1009"]
    assert {d["queue"] for d in (await client.get("/api/v1/floor/day")).json()["items"]} <= {TAX}

    async def listens(call_id: uuid.UUID) -> Any:
        return await client.post("/api/v1/commands", json=command("call.listen", call_id=str(call_id)))

    async def pauses(agent_no: str) -> Any:
        ask = command("agent.pause", reason="meal") | {"agent_no": agent_no}
        return await client.post("/api/v1/commands", json=ask)

    assert problem(await listens(sales)) == (404, "call.not_found")
    assert (await listens(tax)).status_code == 202
    assert problem(await pauses("1001")) == (409, "agent.away")
    assert (await pauses("1002")).status_code == 202


async def test_the_queues_of_a_supervisor_add_up_to_the_calls_that_open(
    house: House, root: Person, boss: Person
) -> None:
    await house.pool.execute("UPDATE account SET queues = '{tax,water}' WHERE login = 'boss'")
    await given_calls(house, ("13900000001", "abandoned", 9.0), queue=SALES)
    await given_calls(house, ("13900000001", "answered", 2.0), ("13900000002", "lost", 9.0), queue=TAX)
    await given_calls(house, ("13900000003", "answered", 16.0), queue="water")
    await decide(house, root, supervisors_limited=True)
    client = house.client(boss)
    days = (await client.get("/api/v1/floor/day")).json()["items"]
    assert {d["queue"] for d in days} == {TAX, "water"}
    sums = {name: sum(d[name] for d in days) for name in ("offered", "answered", "lost")}
    assert sums == {"offered": 3, "answered": 2, "lost": 1}
    for number, count in (sums | {"unserved": 1, "in_time": 1}).items():
        told = (await client.get("/api/v1/floor/day/calls", params={"number": number})).json()
        assert told["total"] == len(told["items"]) == count, number


async def test_whoever_may_come_to_these_queues_has_a_name_before_signing_in(
    house: House, root: Person, boss: Person
) -> None:
    for agent_no, there in (("1001", SALES), ("1002", TAX), ("1003", TAX)):
        await house.person(f"agent{agent_no}", agent_no=agent_no)
        await house.pool.execute(
            "INSERT INTO tuning (kind, subject, revision, value, by) VALUES ('skills', $1, 1, $2, 'root')",
            agent_no, json.dumps({"queues": {there: 1}}),
        )  # fmt: skip
    await house.publish(agent("1003", queues=(SALES,)))  # signed in elsewhere: the floor decides, not the skills
    await decide(house, root, supervisors_limited=True)

    async def named() -> list[str]:
        return [p["agent_no"] for p in (await house.client(boss).get("/api/v1/floor")).json()["people"]]

    await eventually(lambda: house.app.state.parts.hub.picture.get(Topic.AGENT, "1003") is not None)
    assert await named() == ["1002", "1009"], "and oneself"


async def test_an_agent_cannot_listen_and_an_agency_sees_no_floor(house: House) -> None:
    zhang = house.client(await house.person("zhang", agent_no="1001"))
    call_id = uuid.uuid4()
    await house.publish(agent("1001"), agent("1002"), call(call_id, queue=TAX, agent_no="1002", state="talking"))
    asked = command("call.listen", call_id=str(call_id))
    assert problem(await zhang.post("/api/v1/commands", json=asked)) == (403, "right.missing")
    agency = house.client(await house.person("agency", Role.AGENCY))
    for path in ("/floor", "/floor/day", "/floor/day/calls?number=offered", "/live", "/queues"):
        assert problem(await agency.get(f"/api/v1{path}")) == (403, "right.missing"), path


async def test_another_api_process_learns_of_it_by_itself(house: House, root: Person) -> None:
    """What another process wrote holds here within two seconds."""
    value = json.dumps(True)
    await house.pool.execute("INSERT INTO site_policy VALUES ('supervisors_limited', $1, now(), 'root')", value)
    policies = house.app.state.parts.policies
    await eventually(lambda: policies.now.supervisors_limited, 3)
