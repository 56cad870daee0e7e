"""/healthz and /metrics: what is up, since when. At the root, without a session: for the operator's probes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from api.edge import Parts, parts_of
from api.picture import node_silent
from api.schemas.base import Answer
from cti.facts import Topic
from models.db import TROUBLE

router = APIRouter(tags=["health"])

RECORDER_SILENT = timedelta(seconds=60)
PATIENCE_S = 3.0

State = Literal["ok", "degraded", "down"]


class PartHealth(Answer):
    name: str
    state: State
    since: datetime | None = None
    reason: str | None = None


class JournalHealth(Answer):
    node: str
    stream: str
    updated_at: datetime
    lag_s: float


class Health(Answer):
    """ok: all is well; degraded: calls go on but something is away; down: this process cannot serve (503)."""

    status: State
    server_time: datetime
    started_at: datetime
    parts: list[PartHealth]
    journal: list[JournalHealth] = Field(default_factory=list)
    dead_letters: int | None = None


@router.get("/healthz", summary="What is up, since when", responses={503: {"model": Health}})
async def get_health(request: Request, response: Response) -> Health:
    parts = parts_of(request)
    now = datetime.now(UTC)
    database, journal, dead = await _database(parts, now)
    found = [database, *_nodes(parts, now), *_recorders(parts, now)]
    status: State = "ok" if all(p.state == "ok" for p in found) else "degraded"
    if database.state != "ok":
        status, response.status_code = "down", 503
    return Health(
        status=status, server_time=now, started_at=parts.started_at, parts=found, journal=journal, dead_letters=dead
    )


async def _database(parts: Parts, now: datetime) -> tuple[PartHealth, list[JournalHealth], int | None]:
    try:
        async with asyncio.timeout(PATIENCE_S), parts.pool.acquire() as conn:
            rows = await conn.fetch("SELECT node, stream, updated_at FROM journal_position ORDER BY node, stream")
            dead: int = await conn.fetchval("SELECT count(*) FROM dead_letter")
            started: datetime = await conn.fetchval("SELECT pg_postmaster_start_time()")
    except TROUBLE as exc:
        since = parts.hub.away_since or now
        return PartHealth(name="database", state="down", since=since, reason=type(exc).__name__), [], None
    parts.metrics.dead_letters = dead
    lags = [(r, max(0.0, (now - r["updated_at"]).total_seconds())) for r in rows]
    journal = [
        JournalHealth(node=r["node"], stream=r["stream"], updated_at=r["updated_at"], lag_s=lag) for r, lag in lags
    ]
    return PartHealth(name="database", state="ok", since=started), journal, dead


def _nodes(parts: Parts, now: datetime) -> list[PartHealth]:
    nodes = parts.hub.picture.of_topic(Topic.NODE)
    if not nodes:
        return [PartHealth(name=f"cti {parts.settings.node}", state="down", reason="cti.never_seen")]
    return [_node(body, now) for body in nodes]


def _node(body: dict[str, Any], now: datetime) -> PartHealth:
    name = f"cti {body['node']}"
    if node_silent(body, now):
        return _part(name, False, body["at"], "cti.silent")
    return _part(name, body["connected"], body["since"], body["reason"])


def _recorders(parts: Parts, now: datetime) -> list[PartHealth]:
    found: list[PartHealth] = []
    for body in parts.hub.picture.of_topic(Topic.RECORDER):
        silent = now - datetime.fromisoformat(body["at"]) > RECORDER_SILENT
        reasons = ",".join(body["reasons"]) or None
        since = body["at"] if silent else body["since"]
        name = f"recorder {body['node']}"
        found.append(_part(name, not silent and reasons is None, since, "recorder.silent" if silent else reasons))
    return found or [PartHealth(name="recorder", state="down", reason="recorder.never_seen")]


def _part(name: str, well: bool, since: Any, reason: str | None) -> PartHealth:
    return PartHealth.model_validate(
        {"name": name, "state": "ok" if well else "degraded", "since": since, "reason": reason}
    )


@router.get("/metrics", include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    return Response(parts_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
