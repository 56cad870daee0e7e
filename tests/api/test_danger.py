"""The danger key: what happens at once, who is told, and what the house does until it is over."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from api.schemas.danger import Danger
from cases import danger_keeper
from cases.danger_keeper import DangerSettings
from cti.facts import AgentState, PartyKind, PartyState
from models.account import Role
from models.db import make_engine
from tests.api.desk import add_recording, submit
from tests.api.house import House, Person, agent
from tests.api.stage import (
    CITIZEN,
    ask,
    commands,
    end_command,
    given_a_talk,
    live_gone,
    party,
    show,
    write_call,
    write_leg,
)
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db

DRAFT = {"title": "有人要跳桥", "description": "她在哭。说不想活了", "address": "洪楼桥", "landmark": "灯杆 HL-0231"}
Look = Callable[[], Awaitable[None]]


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


@pytest.fixture
async def look(house: House) -> AsyncIterator[Look]:
    """One look of the house at its open dangers."""
    engine = make_engine(house.settings.dsn)
    settings = DangerSettings("pbx1", callbacks=2, again_after_s=0, own_numbers=("12345",))
    yield lambda: danger_keeper.look(engine, settings)
    await engine.dispose()


async def raised(house: House, person: Person, call_id: str, **more: Any) -> dict[str, Any]:
    answer = await house.client(person).post("/api/v1/danger", json={"call_id": call_id} | more)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def state(house: House, person: Person, danger: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = (await house.client(person).get(f"/api/v1/danger/{danger['id']}")).json()
    return told


def refused(answer: httpx.Response) -> tuple[int, str]:
    return problem(answer)


async def test_one_key_does_everything_in_one_transaction(house: House, zhang: Person, boss: Person) -> None:
    call_id, draft, client = await given_a_talk(house), str(uuid.uuid4()), house.client(zhang)
    await client.put(f"/api/v1/drafts/{draft}", json={"rev": 1, "call_id": call_id, "body": DRAFT})
    before = await add_recording(house, uuid.UUID(call_id), b"OggS")
    async with house.screen(boss) as screen:
        await screen.next()
        danger = await raised(house, zhang, call_id, draft_id=draft)
        row = (await screen.until("row", topic="danger"))["body"]
    assert Danger.model_validate(row) == Danger.model_validate(danger), "the feed says what HTTP says"
    assert (danger["number"], danger["place"]) == (CITIZEN, "洪楼桥 · 灯杆 HL-0231")
    assert danger["last_words"] == "有人要跳桥\n她在哭。说不想活了"
    assert (danger["state"], danger["agent_no"], danger["callbacks"]) == ("open", "1001", 0)
    assert await commands(house) == [
        ("call.add", {"call_id": call_id, "target": {"kind": "number", "value": "110"}}, "1001"),
        ("call.no_survey", {"call_id": call_id}, "1001"),
        ("agent.pause", {"reason": "rest"}, "1001"),
    ]
    police = await house.pool.fetchrow("SELECT purpose, number, danger_id::text, command_id FROM call_target")
    assert (police["purpose"], police["number"], police["danger_id"]) == ("police", "110", danger["id"])
    assert (await state(house, boss, danger))["police_command_id"] == str(police["command_id"])
    late = await add_part(house, call_id, 2)
    for recording in (before, late):
        told = (await house.client(boss).get(f"/api/v1/recordings/{recording}")).json()
        assert told["undeletable"] is True
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.pool.execute("DELETE FROM recording WHERE id = $1", recording)
    await house.pool.execute("UPDATE recording SET undeletable = false, state = 'short'")
    assert await house.pool.fetchval("SELECT bool_and(undeletable) FROM recording"), "nobody takes the mark off"
    case = await submit(client, call_id=call_id)
    assert "danger.raised" in [e["kind"] for e in case["events"]]
    assert (await state(house, boss, danger))["case_id"] == case["id"]


async def add_part(house: House, call_id: str, part: int) -> uuid.UUID:
    recording = uuid.uuid4()
    await house.pool.execute(
        "INSERT INTO recording (id, call_id, node, linkedid, part, state) VALUES ($1, $2, 'pbx1', '1', $3, 'complete')",
        recording, uuid.UUID(call_id), part,
    )  # fmt: skip
    return recording


async def test_other_recordings_may_go(house: House) -> None:
    recording = await add_part(house, str(uuid.uuid4()), 1)
    assert await house.pool.execute("DELETE FROM recording WHERE id = $1", recording) == "DELETE 1"


async def test_pressed_eight_times_it_is_one_danger(house: House, zhang: Person) -> None:
    call_id, client = await given_a_talk(house), house.client(zhang)
    answers = await asyncio.gather(*(client.post("/api/v1/danger", json={"call_id": call_id}) for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(await commands(house)) == 3


async def test_who_may_raise_see_and_acknowledge(house: House, zhang: Person, boss: Person) -> None:
    wang = await house.person("wang", agent_no="1002")
    call_id = await given_a_talk(house)
    for_wang = await house.client(wang).post("/api/v1/danger", json={"call_id": call_id})
    assert refused(for_wang) == (403, "call.not_yours")
    unknown = await house.client(zhang).post("/api/v1/danger", json={"call_id": str(uuid.uuid4())})
    assert refused(unknown) == (404, "call.not_found")
    danger = await raised(house, zhang, call_id)
    url = f"/api/v1/danger/{danger['id']}"
    assert refused(await house.client(wang).get(url)) == (403, "danger.not_yours")
    assert (await house.client(wang).get("/api/v1/danger")).json()["items"] == []
    assert refused(await house.client(zhang).post(f"{url}/acknowledge")) == (403, "right.missing")
    assert len((await house.client(boss).get("/api/v1/danger", params={"open": 1})).json()["items"]) == 1
    async with house.screen(zhang) as mine, house.screen(wang) as others:
        await mine.next()
        await others.next()
        first = (await house.client(boss).post(f"{url}/acknowledge")).json()
        assert (await mine.until("row", topic="danger"))["body"]["acknowledged_by"] == "boss"
        await house.publish(agent("1002"))
        await others.until("row", topic="agent")
        assert [m for m in others.messages if m.get("topic") == "danger"] == []
    second = await house.person("deputy", Role.SUPERVISOR, "1008")
    again = (await house.client(second).post(f"{url}/acknowledge")).json()
    assert again == first, "the first word counts"


async def test_a_supervisor_may_help_in_danger_and_nowhere_else(house: House, zhang: Person, boss: Person) -> None:
    quiet, danger_call = await given_a_talk(house), await given_a_talk(house)
    await raised(house, zhang, danger_call)
    help_ = {"target": {"kind": "seat", "value": "8009"}}
    client = house.client(boss)
    assert refused(await ask(client, "call.add", call_id=quiet, **help_)) == (403, "call.not_yours")
    assert (await ask(client, "call.add", call_id=danger_call, **help_)).status_code == 202
    assert (await commands(house))[-1][2] == "1001", "cti checks it against the agent of the call"
    assert refused(await ask(client, "call.end", call_id=danger_call)) == (403, "call.not_yours")
    other = await house.person("wang", agent_no="1002")
    assert refused(await ask(house.client(other), "call.add", call_id=danger_call, **help_)) == (403, "call.not_yours")


async def test_a_supervisor_listens_with_an_ear_and_the_house_mutes_nobody(
    house: House, zhang: Person, boss: Person, look: Look
) -> None:
    call_id = await given_a_talk(house)
    danger = await raised(house, zhang, call_id)
    assert (await ask(house.client(boss), "call.listen", call_id=call_id)).status_code == 202
    gone = await house.client(boss).post(f"/api/v1/danger/{danger['id']}/listen")
    assert gone.status_code in (404, 405), "that way the citizen heard who joined, until the mute came"
    await look()
    asked = [(kind, args.get("seat"), agent_no) for kind, args, agent_no in await commands(house)]
    assert asked[-1] == ("call.listen", "8009", "1009")
    assert {"call.mute", "call.unmute"}.isdisjoint(kind for kind, _, _ in asked)
    for kind in ("call.barge", "call.stop_listening"):
        assert (await ask(house.client(boss), kind, call_id=call_id)).status_code == 202


async def when_the_citizen_is_gone(house: House, call_id: str, hung_up_by: str = "citizen") -> None:
    now = datetime.now(UTC)
    await show(house, live_gone(call_id))
    await write_call(house, call_id, ended_at=now, hung_up_by=hung_up_by)


async def last_call_back(house: House) -> asyncpg.Record:
    return await house.pool.fetchrow(
        "SELECT c.id, c.agent_no, c.args, c.account_id, t.leg_no, t.by FROM call_target t"
        " JOIN command c ON c.id = t.command_id WHERE t.purpose = 'callback' ORDER BY t.at DESC LIMIT 1"
    )


async def test_it_calls_back_at_a_supervisors_seat_each_time_on_the_record(
    house: House, zhang: Person, boss: Person, look: Look
) -> None:
    call_id = await given_a_talk(house)
    danger = await raised(house, zhang, call_id)
    case = await submit(house.client(zhang), call_id=call_id)
    await look()
    assert (await state(house, boss, danger))["state"] == "open", "the citizen is on the line"
    await when_the_citizen_is_gone(house, call_id)
    await look()
    await look()
    told = await state(house, boss, danger)
    assert (told["state"], told["callbacks"]) == ("gone", 0), "no supervisor is signed in: nothing is counted"
    await show(house, agent("1001"), agent("1009", state=AgentState.PAUSED))
    await look()
    await look()
    first = await last_call_back(house)
    assert (first["agent_no"], json.loads(first["args"]), first["account_id"], first["by"]) == (
        "1009", {"number": CITIZEN}, None, "lianxin",
    )  # fmt: skip
    assert (await state(house, boss, danger))["callbacks"] == 1, "one at a time"
    await end_command(house, first["id"], "refused", "call.agent_busy")
    await look()
    second = await last_call_back(house)
    assert second["id"] != first["id"]
    await end_command(house, second["id"], "succeeded")
    ref = f"pbx1-1790000000.{second['leg_no']}"
    new_call = await given_a_talk(
        house, "1009", linkedid=ref, direction="outbound",
        parties=(party(PartyKind.CITIZEN, PartyState.RINGING, f"{ref}+{second['leg_no']}-{CITIZEN}", CITIZEN),),
    )  # fmt: skip
    await look()
    assert (await state(house, boss, danger))["state"] == "gone", "it rings"
    await show(house, live_gone(new_call))
    await write_call(
        house, new_call, linkedid=ref, direction="outbound", started_at=datetime.now(UTC), ended_at=datetime.now(UTC),
    )  # fmt: skip
    await write_leg(house, new_call, party="citizen", leg_no=second["leg_no"], outcome="answered")
    await look()
    told = await state(house, boss, danger)
    assert (told["state"], told["callbacks"]) == ("reached", 2)
    assert [(t["state"], t["reason"], t["outcome"]) for t in told["tries"]] == [
        ("refused", "call.agent_busy", None), ("succeeded", None, "answered"),
    ]  # fmt: skip
    events = (await house.client(zhang).get(f"/api/v1/cases/{case['id']}")).json()["events"]
    assert [e["kind"] for e in events][-3:] == ["danger.called_back", "danger.called_back", "danger.ended"]


async def test_after_n_calls_in_vain_it_says_so_and_leaves_it_to_people(
    house: House, zhang: Person, boss: Person, look: Look
) -> None:
    call_id = await given_a_talk(house)
    danger = await raised(house, zhang, call_id)
    await when_the_citizen_is_gone(house, call_id, "switch")
    await show(house, agent("1009"))
    for _ in range(2):
        await look()
        await look()
        await end_command(house, (await last_call_back(house))["id"], "failed", "leg.no_answer")
    async with house.screen(boss) as screen:
        await screen.next()
        await look()
        assert (await screen.until("row", topic="danger"))["body"]["state"] == "given_up"
    await look()
    assert await house.pool.fetchval("SELECT count(*) FROM call_target WHERE purpose = 'callback'") == 2
    shown = (await house.client(boss).get("/api/v1/danger", params={"open": 1})).json()["items"]
    assert [d["id"] for d in shown] == [danger["id"]], "until somebody has acknowledged it"


@pytest.mark.parametrize("caller", ["", "+14155552671"])
async def test_a_number_that_nobody_can_call_is_given_up_at_once(
    house: House, zhang: Person, boss: Person, look: Look, caller: str
) -> None:
    call_id = await given_a_talk(house, caller=caller)
    danger = await raised(house, zhang, call_id)
    await when_the_citizen_is_gone(house, call_id)
    await show(house, agent("1009"))
    await look()
    await look()
    told = await state(house, boss, danger)
    assert (told["state"], told["callbacks"]) == ("given_up", 0)


async def test_it_is_over_when_the_desk_ends_the_call_or_a_supervisor_says_so(
    house: House, zhang: Person, boss: Person, look: Look
) -> None:
    await show(house, agent("1009"))
    ended, closed = await given_a_talk(house), await given_a_talk(house)
    by_desk, by_boss = await raised(house, zhang, ended), await raised(house, zhang, closed)
    await when_the_citizen_is_gone(house, ended, "agent")
    await look()
    assert (await state(house, boss, by_desk))["state"] == "over"
    wang = await house.person("wang", agent_no="1002")
    url = f"/api/v1/danger/{by_boss['id']}/close"
    assert refused(await house.client(wang).post(url)) == (403, "danger.not_yours")
    assert (await house.client(boss).post(url)).json()["state"] == "over"
    assert refused(await house.client(boss).post(url)) == (409, "danger.ended")
    await when_the_citizen_is_gone(house, closed)
    await look()
    assert await last_call_back(house) is None


async def test_the_agent_who_raised_it_may_close_it_and_a_supervisor_still_sees_it(
    house: House, zhang: Person, boss: Person
) -> None:
    danger = await raised(house, zhang, await given_a_talk(house))
    closed = (await house.client(zhang).post(f"/api/v1/danger/{danger['id']}/close")).json()
    assert (closed["state"], closed["acknowledged_by"]) == ("over", None)
    shown = (await house.client(boss).get("/api/v1/danger", params={"open": 1})).json()["items"]
    assert [d["id"] for d in shown] == [danger["id"]]


async def test_pressed_after_the_citizen_hung_up_it_calls_back_without_110(
    house: House, zhang: Person, boss: Person, look: Look
) -> None:
    call_id = str(uuid.uuid4())
    await write_call(house, call_id, ended_at=datetime.now(UTC), hung_up_by="citizen")
    danger = await raised(house, zhang, call_id)
    assert [k for k, _, _ in await commands(house)] == ["agent.pause"]
    await show(house, agent("1009"))
    await look()
    await look()
    assert (await state(house, boss, danger))["callbacks"] == 1


async def test_two_keepers_call_once(house: House, zhang: Person, look: Look) -> None:
    await house.person("boss", Role.SUPERVISOR, "1009")
    call_id = await given_a_talk(house)
    await raised(house, zhang, call_id)
    await when_the_citizen_is_gone(house, call_id)
    await show(house, agent("1009"))
    await look()
    await asyncio.gather(*(look() for _ in range(6)))
    assert await house.pool.fetchval("SELECT count(*) FROM call_target WHERE purpose = 'callback'") == 1
