"""What an agent's page sends, and calls and recordings as cti and the recorder leave them in the database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.api.house import House


def form(**changes: Any) -> dict[str, Any]:
    return {"title": "朝阳路路灯不亮", "kind": "help", "citizen_number": "+86 139-1234-5678"} | changes


def case(draft_id: uuid.UUID | None = None, **changes: Any) -> dict[str, Any]:
    more = {k: changes.pop(k) for k in ("call_id", "disposition", "follow_up_of", "continues") if k in changes}
    return {"draft_id": str(draft_id or uuid.uuid4()), "form": form(**changes)} | more


async def submit(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/cases", json=case(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def command(kind: str, **args: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "args": args}


async def add_call(house: House, agent_no: str, started_at: datetime | None = None, caller: str = "13912345678") -> Any:
    call_id, at = uuid.uuid4(), started_at or datetime.now(UTC)
    await house.pool.execute(
        "INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at, outcome,"
        " agent_no, seat, wait_s, talk_s) VALUES ($1, 'pbx1', $2, 'inbound', $3, '12345', $4, $4, $4, 'answered', $5,"
        " '8001', 2, 30)",
        call_id, str(call_id), caller, at, agent_no,
    )  # fmt: skip
    await house.pool.execute(
        "INSERT INTO leg (id, call_id, uniqueid, channel, party, number, started_at, agent_no, answered_at)"
        " VALUES ($1, $2, 'u', 'PJSIP/8001-web-1', 'agent', '', $3, $4, $3)",
        uuid.uuid4(), call_id, at, agent_no,
    )  # fmt: skip
    await house.pool.execute(
        "INSERT INTO queue_entry (id, call_id, queue, entered_at, outcome) VALUES ($1, $2, 'hotline', $3, 'connected')",
        uuid.uuid4(), call_id, at,
    )  # fmt: skip
    return call_id


async def add_recording(house: House, call_id: uuid.UUID, audio: bytes | None) -> uuid.UUID:
    recording_id, key = uuid.uuid4(), f"2026/11/23/{call_id}-1"
    if audio is not None:
        folder = Path(house.settings.store_url) / "2026/11/23"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{call_id}-1.ogg").write_bytes(audio)
        peaks = '{"sample_rate": 8000, "bins_per_s": 20, "left": [0.5], "right": [0.25]}'
        (folder / f"{call_id}-1.peaks.json").write_text(peaks)
    await house.pool.execute(
        "INSERT INTO recording (id, call_id, node, linkedid, part, state, reason, store_key, peaks_key, sha256)"
        " VALUES ($1, $2, 'pbx1', '1', 1, $3, $4, $5, $6, 'abc')",
        recording_id, call_id, "complete" if audio else "missing", None if audio else "disk_full",
        f"{key}.ogg" if audio else None, f"{key}.peaks.json" if audio else None,
    )  # fmt: skip
    return recording_id
