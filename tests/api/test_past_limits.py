"""A supervisor of some queues meets only their calls in what is past: lists, pages, single ones, and all upon them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from models.account import Role
from tests.api.desk import add_recording, submit
from tests.api.house import House, Person, agent
from tests.api.shelves import BEGAN, a_leg, recorded
from tests.api.stage import derived, show, write_call
from tests.api.test_callbacks import listed, take_next
from tests.api.test_policies import SALES, TAX, boss, decide, root
from tests.api.test_scores import give
from tests.api.test_sessions import problem
from tests.api.test_shelf_and_export import export, put

__all__ = ["boss", "root"]  # fixtures by import; boss supervises the queue tax alone

pytestmark = pytest.mark.db
SECOND = timedelta(seconds=1)


@pytest.fixture
async def chief(house: House) -> Person:
    """A supervisor of every queue."""
    return await house.person("chief", Role.SUPERVISOR, "1008")


@pytest.fixture
async def limited(house: House, root: Person, boss: Person) -> httpx.AsyncClient:
    """The screen of boss, where the site says that queues are a limit."""
    await decide(house, root, supervisors_limited=True)
    return house.client(boss)


async def ids(client: httpx.AsyncClient, path: str, **asked: Any) -> set[str]:
    """Of one page."""
    answer = await client.get(f"/api/v1{path}", params=asked)
    assert answer.status_code == 200, answer.text
    rows = [i["recording"] if path in ("/recordings", "/shelf") else i for i in answer.json()["items"]]
    return {row["recording"]["id"] if path == "/shelf" else row["id"] for row in rows}


def told(*found: Any) -> set[str]:
    return {str(one) for one in found}


async def test_calls_of_other_queues_are_in_no_list_and_refused_one_by_one(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    sales, _ = await recorded(house, started_at=BEGAN + SECOND)
    tax, _ = await recorded(house, queue=TAX)
    own, _ = await recorded(house, "1009")
    helped, _ = await recorded(house)
    await a_leg(house, helped, agent_no="1009")
    assert await ids(limited, "/calls") == told(tax, own)
    assert await ids(limited, "/calls", day="2026-11-23") == told(tax, own)
    assert await ids(limited, "/calls", mine=1) == told(own)
    for seen in (tax, own, helped):
        assert (await limited.get(f"/api/v1/calls/{seen}")).status_code == 200
    assert problem(await limited.get(f"/api/v1/calls/{sales}")) == (403, "call.not_yours")
    assert problem(await limited.get(f"/api/v1/calls/{uuid.uuid4()}")) == (404, "call.not_found")
    everything = told(sales, tax, own, helped)
    for reader in (chief, await house.person("eye", Role.AUDITOR), house.people["root"]):
        assert await ids(house.client(reader), "/calls") == everything
        assert (await house.client(reader).get(f"/api/v1/calls/{sales}")).status_code == 200
    assert await ids(house.client(zhang), "/calls") == told(sales, tax, helped)
    assert problem(await house.client(zhang).get(f"/api/v1/calls/{own}")) == (403, "call.not_yours")


async def test_the_limit_is_the_sites_decision(house: House, root: Person, boss: Person) -> None:
    sales, audio = await recorded(house)
    client = house.client(boss)
    assert await ids(client, "/calls") == told(sales), "the site has not said so"
    assert await ids(client, "/recordings") == told(audio)
    await decide(house, root, supervisors_limited=True)
    assert await ids(client, "/calls") == await ids(client, "/recordings") == set()
    await decide(house, root, supervisors_limited=None)
    assert await ids(client, "/calls") == told(sales)


async def test_pages_are_full_however_many_calls_lie_between(house: House, limited: httpx.AsyncClient) -> None:
    """What is outside is left out before a page is counted."""
    mine = [await recorded(house, queue=TAX, started_at=BEGAN + 3 * n * SECOND) for n in range(51)]
    for n in range(51):
        await recorded(house, started_at=BEGAN + (3 * n + 1) * SECOND)
    for path, of in (("/calls", 0), ("/recordings", 1)):
        first = (await limited.get(f"/api/v1{path}")).json()
        assert len(first["items"]) == 50
        rest = (await limited.get(f"/api/v1{path}", params={"after": first["next"]})).json()
        assert (len(rest["items"]), rest["next"]) == (1, None)
        found = [i["recording"]["id"] if of else i["id"] for i in first["items"] + rest["items"]]
        assert found == [str(pair[of]) for pair in reversed(mine)]


async def test_a_call_in_no_queue_is_seen_where_its_agent_answers(house: House, limited: httpx.AsyncClient) -> None:
    """Signed in: where the floor says; else by the skills. Missed before a queue: the main queue's."""
    for no in ("1001", "1002", "1003"):
        await house.person(f"agent{no}", agent_no=no)
    out: dict[str, Any] = {"direction": "outbound", "queue": None, "caller": "12345", "called": "053182030301"}
    theirs, _ = await recorded(house, "1001", **out)
    floor, floor_audio = await recorded(house, "1002", **out)
    skilled, skilled_audio = await recorded(house, "1003", **out)
    early, _ = await recorded(house, None, queue=None, answered_at=None, outcome="left_early")
    seated, _ = await recorded(house, "1002")
    await house.pool.execute(
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES"
        " ('skills', '1003', 1, '{\"queues\": {\"hotline\": 1}}', 'root'),"
        " ('skills', '1003', 2, '{\"queues\": {\"tax\": 2}}', 'root'),"
        " ('skills', '1001', 1, '{\"queues\": {\"tax\": 2}}', 'root')"
    )
    await show(house, agent("1001", queues=(SALES,)), agent("1002", queues=(TAX,)))
    assert await ids(limited, "/calls") == told(floor, skilled)
    assert await ids(limited, "/recordings") == told(floor_audio, skilled_audio)
    for hidden in (theirs, early, seated):
        assert problem(await limited.get(f"/api/v1/calls/{hidden}")) == (403, "call.not_yours")
    assert (await limited.get(f"/api/v1/calls/{skilled}")).status_code == 200
    await house.pool.execute("UPDATE account SET queues = '{hotline}' WHERE login = 'boss'")
    assert await ids(limited, "/calls") == told(theirs, early, seated)
    assert (await limited.get(f"/api/v1/calls/{early}")).status_code == 200


async def test_recordings_are_found_heard_and_copied_only_there(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    call_id, _ = await recorded(house, r_part=2)
    sales = await add_recording(house, call_id, b"OggS" * 100)
    tax_call, _ = await recorded(house, queue=TAX, r_part=2)
    tax = await add_recording(house, tax_call, b"OggS" * 100)
    await house.pool.execute(
        "INSERT INTO wish VALUES ($1, $2, 'voicemail', $3, $3, 1, 1)", uuid.uuid4(), call_id, BEGAN
    )
    assert str(sales) not in await ids(limited, "/recordings")
    assert str(tax) in await ids(limited, "/recordings")
    assert await ids(limited, "/recordings", queue=SALES) == set()
    for path in ("", "/peaks", "/audio", "/scores"):
        assert problem(await limited.get(f"/api/v1/recordings/{sales}{path}")) == (403, "recording.not_yours"), path
        assert (await limited.get(f"/api/v1/recordings/{tax}{path}")).status_code == 200, path
        assert (await house.client(chief).get(f"/api/v1/recordings/{sales}{path}")).status_code == 200, path
        assert (await house.client(zhang).get(f"/api/v1/recordings/{sales}{path}")).status_code == 200, path
    assert problem(await export(limited, sales)) == (403, "recording.not_yours")
    assert await house.pool.fetchval("SELECT count(*) FROM recording_export") == 0
    heard = await house.pool.fetch("SELECT account_id, recording_id FROM recording_access ORDER BY id")
    boss = house.people["boss"]
    assert [tuple(r) for r in heard] == [(boss.id, tax), (chief.id, sales), (zhang.id, sales)]
    nowhere = uuid.uuid4()
    early = await add_recording(house, nowhere, b"OggS")  # the journal has not written its call yet
    assert problem(await limited.get(f"/api/v1/recordings/{early}")) == (403, "recording.not_yours")
    assert (await house.client(chief).get(f"/api/v1/recordings/{early}")).status_code == 200


async def test_a_case_tells_of_the_call_and_offers_no_ear(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    """As it does for another agent."""
    call_id, _ = await recorded(house)
    made = await submit(house.client(zhang), call_id=str(call_id))
    for client, may in ((limited, False), (house.client(chief), True)):
        seen = (await client.get(f"/api/v1/cases/{made['id']}")).json()["calls"][0]
        assert (seen["id"], seen["recordings"][0]["may_play"]) == (str(call_id), may)


async def test_scores_appeals_and_averages_of_other_queues_do_not_exist(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    unlimited = house.client(chief)
    made = {}
    for queue in (SALES, TAX):
        _, recording = await recorded(house, queue=queue)
        answer = await give(unlimited, f"recordings/{recording}/scores")
        made[queue] = answer.json()["items"][0]["id"]
        appeal = await house.client(zhang).post(f"/api/v1/scores/{made[queue]}/appeal", json={"reason": "未听清"})
        made[queue, "appeal"] = appeal.json()["id"]
    _, fresh = await recorded(house)
    _, own = await recorded(house, "1009")
    given = (await give(unlimited, f"recordings/{own}/scores")).json()["items"][0]["id"]
    assert await ids(limited, "/scores") == told(made[TAX], given)
    assert await ids(limited, "/scores", waiting=1) == told(made[TAX])
    assert await ids(unlimited, "/scores") == told(made[SALES], made[TAX], given)
    assert await ids(house.client(zhang), "/scores") == told(made[SALES], made[TAX])

    async def averages(client: httpx.AsyncClient) -> list[tuple[str, int, int]]:
        items = (await client.get("/api/v1/scores/averages")).json()["items"]
        return [(i["agent_no"], i["recordings"], i["waiting"]) for i in items]

    assert await averages(limited) == [("1001", 1, 1), ("1009", 1, 0)]
    assert await averages(unlimited) == [("1001", 2, 2), ("1009", 1, 0)]
    assert await averages(house.client(zhang)) == [("1001", 2, 2)]
    assert problem(await give(limited, f"recordings/{fresh}/scores")) == (403, "recording.not_yours")
    refused = await give(limited, f"appeals/{made[SALES, 'appeal']}/score")
    assert problem(refused) == (403, "recording.not_yours")
    assert await house.pool.fetchval("SELECT count(*) FROM score") == 3
    assert (await give(limited, f"appeals/{made[TAX, 'appeal']}/score")).status_code == 201


async def test_the_shelf_has_only_what_is_of_these_queues(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    _, sales = await recorded(house)
    _, tax = await recorded(house, queue=TAX)
    _, fresh = await recorded(house)
    item = (await put(house.client(chief), sales)).json()["items"][0]["id"]
    await put(house.client(chief), tax)
    assert await ids(limited, "/shelf") == told(tax)
    for everything in (chief, zhang):
        assert await ids(house.client(everything), "/shelf") == told(sales, tax)
    assert problem(await put(limited, fresh)) == (403, "recording.not_yours")
    removal = {"reason": "市民要求"}
    refused = await limited.post(f"/api/v1/shelf/{item}/remove", json=removal)
    assert problem(refused) == (403, "recording.not_yours")
    assert await ids(house.client(chief), "/shelf") == told(sales, tax)
    assert (await house.client(chief).post(f"/api/v1/shelf/{item}/remove", json=removal)).status_code == 200


async def missed(house: House, minutes_ago: float, caller: str, queue: str | None) -> None:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    call_id = str(uuid.uuid4())
    gone: dict[str, Any] = {"started_at": at, "ended_at": at, "outcome": "abandoned", "agent_no": None}
    await write_call(house, call_id, caller=caller, queue=queue, **gone)


async def test_citizens_whom_other_queues_missed_are_neither_listed_nor_taken(
    house: House, zhang: Person, chief: Person, limited: httpx.AsyncClient
) -> None:
    first, second, early = "053188880001", "053188880002", "053188880003"
    await missed(house, 50, first, SALES)
    await missed(house, 40, second, TAX)
    await missed(house, 30, early, None)
    await derived(house)
    await show(house, agent("1009", queues=(TAX,)), agent("1001"), agent("1008"))
    everybody = await listed(house.client(chief))
    assert [i["number"] for i in everybody] == [first, second, early]
    assert [i["number"] for i in await listed(house.client(zhang))] == [first, second, early]
    assert [i["number"] for i in await listed(limited)] == [second]
    outside = f"/api/v1/callbacks/{everybody[0]['id']}"
    asked: dict[str, dict[str, str]] = {
        "take": {"command_id": str(uuid.uuid4())}, "release": {}, "close": {"reason": "listened"},
    }  # fmt: skip
    for action, body in asked.items():
        refused = await limited.post(f"{outside}/{action}", json=body)
        assert problem(refused) == (404, "callback.not_found"), action
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 0
    assert (await take_next(limited)).json()["callback"]["number"] == second
    assert problem(await take_next(limited)) == (409, "callback.none")
    closed = await house.client(chief).post(f"{outside}/close", json={"reason": "not_wanted"})
    assert closed.status_code == 200


async def test_who_has_no_number_has_not_in_hand_what_nobody_has(
    house: House, chief: Person, limited: httpx.AsyncClient
) -> None:
    """A supervisor of some queues without a telephone: an entry that is free is not the own one."""
    numberless = await house.person("ruler", Role.SUPERVISOR)
    await house.pool.execute("UPDATE account SET queues = '{tax}' WHERE login = 'ruler'")
    await missed(house, 50, "053188880001", SALES)
    await missed(house, 40, "053188880002", TAX)
    await derived(house)
    assert [i["number"] for i in await listed(house.client(numberless))] == ["053188880002"]
    assert len(await listed(house.client(chief))) == 2


async def test_the_list_is_cut_after_the_limit_not_before(
    house: House, limited: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older citizen of another queue stands in nobody's way."""
    monkeypatch.setattr("cases.callbacks._CANDIDATES", 1)
    await missed(house, 50, "053188880001", SALES)
    await missed(house, 40, "053188880002", TAX)
    await derived(house)
    await show(house, agent("1009", queues=(TAX,)))
    assert (await take_next(limited)).json()["callback"]["number"] == "053188880002"


async def test_a_screen_that_was_away_is_told_of_the_hands_of_its_queues_alone(
    house: House, limited: httpx.AsyncClient, boss: Person
) -> None:
    began = await house.publish(agent("1001", queues=(SALES,)), agent("1002", queues=(TAX,)))
    for no in ("1001", "1002"):
        person = await house.person(f"agent{no}", agent_no=no)
        asked = {"id": str(uuid.uuid4()), "reason": "help"}
        assert (await house.client(person).post("/api/v1/hands", json=asked)).status_code == 201
    await show(house, agent("1003"))
    async with house.screen(boss, after=began) as screen:
        hello = await screen.until("hello")
    assert [row["body"]["agent_no"] for row in hello["missed"] if row["topic"] == "hand"] == ["1002"]
