"""Commands that move a call: whose call, which targets, which numbers, and what is written down with them."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.settings import ApiSettings
from cti.facts import CallState, PartyKind, PartyState
from models.account import Role
from models.target import leg_no_of
from tests.api.desk import submit
from tests.api.house import House, Person, call
from tests.api.stage import (
    CITIZEN,
    WATER,
    ask,
    command,
    commands,
    derived,
    given_a_talk,
    given_the_book,
    party,
    show,
    write_call,
)
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    return dataclasses.replace(settings, dial_daily_cap=3)


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


def number(value: str) -> dict[str, str]:
    return {"kind": "number", "value": value}


EVERY_KIND: dict[str, dict[str, Any]] = {
    "call.hold": {}, "call.unhold": {"leg": "17.1+5-110"}, "call.transfer": {"target": number(WATER)},
    "call.consult": {"target": {"kind": "seat", "value": "8002"}}, "call.consult_swap": {},
    "call.consult_complete": {}, "call.consult_cancel": {}, "call.consult_merge": {},
    "call.add": {"target": {"kind": "police"}}, "call.drop": {"leg": "17.1+5-110"}, "call.mute": {"leg": "17.1"},
    "call.unmute": {"leg": "17.1"}, "call.leave": {}, "call.end": {}, "call.hangup": {},
    "call.record_pause": {"reason": "id-card"}, "call.record_resume": {},
}  # fmt: skip


@pytest.mark.parametrize("kind", EVERY_KIND)
async def test_every_move_is_for_the_agent_of_the_call_alone(house: House, zhang: Person, kind: str) -> None:
    await house.person("wang", agent_no="1002")
    mine, theirs = await given_a_talk(house), await given_a_talk(house, "1002")
    client = house.client(zhang)
    refused = await ask(client, kind, call_id=theirs, **EVERY_KIND[kind])
    assert problem(refused) == (403, "call.not_yours")
    assert refused.json()["detail"] == "This is not your call."
    assert await commands(house) == []
    taken = await ask(client, kind, call_id=mine, **EVERY_KIND[kind])
    assert (taken.status_code, taken.json()["state"]) == (202, "pending")
    assert [(k, agent) for k, _, agent in await commands(house)] == [(kind, "1001")]


@pytest.mark.parametrize("kind", ["call.abuse_warn", "call.abuse_end", "call.no_survey", "caller.flag"])
async def test_what_has_a_key_of_its_own_is_no_command(house: House, zhang: Person, kind: str) -> None:
    call_id = await given_a_talk(house)
    assert problem(await ask(house.client(zhang), kind, call_id=call_id)) == (422, "request.invalid")


async def test_an_agency_becomes_its_number_and_the_leg_remembers_the_agency(
    house: House, zhang: Person, tmp_path: Path
) -> None:
    book, call_id = await given_the_book(house, tmp_path), await given_a_talk(house)
    row = book["值班电话"]
    asked = command("call.consult", call_id=call_id, target={"kind": "agency", "value": str(row["id"])})
    client = house.client(zhang)
    first = await client.post("/api/v1/commands", json=asked)
    again = await client.post("/api/v1/commands", json=asked)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["args"]["target"] == {"kind": "number", "value": "053182010101"}
    targets = await house.pool.fetch("SELECT * FROM call_target")
    assert len(targets) == 1
    target = targets[0]
    assert (str(target["call_id"]), target["agency_id"], target["purpose"]) == (call_id, row["agency_id"], "consult")
    assert target["leg_no"] == leg_no_of(uuid.UUID(asked["id"]))
    assert (target["by"], target["outside"]) == ("zhang", True)
    typed = await ask(client, "call.transfer", call_id=call_id, target=number("0531 8201 0101"))
    assert typed.status_code == 202
    known = "SELECT count(*) FROM call_target WHERE agency_id = $1"
    assert await house.pool.fetchval(known, row["agency_id"]) == 2, "a typed number of the book is the agency's too"
    nobody = {"kind": "agency", "value": str(uuid.uuid4())}
    assert problem(await ask(client, "call.add", call_id=call_id, target=nobody)) == (404, "target.not_found")


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ("0014155552671", 403, "number.not_allowed"), ("+14155552671", 403, "number.not_allowed"),
        ("00 1 415 555 2671", 403, "number.not_allowed"), ("００１４１５５５５２６７１", 403, "number.not_allowed"),
        ("12345", 403, "number.not_allowed"), ("16812345678", 403, "number.not_allowed"),
        ("8002", 403, "number.not_allowed"), ("13912345678@trunk&PJSIP/0014155552671@trunk", 422, "number.invalid"),
        ("110;ext=1", 422, "number.invalid"), ("${SHELL(id)}", 422, "number.invalid"), ("*72", 422, "number.invalid"),
        ("110\r\nAction: Originate", 422, "request.invalid"), ("1\x00", 422, "request.invalid"),
        ("1" * 5000, 422, "request.invalid"), ("", 422, "number.invalid"),
    ],
)  # fmt: skip
async def test_nobody_dials_abroad_or_by_a_trick(
    house: House, boss: Person, typed: str, status: int, code: str
) -> None:
    """A supervisor's class of service is the whole plan, and still."""
    call_id, client = await given_a_talk(house, "1009"), house.client(boss)
    for asked in (
        command("call.transfer", call_id=call_id, target=number(typed)),
        command("call.consult", call_id=call_id, target=number(typed)),
        command("call.add", call_id=call_id, target=number(typed)),
        command("call.dial", number=typed),
    ):
        assert problem(await client.post("/api/v1/commands", json=asked)) == (status, code)
    assert await commands(house) == []
    assert await house.pool.fetchval("SELECT count(*) FROM call_target") == 0


async def test_an_attempt_abroad_rings_an_alarm_and_a_flood_rings_one(
    house: House, zhang: Person, boss: Person
) -> None:
    async with house.screen(boss) as screen:
        await screen.next()
        for _ in range(5):
            await ask(house.client(zhang), "call.dial", number="0014155552671")
        row = await screen.until("row", topic="alarm")
    told = row["body"]
    assert (told["code"], told["who"], told["detail"]) == ("number.not_allowed", "zhang", "0014155552671")
    assert await house.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'alarm'") < 5, "screens are woken once"
    shown = (await house.client(boss).get("/api/v1/alarms", params={"open": 1})).json()["items"]
    assert [(a["who"], a["attempts"]) for a in shown] == [("zhang", 5)]
    assert await house.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'alarm.number.not_allowed'") == 1
    async with house.screen(zhang) as mine:
        hello = await mine.next()
        assert "alarm" not in str(hello["missed"]), "who tries learns nothing"


async def test_the_daily_cap_counts_an_account_and_spares_110(house: House, zhang: Person, boss: Person) -> None:
    client = house.client(zhang)
    for n in range(3):
        assert (await ask(client, "call.dial", number=f"053188880{n:03d}")).status_code == 202
    async with house.screen(boss) as screen:
        await screen.next()
        capped = await ask(client, "call.dial", number="053188880009")
        assert problem(capped) == (429, "number.daily_cap")
        assert "(3)" in capped.json()["detail"]
        assert (await screen.until("row", topic="alarm"))["body"]["code"] == "number.daily_cap"
    call_id = await given_a_talk(house)
    assert (await ask(client, "call.add", call_id=call_id, target={"kind": "police"})).status_code == 202
    assert (
        await ask(client, "call.consult", call_id=call_id, target={"kind": "seat", "value": "8009"})
    ).status_code == 202
    assert (await ask(house.client(boss), "call.dial", number="053188880009")).status_code == 202
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await house.pool.execute("UPDATE call_target SET at = $1", yesterday)
    assert (await ask(client, "call.dial", number="053188880009")).status_code == 202


async def test_an_agent_calls_mobiles_of_open_matters_only(house: House, zhang: Person, boss: Person) -> None:
    client, other = house.client(zhang), "13700000001"
    assert problem(await ask(client, "call.dial", number=CITIZEN)) == (403, "number.not_allowed")
    assert (await ask(house.client(boss), "call.dial", number=other)).status_code == 202
    call_id = await given_a_talk(house)
    on_the_line = await ask(client, "call.consult", call_id=call_id, target=number(CITIZEN))
    assert on_the_line.status_code == 202, "the number of the citizen on the line"
    closed = await submit(client, citizen_number=other, disposition="answered_on_spot")
    assert problem(await ask(client, "call.dial", number=other, case_id=closed["id"])) == (403, "number.not_allowed")
    opened = await submit(client, contact_number=other)
    dialled = await ask(client, "call.dial", number="+86 137 0000 0001", case_id=opened["id"])
    assert (dialled.status_code, dialled.json()["args"]) == (202, {"number": other})
    target = await house.pool.fetchrow("SELECT * FROM call_target WHERE purpose = 'callout' AND by = 'zhang'")
    assert (str(target["case_id"]), target["call_id"]) == (opened["id"], None)


async def test_a_missed_call_may_be_called_back_until_somebody_was_reached(house: House, zhang: Person) -> None:
    client, missed = house.client(zhang), str(uuid.uuid4())
    await write_call(house, missed, outcome="abandoned", agent_no=None, caller="+8613912345678")
    await derived(house)
    assert (await ask(client, "call.dial", number=CITIZEN)).status_code == 202
    now = datetime.now(UTC)
    await write_call(
        house, str(uuid.uuid4()), direction="outbound", caller="12345", called=CITIZEN, agent_no="1002",
        started_at=now, answered_at=now,
    )  # fmt: skip
    await derived(house)
    assert problem(await ask(client, "call.dial", number=CITIZEN)) == (403, "number.not_allowed")


async def test_a_confidential_case_of_somebody_elses_opens_no_number(house: House, zhang: Person) -> None:
    wang = await house.person("wang", agent_no="1002")
    secret = await submit(house.client(wang), confidential=True)
    refused = await ask(house.client(zhang), "call.dial", number=CITIZEN, case_id=secret["id"])
    assert problem(refused) == (403, "number.not_allowed")
    fixed = await ask(house.client(zhang), "call.dial", number=WATER, case_id=secret["id"])
    assert problem(fixed) == (403, "case.confidential")
    assert await commands(house) == []


async def test_whoever_is_in_the_room_may_leave_it_and_sees_it(house: House, zhang: Person) -> None:
    asked = party(PartyKind.SEAT, PartyState.CONSULTING, "17.1+9-8001", "8001", "1001")
    call_id = await given_a_talk(house, "1002", room=True, parties=(asked,))
    client = house.client(zhang)
    assert [c["call_id"] for c in (await client.get("/api/v1/live")).json()["calls"]] == [call_id]
    assert (await ask(client, "call.leave", call_id=call_id)).status_code == 202
    assert problem(await ask(client, "call.end", call_id=call_id)) == (403, "call.not_yours")
    gone = party(PartyKind.SEAT, PartyState.LEFT, "17.1+9-8001", "8001", "1001")
    other = await given_a_talk(house, "1002", room=True, parties=(gone,))
    assert problem(await ask(client, "call.leave", call_id=other)) == (403, "call.not_yours")
    assert [c["call_id"] for c in (await client.get("/api/v1/live")).json()["calls"]] == [call_id]


async def test_a_colleague_who_is_asked_in_reads_the_draft_and_nobody_else(house: House, zhang: Person) -> None:
    wang, li = await house.person("wang", agent_no="1002"), await house.person("li", agent_no="1003")
    there = party(PartyKind.SEAT, PartyState.CONSULTING, "17.1+9-8002", "8002", "1002")
    call_id = await given_a_talk(house, room=True, parties=(there,))
    draft = {"rev": 1, "call_id": call_id, "body": {"title": "煤气味"}}
    url = f"/api/v1/drafts/{uuid.uuid4()}"
    await house.client(zhang).put(url, json=draft)
    about = {"call_id": call_id}
    read = (await house.client(wang).get("/api/v1/drafts", params=about)).json()
    assert [d["body"]["title"] for d in read] == ["煤气味"]
    assert problem(await house.client(wang).put(url, json=draft | {"rev": 2})) == (403, "draft.not_yours")
    assert problem(await house.client(li).get("/api/v1/drafts", params=about)) == (403, "call.not_yours")
    assert (await house.client(wang).get("/api/v1/drafts")).json() == []


@pytest.mark.parametrize(
    "asked",
    [
        command("call.transfer", call_id=str(uuid.uuid4())),
        command("call.transfer", call_id=str(uuid.uuid4()), target={"kind": "fax", "value": "1"}),
        command("call.transfer", call_id=str(uuid.uuid4()), target={"kind": "seat", "value": "8001\r\n"}),
        command("call.transfer", call_id=str(uuid.uuid4()), target={"kind": "queue", "value": "a,b"}),
        command("call.transfer", call_id=str(uuid.uuid4()), target={"kind": "police", "value": "0014155552671"}),
        command("call.transfer", call_id=str(uuid.uuid4()), target={"kind": "seat", "value": "8001"}, to="x"),
        command("call.drop", call_id=str(uuid.uuid4()), leg="17.1\r\nAction: Originate"),
        command("call.drop", call_id=str(uuid.uuid4())),
        command("call.mute", call_id=str(uuid.uuid4()), leg="x" * 200),
        command("call.record_pause", call_id=str(uuid.uuid4()), reason="身份证 号"),
        command("call.dial", number=["110"]), command("call.dial"), command("call.dial", number="110", case_id="1"),
    ],
)  # fmt: skip
async def test_bad_arguments_are_refused_before_anything_is_stored(
    house: House, zhang: Person, asked: dict[str, Any]
) -> None:
    assert problem(await house.client(zhang).post("/api/v1/commands", json=asked)) == (422, "request.invalid")
    assert await commands(house) == []


async def test_a_repeat_is_the_same_command_even_after_the_call_moved_on(house: House, zhang: Person) -> None:
    call_id, client = await given_a_talk(house), house.client(zhang)
    asked = command("call.transfer", call_id=call_id, target={"kind": "seat", "value": "8002"})
    assert (await client.post("/api/v1/commands", json=asked)).status_code == 202
    await show(house, call(uuid.UUID(call_id), state=CallState.TALKING, agent_no="1002", seat="8002"))
    again = await client.post("/api/v1/commands", json=asked)
    assert (again.status_code, again.json()["id"]) == (200, asked["id"])
    changed = asked | {"args": asked["args"] | {"target": {"kind": "seat", "value": "8003"}}}
    assert problem(await client.post("/api/v1/commands", json=changed)) == (409, "command.id_taken")
