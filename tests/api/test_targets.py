"""Whom a call can be moved to, what agencies did when asked, and whom to call back."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases import agencies
from cti.facts import AgentState
from models.account import Role
from models.target import leg_no_of
from tests.api.desk import submit
from tests.api.house import House, Person, agent, queue
from tests.api.stage import (
    CITIZEN,
    ask,
    given_a_talk,
    given_the_book,
    show,
    when_the_leg_ends,
    write_call,
    write_leg,
)
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


async def found(house: House, person: Person, q: str) -> list[str]:
    items = (await house.client(person).get("/api/v1/targets", params={"q": q})).json()["items"]
    return [f"{i['kind']}:{i['label'] or i['id']}" for i in items]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("sgsjt", "agency:抢修"), ("GSJT", "agency:抢修"), ("供水", "agency:抢修"), ("water", "agency:抢修"),
        ("0531-8203", "agency:抢修"), ("82030301", "agency:抢修"), ("szssglc", "agency:值班电话"),
        ("管理处", "agency:值班电话"), ("８２０１０１０１", "agency:值班电话"),
    ],
)  # fmt: skip
async def test_found_by_name_initials_or_number(
    house: House, zhang: Person, tmp_path: Path, q: str, first: str
) -> None:
    await given_the_book(house, tmp_path)
    assert (await found(house, zhang, q))[:1] == [first]


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "zzz", "🙂", "& |"])
async def test_no_question_breaks_it_or_means_something_else(
    house: House, zhang: Person, tmp_path: Path, q: str
) -> None:
    await given_the_book(house, tmp_path)
    answer = await house.client(zhang).get("/api/v1/targets", params={"q": q})
    assert [i for i in answer.json()["items"] if i["kind"] == "agency"] == []
    bad = await house.client(zhang).get("/api/v1/targets", params={"q": "x\r\ny"})
    assert problem(bad) == (422, "request.invalid")


async def test_the_number_on_duty_comes_first_and_free_seats_before_busy_ones(
    house: House, zhang: Person, tmp_path: Path
) -> None:
    await given_the_book(house, tmp_path)
    boss = await house.person("boss", Role.SUPERVISOR, "1009", locale="zh-CN")
    await house.person("wang", agent_no="1002")
    await show(house, agent("1001"), agent("1002", state=AgentState.TALKING), agent("1009"), queue(waiting=2, ready=1))
    items = (await house.client(zhang).get("/api/v1/targets")).json()["items"]
    assert [i["label"] for i in items if i["kind"] == "agency"] == ["值班电话", "抢修", "从不值班"]
    assert [i["on_duty"] for i in items if i["kind"] == "agency"] == [True, True, False]
    assert [(i["id"], i["state"], i["name"]) for i in items if i["kind"] == "seat"] == [
        ("8009", "ready", "Boss"), ("8002", "talking", "Wang"),
    ]  # fmt: skip
    assert [(i["id"], i["waiting"], i["ready"]) for i in items if i["kind"] == "queue"] == [("hotline", 2, 1)]
    assert items[0]["name"] == "Municipal Works Office"
    assert (await found(house, zhang, "8002"))[:1] == ["seat:8002"], "typed in full"
    chinese = (await house.client(boss).get("/api/v1/targets", params={"q": "szssglc"})).json()["items"]
    assert (chinese[0]["name"], chinese[0]["number"]) == ("市市政设施管理处", "053182010101")


async def test_the_demo_book_can_be_called_and_is_loaded_twice_and_once_there(house: House, zhang: Person) -> None:
    made = await agencies.load(house.settings.dsn)
    before = await house.pool.fetch("SELECT id FROM agency_number ORDER BY id")
    assert await agencies.load(house.settings.dsn) == made >= 15
    assert await house.pool.fetch("SELECT id FROM agency_number ORDER BY id") == before
    items = (await house.client(zhang).get("/api/v1/targets", params={"q": "szssglc"})).json()["items"]
    assert [i["on_duty"] for i in items] == [True, False], "day and night meet"
    child = await house.pool.fetchrow("SELECT a.initials, p.name_zh FROM agency a JOIN agency p ON p.id = a.parent")
    assert child["name_zh"] == "历下区人民政府"


async def test_every_refusal_is_kept_as_that_agencys_and_no_answer_is_told_from_a_refusal(
    house: House, zhang: Person, tmp_path: Path
) -> None:
    book, call_id = await given_the_book(house, tmp_path), await given_a_talk(house)
    await write_call(house, call_id)
    case = await submit(house.client(zhang), call_id=call_id)
    agency = {"kind": "agency", "value": str(book["抢修"]["id"])}
    for outcome in ("busy", "no_answer", "hung_up_on_us", "refused", "answered", "failed", "cancelled"):
        asked = await ask(house.client(zhang), "call.consult", call_id=call_id, target=agency)
        await when_the_leg_ends(house, asked, call_id, outcome)
    await ask(house.client(zhang), "call.add", call_id=call_id, target=agency)  # still rings
    client = house.client(zhang)
    hits = (await client.get("/api/v1/targets", params={"q": "供水"})).json()["items"]
    assert [h["refusals_30d"] for h in hits] == [4]
    told = (await client.get(f"/api/v1/agencies/{hits[0]['agency_id']}/refusals")).json()
    assert (told["asked"], told["agency"]["name"]) == (8, "Water Supply Group")
    assert told["outcomes"] == dict.fromkeys(
        ("busy", "no_answer", "hung_up_on_us", "refused", "answered", "failed", "cancelled"), 1
    )
    assert [i["outcome"] for i in told["items"]] == ["refused", "hung_up_on_us", "no_answer", "busy"]
    assert {(i["case_id"], i["label"], i["by"]) for i in told["items"]} == {(case["id"], "抢修", "zhang")}
    await house.pool.execute("UPDATE call_target SET at = at - interval '40 days'")
    assert (await client.get(f"/api/v1/agencies/{hits[0]['agency_id']}/refusals")).json()["asked"] == 0
    missing = await client.get(f"/api/v1/agencies/{uuid.uuid4()}/refusals")
    assert problem(missing) == (404, "target.not_found")


async def test_a_calls_parties_say_who_was_asked_why_and_who_hung_up(
    house: House, zhang: Person, tmp_path: Path
) -> None:
    book, call_id = await given_the_book(house, tmp_path), await given_a_talk(house)
    now = datetime.now(UTC)
    await write_call(house, call_id, satisfaction=1, satisfaction_agent_no="1001", from_police=True)
    await write_leg(house, call_id, party="citizen", number=CITIZEN, leg_no=1, started_at=now - timedelta(minutes=1))
    agency = {"kind": "agency", "value": str(book["抢修"]["id"])}
    asked = await ask(house.client(zhang), "call.add", call_id=call_id, target=agency)
    leg_no = leg_no_of(uuid.UUID(asked.json()["id"]))
    await write_leg(house, call_id, leg_no=leg_no, outcome="hung_up_on_us", hung_up_by="outside", answered_at=now)
    told = (await house.client(zhang).get(f"/api/v1/calls/{call_id}")).json()
    assert [(p["party"], p["purpose"], p["agency_name"], p["outcome"], p["hung_up_by"]) for p in told["parties"]] == [
        ("citizen", None, None, None, None),
        ("outside", "conference", "Water Supply Group", "hung_up_on_us", "outside"),
    ]
    assert (told["satisfaction"], told["satisfaction_agent_no"], told["from_police"]) == (1, "1001", True)
