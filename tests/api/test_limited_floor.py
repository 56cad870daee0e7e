"""A supervisor of some queues: hands that are up, hands that went down, and words to one agent; what is audited."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.audit import verify
from api.hand_keeper import HandKeeper
from cti.facts import Topic
from tests.api.house import House, Person, Screen, agent, gone
from tests.api.stage import show
from tests.api.test_past_limits import chief, limited
from tests.api.test_policies import SALES, TAX, boss, root
from tests.api.test_sessions import problem

__all__ = ["boss", "chief", "limited", "root"]  # fixtures by import; boss supervises the queue tax alone, chief all

pytestmark = pytest.mark.db
HANDS = "/api/v1/hands"
MESSAGES = "/api/v1/messages"
SALESMAN, TAXMAN = "1001", "1002"


@pytest.fixture
async def floor(house: House) -> None:
    """An agent in each queue."""
    for no in (SALESMAN, TAXMAN):
        await house.person(f"agent{no}", agent_no=no)
    await show(house, agent(SALESMAN, queues=(SALES,)), agent(TAXMAN, queues=(TAX,)))


async def raises(house: House, agent_no: str) -> str:
    """This agent's hand, up."""
    hand_id = str(uuid.uuid4())
    client = house.client(house.people[f"agent{agent_no}"])
    answer = await client.post(HANDS, json={"id": hand_id, "reason": "language"})
    assert answer.status_code == 201, answer.text
    return hand_id


async def up(client: httpx.AsyncClient) -> list[str]:
    """Whose hands are up, for this screen."""
    return [hand["agent_no"] for hand in (await client.get(HANDS)).json()["items"]]


async def leaves(house: House, agent_no: str, recorded: bool = True) -> None:
    """Signs out of the queue, as the switch tells it: live, and in its record."""
    if recorded:
        await house.pool.execute(
            "INSERT INTO agent_event (id, node, at, agent_no, queue, kind, reason)"
            " VALUES ($1, 'pbx1', date_trunc('second', now()), $2, 'hotline', 'sign_out', '')",
            uuid.uuid4(), agent_no,
        )  # fmt: skip
    await show(house, gone(Topic.AGENT, agent_no))


def told(screen: Screen, topic: str) -> list[tuple[str, Any]]:
    """What this screen was told of the topic: key and whose it is."""
    rows = [m for m in screen.messages if m.get("topic") == topic]
    return [(r["key"], r["body"] and (r["body"].get("agent_no") or r["body"].get("to_agent"))) for r in rows]


async def audited(house: House, kind: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(login, action, subject, detail), in a chain that is whole."""
    rows = await house.pool.fetch(
        "SELECT a.login, u.action, u.subject, u.detail FROM audit u JOIN account a ON a.id = u.account_id"
        " WHERE u.action LIKE $1 || '.%' ORDER BY u.id",
        kind,
    )
    assert (await verify(house.app.state.parts.engine)).broken_at is None
    return [(r["login"], r["action"], r["subject"], json.loads(r["detail"])) for r in rows]


@pytest.mark.usefixtures("floor")
async def test_hands_of_other_queues_are_not_listed_not_answered_and_not_lowered(
    house: House, chief: Person, limited: httpx.AsyncClient
) -> None:
    sales, tax = await raises(house, SALESMAN), await raises(house, TAXMAN)
    assert await up(limited) == [TAXMAN]
    assert [h["agent_no"] for h in (await limited.get("/api/v1/floor")).json()["hands"]] == [TAXMAN]
    for what in ("answer", "lower"):
        unknown = await limited.post(f"{HANDS}/{uuid.uuid4()}/{what}")
        outside = await limited.post(f"{HANDS}/{sales}/{what}")
        assert problem(outside) == problem(unknown) == (404, "hand.not_found"), "the two are not told apart"
    assert await up(house.client(chief)) == [SALESMAN, TAXMAN]
    for what in ("answer", "lower"):
        assert (await limited.post(f"{HANDS}/{tax}/{what}")).status_code == 200
    assert await up(house.client(chief)) == [SALESMAN]


async def test_hands_of_who_is_not_signed_in_are_seen_by_the_skills(
    house: House, root: Person, boss: Person, limited: httpx.AsyncClient
) -> None:
    for no in (SALESMAN, TAXMAN):
        await house.person(f"agent{no}", agent_no=no)
    await house.pool.execute(
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES"
        " ('skills', '1002', 1, '{\"queues\": {\"tax\": 2}}', 'root')"
    )
    sales, tax = await raises(house, SALESMAN), await raises(house, TAXMAN)
    assert await up(limited) == [TAXMAN]
    assert [h["agent_no"] for h in (await limited.get("/api/v1/floor")).json()["hands"]] == [TAXMAN]
    assert problem(await limited.post(f"{HANDS}/{sales}/lower")) == (404, "hand.not_found")
    assert (await limited.post(f"{HANDS}/{tax}/answer")).status_code == 200
    own = {"id": str(uuid.uuid4()), "reason": "unwell"}
    assert (await limited.post(HANDS, json=own)).status_code == 201
    assert await up(limited) == [TAXMAN, "1009"], "one's own hand is in nobody's limit"
    assert (await limited.post(f"{HANDS}/{own['id']}/lower")).status_code == 200


@pytest.mark.usefixtures("floor")
async def test_a_hand_that_went_down_leaves_every_bar_and_tells_nothing_else(
    house: House, chief: Person, boss: Person, limited: httpx.AsyncClient
) -> None:
    """Also where its agent is no longer in the queues of who had it on the screen."""
    sales, tax = await raises(house, SALESMAN), await raises(house, TAXMAN)
    before = house.app.state.parts.hub.picture.seq
    await leaves(house, TAXMAN, recorded=False)
    async with house.screen(boss) as mine, house.screen(chief) as all_:
        await mine.next()
        await all_.next()
        for hand in (sales, tax):
            assert (await house.client(chief).post(f"{HANDS}/{hand}/answer")).status_code == 200
        for hand in (sales, tax):
            assert (await house.client(chief).post(f"{HANDS}/{hand}/lower")).status_code == 200
        await all_.until("row", topic="hand", key=tax)
        await mine.until("row", topic="hand", key=tax)
        end = await house.publish(agent("1003", queues=(TAX,)))
        await mine.until("row", seq=end)
        assert told(mine, "hand") == [(sales, None), (tax, None)]
        await all_.until("row", seq=end)
        assert told(all_, "hand") == [(sales, SALESMAN), (tax, TAXMAN), (sales, SALESMAN), (tax, TAXMAN)]
    async with house.screen(boss, after=before) as screen:
        missed = (await screen.until("hello"))["missed"]
    assert [(m["key"], m["body"]) for m in missed if m["topic"] == "hand"] == [(sales, None), (tax, None)]


@pytest.mark.usefixtures("floor")
async def test_who_signs_out_takes_the_hand_down(
    house: House, chief: Person, boss: Person, limited: httpx.AsyncClient
) -> None:
    sales, tax = await raises(house, SALESMAN), await raises(house, TAXMAN)
    async with house.screen(boss) as mine, house.screen(chief) as all_, house.screen(house.people["agent1002"]) as own:
        for screen in (mine, all_, own):
            await screen.next()
        await leaves(house, TAXMAN)
        row = await all_.until("row", topic="hand", key=tax)
        assert (row["body"]["agent_no"], row["body"]["ended_by"]) == (TAXMAN, "lianxin")
        assert (await own.until("row", topic="hand", key=tax))["body"] == row["body"]
        assert (await mine.until("row", topic="hand", key=tax))["body"] is None
    assert await up(house.client(chief)) == [SALESMAN]
    assert problem(await house.client(chief).post(f"{HANDS}/{tax}/answer")) == (404, "hand.not_found")
    again = await house.client(house.people["agent1002"]).post(HANDS, json={"id": str(uuid.uuid4()), "reason": "other"})
    assert again.status_code == 201
    assert sales != again.json()["id"]


@pytest.mark.usefixtures("floor")
async def test_a_hand_stays_up_where_nobody_signed_out(house: House, chief: Person) -> None:
    """An empty picture is no sign-out, nor is leaving one queue of two, nor a sign-out before the hand went up."""
    parts = house.app.state.parts
    await house.pool.execute(
        "INSERT INTO agent_event (id, node, at, agent_no, queue, kind, reason)"
        " VALUES ($1, 'pbx1', $2, '1001', 'hotline', 'sign_out', '')",
        uuid.uuid4(), datetime.now(UTC) - timedelta(hours=1),
    )  # fmt: skip
    await raises(house, SALESMAN)
    await raises(house, TAXMAN)
    await leaves(house, SALESMAN, recorded=False)
    await house.pool.execute(
        "INSERT INTO agent_event (id, node, at, agent_no, queue, kind, reason)"
        " VALUES ($1, 'pbx1', now(), '1002', 'hotline', 'sign_out', '')",
        uuid.uuid4(),
    )
    await HandKeeper(parts.engine, parts.hub, parts.settings.node).look()
    assert await up(house.client(chief)) == [SALESMAN, TAXMAN]


@pytest.mark.usefixtures("floor")
async def test_who_answers_or_lowers_somebody_s_hand_stands_in_the_audit(house: House, chief: Person) -> None:
    hand = await raises(house, TAXMAN)
    boss_of_all = house.client(chief)
    for _ in range(2):  # again is harmless, and nothing new
        assert (await boss_of_all.post(f"{HANDS}/{hand}/answer")).status_code == 200
    assert (await boss_of_all.post(f"{HANDS}/{hand}/lower")).status_code == 200
    assert (await boss_of_all.post(f"{HANDS}/{hand}/lower")).status_code == 404
    mine = await raises(house, SALESMAN)
    assert (await house.client(house.people["agent1001"]).post(f"{HANDS}/{mine}/lower")).status_code == 200
    assert await audited(house, "hand") == [
        ("chief", "hand.answered", TAXMAN, {"reason": "language"}),
        ("chief", "hand.lowered", TAXMAN, {"reason": "language"}),
    ], "one's own hand is one's own"


@pytest.mark.usefixtures("floor")
async def test_words_and_orders_to_one_agent_reach_no_supervisor_of_other_queues(
    house: House, chief: Person, boss: Person, limited: httpx.AsyncClient
) -> None:
    before = house.app.state.parts.hub.picture.seq
    said = [{"id": str(uuid.uuid4()), "to_agent": to, "text": "请慢一点说"} for to in (SALESMAN, TAXMAN, None)]
    order = {"id": str(uuid.uuid4()), "kind": "agent.pause", "args": {"reason": "meeting"}, "agent_no": SALESMAN}
    client = house.client(chief)
    keys = [words["id"] for words in said]
    async with (
        house.screen(boss) as mine,
        house.screen(chief) as all_,
        house.screen(house.people["agent1001"]) as addressed,
    ):
        for screen in (mine, all_, addressed):
            await screen.next()
        assert (await client.post("/api/v1/commands", json=order)).status_code == 202
        for words in said:
            assert (await client.post(MESSAGES, json=words)).status_code == 201
        for screen in (mine, all_, addressed):
            await screen.until("row", topic="message", key=keys[2])
        assert told(mine, "message") == [(keys[1], TAXMAN), (keys[2], None)]
        assert told(all_, "message") == [
            (order["id"], SALESMAN),
            (keys[0], SALESMAN),
            (keys[1], TAXMAN),
            (keys[2], None),
        ]
        assert told(addressed, "message") == [(order["id"], SALESMAN), (keys[0], SALESMAN), (keys[2], None)]
    async with house.screen(boss, after=before) as screen:
        missed = (await screen.until("hello"))["missed"]
    assert [m["key"] for m in missed if m["topic"] == "message"] == keys[1:]


@pytest.mark.usefixtures("floor")
async def test_who_is_outside_the_limit_is_not_spoken_to(house: House, limited: httpx.AsyncClient) -> None:
    async def says(to_agent: str | None) -> httpx.Response:
        return await limited.post(MESSAGES, json={"id": str(uuid.uuid4()), "to_agent": to_agent, "text": "你好"})

    assert problem(await says(SALESMAN)) == (409, "agent.away"), "as an order to that agent"
    assert await house.pool.fetchval("SELECT count(*) FROM desk_message") == 0
    for to in (TAXMAN, "1009", None):
        assert (await says(to)).status_code == 201
    await house.pool.execute(
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES"
        " ('skills', '1003', 1, '{\"queues\": {\"tax\": 2}}', 'root')"
    )
    await house.person("agent1003", agent_no="1003")
    await house.person("agent1004", agent_no="1004")
    assert (await says("1003")).status_code == 201, "not signed in, and of this queue by the skills"
    assert problem(await says("1004")) == (409, "agent.away")
    assert [subject for _, _, subject, _ in await audited(house, "supervise")] == [TAXMAN, "1009", "*", "1003"]
