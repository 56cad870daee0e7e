"""Commands over HTTP: stored once, for one's own seat and call only."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from cti.facts import CallState
from models.account import Role
from tests.api.desk import command
from tests.api.house import House, Person, agent, call
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db


async def test_a_command_is_stored_once_and_cti_is_woken(house: House, zhang: Person) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with house.pool.acquire() as listener:
        await listener.add_listener("lianxin_command", lambda *told: heard.put_nowait(told[3]))
        client, asked = house.client(zhang), command("agent.pause", reason="meal")
        first = await client.post("/api/v1/commands", json=asked)
        again = await client.post("/api/v1/commands", json=asked)
        assert await asyncio.wait_for(heard.get(), 5) == asked["id"]
        await listener.reset(timeout=5)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json() == (await client.get(f"/api/v1/commands/{asked['id']}")).json()
    assert (first.json()["state"], first.json()["args"]) == ("pending", {"reason": "meal"})
    row = await house.pool.fetchrow("SELECT agent_no, node, deadline_at - asked_at AS wait FROM command")
    assert (row["agent_no"], row["node"], row["wait"]) == ("1001", "pbx1", timedelta(seconds=10))


async def test_another_accounts_command_id_is_refused(house: House, zhang: Person, wang: Person) -> None:
    asked = command("agent.ready")
    await house.client(zhang).post("/api/v1/commands", json=asked)
    other = house.client(wang)
    assert problem(await other.post("/api/v1/commands", json=asked)) == (409, "command.id_taken")
    assert problem(await other.get(f"/api/v1/commands/{asked['id']}")) == (404, "command.not_found")
    reused = asked | {"kind": "agent.sign_out"}
    assert problem(await house.client(zhang).post("/api/v1/commands", json=reused)) == (409, "command.id_taken")
    assert await house.pool.fetchval("SELECT array_agg(kind) FROM command") == ["agent.ready"]


async def test_a_command_for_somebody_elses_call_changes_nothing(house: House, zhang: Person, wang: Person) -> None:
    theirs = uuid.uuid4()
    async with house.screen(await house.person("boss", role=Role.SUPERVISOR)) as screen:
        await screen.next()
        await house.publish(call(theirs, state=CallState.TALKING, agent_no="1002", seat="8002"))
        await screen.until("row", topic="call")
    hang_up = command("call.hangup", call_id=str(theirs))
    assert problem(await house.client(zhang).post("/api/v1/commands", json=hang_up)) == (403, "call.not_yours")
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 0
    assert (await house.client(wang).post("/api/v1/commands", json=hang_up)).status_code == 202


@pytest.mark.parametrize(
    "asked",
    [
        command("agent.pause"), command("agent.pause", reason="meal\r\nAction: Originate"),
        command("agent.pause", reason="a+wrap-up"), command("agent.sign_in", seat="8001", phone="pager"),
        command("agent.sign_in", seat="8001\r\n", phone="browser"), command("call.hangup", call_id="1"),
        command("agent.fly"), command("agent.ready", extra=1), {"id": "1", "kind": "agent.ready", "args": {}},
    ],
)  # fmt: skip
async def test_bad_arguments_are_refused_before_anything_is_stored(
    house: House, zhang: Person, asked: dict[str, Any]
) -> None:
    assert problem(await house.client(zhang).post("/api/v1/commands", json=asked)) == (422, "request.invalid")
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 0


async def test_an_agent_signs_in_at_the_own_seat_only(house: House, zhang: Person, wang: Person) -> None:
    client = house.client(zhang)
    other = command("agent.sign_in", seat="8002", phone="browser")
    assert problem(await client.post("/api/v1/commands", json=other)) == (403, "agent.seat_not_yours")
    mine = command("agent.sign_in", seat="8001", phone="browser")
    assert (await client.post("/api/v1/commands", json=mine)).status_code == 202
    phones = (await client.get("/api/v1/agent/phone")).json()
    assert phones["phones"]["browser"]["username"] == "8001-web"
    assert phones["phones"]["browser"]["secret"] == "web-8001"
    assert phones["phones"]["telephone"]["secret"] == "tel-8001"
    await house.publish(agent("1002"))
    seats = (await client.get("/api/v1/seats")).json()
    assert "secret" not in str(seats)
