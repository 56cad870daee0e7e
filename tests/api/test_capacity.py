"""Capacity over HTTP: a played day, its rows, and what-if; and what is refused."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from models.account import Role
from models.db import make_engine
from reports.halfhours import day_span
from tests.api.house import House
from tests.api.test_sessions import problem
from tests.support.site_history import History

pytestmark = pytest.mark.db
DAY = date(2026, 11, 23)
URL = "/api/v1/capacity"


@pytest.fixture
async def leader(house: House) -> httpx.AsyncClient:
    return house.client(await house.person("leader", role=Role.LEADER))


@pytest.fixture
async def history(house: House) -> History:
    history = History(day_span(DAY, house.settings.zone).begin, seed=7).play()
    engine = make_engine(house.settings.dsn)
    await history.write(engine)
    await engine.dispose()
    return history


async def asked(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"{URL}/what-if", json={"day": str(DAY)} | more, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_day_by_half_hour_adds_up(history: History, leader: httpx.AsyncClient) -> None:
    answer = await leader.get(URL, params={"day": str(DAY)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["seats"], told["lines"], len(told["slots"])) == (len(history.agents), None, 48)
    for slot in told["slots"]:
        parts = ("talk_s", "hold_s", "callbacks_s", "wrap_up_s", "idle_s")
        assert sum(slot[p] for p in parts) + sum(slot["pause_s"].values()) == pytest.approx(slot["signed_in_s"])
    assert sum(s["signed_in_s"] for s in told["slots"]) == sum(sum(c.values()) for c in history.truth.values())
    assert told["slots"][0]["begin"] == "2026-11-22T16:00:00Z"
    patience = told["patience"]
    assert patience["low_s"] < history.patience_s < patience["high_s"]
    assert patience["gave_up"] == sum(c["abandoned"] for c in history.outcomes.values())
    assert 0 <= history.redialled - told["redials"]["again"] <= 2  # the last of the night wait for the next day
    assert told["redials"]["share"] == pytest.approx(history.redial_share, abs=0.2)


async def test_a_number_drills_down(history: History, leader: httpx.AsyncClient) -> None:
    slot = (await leader.get(URL, params={"day": str(DAY)})).json()["slots"][20]
    for measure, count in (("offered", slot["offered"]), ("abandoned", slot["abandoned"])):
        params = {"day": str(DAY), "begin": slot["begin"], "measure": measure}
        rows = (await leader.get(f"{URL}/rows", params=params)).json()
        assert rows["total"] == len(rows["items"]) == count
        assert all(r["call_id"] for r in rows["items"])
    params = {"day": str(DAY), "begin": slot["begin"], "measure": "wrap_up"}
    rows = (await leader.get(f"{URL}/rows", params=params)).json()["items"]
    spans = [datetime.fromisoformat(r["end"]) - datetime.fromisoformat(r["begin"]) for r in rows]
    assert sum(spans, timedelta()).total_seconds() == slot["wrap_up_s"]
    for wrong in ({"measure": "beauty"}, {"begin": "2026-11-23T00:01:00Z"}):
        assert problem(await leader.get(f"{URL}/rows", params=params | wrong)) == (422, "request.invalid")


async def test_what_if_uses_this_sites_own_callers(history: History, leader: httpx.AsyncClient) -> None:
    told = (await leader.get(URL, params={"day": str(DAY)})).json()
    found = await asked(leader)
    assert found["handling_s"] == pytest.approx(told["handling_s"])
    assert found["patience_s"] == pytest.approx(told["patience"]["mean_s"])
    assert found["redial_share"] == pytest.approx(told["redials"]["share"])
    assert found["offered"] == sum(s["offered"] for s in told["slots"])
    assert 0 <= found["within_low"] <= found["within_high"] <= 1
    assert found["advice"]  # that day had too few people
    changes = [{k: a[k] for k in ("begin", "end", "more")} for a in found["advice"]]
    after = await asked(leader, changes=changes)
    assert after["advice"] == []
    assert after["within_low"] >= 0.95 > found["within_low"]
    assert after["played"]["within"]["mean"] > found["played"]["within"]["mean"]
    assert after == await asked(leader, changes=changes)  # seeded


async def test_the_desk_goes_on_while_a_day_is_played(history: History, leader: httpx.AsyncClient) -> None:
    """Somebody else's request is not kept waiting until it is over."""
    asking = asyncio.create_task(asked(leader, redial_share=0.9, patience_s=5))
    waits = []
    while not asking.done():
        begun = time.monotonic()
        assert (await leader.get("/api/v1/session")).status_code == 200
        waits.append(time.monotonic() - begun)
    await asking
    assert len(waits) > 3


async def test_what_cannot_be_told_is_said(house: House, leader: httpx.AsyncClient) -> None:
    assert problem(await leader.post(f"{URL}/what-if", json={"day": str(DAY)})) == (422, "capacity.handling_unknown")
    found = await asked(leader, handling_s=240)
    assert (found["within_before"], found["within_low"], found["patience_s"], found["advice"]) == (None, None, None, [])
    future = str((datetime.now(UTC) + timedelta(days=3)).date())
    assert problem(await leader.get(URL, params={"day": future})) == (422, "capacity.in_future")
    for wrong in ({"handling_s": 0}, {"patience_s": -1}, {"redial_share": 2}, {"changes": [{"more": 1}]}, {"seats": 3}):
        answer = await leader.post(f"{URL}/what-if", json={"day": str(DAY)} | wrong)
        assert problem(answer) == (422, "request.invalid"), wrong
