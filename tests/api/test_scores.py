"""Scores, appeals and averages over HTTP, and what the database itself refuses."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.house import House
from tests.api.shelves import Panel, a_leg, recorded, the_panel
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db

FULL = {"greeting": 2, "listening": 5, "attitude": 5, "knowledge": 5, "record": 5, "closing": 2}


async def form_id(client: httpx.AsyncClient) -> str:
    forms = (await client.get("/api/v1/score-forms")).json()["items"]
    assert [(f["code"], f["version"]) for f in forms] == [("service", 1)]
    found: str = forms[0]["id"]
    return found


async def give(client: httpx.AsyncClient, to: str, **changes: Any) -> httpx.Response:
    """``to``: "recordings/<id>/scores" or "appeals/<id>/score"."""
    body = {"form_id": await form_id(client), "answers": FULL, "comment": ""} | changes
    return await client.post(f"/api/v1/{to}", json=body)


async def scored(house: House, people: Panel, **changes: Any) -> dict[str, Any]:
    """A recording of agent 1001's with its first score, by the supervisor."""
    _, recording = await recorded(house, "1001")
    answer = await give(house.client(people.boss), f"recordings/{recording}/scores", **changes)
    assert answer.status_code == 201, answer.text
    first: dict[str, Any] = answer.json()["items"][0]
    return first


async def test_a_score_is_the_weighted_mean_of_what_applied(house: House) -> None:
    people = await the_panel(house)
    assert (await scored(house, people))["total"] == 100
    # 10·1/2 + 20·4/5 + 20·3/5 + 20·5/5 + 10·0/2 of 80: what the agent had no occasion for weighs nothing
    answers = FULL | {"greeting": 1, "listening": 4, "attitude": 3, "record": None, "closing": 0}
    told = await scored(house, people, answers=answers, comment=" 记录很好 ")
    assert (told["total"], told["comment"], told["by"], told["mine"]) == (66.2, "记录很好", "Boss", True)
    assert told["form"]["questions"][0]["zh"] == "开头语与自报家门"


@pytest.mark.parametrize(
    "answers",
    [{}, FULL | {"greeting": 3}, FULL | {"listening": -1}, FULL | {"else": 1}, dict.fromkeys(FULL)],
    ids=["none", "too many points", "too few", "a stray question", "nothing applied"],
)
async def test_answers_must_fit_the_form(house: House, answers: dict[str, int | None]) -> None:
    people = await the_panel(house)
    _, recording = await recorded(house)
    refused = await give(house.client(people.boss), f"recordings/{recording}/scores", answers=answers)
    assert problem(refused) == (422, "score.bad_answers")
    assert await house.pool.fetchval("SELECT count(*) FROM score") == 0


async def test_a_score_is_not_changed_not_even_by_the_database(house: House) -> None:
    people = await the_panel(house)
    first = await scored(house, people)
    again = await give(house.client(people.auditor), f"recordings/{first['recording_id']}/scores")
    assert problem(again) == (409, "score.taken")
    for statement in (
        "UPDATE score SET total = 0", "DELETE FROM score", "UPDATE score_form SET name_en = 'x'",
        "DELETE FROM score_appeal",
    ):  # fmt: skip
        await house.client(people.zhang).post(f"/api/v1/scores/{first['id']}/appeal", json={"reason": "未听清"})
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.pool.execute(statement)
    assert await house.pool.fetchval("SELECT total FROM score") == 100


async def test_an_appeal_adds_one_by_somebody_else_and_the_earlier_stays(house: House) -> None:
    people = await the_panel(house)
    zhang, boss, auditor = (house.client(p) for p in (people.zhang, people.boss, people.auditor))
    first = await scored(house, people, answers=FULL | {"record": 0})
    url, recording = f"/api/v1/scores/{first['id']}/appeal", first["recording_id"]
    for other in (people.wang, people.boss, people.auditor, people.admin):
        refused = await house.client(other).post(url, json={"reason": "不公"})
        assert problem(refused) == (403, "score.not_yours"), other.login
    assert problem(await zhang.post(url, json={"reason": " "})) == (422, "request.invalid")
    appeal = (await zhang.post(url, json={"reason": "地址在上一通电话里已经记录"})).json()
    assert problem(await zhang.post(url, json={"reason": "再说一次"})) == (409, "appeal.taken")

    waiting = (await boss.get("/api/v1/scores", params={"waiting": 1})).json()["items"]
    assert [(s["id"], s["may_answer"]) for s in waiting] == [(first["id"], False)]
    assert (await auditor.get("/api/v1/scores", params={"waiting": 1})).json()["items"][0]["may_answer"] is True
    found = (await boss.get("/api/v1/recordings", params={"score": "appealed"})).json()["items"]
    assert [(f["recording"]["id"], f["score"]) for f in found] == [
        (recording, {"total": 80.0, "scores": 1, "appealed": True})
    ]

    assert problem(await give(boss, f"appeals/{appeal['id']}/score")) == (403, "appeal.same_scorer")
    told = (await give(auditor, f"appeals/{appeal['id']}/score", comment="同意")).json()["items"]
    assert [(s["total"], s["standing"], s["answers_appeal"]) for s in told] == [(100, True, True), (80, False, False)]
    assert told[1]["appeal"]["reason"] == "地址在上一通电话里已经记录"
    third = await house.person("second", people.auditor.role)
    assert problem(await give(house.client(third), f"appeals/{appeal['id']}/score")) == (409, "appeal.answered")
    mine = (await zhang.get("/api/v1/scores")).json()["items"]
    assert [(s["total"], s["may_appeal"]) for s in mine] == [(100, True), (80, False)]
    assert (await boss.get("/api/v1/scores", params={"waiting": 1})).json()["items"] == []


async def test_the_database_too_wants_another_scorer(house: House) -> None:
    people = await the_panel(house)
    first = await scored(house, people)
    made = await house.client(people.zhang).post(f"/api/v1/scores/{first['id']}/appeal", json={"reason": "不公"})
    insert = (
        "INSERT INTO score (id, recording_id, agent_no, form_id, account_id, answers, comment, total, appeal_id)"
        " SELECT $1, recording_id, $2, form_id, $3, answers, '', 1, $4 FROM score"
    )
    appeal_id = uuid.UUID(made.json()["id"])
    for agent_no, account_id in (("1001", people.boss.id), ("1002", people.auditor.id)):
        with pytest.raises(asyncpg.CheckViolationError):
            await house.pool.execute(insert, uuid.uuid4(), agent_no, account_id, appeal_id)
    assert await house.pool.fetchval("SELECT count(*) FROM score") == 1


async def test_two_who_score_or_answer_at_once_make_one(house: House) -> None:
    people = await the_panel(house)
    clients = [house.client(people.boss), house.client(people.auditor)]
    _, recording = await recorded(house)
    answers = await asyncio.gather(*(give(c, f"recordings/{recording}/scores") for c in clients))
    assert sorted(a.status_code for a in answers) == [201, 409]
    assert await house.pool.fetchval("SELECT count(*) FROM score") == 1


async def test_nobody_scores_oneself_and_only_who_was_in_it_is_scored(house: House) -> None:
    people = await the_panel(house)
    boss = house.client(people.boss)
    own_call, own = await recorded(house, "1009")
    assert problem(await give(boss, f"recordings/{own}/scores")) == (403, "score.own")
    assert problem(await give(boss, f"recordings/{own}/scores", agent_no="1002")) == (422, "score.no_agent")
    await a_leg(house, own_call, agent_no="1002")
    told = (await boss.get(f"/api/v1/recordings/{own}/scores")).json()
    assert (told["agents"], told["may_score"]) == (["1009", "1002"], ["1002"])
    assert (await give(boss, f"recordings/{own}/scores", agent_no="1002")).status_code == 201
    _, nobody = await recorded(house, None)
    assert problem(await give(boss, f"recordings/{nobody}/scores")) == (422, "score.no_agent")


async def test_averages_say_of_how_many_and_agents_see_only_their_own(house: House) -> None:
    people = await the_panel(house)
    boss, zhang, wang = (house.client(p) for p in (people.boss, people.zhang, people.wang))
    first = await scored(house, people, answers=FULL | {"record": 0})  # 80
    await scored(house, people, answers=FULL | {"knowledge": 0, "record": 0})  # 60
    appeal = await zhang.post(f"/api/v1/scores/{first['id']}/appeal", json={"reason": "不公"})
    told = (await boss.get("/api/v1/scores/averages")).json()["items"]
    assert told == [
        {"agent_no": "1001", "name": "Zhang", "average": 70.0, "recordings": 2, "scores": 2, "appeals": 1, "waiting": 1}
    ]
    await give(house.client(people.auditor), f"appeals/{appeal.json()['id']}/score")  # 80 becomes 100
    _, wangs = await recorded(house, "1002")
    await give(boss, f"recordings/{wangs}/scores")
    told = (await boss.get("/api/v1/scores/averages")).json()["items"]
    figures = [(a["agent_no"], a["average"], a["recordings"], a["scores"], a["waiting"]) for a in told]
    assert figures == [("1001", 80.0, 2, 3, 0), ("1002", 100.0, 1, 1, 0)]
    assert [a["agent_no"] for a in (await wang.get("/api/v1/scores/averages")).json()["items"]] == ["1002"]
    assert (await boss.get("/api/v1/scores/averages", params={"until": "2020-01-01"})).json()["items"] == []
    assert {
        s["agent_no"] for s in (await wang.get("/api/v1/scores", params={"agent": "1001"})).json()["items"]
    } == set()
    seen = await wang.get(f"/api/v1/recordings/{first['recording_id']}/scores")
    assert problem(seen) == (403, "recording.not_yours")
    refused = await give(zhang, f"recordings/{wangs}/scores")
    assert problem(refused) == (403, "right.missing")


async def test_a_form_changes_by_its_next_version_and_old_scores_keep_theirs(house: House) -> None:
    people = await the_panel(house)
    first = await scored(house, people)
    old = first["form"]["id"]
    new = {
        "code": "service", "name_zh": "冬季供暖专用", "name_en": "Heating season",
        "questions": [{"key": "address", "zh": "地址", "en": "Address", "weight": 1, "most": 1}],
    }  # fmt: skip
    admin, boss = house.client(people.admin), house.client(people.boss)
    assert problem(await house.client(people.auditor).post("/api/v1/score-forms", json=new)) == (403, "right.missing")
    made = (await admin.post("/api/v1/score-forms", json=new)).json()
    assert (made["version"], [q["key"] for q in made["questions"]]) == (2, ["address"])
    twice = new | {"questions": new["questions"] * 2}
    assert problem(await admin.post("/api/v1/score-forms", json=twice)) == (422, "score.bad_form")
    _, recording = await recorded(house)
    url = f"/api/v1/recordings/{recording}/scores"
    stale = await boss.post(url, json={"form_id": old, "answers": FULL})
    assert problem(stale) == (404, "score.form_not_found")
    fresh = await boss.post(url, json={"form_id": made["id"], "answers": {"address": 1}})
    assert fresh.json()["items"][0]["form"]["version"] == 2
    kept = (await boss.get(f"/api/v1/recordings/{first['recording_id']}/scores")).json()["items"][0]
    assert (kept["form"]["version"], kept["answers"]) == (1, FULL)
    actions = [r["action"] for r in await house.pool.fetch("SELECT action FROM audit ORDER BY id")]
    assert actions == ["score.given", "score_form.added", "score.given"]
