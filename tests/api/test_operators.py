"""What operators look at: /healthz, /metrics; and the pages."""

import dataclasses
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from api.settings import ApiSettings
from cti.facts import CommandLive, NodeLive, RecorderLive, Topic, body_of
from models.account import Role
from models.feed import Item
from tests.api.house import NODE, House, call
from tests.support.eventually import eventually

pytestmark = pytest.mark.db


@pytest.fixture
async def paged(settings: ApiSettings, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[House]:
    """A house with built pages."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(
        '<!doctype html><title>连心线</title><script type="module" crossorigin src="/assets/app-1a2b.js"></script>'
    )
    (dist / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("outside")
    house = House(dataclasses.replace(settings, web_dist=dist), pool)
    await house.start()
    yield house
    await house.close()


async def test_health_names_each_part_since_when(house: House) -> None:
    client = house.client()
    first = (await client.get("/healthz")).json()
    assert first["status"] == "degraded"
    assert {p["name"]: p["reason"] for p in first["parts"]} == {
        "database": None, "cti pbx1": "cti.never_seen", "recorder": "recorder.never_seen",
    }  # fmt: skip
    now = datetime.now(UTC)
    recorder = RecorderLive(NODE, now, now, (), 1, 2, 0, 0.0, 0, 0, 0, 0, 0)
    await house.publish(
        Item(Topic.NODE, NODE, body_of(NodeLive(NODE, True, now)), live=True),
        Item(Topic.RECORDER, NODE, body_of(recorder), live=True),
    )
    await house.pool.execute("INSERT INTO journal_position VALUES ('pbx1', 'cel', 'f', 1, now() - interval '7 s')")

    async def well() -> bool:
        told = (await client.get("/healthz")).json()
        return told["status"] == "ok" and 6 < told["journal"][0]["lag_s"] < 60

    await eventually(well)
    silent = dataclasses.replace(recorder, at=now - timedelta(minutes=2))
    down = NodeLive(NODE, False, now, "ami.unreachable")
    await house.publish(
        Item(Topic.NODE, NODE, body_of(down), live=True), Item(Topic.RECORDER, NODE, body_of(silent), live=True)
    )

    async def said() -> bool:
        parts = {p["name"]: (p["state"], p["reason"]) for p in (await client.get("/healthz")).json()["parts"]}
        return (
            parts["cti pbx1"] == ("degraded", "ami.unreachable") and parts[f"recorder {NODE}"][1] == "recorder.silent"
        )

    await eventually(said)


async def test_a_cti_that_was_killed_is_missed(house: House) -> None:
    """Its last words were that all is well."""
    client, now = house.client(), datetime.now(UTC)
    for ago, state, reason, gauge in ((5, "ok", None, 1), (15, "degraded", "cti.silent", 0)):
        body = NodeLive(NODE, True, now - timedelta(hours=1), at=now - timedelta(seconds=ago))
        seq = await house.publish(Item(Topic.NODE, NODE, body_of(body), live=True))
        await eventually(lambda n=seq: house.app.state.parts.hub.picture.seq >= n)
        parts = {p["name"]: p for p in (await client.get("/healthz")).json()["parts"]}
        assert (parts["cti pbx1"]["state"], parts["cti pbx1"]["reason"]) == (state, reason)
        assert f'lianxin_node_connected{{node="pbx1"}} {gauge}.0' in (await client.get("/metrics")).text


async def test_metrics_count_what_happens(house: House) -> None:
    boss = await house.person("boss", Role.SUPERVISOR)
    async with house.screen(boss) as screen:
        await screen.next()
        ended = Item(Topic.COMMAND, "c", body_of(CommandLive("c", "agent.ready", "1001", "expired")))
        await house.publish(ended, call(uuid.uuid4()))
        await screen.until("row", topic="call")
        await house.client(boss).get("/api/v1/session")
        text = (await house.client().get("/metrics")).text
    for line in (
        "lianxin_feed_sockets 1.0", 'lianxin_calls_live{state="queued"} 1.0',
        'lianxin_commands_total{state="expired"} 1.0',
        'lianxin_http_requests_total{method="GET",route="/session",status="200"} 1.0',
        "lianxin_database_away 0.0",
        "lianxin_dead_letters 0.0", "lianxin_feed_lag_seconds",
    ):  # fmt: skip
        assert line in text


async def test_pages_come_from_dist_and_from_nowhere_else(paged: House) -> None:
    client = paged.client()
    for path in ("/", "/desk", "/cases/20261123-000001"):
        page = await client.get(path)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache"), path
        assert "连心线" in page.text
    told = (await client.get("/api/v1/session")).headers["x-lianxin-pages"]
    script = await client.get(told)
    assert script.text == "export {}", "by which a page that was left open knows that it is old"
    assert "immutable" in script.headers["cache-control"]
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/gone.js", "/api/v1/nothing"):
        assert (await client.get(path)).status_code == 404, path


async def test_figures_do_not_grow_with_made_up_addresses(house: House) -> None:
    client = house.client()
    for n in range(5):
        await client.get(f"/api/v1/made-up-{n}")
    assert "made-up" not in (await client.get("/metrics")).text
