"""Recordings on the stage: calls with all that a search may ask for, and audio from the real recorder."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from models.account import Role
from tests.api.house import House, Person
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, Desk, closed, desk_settings, recorder, tone
from tests.support.eventually import eventually

BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 at the site


@dataclasses.dataclass(frozen=True)
class Panel:
    """Who has to do with quality."""

    zhang: Person
    wang: Person
    boss: Person
    auditor: Person
    admin: Person


async def the_panel(house: House) -> Panel:
    return Panel(
        await house.person("zhang", agent_no="1001"), await house.person("wang", agent_no="1002"),
        await house.person("boss", Role.SUPERVISOR, "1009"), await house.person("auditor", Role.AUDITOR),
        await house.person("admin", Role.ADMIN),
    )  # fmt: skip


async def recorded(house: House, agent_no: str | None = "1001", **changes: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """(call, recording); ``changes``: columns of call, or of recording with ``r_`` before them."""
    call_id, recording_id = uuid.uuid4(), uuid.uuid4()
    call = {
        "id": call_id, "node": "pbx1", "linkedid": str(call_id), "direction": "inbound", "caller": "13912345678",
        "called": "12345", "started_at": BEGAN, "answered_at": BEGAN, "ended_at": BEGAN, "outcome": "answered",
        "queue": "hotline", "agent_no": agent_no, "talk_s": 60.0,
    }  # fmt: skip
    row = {
        "id": recording_id, "call_id": call_id, "node": "pbx1", "linkedid": str(call_id), "part": 1,
        "state": "complete", "duration_s": 60.0, "store_key": f"{call_id}-1.ogg", "sha256": "abc",
    }  # fmt: skip
    for name, value in changes.items():
        (row if name.startswith("r_") else call)[name.removeprefix("r_")] = value
    await _insert(house.pool, "call", call)
    await _insert(house.pool, "recording", row)
    return call_id, recording_id


async def a_leg(house: House, call_id: uuid.UUID, **changes: Any) -> None:
    leg = {
        "id": uuid.uuid4(), "call_id": call_id, "uniqueid": "u", "channel": "PJSIP/x", "party": "agent", "number": "",
        "started_at": BEGAN, "answered_at": BEGAN,
    }  # fmt: skip
    await _insert(house.pool, "leg", leg | changes)


async def _insert(pool: asyncpg.Pool, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${i + 1}" for i in range(len(row)))
    await pool.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def kept_audio(house: House, dsn: str, home: Path, agent_no: str = "1001", seconds: float = 3.0) -> uuid.UUID:
    """A recording that the real recorder took from the spool into the house's store; its id."""
    desk = Desk(desk_settings(dsn, home), house.pool, home / "store")
    linkedid = f"rec-{uuid.uuid4().int % 10**6}.1"
    await desk.call(linkedid, seconds)
    await house.pool.execute("UPDATE call SET agent_no = $2 WHERE linkedid = $1", linkedid, agent_no)
    desk.put(linkedid, closed(tone(CITIZEN_HZ, seconds)), closed(tone(AGENT_HZ, seconds)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(linkedid), 60)
    found: uuid.UUID = row["id"]
    return found
