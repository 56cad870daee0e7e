"""Drafts and cases over HTTP: what is one's own, and what is not."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import datetime

import pytest

from cases import catalogue
from cti.facts import CallState
from models.account import Role
from tests.api.desk import case, submit
from tests.api.house import House, Person, call
from tests.api.stage import given_a_talk, show
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


async def test_a_draft_is_kept_and_an_older_copy_never_wins(house: House, zhang: Person) -> None:
    client, url = house.client(zhang), f"/api/v1/drafts/{uuid.uuid4()}"
    first = await client.put(url, json={"rev": 3, "body": {"title": "路灯"}})
    assert (first.status_code, first.json()["body"]) == (200, {"title": "路灯"})
    assert (await client.put(url, json={"rev": 3, "body": {"title": "路灯"}})).status_code == 200
    for stale in ({"rev": 2, "body": {"title": "路"}}, {"rev": 3, "body": {"title": "别的"}}):
        answer = await client.put(url, json=stale)
        assert problem(answer) == (409, "draft.stale")
        assert answer.json()["stored"]["body"] == {"title": "路灯"}
    assert (await client.put(url, json={"rev": 4, "body": {}})).status_code == 200
    assert [d["rev"] for d in (await client.get("/api/v1/drafts")).json()] == [4]


async def test_another_agents_draft_can_be_neither_read_nor_written(house: House, zhang: Person, wang: Person) -> None:
    mine, theirs = house.client(zhang), house.client(wang)
    url = f"/api/v1/drafts/{uuid.uuid4()}"
    await mine.put(url, json={"rev": 1, "body": {"title": "路灯"}})
    for attempt in (
        theirs.get(url),
        theirs.put(url, json={"rev": 9, "body": {}}),
        theirs.delete(url),
        theirs.post("/api/v1/cases", json=case(uuid.UUID(url.rsplit("/", 1)[1]))),
    ):
        assert problem(await attempt) == (403, "draft.not_yours")
    assert (await theirs.get("/api/v1/drafts")).json() == []
    assert (await mine.get(url)).json()["body"] == {"title": "路灯"}


async def test_submit_consumes_the_draft_once_and_a_late_save_does_not_bring_it_back(
    house: House, zhang: Person, wang: Person
) -> None:
    client, draft_id, call_id = house.client(zhang), uuid.uuid4(), str(uuid.uuid4())
    draft = f"/api/v1/drafts/{draft_id}"
    await client.put(draft, json={"rev": 1, "call_id": call_id, "body": {"title": "路"}})
    answers = await asyncio.gather(*(client.post("/api/v1/cases", json=case(draft_id)) for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    made = answers[0].json()
    assert [e["kind"] for e in made["events"]] == ["case.accepted", "case.call_linked"]
    late = await client.put(draft, json={"rev": 2, "body": {"title": "路灯"}})
    assert problem(late) == (409, "draft.submitted")
    assert late.json()["number"] == made["number"]
    assert (await client.get("/api/v1/drafts")).json() == []
    assert problem(await house.client(wang).post("/api/v1/cases", json=case(draft_id)))[0] == 403
    assert await house.pool.fetchval('SELECT count(*) FROM "case"') == 1
    assert await house.pool.fetchval("SELECT call_id::text FROM case_call") == call_id


async def test_a_colleague_goes_on_with_what_was_typed_and_the_record_says_who_began(
    house: House, zhang: Person, wang: Person
) -> None:
    call_id = await given_a_talk(house)
    await house.client(zhang).put(
        f"/api/v1/drafts/{(begun := str(uuid.uuid4()))}",
        json={"rev": 7, "call_id": call_id, "body": {"title": "路灯不亮"}},
    )
    await show(house, call(uuid.UUID(call_id), state=CallState.TALKING, agent_no="1002", seat="8002"))
    client, url = house.client(wang), f"/api/v1/drafts/{(mine := uuid.uuid4())}"
    await client.put(url, json={"rev": 1, "call_id": call_id, "body": {}})  # the form had opened
    (theirs,) = [
        d for d in (await client.get("/api/v1/drafts", params={"call_id": call_id})).json() if d["id"] == begun
    ]
    again = {"rev": 2, "call_id": call_id, "body": theirs["body"], "continues": begun}
    for _ in range(2):
        assert (await client.put(url, json=again)).json()["begun_by"] == ["zhang"]
    kept = (await house.client(zhang).get(f"/api/v1/drafts/{begun}")).json()
    assert (kept["rev"], kept["body"]) == (7, {"title": "路灯不亮"}), "nobody's text is lost"
    made = (await client.post("/api/v1/cases", json=case(mine, call_id=call_id))).json()
    told = [(e["kind"], e["by"], e["body"].get("begun_by")) for e in made["events"]]
    assert ("case.continued", "wang", ["zhang"]) in told


async def test_who_began_is_told_also_of_a_case_made_meanwhile_and_never_of_another_calls_draft(
    house: House, zhang: Person, wang: Person
) -> None:
    call_id, other = await given_a_talk(house), str(uuid.uuid4())
    begun, elsewhere = uuid.uuid4(), str(uuid.uuid4())
    await house.client(zhang).put(f"/api/v1/drafts/{elsewhere}", json={"rev": 1, "call_id": other, "body": {}})
    await house.client(zhang).post("/api/v1/cases", json=case(begun, call_id=call_id))
    client = house.client(wang)
    for continues, expected in ((str(begun), ["zhang"]), (elsewhere, []), (str(uuid.uuid4()), [])):
        body = {"rev": 1, "call_id": call_id, "body": {"title": "路"}, "continues": continues}
        answer = await client.put(f"/api/v1/drafts/{uuid.uuid4()}", json=body)
        assert answer.json()["begun_by"] == expected
    never_saved = (await client.post("/api/v1/cases", json=case(call_id=call_id, continues=str(begun)))).json()
    assert "case.continued" in [e["kind"] for e in never_saved["events"]]


async def test_case_numbers_have_no_gaps_though_some_submits_fail(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    bad = [client.post("/api/v1/cases", json=case(category="9999")) for _ in range(6)]
    good = [client.post("/api/v1/cases", json=case()) for _ in range(12)]
    answers = await asyncio.gather(*(c for pair in zip(good, bad * 2, strict=False) for c in pair if c in good))
    for one in bad:
        assert problem(await one) == (422, "case.incomplete")
    numbers = sorted(a.json()["number"] for a in answers)
    day = datetime.now(house.settings.zone).strftime("%Y%m%d")
    assert numbers == [f"{day}-{n:06d}" for n in range(1, 13)]


async def test_answered_on_the_spot_is_closed_and_a_follow_up_is_on_both_timelines(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    first = await submit(client, disposition="answered_on_spot")
    assert first["state"] == "closed"
    second = await submit(client, disposition="follow_up", follow_up_of=first["id"])
    assert second["follow_up_of"] == first["id"]
    parent = (await client.get(f"/api/v1/cases/{first['id']}")).json()
    assert [c["id"] for c in parent["follow_ups"]] == [second["id"]]
    assert parent["events"][-1]["kind"] == "case.followed_up"
    for body in (case(disposition="follow_up"), case(follow_up_of=first["id"])):
        assert problem(await client.post("/api/v1/cases", json=body)) == (422, "case.incomplete")
    missing = case(disposition="follow_up", follow_up_of=str(uuid.uuid4()))
    assert problem(await client.post("/api/v1/cases", json=missing)) == (404, "case.not_found")


async def test_a_confidential_case_is_for_its_agent_and_oversight_only(
    house: House, zhang: Person, wang: Person
) -> None:
    made = await submit(house.client(zhang), confidential=True)
    other = house.client(wang)
    assert problem(await other.get(f"/api/v1/cases/{made['id']}")) == (403, "case.confidential")
    follow = case(disposition="follow_up", follow_up_of=made["id"])
    assert problem(await other.post("/api/v1/cases", json=follow)) == (403, "case.confidential")
    for question in ({"q": "路灯"}, {"q": made["number"]}, {"phone": "13912345678"}):
        assert (await other.get("/api/v1/cases", params=question)).json()["items"] == []
        assert len((await house.client(zhang).get("/api/v1/cases", params=question)).json()["items"]) == 1
    popped = (await other.get("/api/v1/caller/13912345678")).json()
    assert (popped["cases"], popped["open_cases"]) == ([], 0)
    for role in ("supervisor", "admin", "auditor"):
        person = await house.person(role, role=Role(role))
        assert (await house.client(person).get(f"/api/v1/cases/{made['id']}")).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("citizen_number", "139\r\n12345678", "control_character"),
        ("citizen_number", "139\x00", "control_character"),
        ("title", "路灯\nX-Header: 1", "control_character"),
        ("title", "", "string_too_short"),
        ("title", "\ud800", "string_unicode"),
        ("description", "a\x00b", "control_character"),
        ("title", "长" * 201, "string_too_long"),
        ("kind", "wish", "enum"),
        ("number", "20261123-000001", "extra_forbidden"),
    ],
)
async def test_what_may_not_be_in_a_field_is_refused_by_its_name(
    house: House, zhang: Person, field: str, value: str, code: str
) -> None:
    body = json.dumps(case(**{field: value}))  # ASCII: a lone surrogate travels as an escape
    headers = {"content-type": "application/json"}
    answer = await house.client(zhang).post("/api/v1/cases", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    if answer.status_code == 422:
        assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(f"form.{field}", code)]
    assert await house.pool.fetchval('SELECT count(*) FROM "case"') == 0


@pytest.mark.parametrize("path", ["139%0d%0a1234", "1%00", "x" * 100])
async def test_a_broken_number_in_the_address_is_refused(house: House, zhang: Person, path: str) -> None:
    assert problem(await house.client(zhang).get(f"/api/v1/caller/{path}")) == (422, "request.invalid")


@pytest.mark.parametrize(
    "question", ["路灯", "灯", "井盖 路灯", "%", "'", "& | !", "路:*", "\\", "<->", "🙂", "a'b", "2026", "+"]
)
async def test_no_question_breaks_the_search(house: House, zhang: Person, question: str) -> None:
    answer = await house.client(zhang).get("/api/v1/cases", params={"q": question})
    assert answer.status_code == 200, answer.text


async def test_pages_follow_each_other_without_loss_while_cases_come_in(house: House, zhang: Person) -> None:
    client = house.client(zhang)
    made = [(await submit(client))["number"] for _ in range(45)]
    seen: list[str] = []
    after = None
    while True:
        page = (await client.get("/api/v1/cases", params={"q": "路灯"} | ({"after": after} if after else {}))).json()
        seen += [c["number"] for c in page["items"]]
        after = page["next"]
        await submit(client)
        if after is None:
            break
    assert seen == made[::-1]
    assert problem(await client.get("/api/v1/cases", params={"after": "nonsense"})) == (422, "page.bad_cursor")


async def test_the_catalogue_is_seeded_twice_and_once_there(house: House, zhang: Person) -> None:
    await catalogue.seed(house.settings.dsn)
    await catalogue.seed(house.settings.dsn)
    client = house.client(zhang)
    tree = (await client.get("/api/v1/categories")).json()
    street = next(g for g in tree if g["name"]["en"] == "Street and public works")
    assert (street["children"][0]["name"]["zh"], street["children"][0]["initials"]) == ("路灯不亮", "ldbl")
    assert len(tree) >= 12
    assert all(6 <= len(g["children"]) <= 10 for g in tree)
    assert len((await client.get("/api/v1/districts")).json()) >= 10
    good = await client.post("/api/v1/cases", json=case(category="0301", district="370102"))
    assert good.status_code == 201
