"""The abuse key in steps, and flags on numbers: a reason, a reviewer, an end, an appeal."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti.facts import AgentState
from models.account import Role
from tests.api.house import House, Person, agent
from tests.api.stage import CITIZEN, commands, end_command, given_a_talk, live_gone, show, write_call
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


@pytest.fixture
async def deputy(house: House) -> Person:
    return await house.person("deputy", Role.SUPERVISOR, "1008")


async def press(house: House, person: Person, call_id: str) -> dict[str, Any]:
    answer = await house.client(person).post("/api/v1/abuse", json={"call_id": call_id})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def warned_twice(house: House, person: Person, call_id: str) -> None:
    for step in (1, 2):
        told = await press(house, person, call_id)
        assert (told["step"], told["action"], told["rest"]) == (step, "call.abuse_warn", False)
        await end_command(house, told["command_id"], "succeeded")


async def test_two_warnings_then_a_senior_takes_over_and_the_agent_rests(
    house: House, zhang: Person, boss: Person, deputy: Person
) -> None:
    call_id = await given_a_talk(house)
    long_free = datetime.now(UTC) - timedelta(hours=1)
    await show(house, agent("1009", state=AgentState.TALKING), agent("1008", since=long_free), agent("1002"))
    await warned_twice(house, zhang, call_id)
    third = await press(house, zhang, call_id)
    assert (third["step"], third["action"], third["handed_to"], third["rest"]) == (3, "call.transfer", "8008", True)
    assert (await commands(house))[2:] == [
        ("call.transfer", {"call_id": call_id, "target": {"kind": "seat", "value": "8008"}}, "1001"),
        ("agent.pause", {"reason": "rest"}, "1001"),
    ]
    assert await house.pool.fetchval("SELECT purpose FROM call_target") == "senior"
    await end_command(house, third["command_id"], "failed", "leg.no_answer")
    assert await press(house, zhang, call_id) == third, "there is no fourth step"
    assert await house.pool.fetchval("SELECT array_agg(step ORDER BY step) FROM abuse_report") == [1, 2, 3]


async def test_where_no_senior_is_free_a_message_ends_the_call(house: House, zhang: Person, boss: Person) -> None:
    call_id = await given_a_talk(house)
    await show(house, agent("1009", state=AgentState.PAUSED))
    await warned_twice(house, zhang, call_id)
    third = await press(house, zhang, call_id)
    assert (third["action"], third["handed_to"], third["rest"]) == ("call.abuse_end", None, True)


async def test_a_nervous_finger_counts_once_while_the_warning_is_on_its_way(house: House, zhang: Person) -> None:
    call_id = await given_a_talk(house)
    told = await asyncio.gather(*(press(house, zhang, call_id) for _ in range(6)))
    assert {t["step"] for t in told} == {1}
    assert len(await commands(house)) == 1


async def test_a_call_of_somebody_elses_or_one_that_is_over_has_no_steps(house: House, zhang: Person) -> None:
    theirs, over = await given_a_talk(house, "1002"), await given_a_talk(house)
    await write_call(house, over, ended_at=datetime.now(UTC))
    await show(house, live_gone(over))
    client = house.client(zhang)
    expected = {theirs: (403, "call.not_yours")} | dict.fromkeys((over, str(uuid.uuid4())), (404, "call.not_found"))
    for call_id, refused in expected.items():
        assert problem(await client.post("/api/v1/abuse", json={"call_id": call_id})) == refused
    assert await commands(house) == []


def flag(**changes: Any) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return {
        "number": "+86 139 1234 5678", "flag": "patient", "tone": "harassing", "reason": "一天来电四十次，无诉求",
        "reviewer": "deputy", "expires_at": until,
    } | changes  # fmt: skip


async def test_a_flag_reaches_the_line_and_the_pop_and_ends_by_itself(
    house: House, zhang: Person, boss: Person, deputy: Person
) -> None:
    for n in range(3):
        await write_call(house, str(uuid.uuid4()), ended_at=datetime.now(UTC) - timedelta(days=n))
    set_ = await house.client(boss).post("/api/v1/number-flags", json=flag())
    assert set_.status_code == 201, set_.text
    told = set_.json()
    assert (told["number"], told["flag"], told["by"], told["reviewer"], told["active"]) == (
        CITIZEN, "patient", "boss", "deputy", True,
    )  # fmt: skip
    assert await commands(house) == [("caller.flag", {"number": CITIZEN, "flag": "patient"}, None)]
    pop = (await house.client(zhang).get(f"/api/v1/caller/{CITIZEN}")).json()
    assert (pop["flag"]["id"], pop["flag"]["reason"], pop["nth_call"]) == (told["id"], "一天来电四十次，无诉求", 4)
    await house.pool.execute(
        "UPDATE number_flag SET created_at = now() - interval '2 days', expires_at = now() - interval '1 second'"
    )
    pop = (await house.client(zhang).get(f"/api/v1/caller/{CITIZEN}")).json()
    assert pop["flag"] is None
    listed = (await house.client(zhang).get("/api/v1/number-flags", params={"number": CITIZEN})).json()["items"]
    assert [f["active"] for f in listed] == [False], "what was decided stays written"
    active = (await house.client(zhang).get("/api/v1/number-flags", params={"active": 1})).json()["items"]
    assert active == []
    late = await house.client(zhang).post(f"/api/v1/number-flags/{told['id']}/appeal", json={"appeal": "误标"})
    assert problem(late) == (409, "flag.ended")


async def test_an_appeal_is_written_down_and_a_lift_frees_the_number(
    house: House, zhang: Person, boss: Person, deputy: Person
) -> None:
    client = house.client(boss)
    told = (await client.post("/api/v1/number-flags", json=flag(flag="message"))).json()
    url = f"/api/v1/number-flags/{told['id']}"
    heard = (await house.client(zhang).post(f"{url}/appeal", json={"appeal": "号码换了机主"})).json()
    assert (heard["appeal"], heard["appealed_by"], heard["active"]) == ("号码换了机主", "zhang", True)
    assert problem(await house.client(zhang).post(f"{url}/lift", json={})) == (403, "right.missing")
    lifted = (await house.client(deputy).post(f"{url}/lift", json={"reason": "机主已变更"})).json()
    assert (lifted["active"], lifted["lifted_by"], lifted["lift_reason"]) == (False, "deputy", "机主已变更")
    assert [args for _, args, _ in await commands(house)] == [
        {"number": CITIZEN, "flag": "message"}, {"number": CITIZEN, "flag": None},
    ]  # fmt: skip
    assert problem(await client.post(f"{url}/lift", json={})) == (409, "flag.ended")
    missing = await client.post(f"/api/v1/number-flags/{uuid.uuid4()}/lift", json={})
    assert problem(missing) == (404, "flag.not_found")
    actions = await house.pool.fetch("SELECT action FROM audit WHERE action LIKE 'number_flag.%' ORDER BY id")
    assert [a["action"] for a in actions] == ["number_flag.set", "number_flag.appealed", "number_flag.lifted"]


async def test_a_word_for_the_next_agent_changes_nothing_on_the_line(house: House, zhang: Person, boss: Person) -> None:
    client = house.client(zhang)
    routed = await client.post("/api/v1/number-flags", json=flag(reviewer="boss"))
    assert problem(routed) == (403, "right.missing")
    word = await client.post("/api/v1/number-flags", json=flag(flag=None, tone="distressed", reviewer="boss"))
    assert (word.status_code, word.json()["flag"], word.json()["by"]) == (201, None, "zhang")
    lifted = await house.client(boss).post(f"/api/v1/number-flags/{word.json()['id']}/lift", json={})
    assert lifted.json()["active"] is False
    assert await commands(house) == []


async def test_a_flag_needs_somebody_else_who_answers_for_it_and_an_end(
    house: House, zhang: Person, boss: Person, deputy: Person
) -> None:
    client = house.client(boss)

    async def refused(**changes: Any) -> tuple[int, str]:
        return problem(await client.post("/api/v1/number-flags", json=flag(**changes)))

    for reviewer in ("boss", "zhang", "nobody", None):
        assert await refused(reviewer=reviewer) == (422, "flag.reviewer")
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    far = (datetime.now(UTC) + timedelta(days=181)).isoformat()
    for expires_at in (past, far):
        assert await refused(expires_at=expires_at) == (422, "flag.expiry")
    for number in ("anonymous", "", "+14155552671"):
        assert await refused(number=number) == (422, "number.invalid")
    for bad in ({"reason": ""}, {"tone": "rude"}, {"flag": "block"}, {"number": "139\r\n"}, {"expires_at": "never"}):
        assert await refused(**bad) == (422, "request.invalid")
    assert await house.pool.fetchval("SELECT count(*) FROM number_flag") == 0
    await house.pool.execute("UPDATE account SET active = false WHERE login = 'deputy'")
    assert await refused() == (422, "flag.reviewer")
    alone = await client.post("/api/v1/number-flags", json=flag(reviewer=None))
    assert (alone.status_code, alone.json()["reviewer"]) == (201, "boss"), "the only supervisor answers alone"


async def test_who_may_review_a_flag_is_told_beforehand(
    house: House, zhang: Person, boss: Person, deputy: Person
) -> None:
    async def told(person: Person) -> set[str]:
        found = (await house.client(person).get("/api/v1/number-flags/reviewers")).json()["items"]
        return {one["login"] for one in found}

    assert await told(zhang) == {"boss", "deputy"}
    assert await told(boss) == {"deputy"}
    await house.pool.execute("UPDATE account SET active = false WHERE login = 'deputy'")
    assert await told(boss) == {"boss"}, "alone, a supervisor answers for it"
    alone = await house.client(boss).post("/api/v1/number-flags", json=flag(reviewer="boss"))
    assert (alone.status_code, alone.json()["reviewer"]) == (201, "boss")
