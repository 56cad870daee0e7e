"""Hours and incidents over HTTP: who sets them, what is refused, what is written down, and who was added."""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from api import audit
from cases import line_hours
from cases.regions import prefixes_of
from models.account import Role
from models.db import make_engine
from pbx_config import contract
from tests.api.house import NODE, House, Person, queue
from tests.api.test_sessions import problem, warned
from tests.support.eventually import eventually

pytestmark = pytest.mark.db

PLAIN: dict[str, Any] = {"kind": "message", "to": ""}
PROFILE: dict[str, Any] = {
    "max_waiting": 40, "max_wait_s": 600, "opening_text": "现在是夜间", "sound_id": None,
    "on_full": PLAIN, "on_no_agent": {"kind": "duty", "to": "0531-8888 0001"}, "on_too_long": PLAIN,
}  # fmt: skip


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


@pytest.fixture
async def root(house: House) -> Person:
    return await house.person("root", Role.ADMIN)


def tone(seconds: float, rate: int = 16_000, kind: str = "WAV", level: float = 0.3) -> bytes:
    out = io.BytesIO()
    samples = level * np.sin(2 * np.pi * 600 * np.arange(int(rate * seconds)) / rate)
    soundfile.write(out, samples, rate, format=kind)
    return out.getvalue()


def clipped() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.clip(3 * np.sin(2 * np.pi * 300 * np.arange(32_000) / 16_000), -1, 1), 16_000, format="WAV")
    return out.getvalue()


async def put(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """A change of the plan or a profile, by somebody who has just read it."""
    told = (await client.get("/api/v1/hours")).json()
    seen = {"plan": told["plan"]} | {f"profiles/{p['name']}": p for p in told["profiles"]}
    return await client.put(f"/api/v1/hours/{path}", json=body | {"based_on": seen[path]["version"]})


async def audited(house: House) -> list[str]:
    engine = make_engine(house.settings.dsn)
    assert (await audit.verify(engine)).broken_at is None
    await engine.dispose()
    return [row["action"] for row in await house.pool.fetch("SELECT action FROM audit ORDER BY id")]


async def test_an_admin_tunes_a_profile_and_the_plan(house: House, root: Person) -> None:
    client = house.client(root)
    before = await house.pool.fetchval("SELECT version FROM line_hours")
    answer = await put(client, "profiles/night", PROFILE)
    night = next(p for p in answer.json()["profiles"] if p["name"] == "night")
    assert night["on_no_agent"] == {"kind": "duty", "to": "053188880001"}
    assert (night["max_waiting"], night["opening_text"]) == (40, "现在是夜间")
    holiday = [{"minute": 0, "profile": "night"}, {"minute": 540, "profile": "holiday"}]
    plan = {"workday": holiday, "weekend": holiday, "holiday": holiday}
    assert (await put(client, "plan", plan)).json()["plan"]["weekend"] == holiday
    assert await house.pool.fetchval("SELECT version FROM line_hours") == before + 2, "the PBX's side is told"
    assert await audited(house) == ["hours.profile", "hours.plan"]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("0013105551234", "number.not_allowed"), ("12345", "number.not_allowed"), ("16012345678", "number.not_allowed"),
        ("8001@trunk", "number.invalid"), ("", "number.invalid"),
    ],
)  # fmt: skip
async def test_a_duty_telephone_is_one_that_may_be_called(house: House, root: Person, to: str, code: str) -> None:
    wrong = PROFILE | {"on_full": {"kind": "duty", "to": to}}
    assert problem(await put(house.client(root), "profiles/day", wrong))[1] == code
    assert await house.pool.fetchval("SELECT on_full FROM line_profile WHERE name = 'day'") == "message"
    assert await audited(house) == []


async def test_no_number_is_the_hotlines_and_on_duty_at_once(house: House, root: Person) -> None:
    """Callers would be sent to ourselves, and from there again, until the trunk has no channel left."""
    on_duty = PROFILE | {"on_full": {"kind": "duty", "to": "053188880001"}}
    of_number = "/api/v1/tuning/numbers/053188880001"
    versions = (
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES ('number', '053188880001', $1, $2, 'admin')"
    )
    await house.pool.execute(versions, 1, json.dumps({"queue": "hotline"}))
    assert problem(await put(house.client(root), "profiles/day", on_duty))[1] == "number.not_allowed"
    await house.pool.execute(versions, 2, "{}")  # taken away again
    assert (await put(house.client(root), "profiles/day", on_duty)).status_code == 200
    refused = await house.client(root).put(of_number, json={"based_on": 2, "queue": "hotline"})
    assert problem(refused) == (422, "request.invalid")
    assert "telephone on duty" in refused.text


@pytest.mark.parametrize("minutes", [[60], [0, 600, 540], [0, 481]])
async def test_a_plan_with_a_hole_is_refused(house: House, root: Person, minutes: list[int]) -> None:
    changes = [{"minute": m, "profile": "day"} for m in minutes]
    plan = {"workday": changes, "weekend": changes, "holiday": changes}
    assert problem(await put(house.client(root), "plan", plan)) == (422, "hours.bad_plan")


async def test_the_calendar_of_september_2026_and_a_year_that_nobody_issued(house: House, root: Person) -> None:
    await line_hours.seed(house.settings.dsn)
    client = house.client(root)

    async def month(year: int, number: int) -> dict[str, Any]:
        days = (await client.get(f"/api/v1/hours/calendar/{year}/{number}")).json()["days"]
        return {day["day"]: day for day in days}

    september = await month(2026, 9)
    assert len(september) == 30
    assert (september["2026-09-20"]["kind"], september["2026-09-25"]["kind"]) == ("make_up", "holiday")
    assert (september["2026-09-19"]["kind"], september["2026-09-21"]["kind"]) == ("weekend", "workday")
    assert not september["2026-09-19"]["provisional"]
    assert (await month(2027, 1))["2027-01-01"] == {
        "day": "2027-01-01", "version": "", "kind": "workday", "name_zh": "", "name_en": "", "source": "", "set": False,
        "provisional": True,
    }  # fmt: skip
    said = {"kind": "holiday", "name_zh": "元旦", "name_en": "New Year", "based_on": ""}
    assert (await client.put("/api/v1/hours/calendar/2027-01-01", json=said)).status_code == 204
    await line_hours.seed(house.settings.dsn)
    changed = (await month(2027, 1))["2027-01-01"]
    assert (changed["kind"], changed["name_zh"], changed["provisional"]) == ("holiday", "元旦", True)
    assert (await month(2027, 1))["2027-01-04"]["provisional"], "one day that we said is no official table"
    assert (await client.delete(f"/api/v1/hours/calendar/2027-01-01?based_on={changed['version']}")).status_code == 204
    assert (await month(2027, 1))["2027-01-01"]["kind"] == "workday"
    assert await audited(house) == ["calendar.set", "calendar.cleared"]


async def test_a_supervisors_surge_ends_by_itself_or_by_hand(house: House, boss: Person) -> None:
    client = house.client(boss)
    until = datetime.now(UTC) + timedelta(hours=2)
    told = (await client.post("/api/v1/hours/override", json={"until": until.isoformat()})).json()
    assert (told["now"], told["override"]["by"]) == ("surge", "boss")
    assert told["planned"] != "surge"
    for wrong in (-timedelta(minutes=1), timedelta(hours=25)):
        body = {"until": (datetime.now(UTC) + wrong).isoformat()}
        assert problem(await client.post("/api/v1/hours/override", json=body)) == (422, "hours.override_end")
    told = (await client.delete("/api/v1/hours/override")).json()
    assert told["now"] == told["planned"]
    assert told["override"] is None
    assert await audited(house) == ["hours.override", "hours.override_ended"]


async def test_hours_that_cut_who_waits_say_so_and_ask(house: House, root: Person, boss: Person) -> None:
    client, mine = house.client(root), house.client(boss)
    plan = {kind: [{"minute": 0, "profile": "day"}] for kind in ("workday", "weekend", "holiday")}
    assert (await put(client, "plan", plan)).json()["now"] == "day"
    await house.publish(queue(waiting=3), queue("english", waiting=1))

    async def seen() -> bool:
        return len((await client.get("/api/v1/live")).json()["queues"]) == 2

    await eventually(seen)
    short = PROFILE | {"max_waiting": 2}
    assert (await put(client, "profiles/night", short)).status_code == 200, "not in force now"
    cut = ["queue.cut_waiting"]
    at_night = {kind: [{"minute": 0, "profile": "night"}] for kind in plan}
    an_hour = {"profile": "night", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    for path, body in {"profiles/day": short, "plan": at_night, "override": an_hour}.items():
        before = await house.pool.fetchval("SELECT version FROM line_hours")
        answer = await (
            mine.post("/api/v1/hours/override", json=body) if path == "override" else put(client, path, body)
        )  # fmt: skip
        assert warned(answer) == cut, path
        assert "hotline" in answer.json()["warnings"][0]["message"]
        assert await house.pool.fetchval("SELECT version FROM line_hours") == before, "asked, not done"
    await put(client, "profiles/weekend", short)
    today = datetime.now(house.settings.zone).date()
    await put(client, "plan", plan | {"weekend": [{"minute": 0, "profile": "weekend"}]})
    off = {"kind": "weekend", "confirmed": today.weekday() >= 5, "based_on": ""}
    if today.weekday() < 5:
        assert warned(await client.put(f"/api/v1/hours/calendar/{today}", json=off)) == cut
    assert (await mine.post("/api/v1/hours/override", json=an_hour | {"confirmed": True})).json()["now"] == "night"
    detail = await house.pool.fetchval("SELECT detail FROM audit WHERE action = 'hours.override'")
    assert json.loads(detail)["confirmed"] == cut


@pytest.mark.parametrize(("kind", "rate"), [("WAV", 44_100), ("OGG", 16_000), ("FLAC", 48_000), ("WAV", 8000)])
async def test_a_recording_becomes_what_the_pbx_plays(house: House, boss: Person, kind: str, rate: int) -> None:
    client = house.client(boss)
    made = await client.post("/api/v1/line-sounds", content=tone(2, rate, kind))
    assert made.status_code == 201, made.text
    audio = (await client.get(f"/api/v1/line-sounds/{made.json()['id']}/audio")).content
    samples, found = soundfile.read(io.BytesIO(audio))
    assert found == contract.SPOOL_SAMPLE_RATE
    assert samples.ndim == 1
    assert made.json()["seconds"] == pytest.approx(2, abs=0.2)
    peak = np.argmax(np.abs(np.fft.rfft(samples))) * found / len(samples)
    assert peak == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "sound.unreadable"), (b"RIFF nonsense", "sound.unreadable"), (tone(2, level=0), "sound.silent"),
        (tone(2, level=0.002), "sound.silent"), (clipped(), "sound.clipped"),
        (tone(0.2), "sound.length"), (tone(130, 8000), "sound.length"),
    ],
    ids=["nothing", "nonsense", "silence", "microphone off", "too loud", "short", "long"],
)  # fmt: skip
async def test_what_is_no_announcement_is_refused(house: House, boss: Person, body: bytes, code: str) -> None:
    assert problem(await house.client(boss).post("/api/v1/line-sounds", content=body)) == (422, code)


async def added(house: House, incident: int, caller: str, kind: str = "incident_joined") -> None:
    """What the journal would write."""
    call_id = uuid.uuid4()
    await house.pool.execute(
        "INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, outcome)"
        " VALUES ($1, $2, $3, 'inbound', $4, '12345', now(), 'left_early')",
        call_id, NODE, str(call_id), caller,
    )  # fmt: skip
    await house.pool.execute(
        "INSERT INTO call_step (id, call_id, at, kind, value) VALUES ($1, $2, now(), $3, $4)",
        uuid.uuid4(), call_id, kind, str(incident),
    )  # fmt: skip


async def test_an_incident_from_its_announcement_to_the_numbers_to_tell(house: House, boss: Person) -> None:
    client = house.client(boss)
    sound = (await client.post("/api/v1/line-sounds", content=tone(1))).json()["id"]
    made = await client.post("/api/v1/incidents", json={"title": "滨北停暖", "sound_id": sound})
    assert made.status_code == 201, made.text
    incident = made.json()
    for caller in ("13912345678", "8613912345678", "13912345679", "anonymous"):
        await added(house, incident["number"], caller)
    await added(house, incident["number"], "13912345670", "incident_heard")
    await added(house, incident["number"] + 1, "13912345671")
    listed = (await client.get("/api/v1/incidents")).json()["items"][0]
    assert (listed["heard"], listed["joined"], listed["ended_at"]) == (1, 4, None)
    callers = (await client.get(f"/api/v1/incidents/{incident['id']}/callers")).json()["items"]
    assert [c["number"] for c in callers] == ["13912345678", "13912345678", "13912345679", ""]
    numbers = await client.post(f"/api/v1/incidents/{incident['id']}/numbers")
    assert numbers.text.split() == ["number", "13912345678", "13912345679"], "each once"
    assert (await client.post(f"/api/v1/incidents/{incident['id']}/end")).json()["ended_by"] == "boss"
    assert problem(await client.post(f"/api/v1/incidents/{incident['id']}/end")) == (409, "incident.ended")
    assert await audited(house) == [
        "line_sound.kept", "incident.started", "incident.numbers_exported", "incident.ended",
    ]  # fmt: skip


async def test_all_of_an_incident_are_told_once_at_a_time(house: House, boss: Person) -> None:
    client = house.client(boss)
    sound = (await client.post("/api/v1/line-sounds", content=tone(1))).json()["id"]
    incident = (await client.post("/api/v1/incidents", json={"title": "滨北停暖", "sound_id": sound})).json()
    url, body = f"/api/v1/incidents/{incident['id']}", {"sound_id": sound}
    assert incident["telling"] is None
    assert problem(await client.post(f"{url}/telling", json=body)) == (409, "incident.nobody")
    for caller in ("13912345678", "8613912345678", "13912345679", "anonymous"):
        await added(house, incident["number"], caller)
    nothing = {"sound_id": str(uuid.uuid4())}
    assert problem(await client.post(f"{url}/telling", json=nothing)) == (404, "sound.not_found")
    limit = "UPDATE trunk SET channel_limit = $1"
    await house.pool.execute(limit, 1)
    assert problem(await client.post(f"{url}/telling", json=body)) == (409, "incident.no_line"), "half of one is none"
    await house.pool.execute(limit, None)
    asked = await client.post(f"{url}/telling", json=body)
    assert (asked.status_code, asked.json()["left"]) == (201, 2), "each number once, and no withheld one"
    assert problem(await client.post(f"{url}/telling", json=body)) == (409, "incident.telling")
    done = "UPDATE told SET state = $2, why = $3, attempts = 1 WHERE number = $1"
    await house.pool.execute(done, "13912345678", "told", None)
    await house.pool.execute(done, "13912345679", "waiting", "leg.busy")
    callers = (await client.get(f"{url}/callers")).json()["items"]
    assert [(c["told"], c["why"]) for c in callers] == [("told", None)] * 2 + [("waiting", "leg.busy"), (None, None)]
    stopped = (await client.post(f"{url}/telling/stop")).json()
    assert (stopped["told"], stopped["left"], stopped["stopped"], stopped["stopped_by"]) == (1, 0, 1, "boss")
    assert problem(await client.post(f"{url}/telling/stop")) == (409, "incident.not_telling")
    assert (await client.get("/api/v1/incidents")).json()["items"][0]["telling"] == stopped
    assert (await client.post(f"{url}/telling", json=body)).json()["left"] == 1, "the same again: who has not heard it"
    await client.post(f"{url}/telling/stop")
    news = (await client.post("/api/v1/line-sounds", content=tone(2))).json()["id"]
    assert (await client.post(f"{url}/telling", json={"sound_id": news})).json()["left"] == 2, "news: all of them"
    asked_for, ended = "incident.telling_asked", "incident.telling_stopped"
    kept = "line_sound.kept"
    assert (await audited(house))[2:] == [asked_for, ended, asked_for, ended, kept, asked_for]


async def told_and_counts(client: httpx.AsyncClient, url: str) -> tuple[list[str | None], dict[str, int]]:
    """What the page says of each number, and its line."""
    callers = (await client.get(f"{url}/callers")).json()["items"]
    telling = (await client.get("/api/v1/incidents")).json()["items"][0]["telling"]
    return [c["told"] for c in callers], {k: v for k in ("told", "missed", "left", "stopped") if (v := telling[k])}


async def test_another_round_of_the_same_words_forgets_nobody_who_heard_them(house: House, boss: Person) -> None:
    """Who was told by hand again, or reported as not told, was told by the first round."""
    client = house.client(boss)
    sound = (await client.post("/api/v1/line-sounds", content=tone(1))).json()["id"]
    incident = (await client.post("/api/v1/incidents", json={"title": "滨北停暖", "sound_id": sound})).json()
    url, body = f"/api/v1/incidents/{incident['id']}", {"sound_id": sound}
    for n in range(4):
        await added(house, incident["number"], f"1391234567{n}")
    await client.post(f"{url}/telling", json=body)
    ended = "UPDATE told SET state = $1 WHERE number = ANY($2) AND state = 'waiting'"
    await house.pool.execute(ended, "told", ["13912345670", "13912345671"])
    await house.pool.execute(ended, "missed", ["13912345672", "13912345673"])
    again = (await client.post(f"{url}/telling", json=body)).json()
    assert (again["told"], again["left"], again["missed"]) == (2, 2, 0)
    assert await told_and_counts(client, url) == (["told", "told", "waiting", "waiting"], {"told": 2, "left": 2})
    await house.pool.execute(ended, "told", ["13912345672"])
    stopped = (await client.post(f"{url}/telling/stop")).json()
    assert (stopped["told"], stopped["stopped"]) == (3, 1)
    assert await told_and_counts(client, url) == (["told", "told", "told", "stopped"], {"told": 3, "stopped": 1})

    news = (await client.post("/api/v1/line-sounds", content=tone(2))).json()["id"]
    assert (await client.post(f"{url}/telling", json={"sound_id": news})).json()["left"] == 4
    assert await told_and_counts(client, url) == (["waiting"] * 4, {"left": 4}), "nobody has heard the news"
    await client.post(f"{url}/telling/stop")
    await added(house, incident["number"], "13912345679")
    assert (await client.post(f"{url}/telling", json=body)).json()["left"] == 2, "the first words: one of four, one new"
    assert await told_and_counts(client, url) == (["told"] * 3 + ["waiting"] * 2, {"told": 3, "left": 2})
    await house.pool.execute("UPDATE told SET state = 'told' WHERE state = 'missed'")
    assert await told_and_counts(client, url) == (["told"] * 4 + ["waiting"], {"told": 4, "left": 1}), "told is told"
    asked = await house.pool.fetch("SELECT detail FROM audit WHERE action = 'incident.telling_asked' ORDER BY id")
    assert [json.loads(r["detail"])["count"] for r in asked] == [4, 2, 4, 2], "whom each round calls"


async def test_an_area_that_no_number_has_is_refused(house: House, boss: Person) -> None:
    client = house.client(boss)
    sound = (await client.post("/api/v1/line-sounds", content=tone(1))).json()["id"]
    body = {"title": "x", "area": "滨北街道", "sound_id": sound}
    assert problem(await client.post("/api/v1/incidents", json=body)) == (422, "incident.area_unknown")
    body = {"title": "x", "area": "济南市", "sound_id": sound}
    assert (await client.post("/api/v1/incidents", json=body)).status_code == 201
    prefixes = (await house.pool.fetchval("SELECT prefixes FROM incident")).split()
    assert "531" in prefixes
    assert prefixes == prefixes_of("Jinan") == prefixes_of("济南")
