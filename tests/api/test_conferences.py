"""Conferences and promises on the case's timeline; what the house does afterwards; callers whom 110 handed over."""

import asyncio
import dataclasses
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.settings import ApiSettings
from cases import keeper
from cases.danger_keeper import DangerSettings
from cases.unreached_rows import Site
from models.db import make_engine
from models.target import leg_no_of
from tests.api.desk import submit
from tests.api.house import House, Person
from tests.api.stage import (
    ask,
    end_command,
    given_a_talk,
    given_the_book,
    live_gone,
    show,
    when_the_leg_ends,
    write_call,
)
from tests.api.test_sessions import problem
from tests.support.eventually import eventually

pytestmark = pytest.mark.db

DUE = "2026-12-01T18:00:00+08:00"


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    return dataclasses.replace(settings, police_number_in="12347")


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def wang(house: House) -> Person:
    return await house.person("wang", agent_no="1002")


async def tidy(house: House) -> None:
    engine = make_engine(house.settings.dsn)
    await keeper.tidy(engine)
    await engine.dispose()


async def kinds(house: House, person: Person, case_id: str) -> list[str]:
    return [e["kind"] for e in (await house.client(person).get(f"/api/v1/cases/{case_id}")).json()["events"]]


async def test_a_conference_of_a_case_with_its_promises(house: House, zhang: Person, tmp_path: Path) -> None:
    book, call_id, client = await given_the_book(house, tmp_path), await given_a_talk(house), house.client(zhang)
    case = await submit(client)
    asked = {"call_id": call_id, "case_id": case["id"]}
    first, again = [await client.post("/api/v1/conferences", json=asked) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    conference = first.json()
    agency = await ask(client, "call.add", call_id=call_id, target={"kind": "agency", "value": str(book["抢修"]["id"])})
    promise = {
        "id": str(uuid.uuid4()), "conference_id": conference["id"], "agency_id": str(book["抢修"]["agency_id"]),
        "who": "李队长", "what": "今晚八点前抢修", "due_at": DUE,
    }  # fmt: skip
    made, repeated = [await client.post("/api/v1/promises", json=promise) for _ in range(2)]
    assert (made.status_code, repeated.status_code) == (201, 200)
    assert (made.json()["case_id"], made.json()["agency_name"]) == (case["id"], "Water Supply Group")
    await write_call(house, call_id, ended_at=datetime.now(UTC))
    await when_the_leg_ends(house, agency, call_id, "answered")
    await tidy(house)
    told = (await client.get(f"/api/v1/cases/{case['id']}")).json()
    assert [c["id"] for c in told["calls"]] == [call_id], "the conference's call is the case's"
    assert [(c["id"], c["closed_at"] is not None) for c in told["conferences"]] == [(conference["id"], True)]
    assert [p["agency_name"] for p in told["conferences"][0]["parties"]] == ["Water Supply Group"]
    assert [(p["who"], p["what"]) for p in told["promises"]] == [("李队长", "今晚八点前抢修")]
    assert [e["kind"] for e in told["events"]] == [
        "case.accepted", "conference.opened", "promise.made", "conference.closed",
    ]  # fmt: skip
    assert [p["outcome"] for p in told["events"][-1]["body"]["parties"]] == ["answered"]
    await tidy(house)
    assert len(await kinds(house, zhang, case["id"])) == 4, "closed once"


async def test_what_happened_while_the_case_was_a_draft_is_the_cases(
    house: House, zhang: Person, wang: Person, tmp_path: Path
) -> None:
    book, call_id, client = await given_the_book(house, tmp_path), await given_a_talk(house), house.client(zhang)
    conference = (await client.post("/api/v1/conferences", json={"call_id": call_id})).json()
    assert conference["case_id"] is None
    await ask(client, "call.add", call_id=call_id, target={"kind": "agency", "value": str(book["抢修"]["id"])})
    promise = {"conference_id": conference["id"], "who": "居委会", "what": "上门查看", "due_at": DUE}
    assert (await client.post("/api/v1/promises", json=promise)).status_code == 201
    stranger = await house.client(wang).post("/api/v1/promises", json=promise)
    assert problem(stranger) == (404, "conference.not_found")
    case = await submit(client, call_id=call_id)
    assert [c["id"] for c in case["conferences"]] == [conference["id"]]
    assert [p["who"] for p in case["promises"]] == ["居委会"]
    assert [e["kind"] for e in case["events"]] == [
        "case.accepted", "case.call_linked", "conference.opened", "promise.made",
    ]  # fmt: skip
    assert str(await house.pool.fetchval("SELECT case_id FROM call_target")) == case["id"]


async def test_eight_presses_open_one_conference(house: House, zhang: Person) -> None:
    call_id, client = await given_a_talk(house), house.client(zhang)
    case = await submit(client)
    asked = {"call_id": call_id, "case_id": case["id"]}
    answers = await asyncio.gather(*(client.post("/api/v1/conferences", json=asked) for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    assert (await kinds(house, zhang, case["id"])).count("conference.opened") == 1


async def test_not_of_somebody_elses_call_or_secret(house: House, zhang: Person, wang: Person) -> None:
    theirs = await given_a_talk(house, "1002")
    secret = await submit(house.client(wang), confidential=True)
    mine, client = await given_a_talk(house), house.client(zhang)

    async def refused(path: str, **body: Any) -> tuple[int, str]:
        return problem(await client.post(f"/api/v1/{path}", json=body))

    said = {"who": "李", "what": "修", "due_at": DUE}
    assert await refused("conferences", call_id=theirs) == (403, "call.not_yours")
    assert await refused("conferences", call_id=str(uuid.uuid4())) == (404, "call.not_found")
    assert await refused("conferences", call_id=mine, case_id=secret["id"]) == (403, "case.confidential")
    assert await refused("conferences", call_id=mine, case_id=str(uuid.uuid4())) == (404, "case.not_found")
    assert await refused("promises", case_id=secret["id"], **said) == (403, "case.confidential")
    assert await refused("promises", **said) == (404, "case.not_found")
    assert await refused("promises", conference_id=str(uuid.uuid4()), **said) == (404, "conference.not_found")
    case = await submit(client)
    nobody = await refused("promises", case_id=case["id"], agency_id=str(uuid.uuid4()), **said)
    assert nobody == (404, "agency.not_found")
    for bad in ({"who": ""}, {"what": "修\n今晚"}, {"due_at": "2026-12-01T18:00:00"}, {"what": "长" * 201}):
        assert await refused("promises", case_id=case["id"], **(said | bad)) == (422, "request.invalid")
    assert await house.pool.fetchval("SELECT count(*) FROM promise") == 0
    assert await house.pool.fetchval("SELECT count(*) FROM conference") == 0


async def test_the_house_keeps_by_itself_until_it_is_told_to_stop(house: House, zhang: Person) -> None:
    call_id, stop = await given_a_talk(house), asyncio.Event()
    opened = await house.client(zhang).post("/api/v1/conferences", json={"call_id": call_id})
    raised = await house.client(zhang).post("/api/v1/danger", json={"call_id": call_id})
    assert (opened.status_code, raised.status_code) == (201, 201)
    running = asyncio.create_task(
        keeper.run(house.settings.dsn, DangerSettings("pbx1"), Site(house.settings.zone), stop)
    )
    await show(house, live_gone(call_id))
    await write_call(house, call_id, ended_at=datetime.now(UTC), hung_up_by="citizen")
    await eventually(lambda: house.pool.fetchval("SELECT count(*) = 1 FROM danger WHERE state = 'gone'"))
    await eventually(lambda: house.pool.fetchval("SELECT count(*) = 1 FROM conference WHERE closed_at IS NOT NULL"))
    stop.set()
    await asyncio.wait_for(running, 10)


async def test_a_call_out_is_found_by_its_leg_and_stands_on_the_cases_timeline(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    case = await submit(client)
    dialled = await ask(client, "call.dial", number="13912345678", case_id=case["id"])
    command_id = dialled.json()["id"]
    await tidy(house)
    assert await kinds(house, zhang, case["id"]) == ["case.accepted"]
    await end_command(house, command_id, "succeeded")
    ref = f"pbx1-{int(datetime.now(UTC).timestamp())}.{leg_no_of(uuid.UUID(command_id))}"
    call_id = str(uuid.uuid4())
    await write_call(
        house, call_id, linkedid=ref, direction="outbound", caller="12345", called="13912345678",
        started_at=datetime.now(UTC),
    )  # fmt: skip
    await tidy(house)
    await tidy(house)
    told = (await client.get(f"/api/v1/cases/{case['id']}")).json()
    assert [c["id"] for c in told["calls"]] == [call_id]
    assert [e["kind"] for e in told["events"]] == ["case.accepted", "case.called_out"]
    assert told["events"][-1]["by"] == "zhang"


async def test_whom_110_handed_over_is_marked_on_the_case_now_or_later(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    live = await given_a_talk(house, called="12347")
    assert (await submit(client, call_id=live))["origin"] == "police"
    late = str(uuid.uuid4())
    case = await submit(client, call_id=late)
    assert case["origin"] == "citizen"
    await write_call(house, late, from_police=True)
    await tidy(house)
    told = (await client.get(f"/api/v1/cases/{case['id']}")).json()
    assert told["origin"] == "police"
    assert [e["kind"] for e in told["events"]][-1] == "case.from_police"
    assert (await submit(client, call_id=await given_a_talk(house)))["origin"] == "citizen"
    await tidy(house)
    count = "SELECT count(*) FROM case_event WHERE kind = 'case.from_police'"
    assert await house.pool.fetchval(count) == 2
