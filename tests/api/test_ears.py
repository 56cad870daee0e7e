"""Ears over HTTP: whose right, what cti is told, one take-over at a time, who sees them, and the log."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.settings import ApiSettings
from api.visibility import Parties, audience
from cti.facts import Ear, EarsLive, EarState, Topic, body_of
from models.account import Role
from models.feed import Item
from models.target import leg_no_of
from tests.api.house import House, Person
from tests.api.stage import ask, commands, end_command, given_a_talk, live_gone, show, write_call
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


@pytest.fixture
async def other(house: House) -> Person:
    return await house.person("other", Role.SUPERVISOR, "1008")


def ears(call_id: str, taken_by: str | None = None, name: str = "") -> Item:
    ear = Ear("1.1+ear7-8009", "8009", "1009", "listen", EarState.ON, datetime.now(UTC), "Boss")
    body = EarsLive(call_id, "pbx1", "1.1", "1001", (ear,), taken_by, name)
    return Item(Topic.EARS, call_id, body_of(body), live=True)


async def test_cti_is_told_which_seat_and_whose_name(house: House, boss: Person) -> None:
    call_id = await given_a_talk(house)
    client = house.client(boss)
    for kind in ("call.listen", "call.whisper", "call.barge", "call.stop_listening"):
        assert (await ask(client, kind, call_id=call_id)).status_code == 202
    taken = await ask(client, "call.take_over", call_id=call_id, from_agent="1001")
    assert taken.status_code == 202, taken.text
    told = {"call_id": call_id, "seat": "8009", "name": "Boss"}
    asked = await commands(house)
    assert [(kind, agent) for kind, _, agent in asked] == [
        (kind, "1009")
        for kind in ("call.listen", "call.whisper", "call.barge", "call.stop_listening", "call.take_over")
    ]
    assert [args for _, args, _ in asked] == [told] * 4 + [told | {"from_agent": "1001"}]
    legs = await house.pool.fetch("SELECT leg_no, purpose, by FROM call_target WHERE call_id = $1", uuid.UUID(call_id))
    assert {(leg["purpose"], leg["by"]) for leg in legs} == {("listen", "boss")}
    assert len(legs) == 4


async def test_only_supervisors_and_never_ones_own(house: House, zhang: Person, boss: Person) -> None:
    call_id = await given_a_talk(house)
    for kind in ("call.listen", "call.whisper", "call.barge", "call.stop_listening"):
        assert problem(await ask(house.client(zhang), kind, call_id=call_id)) == (403, "right.missing")
    for role in (Role.AUDITOR, Role.ADMIN, Role.AGENCY, Role.LEADER):
        person = await house.person(role.value, role)
        assert problem(await ask(house.client(person), "call.listen", call_id=call_id)) == (403, "right.missing")
    own = await given_a_talk(house, "1009")
    asked = await ask(house.client(boss), "call.listen", call_id=own)
    assert asked.status_code == 202 or problem(asked) == (409, "call.own")
    gone = str(uuid.uuid4())
    assert problem(await ask(house.client(boss), "call.listen", call_id=gone)) == (404, "call.not_found")


async def test_two_take_over_and_one_reads_who_has_it(house: House, boss: Person, other: Person) -> None:
    call_id = await given_a_talk(house)
    args = {"call_id": call_id, "from_agent": "1001"}
    first = await ask(house.client(boss), "call.take_over", **args)
    assert first.status_code == 202
    second = await ask(house.client(other), "call.take_over", **args)
    assert problem(second) == (409, "call.taken")
    assert "Boss" in second.json()["detail"]
    await end_command(house, first.json()["id"], "succeeded")
    await show(house, ears(call_id, "1009", "Boss"))  # rings still
    second = await ask(house.client(other), "call.take_over", **args)
    assert problem(second) == (409, "call.taken")
    assert "Boss" in second.json()["detail"]
    await show(house, ears(call_id))
    late = await ask(house.client(other), "call.take_over", call_id=call_id, from_agent="1002")
    assert problem(late) == (409, "call.taken")
    assert "1001" in late.json()["detail"]
    assert (await ask(house.client(other), "call.take_over", **args)).status_code == 202


def shown(old: Any, new: Any, *, policy: bool) -> tuple[frozenset[str], frozenset[str], bool]:
    to = audience(Topic.EARS, "c", old, new, Parties(), ears_shown=policy)
    return to.shown, to.gone, to.oversight


def test_the_agent_sees_it_only_where_the_site_says_so() -> None:
    body = {"agent_no": "1001"}
    assert shown(None, body, policy=True) == ({"1001"}, set(), True)
    assert shown(body, None, policy=True) == (set(), {"1001"}, True)
    assert shown(None, body, policy=False) == (set(), set(), True)


@pytest.mark.parametrize("policy", [True, False])
async def test_screens(settings: ApiSettings, pool: Any, policy: bool) -> None:
    house = House(replace(settings, agents_see_ears=policy), pool)
    await house.start()
    try:
        zhang = await house.person("zhang", agent_no="1001")
        wang = await house.person("wang", agent_no="1002")
        boss = await house.person("boss", Role.SUPERVISOR, "1009")
        call_id = await given_a_talk(house)
        await show(house, ears(call_id))
        seen = {}
        for person in (zhang, wang, boss):
            async with house.screen(person) as screen:
                seen[person.login] = len((await screen.next())["snapshot"]["ears"])
        assert seen == {"zhang": int(policy), "wang": 0, "boss": 1}
    finally:
        await house.close()


async def test_the_log_tells_who_by_the_command_that_called_the_leg(house: House, boss: Person, zhang: Person) -> None:
    call_id = await given_a_talk(house)
    command = (await ask(house.client(boss), "call.listen", call_id=call_id)).json()
    await write_call(house, call_id)
    await show(house, live_gone(call_id))
    began = datetime.now(UTC) - timedelta(seconds=30)
    leg_no = leg_no_of(uuid.UUID(command["id"]))
    for place, (mode, end) in enumerate((("listen", "switched"), ("whisper", "hung_up"))):
        at = began + timedelta(seconds=place)
        await house.pool.execute(
            "INSERT INTO ear VALUES ($1, $2, 'u', $3, '8009', '1009', $4, $5, $6, $7)",
            uuid.uuid4(), uuid.UUID(call_id), leg_no, mode, at, at + timedelta(seconds=1), end,
        )  # fmt: skip
    auditor = await house.person("auditor", Role.AUDITOR)
    items = (await house.client(auditor).get(f"/api/v1/ears?call_id={call_id}")).json()["items"]
    assert [(i["mode"], i["ended_by"], i["supervisor_name"], i["agent_no"]) for i in items] == [
        ("whisper", "hung_up", "Boss", "1001"), ("listen", "switched", "Boss", "1001"),
    ]  # fmt: skip
    assert problem(await house.client(zhang).get("/api/v1/ears")) == (403, "right.missing")
