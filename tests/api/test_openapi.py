"""The document that the web's client is generated from: complete, checked in, and true of what is really sent."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from api.app import openapi_json
from api.hands import body_of as body_of_hand
from api.schemas.live import ServerMessage, Snapshot
from api.words import body_of as body_of_words
from cases.dangers import body_of as body_of_danger
from cti.facts import CommandLive, DayLive, NodeLive, RecorderLive, Topic, TrunkLive, body_of
from models.account import Role
from models.danger import Danger, DangerState
from models.feed import Item
from models.floor import DeskMessage, HandUp
from tests.api.house import NODE, House, agent, call, queue

DOCUMENT = json.loads(openapi_json())


def test_the_checked_in_document_is_this_codes() -> None:
    """Otherwise run ``lianxin openapi > web/openapi.json``."""
    stored = json.loads((Path(__file__).parents[2] / "web" / "openapi.json").read_text(encoding="utf-8"))
    assert stored == DOCUMENT


def test_every_operation_has_a_name_a_tag_a_summary_and_a_problem() -> None:
    operations = [o for path in DOCUMENT["paths"].values() for o in path.values()]
    names = [o["operationId"] for o in operations]
    assert len(names) == len(set(names)) > 20
    for operation in operations:
        assert operation["tags"], operation["operationId"]
        assert operation["summary"], operation["operationId"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert "422" not in operation["responses"]


def test_every_reference_leads_somewhere() -> None:
    text = openapi_json()
    schemas = DOCUMENT["components"]["schemas"]
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= schemas.keys()
    assert {"ServerMessage", "ClientMessage", "FeedRow", "Snapshot", "Problem", "AgentLive"} <= schemas.keys()


@pytest.mark.db
async def test_what_the_socket_says_is_what_the_document_says(house: House) -> None:
    boss = await house.person("boss", Role.SUPERVISOR, "1009")
    message: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
    call_id, now = uuid.uuid4(), agent("1").body["since"]  # type: ignore[index]
    node = NodeLive(NODE, True, now)
    trunk = TrunkLive("trunk", NODE, True, 2, now)
    recorder = RecorderLive(NODE, now, now, (), 1, 2, 0, 0.0, 0, 0, 0, 0, 0)
    danger = Danger(
        id=uuid.uuid4(), call_id=call_id, node=NODE, agent_no="1001", number="13912345678", place="桥上",
        last_words="", raised_at=datetime.now(UTC), callbacks=0, state=DangerState.OPEN,
    )  # fmt: skip
    alarm = {
        "alarm_id": str(uuid.uuid4()), "code": "number.not_allowed", "who": "zhang", "detail": "00",
        "at": datetime.now(UTC).isoformat(), "acknowledged_by": None,
    }  # fmt: skip
    day = DayLive(
        "*", now, "2026-11-23", 9, 7, 1, 1, 1, 0, 0, 1, 2, 0, 0.7, 15.0, 0.6, 0.5, now, 8
    )  # fmt: skip
    hand = HandUp(id=uuid.uuid4(), agent_no="1001", reason="language", raised_at=datetime.now(UTC))
    words = DeskMessage(id=uuid.uuid4(), at=datetime.now(UTC), text="天黑了")
    items = [
        Item(Topic.DAY, "*", body_of(day), live=True), Item(Topic.HAND, "h", body_of_hand(hand, "张三")),
        Item(Topic.MESSAGE, "m", body_of_words(words, "班长")),
        agent("1001"), call(call_id), queue(), Item(Topic.NODE, NODE, body_of(node), live=True),
        Item(Topic.TRUNK, "trunk", body_of(trunk), live=True), Item(Topic.RECORDER, NODE, body_of(recorder), live=True),
        Item(Topic.COMMAND, "c", body_of(CommandLive("c", "agent.ready", "1009", "asked"))),
        Item(Topic.RECORD, str(call_id), {"call_id": str(call_id)}),
        Item(Topic.RECORDING, "r", {"recording_id": str(uuid.uuid4()), "call_id": str(call_id), "state": "complete"}),
        Item(Topic.DANGER, "d", body_of_danger(danger, 3, "张三")), Item(Topic.ALARM, "a", alarm),
        Item(Topic.CASE, "k", {"case_id": str(uuid.uuid4()), "number": "1", "state": "accepted", "agent_no": None}),
    ]  # fmt: skip
    async with house.screen(boss) as screen:
        await screen.next()
        last = await house.publish(*items)
        await screen.until("row", seq=last)
        await screen.until("ping")
        for told in screen.messages:
            message.validate_json(json.dumps(told))
        assert {m["topic"] for m in screen.messages if m["type"] == "row"} == {i.topic for i in items}
    snapshot = Snapshot.model_validate((await house.client(boss).get("/api/v1/live")).json())
    assert len(snapshot.agents) == len(snapshot.recorders) == len(snapshot.trunks) == 1
