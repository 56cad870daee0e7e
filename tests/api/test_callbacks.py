"""The callback list over HTTP: one key for the next one, fair to who waits, and what each role may do."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cti.facts import AgentState
from models.account import Role
from models.target import leg_no_of
from tests.api.house import House, Person, agent, queue
from tests.api.stage import CITIZEN, derived, show, write_call
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db
OTHER = "053188880001"


async def missed(house: House, minutes_ago: float, outcome: str = "abandoned", caller: str = CITIZEN) -> str:
    call_id = str(uuid.uuid4())
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    await write_call(house, call_id, caller=caller, started_at=at, ended_at=at, outcome=outcome, agent_no=None)
    return call_id


async def wish(house: House, call_id: str, kind: str) -> None:
    await house.pool.execute(
        "INSERT INTO wish SELECT $1, id, $3, started_at, started_at - interval '5 min', 3, 2 FROM call WHERE id = $2",
        uuid.uuid4(), uuid.UUID(call_id), kind,
    )  # fmt: skip


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/v1/callbacks", params=params)).json()["items"]
    return found


async def take_next(client: httpx.AsyncClient, command_id: str | None = None) -> httpx.Response:
    return await client.post("/api/v1/callbacks/next", json={"command_id": command_id or str(uuid.uuid4())})


async def test_the_list_has_everybody_once_with_what_they_tried(house: House, zhang: Person) -> None:
    await missed(house, 30)
    last = await missed(house, 20, "refused_full", "+86" + CITIZEN)
    early = await missed(house, 90, "timed_out", OTHER)
    await missed(house, 60, caller="053188880002")
    await missed(house, 5, caller="")
    await write_call(
        house, str(uuid.uuid4()), caller="053188880002", started_at=datetime.now(UTC), answered_at=datetime.now(UTC)
    )
    await derived(house)
    client = house.client(zhang)
    items = await listed(client)
    assert [(i["number"], i["attempts"], i["kind"], i["outcome"], i["callable"]) for i in items] == [
        (OTHER, 1, "refused", "timed_out", True), (CITIZEN, 2, "refused", "refused_full", True),
        ("", 1, "abandoned", "abandoned", False),
    ]  # fmt: skip
    assert (items[1]["call_id"], items[1]["number_display"]) == (last, "139 1234 5678")
    assert await listed(client, mine=1) == []
    await house.pool.execute(
        "INSERT INTO ring_attempt VALUES ($1, $2, '1001', now(), 9000)", uuid.uuid4(), uuid.UUID(early)
    )
    assert [i["number"] for i in await listed(client, mine=1)] == [OTHER]
    assert {i["state"] for i in await listed(client, ended=1)} == {"open", "cleared"}


async def test_next_takes_the_oldest_and_dials_and_asked_again_is_the_same_call(house: House, zhang: Person) -> None:
    await missed(house, 30, caller="0014155550100")  # older, and nobody calls abroad
    await missed(house, 20)
    await missed(house, 10, caller=OTHER)
    await derived(house)
    await show(house, agent("1001"))
    client, command_id = house.client(zhang), str(uuid.uuid4())
    told = await take_next(client, command_id)
    assert told.status_code == 202
    entry, command = told.json()["callback"], told.json()["command"]
    assert (entry["number"], entry["state"], entry["taken_by"]) == (CITIZEN, "taken", "1001")
    assert (command["id"], command["kind"], command["args"]) == (command_id, "call.dial", {"number": CITIZEN})
    assert entry["command_id"] == command_id
    target = await house.pool.fetchrow("SELECT * FROM call_target")
    assert (target["purpose"], target["leg_no"]) == ("callout", leg_no_of(uuid.UUID(command_id)))
    again = await take_next(client, command_id)
    assert (again.status_code, again.json()["callback"]["id"]) == (202, entry["id"])
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 1
    assert [i["number"] for i in await listed(client, mine=1)] == [CITIZEN]
    wang = await house.person("wang", agent_no="1002")
    await show(house, agent("1002"))
    assert (await take_next(house.client(wang))).json()["callback"]["number"] == OTHER
    assert problem(await take_next(house.client(wang))) == (409, "callback.none")
    assert problem(await take_next(house.client(wang), command_id)) == (409, "command.id_taken")


async def test_who_waits_is_first_and_a_kept_place_is_before_them(house: House, zhang: Person) -> None:
    await missed(house, 60)
    await derived(house)
    client = house.client(zhang)
    assert problem(await take_next(client)) == (409, "agent.not_signed_in")
    since = datetime.now(UTC) - timedelta(minutes=3)
    await show(house, agent("1001"), queue(waiting=1, longest_since=since))
    assert problem(await take_next(client)) == (409, "callback.not_now")
    body = (await client.get("/api/v1/callbacks")).json()
    assert (body["offered"], body["waiting"], body["ready"]) == (False, 1, 1)
    asked = await missed(house, 2, "asked_back", OTHER)
    await wish(house, asked, "call_back")
    await derived(house)
    first = (await listed(client))[0]
    assert (first["number"], first["kind"], first["place"]) == (OTHER, "call_back", 3)
    assert (await take_next(client)).json()["callback"]["number"] == OTHER
    await show(house, agent("1001", state=AgentState.PAUSED), queue(waiting=0))
    assert (await take_next(client)).json()["callback"]["number"] == CITIZEN


async def test_only_supervisors_call_out_of_turn_and_free_what_others_have(house: House, zhang: Person) -> None:
    await missed(house, 60)
    await missed(house, 30, caller=OTHER)
    await derived(house)
    boss = await house.person("boss", Role.SUPERVISOR, "1009")
    await show(house, agent("1001"), agent("1009"), queue(waiting=9, longest_since=datetime.now(UTC)))
    entry = (await listed(house.client(zhang)))[1]
    url = f"/api/v1/callbacks/{entry['id']}"
    ask = {"command_id": str(uuid.uuid4())}
    assert problem(await house.client(zhang).post(f"{url}/take", json=ask)) == (403, "right.missing")
    taken = await house.client(boss).post(f"{url}/take", json=ask)
    assert (taken.json()["callback"]["number"], taken.json()["callback"]["taken_by"]) == (OTHER, "1009")
    assert problem(await house.client(zhang).post(f"{url}/release")) == (403, "callback.not_yours")
    wanted_not = {"reason": "not_wanted"}
    assert problem(await house.client(zhang).post(f"{url}/close", json=wanted_not)) == (403, "callback.not_yours")
    assert (await house.client(boss).post(f"{url}/release")).json()["state"] == "open"
    closed = (await house.client(boss).post(f"{url}/close", json=wanted_not)).json()
    assert (closed["state"], closed["end_reason"]) == ("done", "not_wanted")
    assert problem(await house.client(boss).post(f"{url}/close", json=wanted_not)) == (409, "callback.ended")
    unknown = await house.client(boss).post(f"/api/v1/callbacks/{uuid.uuid4()}/release")
    assert problem(unknown) == (404, "callback.not_found")
    bad = await house.client(boss).post(f"{url}/close", json={"reason": "reached"})
    assert problem(bad) == (422, "request.invalid"), "only the answer itself says that somebody was reached"
    by = [r["by"] for r in await house.pool.fetch("SELECT by FROM unreached_event ORDER BY id")]
    assert by == ["boss"] * 3


async def test_a_message_is_on_the_list_with_its_recording_and_any_agent_may_hear_it(
    house: House, zhang: Person
) -> None:
    call_id = await missed(house, 4, "refused_no_agent", "")
    await wish(house, call_id, "voicemail")
    await derived(house)
    client = house.client(zhang)
    item = (await listed(client))[0]
    assert (item["kind"], item["callable"], item["messages"][0]["recording_id"]) == ("voicemail", False, None)
    recording = uuid.uuid4()
    await house.pool.execute(
        "INSERT INTO recording (id, call_id, node, linkedid, part, state, duration_s, store_key, peaks_key)"
        " VALUES ($1, $2, 'pbx1', 'x', 2, 'complete', 7.5, 'k.ogg', 'k.json')", recording, uuid.UUID(call_id),
    )  # fmt: skip
    assert (await listed(client))[0]["messages"] == [
        {"call_id": call_id, "at": item["messages"][0]["at"], "recording_id": str(recording)}
    ]
    assert (await client.get(f"/api/v1/recordings/{recording}")).status_code == 200
    await house.pool.execute("UPDATE recording SET part = 1")
    assert problem(await client.get(f"/api/v1/recordings/{recording}")) == (403, "recording.not_yours")
    heard = await client.post(f"/api/v1/callbacks/{item['id']}/close", json={"reason": "listened"})
    assert (heard.json()["state"], heard.json()["end_reason"]) == ("done", "listened")


async def given_a_long_list(house: House, people: int) -> None:
    """Old entries, all of which may be called; the record of their calls does not matter here."""
    await house.pool.execute(
        "INSERT INTO unreached (id, number, day, kind, callable, attempts, first_at, last_at, since_at, call_ids,"
        " last_outcome) SELECT gen_random_uuid(), (13700000000 + n)::text, current_date, 'abandoned', true, 1, at, at,"
        " at, ARRAY[gen_random_uuid()], 'abandoned'"
        " FROM generate_series(1, $1::int) n, LATERAL (SELECT now() - make_interval(hours => 9, secs => -n) AS at) t",
        people,
    )


async def test_a_list_longer_than_is_shown_is_judged_whole(house: House, zhang: Person) -> None:
    """A kept place younger than all that is shown is offered, stands first, and is found by whoever took it."""
    await wish(house, await missed(house, 2, "asked_back", OTHER), "call_back")
    rang = await missed(house, 1)
    await house.pool.execute(
        "INSERT INTO ring_attempt VALUES ($1, $2, '1001', now(), 9000)", uuid.uuid4(), uuid.UUID(rang)
    )
    await derived(house)
    await given_a_long_list(house, 1100)
    client = house.client(zhang)
    waits = queue(waiting=1, longest_since=datetime.now(UTC) - timedelta(minutes=3))
    await show(house, agent("1001"), waits)
    body = (await client.get("/api/v1/callbacks")).json()
    assert (body["offered"], body["total"], len(body["items"])) == (True, 1102, 1000)
    assert [i["number"] for i in body["items"][:2]] == [OTHER, "13700000001"]
    taken = (await take_next(client)).json()["callback"]
    assert taken["number"] == OTHER
    mine = (await client.get("/api/v1/callbacks", params={"mine": 1})).json()
    assert ([i["number"] for i in mine["items"]], mine["total"], mine["offered"]) == ([OTHER, CITIZEN], 2, False)
    assert problem(await take_next(client)) == (409, "callback.not_now")
    assert (await client.post(f"/api/v1/callbacks/{taken['id']}/release")).json()["state"] == "open"
    assert (await client.get("/api/v1/callbacks", params={"mine": 1})).json()["offered"] is True
    ended = (await client.get("/api/v1/callbacks", params={"ended": 1})).json()
    assert (ended["total"], ended["items"][0]["number"]) == (1102, OTHER)


async def test_only_mine_still_says_whom_the_key_would_give(house: House, zhang: Person) -> None:
    await missed(house, 5)
    await derived(house)
    await show(house, agent("1001"), queue(waiting=0))
    body = (await house.client(zhang).get("/api/v1/callbacks", params={"mine": 1})).json()
    assert (body["items"], body["total"], body["offered"]) == ([], 0, True)


async def test_what_is_offered_is_what_the_key_gives(house: House, zhang: Person) -> None:
    """A citizen of two days whom a colleague has in hand is nobody else's."""
    await missed(house, 60 * 25)
    await missed(house, 5)
    await derived(house)
    wang = await house.person("wang", agent_no="1002")
    await show(house, agent("1001"), agent("1002"), queue(waiting=0))
    client = house.client(zhang)
    assert (await client.get("/api/v1/callbacks")).json()["offered"] is True
    assert (await take_next(house.client(wang))).status_code == 202
    assert (await client.get("/api/v1/callbacks")).json()["offered"] is False
    assert problem(await take_next(client)) == (409, "callback.none")
