"""Searching recordings over HTTP: by anything, in pages, and nothing beyond one's right."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.account import Role
from tests.api.desk import submit
from tests.api.house import House
from tests.api.shelves import BEGAN, a_leg, recorded, the_panel
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db

URL = "/api/v1/recordings"


async def found(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get(URL, params=asked)
    assert answer.status_code == 200, answer.text
    return [item["recording"]["id"] for item in answer.json()["items"]]


async def test_by_anything(house: House) -> None:
    people = await the_panel(house)
    hour = timedelta(hours=1)
    long_call, long = await recorded(
        house, started_at=BEGAN + 4 * hour, r_duration_s=1800.0, hung_up_by="citizen", satisfaction=3
    )
    _, night = await recorded(house, "1002", started_at=BEGAN + 3 * hour, queue="night", caller="+8613800000000")
    _, out = await recorded(
        house, started_at=BEGAN + 2 * hour, direction="outbound", caller="12345", called="053182030301"
    )
    conference, moved = await recorded(house, started_at=BEGAN + hour, r_state="short", r_reason="cut")
    await a_leg(house, conference, agent_no="1002")
    await a_leg(house, conference, party="outside", number="110", agent_no=None)
    _, gone = await recorded(
        house, r_state="missing", r_reason="disk_full", r_duration_s=None, r_store_key=None, r_undeletable=True
    )
    await house.pool.execute(
        "INSERT INTO category (code, parent, name_zh, name_en, initials)"
        " VALUES ('01', NULL, '城管', 'City', 'cg'), ('0101', '01', '路灯', 'Lamps', 'ld'), ('02', NULL, '水', 'W', '')"
    )
    made = await submit(house.client(people.zhang), call_id=str(long_call), category="0101")
    await house.pool.execute(
        "INSERT INTO danger (id, call_id, node, agent_no, account_id, number, place, last_words)"
        " VALUES ($1, $2, 'pbx1', '1001', $3, '', '', '')", uuid.uuid4(), conference, people.zhang.id,
    )  # fmt: skip
    expected: list[tuple[dict[str, Any], list[uuid.UUID]]] = [
        ({}, [long, night, out, moved, gone]),
        ({"number": "139-1234-5678"}, [long, moved, gone]),
        ({"number": "13800000000"}, [night]),
        ({"number": "0531 82030301"}, [out]),
        ({"number": "110"}, [moved]),
        ({"number": "abc"}, []),
        ({"agent": "1002"}, [night, moved]),
        ({"agent": "1002", "since": "2026-11-23T11:30"}, [night]),
        ({"queue": "night"}, [night]),
        ({"since": "2026-11-23T11:00", "until": "2026-11-23T13:00"}, [night, out]),  # times of the site
        ({"since": "2026-11-23T05:00:00Z"}, [long]),
        ({"shortest_s": 61}, [long]),
        ({"longest_s": 60}, [night, out, moved]),
        ({"hung_up_by": "citizen"}, [long]),
        ({"satisfaction": 3}, [long]),
        ({"direction": "outbound"}, [out]),
        ({"state": "short"}, [moved]),
        ({"state": "missing"}, [gone]),
        ({"state": "complete"}, [long, night, out]),
        ({"case_number": made["number"]}, [long]),
        ({"category": "01"}, [long]),
        ({"category": "0101", "agent": "1002"}, []),
        ({"q": "路灯"}, [long]),
        ({"q": "路灯", "category": "02"}, []),
        ({"q": "噪声"}, []),
        ({"q": "？"}, []),
        ({"danger": 1}, [moved]),
        ({"undeletable": 1}, [gone]),
        ({"score": "unscored"}, [long, night, out, moved, gone]),
        ({"score": "scored"}, []),
        ({"score": "appealed"}, []),
    ]
    client = house.client(people.boss)
    wrong = [(asked, got) for asked, ids in expected if (got := await found(client, **asked)) != [str(i) for i in ids]]
    assert wrong == []
    told = (await client.get(URL, params={"q": "路灯"})).json()["items"][0]
    assert (told["number"], told["agent_no"], told["satisfaction"]) == ("139 1234 5678", "1001", 3)
    assert [c["number"] for c in told["cases"]] == [made["number"]]
    bad = await client.get(URL, params={"sate": "missing"})
    assert problem(bad) == (422, "request.invalid")


async def test_pages_neither_repeat_nor_skip(house: House) -> None:
    boss = await house.person("boss", Role.SUPERVISOR, "1009")
    ids = [(await recorded(house, started_at=BEGAN + timedelta(seconds=i // 3)))[1] for i in range(120)]
    client, seen, after = house.client(boss), [], ""
    for _ in range(3):
        page = (await client.get(URL, params={"agent": "1001", "after": after})).json()
        seen += [item["recording"]["id"] for item in page["items"]]
        after = page["next"]
        await recorded(house, started_at=BEGAN + timedelta(hours=1))  # a new call does not shift the pages
    assert after is None
    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == {str(i) for i in ids}


async def test_an_agent_finds_only_the_own_calls_and_agencies_nothing(house: House) -> None:
    people = await the_panel(house)
    conference, shared = await recorded(house, "1001")
    await a_leg(house, conference, agent_no="1002")
    _, others = await recorded(house, "1001", started_at=BEGAN - timedelta(hours=1))
    assert await found(house.client(people.wang)) == [str(shared)]
    assert await found(house.client(people.wang), agent="1001") == [str(shared)]
    for reader in (people.boss, people.auditor, people.admin):
        assert await found(house.client(reader)) == [str(shared), str(others)]
    for role in (Role.AGENCY, Role.LEADER):
        refused = await house.client(await house.person(role.value, role)).get(URL)
        assert problem(refused) == (403, "right.missing")


async def test_the_words_of_a_confidential_case_do_not_betray_it(house: House) -> None:
    people = await the_panel(house)
    call_id, recording = await recorded(house, "1001")
    await a_leg(house, call_id, agent_no="1002")
    await submit(house.client(people.zhang), call_id=str(call_id), title="举报某局长", confidential=True)
    assert await found(house.client(people.wang), q="局长") == []
    assert await found(house.client(people.wang)) == [str(recording)]
    assert await found(house.client(people.zhang), q="局长") == [str(recording)]
    assert await found(house.client(people.boss), q="局长") == [str(recording)]


async def test_words_are_found_behind_the_newest_calls_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the window of newest calls the index of words answers."""
    monkeypatch.setattr("recordings.search._LOOKED_THROUGH", 2)
    people = await the_panel(house)
    old_call, old = await recorded(house, started_at=BEGAN - timedelta(days=30))
    await submit(house.client(people.zhang), call_id=str(old_call))
    for _ in range(4):
        await recorded(house)
    assert await found(house.client(people.boss), q="路灯") == [str(old)]
    assert await found(house.client(people.boss), q="路灯", agent="1002") == []
