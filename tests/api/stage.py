"""A call on the stage: live bodies, legs of the record, an address book; in the words of the trade."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from cases import agencies
from cases.unreached_keeper import UnreachedKeeper
from cases.unreached_rows import Site
from cti.facts import CallState, Party, PartyKind, PartyState, Topic
from models.db import make_engine
from models.feed import Item
from models.target import leg_no_of
from tests.api.house import House, call
from tests.support.eventually import eventually
from tests.support.noon import noon_zone

CITIZEN = "13912345678"
LAMPS, WATER = "0531-82010101", "053182030301"
BOOK: list[dict[str, Any]] = [
    {
        "zh": "市市政设施管理处", "en": "Municipal Works Office",
        "numbers": [{"label": "值班电话", "number": LAMPS}, {"label": "从不值班", "number": "0531-82010109",
                                                       "weekdays": "1", "hours": ["03:00", "03:01"]}],
    },
    {"zh": "市供水集团", "en": "Water Supply Group", "numbers": [{"label": "抢修", "number": WATER}]},
]  # fmt: skip


def command(kind: str, **args: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "args": args}


def party(kind: PartyKind, state: PartyState, leg: str, number: str, agent_no: str | None = None) -> Party:
    return Party(leg, kind, number, state, datetime.now(UTC), agent_no)


async def show(house: House, *items: Item) -> None:
    """Publish live bodies, and wait until the desk's picture has them."""
    last = await house.publish(*items)
    await eventually(lambda: house.app.state.parts.hub.picture.seq >= last)


async def given_a_talk(house: House, agent_no: str = "1001", **changes: Any) -> str:
    """A citizen talks with this agent; the call's id."""
    call_id = uuid.uuid4()
    more: dict[str, Any] = {
        "state": CallState.TALKING, "agent_no": agent_no, "seat": f"8{agent_no[1:]}", "caller": CITIZEN,
        "linkedid": f"pbx1-17.{call_id.int % 10000}",
    }  # fmt: skip
    await show(house, call(call_id, **(more | changes)))
    return str(call_id)


async def given_the_book(house: House, folder: Path) -> dict[str, dict[str, Any]]:
    """A small address book; label → row of agency_number."""
    file = folder / "book.json"
    file.write_text(json.dumps(BOOK), encoding="utf-8")
    await agencies.load(house.settings.dsn, file)
    return {r["label"]: dict(r) for r in await house.pool.fetch("SELECT * FROM agency_number")}


async def ask(client: httpx.AsyncClient, kind: str, **args: Any) -> httpx.Response:
    return await client.post("/api/v1/commands", json=command(kind, **args))


async def commands(house: House) -> list[tuple[str, dict[str, Any], str | None]]:
    """(kind, args, agent_no) in the order in which cti takes them."""
    rows = await house.pool.fetch("SELECT kind, args, agent_no FROM command ORDER BY asked_at, id")
    return [(r["kind"], json.loads(r["args"]), r["agent_no"]) for r in rows]


async def write_call(house: House, call_id: str, **changes: Any) -> None:
    """The record of a call, as the journal would write it."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {
        "id": uuid.UUID(call_id), "node": "pbx1", "linkedid": call_id, "direction": "inbound", "caller": CITIZEN,
        "called": "12345", "started_at": now - timedelta(minutes=1), "outcome": "answered", "agent_no": "1001",
    } | changes  # fmt: skip
    await _insert(house, "call", row)


async def derived(house: House) -> None:
    """What the worker makes of the record: the list of unreached people."""
    engine = make_engine(house.settings.dsn, pool_size=1)
    try:
        await UnreachedKeeper(engine, Site(noon_zone(), house.settings.own_numbers)).look()
    finally:
        await engine.dispose()


async def write_leg(house: House, call_id: str, **changes: Any) -> None:
    row: dict[str, Any] = {
        "id": uuid.uuid4(), "call_id": uuid.UUID(call_id), "uniqueid": str(uuid.uuid4()), "channel": "PJSIP/trunk-1",
        "party": "outside", "number": WATER, "started_at": datetime.now(UTC),
    } | changes  # fmt: skip
    await _insert(house, "leg", row)


async def _insert(house: House, table: str, row: dict[str, Any]) -> None:
    names, places = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await house.pool.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())


async def when_the_leg_ends(house: House, answer: httpx.Response, call_id: str, outcome: str) -> None:
    """The record gets the leg that this command dialled."""
    leg_no = leg_no_of(uuid.UUID(answer.json()["id"]))
    await write_leg(house, call_id, leg_no=leg_no, outcome=outcome, hung_up_by="outside")


async def end_command(house: House, command_id: str | uuid.UUID, state: str, reason: str | None = None) -> None:
    """cti's word."""
    await house.pool.execute(
        "UPDATE command SET state = $2, reason = $3, ended_at = now() WHERE id = $1", uuid.UUID(str(command_id)), state,
        reason,
    )  # fmt: skip


def live_gone(call_id: str) -> Item:
    return Item(Topic.CALL, call_id, None, live=True)
