"""A copy of a recording that leaves the house: a reason, a row and a watermark before its first byte."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, status
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.errors import Busy, RecordingMissing
from api.recordings import found
from api.rights import Right
from api.schemas.recordings import RecordingExport
from api.viewer import Viewer
from models.db import read_only, transaction
from models.quality import RecordingExport as ExportRow
from models.recording import Recording
from recordings.export import Exported, Order, export
from recordings.playback import log_export

router = APIRouter(prefix="/recordings", tags=["recordings"])

Exporter = Annotated[Viewer, needs(Right.RECORDINGS_EXPORT)]
AT_ONCE = 2  # copies are made beside live calls
PATIENCE_S = 20.0


@router.post(
    "/{recording_id}/export",
    summary="A watermarked copy and its manifest, as one archive",
    status_code=status.HTTP_200_OK,
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}}},
)
async def export_recording(
    recording_id: uuid.UUID, asked: RecordingExport, viewer: Exporter, request: Request
) -> Response:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        recording = await found(session, recording_id, viewer, parts)
    if recording.store_key is None:
        raise RecordingMissing(reason=recording.reason)
    order = Order(
        uuid.uuid4(), viewer.login, viewer.display_name, viewer.address, datetime.now(UTC), asked.reason, asked.format,
        parts.policies.now.export_mark_every_s,
    )  # fmt: skip
    with contextlib.ExitStack() as until_sent:
        folder = Path(until_sent.enter_context(tempfile.TemporaryDirectory(prefix="lianxin-export-")))
        async with _turn(parts.exports):
            made = await export(parts.store, recording, order, folder, parts.settings.zone)
        await _write_down(parts, recording, order, made, viewer)
        sent = BackgroundTask(until_sent.pop_all().close)
    headers = {"cache-control": "private, no-store", "x-lianxin-export": str(order.export_id)}
    return FileResponse(
        made.archive, media_type="application/zip", filename=f"{made.file_name}.zip", headers=headers, background=sent
    )


@contextlib.asynccontextmanager
async def _turn(exports: asyncio.Semaphore) -> AsyncIterator[None]:
    """Raises: Busy."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await exports.acquire()
    except TimeoutError as exc:
        raise Busy from exc
    try:
        yield
    finally:
        exports.release()


async def _write_down(parts: Parts, recording: Recording, order: Order, made: Exported, viewer: Viewer) -> None:
    async with transaction(parts.engine) as session:
        row = ExportRow(
            id=order.export_id, recording_id=recording.id, account_id=viewer.account_id, at=order.at,
            reason=order.reason, format=order.format, file_name=made.file_name, size_bytes=made.made.size_bytes,
            sha256=made.made.sha256, audible_mark=order.mark_every_s > 0,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        log_export(session, row, viewer.address)
        detail = {"recording": str(recording.id), "reason": order.reason, "sha256": made.made.sha256}
        await append(session, viewer.account_id, "recording.exported", str(order.export_id), detail)
