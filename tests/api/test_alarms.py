"""Alarms: an attempt is shown until a supervisor acknowledges it, once, and who did is kept."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from models.account import Role
from tests.api.house import House, Person
from tests.api.stage import ask
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db
ABROAD, PRICED = "0014155552671", "16012345678"
URL = "/api/v1/alarms"


@pytest.fixture
async def zhang(house: House) -> Person:
    return await house.person("zhang", agent_no="1001")


@pytest.fixture
async def boss(house: House) -> Person:
    return await house.person("boss", Role.SUPERVISOR, "1009")


async def tries(house: House, person: Person, *numbers: str) -> None:
    for number in numbers:
        refused = await ask(house.client(person), "call.dial", number=number)
        assert refused.status_code in (403, 409, 422), refused.text


async def shown(house: House, person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await house.client(person).get(URL, params=params or {"open": 1})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def acknowledged(house: House, person: Person, alarm: dict[str, Any]) -> dict[str, Any]:
    answer = await house.client(person).post(f"{URL}/{alarm['id']}/acknowledge")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def dialled_past_the_desk(house: House, seat: str, number: str, at: datetime | None = None) -> None:
    """A row as the journal writes it, without any of us."""
    await house.pool.execute(
        "INSERT INTO alarm (id, node, at, code, who, detail) VALUES ($1, 'pbx1', $2, 'line.seat_dialled', $3, $4)",
        uuid.uuid4(), at or datetime.now(UTC), seat, number,
    )  # fmt: skip


async def test_one_alarm_for_each_kind_and_who_tried_with_its_count(house: House, zhang: Person, boss: Person) -> None:
    await tries(house, zhang, ABROAD, ABROAD, PRICED)
    await tries(house, zhang, "139;rm -rf")
    await dialled_past_the_desk(house, "8003", ABROAD)
    found = {(a["code"], a["who"]): a for a in await shown(house, boss)}
    assert set(found) == {
        ("number.not_allowed", "zhang"), ("number.invalid", "zhang"), ("line.seat_dialled", "8003"),
    }  # fmt: skip
    abroad = found["number.not_allowed", "zhang"]
    assert (abroad["attempts"], abroad["tried"], abroad["name"]) == (3, [PRICED, ABROAD], "Zhang")
    assert abroad["acknowledged_by"] is None


async def test_acknowledged_once_it_is_never_shown_again_and_a_later_attempt_is(
    house: House, zhang: Person, boss: Person
) -> None:
    await tries(house, zhang, ABROAD, ABROAD)
    (alarm,) = await shown(house, boss)
    await tries(house, zhang, PRICED)
    async with house.screen(boss) as screen:
        await screen.next()
        done = await acknowledged(house, boss, alarm)
        row = (await screen.until("row", topic="alarm"))["body"]
    assert (done["attempts"], done["acknowledged_by"]) == (2, "boss"), "not what came after it was shown"
    assert row["acknowledged_by"] == "boss"
    (later,) = await shown(house, boss)
    assert (later["attempts"], later["tried"]) == (1, [PRICED])
    deputy = await house.person("deputy", Role.SUPERVISOR, "1008")
    assert await acknowledged(house, deputy, alarm) == done, "the first word counts"
    await acknowledged(house, deputy, later)
    assert await shown(house, boss) == []
    kept = {a["acknowledged_by"]: a["attempts"] for a in await shown(house, boss, open=0)}
    assert kept == {"boss": 2, "deputy": 1}
    audit = await house.pool.fetch("SELECT subject, detail FROM audit WHERE action = 'alarm.acknowledged'")
    assert len(audit) == 2


async def test_it_survives_a_dead_api(house: House, zhang: Person, boss: Person) -> None:
    await tries(house, zhang, ABROAD)
    await house.stop()
    await dialled_past_the_desk(house, "8003", ABROAD)
    await house.start()
    assert {a["who"] for a in await shown(house, boss)} == {"zhang", "8003"}


async def test_only_supervisors_acknowledge_and_who_tries_learns_nothing(
    house: House, zhang: Person, boss: Person
) -> None:
    await tries(house, zhang, ABROAD)
    (alarm,) = await shown(house, boss)
    auditor = await house.person("auditor", Role.AUDITOR)
    assert await shown(house, auditor) == [alarm]
    for person, method, url in (
        (zhang, "GET", URL), (zhang, "POST", f"{URL}/{alarm['id']}/acknowledge"),
        (auditor, "POST", f"{URL}/{alarm['id']}/acknowledge"),
    ):  # fmt: skip
        assert problem(await house.client(person).request(method, url)) == (403, "right.missing")
    unknown = await house.client(boss).post(f"{URL}/{uuid.uuid4()}/acknowledge")
    assert problem(unknown) == (404, "alarm.not_found")


async def test_an_old_one_that_nobody_saw_is_still_there(house: House, boss: Person) -> None:
    await dialled_past_the_desk(house, "8003", ABROAD, datetime.now(UTC) - timedelta(days=30))
    assert len(await shown(house, boss)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM alarm",
        "UPDATE alarm SET detail = ''",
        "UPDATE alarm SET acknowledged_by = 'x', acknowledged_at = at",
    ],
)
async def test_nobody_takes_one_back(house: House, boss: Person, change: str) -> None:
    await dialled_past_the_desk(house, "8003", ABROAD)
    (alarm,) = await shown(house, boss)
    await acknowledged(house, boss, alarm)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await house.pool.execute(change)
