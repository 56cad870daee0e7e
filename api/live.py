"""The live picture over plain HTTP: queues, and the same snapshot that opens a feed socket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.edge import needs, parts_of
from api.rights import Right
from api.schemas.cases import QueueBrief
from api.schemas.live import Snapshot
from api.viewer import Viewer
from cti.facts import QueueLive, Topic
from pbx_config.contract import QUEUE_MAIN

router = APIRouter(tags=["live"])

Watching = Annotated[Viewer, needs(Right.LIVE)]


@router.get("/live", summary="The live picture at one seq, as far as I may see it", response_model=Snapshot)
async def get_live(viewer: Watching, request: Request) -> Response:
    """The very text that a socket's hello carries."""
    return Response(parts_of(request).hub.snapshot_for(viewer), media_type="application/json")


@router.get("/queues", summary="Queues and how they stand")
async def list_queues(viewer: Watching, request: Request) -> list[QueueBrief]:
    hub = parts_of(request).hub
    live, limit = {body["queue"]: QueueLive(**body) for body in hub.picture.of_topic(Topic.QUEUE)}, hub.limit(viewer)
    names = live.keys() | {QUEUE_MAIN} if limit is None else limit
    return [QueueBrief(queue=name, live=live.get(name)) for name in sorted(names)]
