"""Listening: one's own calls, messages to the desk, the training shelf, or all with the right to.

Every playback leaves a row before its first byte.
"""

from __future__ import annotations

import re
import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response, status
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_answers import may_listen, recording_answer
from api.call_queries import is_own
from api.edge import Parts, needs, parts_of
from api.errors import RangeRefused, RecordingMissing, RecordingNotFound, RecordingNotYours
from api.past_limits import may_see
from api.rights import Right
from api.schemas.calls import Peaks, Recording
from api.viewer import Viewer
from cases.callbacks import is_message
from models.call import Call
from models.db import read_only, transaction
from models.recording import Recording as RecordingRow
from recordings.playback import audio_size, log_access, open_audio, read_peaks
from recordings.shelf import is_on

router = APIRouter(prefix="/recordings", tags=["recordings"])

Listener = Annotated[Viewer, needs(Right.RECORDINGS)]
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def found(session: AsyncSession, recording_id: uuid.UUID, viewer: Viewer, parts: Parts) -> RecordingRow:
    """A recording that this viewer may hear: by right, as one's own call's, or from the training shelf.

    For a supervisor of some queues none of these leads outside them.

    Raises: RecordingNotFound, RecordingNotYours.
    """
    row = await session.get(RecordingRow, recording_id)
    if row is None:
        raise RecordingNotFound
    if not await may_see(session, row.call_id, viewer, parts):
        raise RecordingNotYours
    call = await session.get(Call, row.call_id)
    if viewer.may(Right.RECORDINGS_ALL):
        return row
    if await is_message(session, row.call_id, row.part):
        return row
    if call is not None and (may_listen(viewer, call) or await is_own(session, call.id, viewer.agent_no)):
        return row
    if viewer.may(Right.SHELF) and await is_on(session, recording_id):
        return row
    raise RecordingNotYours


@router.get("/{recording_id}", summary="A recording's row: complete, short or missing, and why")
async def get_recording(recording_id: uuid.UUID, viewer: Listener, request: Request) -> Recording:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        return recording_answer(await found(session, recording_id, viewer, parts))


@router.get("/{recording_id}/peaks", summary="Peaks for the waveform")
async def get_peaks(recording_id: uuid.UUID, viewer: Listener, request: Request) -> Peaks:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        row = await found(session, recording_id, viewer, parts)
    if row.peaks_key is None:
        raise RecordingMissing(reason=row.reason)
    return Peaks.model_validate(await read_peaks(parts.store, row.peaks_key))


@router.get(
    "/{recording_id}/audio",
    summary="The audio: stereo Opus, left agent, right citizen",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"audio/ogg": {}}},
        206: {"content": {"audio/ogg": {}}, "description": "the bytes of Range"},
        416: {"description": "outside the recording"},
    },
)
async def get_audio(
    recording_id: uuid.UUID,
    viewer: Listener,
    request: Request,
    byte_range: Annotated[str | None, Header(alias="range", max_length=100)] = None,
) -> Response:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        row = await found(session, recording_id, viewer, parts)
    if row.store_key is None:
        raise RecordingMissing(reason=row.reason)
    size = await audio_size(parts.store, row.store_key)
    start, end = parse_range(byte_range, size) or (0, size)
    stream = await open_audio(parts.store, row.store_key, start, end)
    async with transaction(parts.engine) as session:
        log_access(session, row.id, viewer.account_id, viewer.address, byte_range)
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(end - start),
        "cache-control": "private, no-store",
        "content-disposition": f'inline; filename="{row.call_id}-{row.part}.ogg"',
    }
    if row.sha256:
        headers["etag"] = f'"{row.sha256}"'
    partial = (start, end) != (0, size) or byte_range is not None
    if partial:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    code = status.HTTP_206_PARTIAL_CONTENT if partial else status.HTTP_200_OK
    return StreamingResponse(stream, code, headers, media_type="audio/ogg")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(start, end exclusive) of a single byte range (RFC 9110 §14); None for a header that is to be ignored.

    Raises: RangeRefused when no byte of it is there.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or end <= start:
        raise RangeRefused(size=size)
    return start, end
