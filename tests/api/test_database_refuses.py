"""F11: PostgreSQL is there and takes nothing (its disk is full): people are told, and no process ends."""

from __future__ import annotations

import uuid

import pytest

from tests.api.house import House, agent
from tests.support.eventually import eventually
from tests.support.refusal import DISK_FULL, REFUSALS, refuse, refused, relent

pytestmark = pytest.mark.db
SERVER_S = [code for code, name in REFUSALS.items() if name != "InsufficientPrivilegeError"]


@pytest.mark.parametrize("code", SERVER_S, ids=[REFUSALS[code] for code in SERVER_S])
async def test_a_command_is_refused_with_the_words_for_it(house: House, code: str) -> None:
    client = house.client(await house.person("zhang", agent_no="1001"))
    asked = {"id": str(uuid.uuid4()), "kind": "agent.ready", "args": {}}
    await refuse(house.pool, code, "command")
    answer = await client.post("/api/v1/commands", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (503, "database.away")
    assert answer.headers["retry-after"]
    await relent(house.pool, "command")
    assert (await client.post("/api/v1/commands", json=asked)).status_code == 202


async def test_the_keeper_of_telephones_asks_again(house: House) -> None:
    await refuse(house.pool, DISK_FULL, "command")
    await house.publish(agent("1001"))  # its page never came: its telephone is to be blocked

    async def again() -> bool:
        return await refused(house.pool) >= 2

    await eventually(again)
    await relent(house.pool, "command")

    async def blocked() -> bool:
        rows = await house.pool.fetch("SELECT kind, agent_no FROM command")
        return [tuple(row) for row in rows] == [("agent.block", "1001")]

    await eventually(blocked)
