"""Calls, recordings and the caller's history over HTTP: what is one's own, and what is not."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from models.account import Role
from tests.api.desk import add_call, add_recording, submit
from tests.api.house import House, Person
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


async def test_my_calls_of_a_day_of_the_site(house: House, zhang: Person) -> None:
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)  # 2026-11-23 00:00 in Shanghai
    before = await add_call(house, "1001", midnight - timedelta(seconds=1))
    first = await add_call(house, "1001", midnight)
    last = await add_call(house, "1001", midnight + timedelta(hours=24) - timedelta(milliseconds=1))
    await add_call(house, "1002", midnight)
    page = (await house.client(zhang).get("/api/v1/calls", params={"mine": 1, "day": "2026-11-23"})).json()
    assert [c["id"] for c in page["items"]] == [str(last), str(first)]
    everything = (await house.client(zhang).get("/api/v1/calls")).json()
    assert {c["id"] for c in everything["items"]} == {str(before), str(first), str(last)}
    boss = await house.person("boss", role=Role.SUPERVISOR)
    assert len((await house.client(boss).get("/api/v1/calls")).json()["items"]) == 4
    bad = await house.client(zhang).get("/api/v1/calls", params={"day": "23.11."})
    assert [e["message"] for e in bad.json()["errors"]] == ["The date must look like YYYY-MM-DD."]


async def test_a_call_with_all_that_belongs_to_it_and_not_to_others(house: House, zhang: Person, wang: Person) -> None:
    call_id = await add_call(house, "1001")
    recording = await add_recording(house, call_id, b"OggS" * 100)
    made = await submit(house.client(zhang), call_id=str(call_id))
    told = (await house.client(zhang).get(f"/api/v1/calls/{call_id}")).json()
    assert [leg["agent_no"] for leg in told["legs"]] == ["1001"]
    assert [e["queue"] for e in told["queue_entries"]] == ["hotline"]
    assert [r["id"] for r in told["recordings"]] == [str(recording)]
    assert [c["number"] for c in told["cases"]] == [made["number"]]
    assert told["caller_display"] == "139 1234 5678"
    assert problem(await house.client(wang).get(f"/api/v1/calls/{call_id}")) == (403, "call.not_yours")
    assert problem(await house.client(zhang).get(f"/api/v1/calls/{uuid.uuid4()}")) == (404, "call.not_found")
    seen = (await house.client(wang).get(f"/api/v1/cases/{made['id']}")).json()["calls"][0]
    assert (seen["id"], seen["recordings"][0]["may_play"]) == (str(call_id), False)


async def test_listening_needs_the_right_and_leaves_a_row(house: House, zhang: Person, wang: Person) -> None:
    audio = bytes(range(256)) * 8
    recording = await add_recording(house, await add_call(house, "1001"), audio)
    url = f"/api/v1/recordings/{recording}/audio"
    for path in ("", "/audio", "/peaks"):
        refused = await house.client(wang).get(f"/api/v1/recordings/{recording}{path}")
        assert problem(refused) == (403, "recording.not_yours")
    assert await house.pool.fetchval("SELECT count(*) FROM recording_access") == 0
    client = house.client(zhang)
    whole = await client.get(url)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, audio, "audio/ogg")
    part = await client.get(url, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, audio[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(audio)}"
    beyond = await client.get(url, headers={"range": "bytes=99999-"})
    assert problem(beyond) == (416, "recording.bad_range")
    peaks = (await client.get(f"/api/v1/recordings/{recording}/peaks")).json()
    assert (peaks["left"], peaks["right"]) == ([0.5], [0.25])
    boss = await house.person("boss", role=Role.SUPERVISOR)
    assert (await house.client(boss).get(url)).status_code == 200
    rows = await house.pool.fetch("SELECT account_id, byte_range FROM recording_access ORDER BY id")
    assert [(r["account_id"], r["byte_range"]) for r in rows] == [
        (zhang.id, None), (zhang.id, "bytes=10-19"), (boss.id, None),
    ]  # fmt: skip


async def test_a_missing_recording_says_so(house: House, zhang: Person) -> None:
    recording = await add_recording(house, await add_call(house, "1001"), None)
    client = house.client(zhang)
    row = (await client.get(f"/api/v1/recordings/{recording}")).json()
    assert (row["state"], row["reason"], row["audio_url"]) == ("missing", "disk_full", None)
    assert problem(await client.get(f"/api/v1/recordings/{recording}/audio")) == (404, "recording.missing")


async def test_the_pop_knows_every_way_a_trunk_writes_a_number(house: House, zhang: Person) -> None:
    for written in ("13912345678", "+8613912345678", "013912345678", "008613912345678"):
        await add_call(house, "1001", caller=written)
    await submit(house.client(zhang))
    await submit(house.client(zhang), citizen_number="", contact_number="139 1234 5678", disposition="answered_on_spot")
    told = (await house.client(zhang).get("/api/v1/caller/+86 139-1234-5678")).json()
    assert (told["number"], told["display"], told["kind"]) == ("13912345678", "139 1234 5678", "mobile")
    assert (told["calls_total"], len(told["last_calls"]), len(told["cases"]), told["open_cases"]) == (4, 4, 2, 1)
    withheld = (await house.client(zhang).get("/api/v1/caller/Anonymous")).json()
    assert (withheld["number"], withheld["kind"], withheld["calls_total"]) == ("", "withheld", 0)
