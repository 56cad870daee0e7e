"""Announcements over HTTP: recorded in the browser or spoken from a text, and heard before anybody else hears them."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import uuid
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response, status

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.rights import Right
from api.schemas.hours import LineSoundAnswer, SpokenAsk
from api.viewer import Viewer
from cases import line_hours
from cases.line_hours import NewSound
from models.db import read_only, transaction
from pbx_config import announcement
from pbx_config.errors import PromptsFailed

log = structlog.get_logger()
router = APIRouter(prefix="/line-sounds", tags=["hours"])

Maker = Annotated[Viewer, needs(Right.HOURS)]
_TIME_S = 60
_NOWHERE = "/nonexistent"


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Keep a recording: WAV, Ogg, FLAC or MP3 as the body",
    openapi_extra={"requestBody": {"content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def upload_line_sound(viewer: Maker, request: Request) -> LineSoundAnswer:
    wav = await _made(await request.body(), "convert")
    return await _keep(parts_of(request), viewer, wav, None)


@router.post("/spoken", status_code=status.HTTP_201_CREATED, summary="Speak a text as the prompts are spoken")
async def speak_line_sound(asked: SpokenAsk, viewer: Maker, request: Request) -> LineSoundAnswer:
    parts = parts_of(request)
    settings = parts.settings
    root = str(settings.asterisk_root) if settings.asterisk_root else _NOWHERE
    language = asked.language.value if asked.language else settings.line_language
    wav = await _made(asked.text.encode(), "speak", language, root)
    return await _keep(parts, viewer, wav, asked.text)


@router.get("/{sound_id}/audio", summary="As callers hear it", response_class=Response)
async def get_line_sound(sound_id: uuid.UUID, viewer: Maker, request: Request) -> Response:
    async with read_only(parts_of(request).engine) as session:
        row = await line_hours.sound(session, sound_id)
    return Response(row.wav, media_type="audio/wav", headers={"cache-control": "private, max-age=3600"})


async def _made(given: bytes, *words: str) -> bytes:
    """In a process of its own: what reads strangers' sound files may die of them.

    Raises: SoundUnreadable, SoundLength, SoundSilent, SoundClipped, PromptsFailed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pbx_config.announcement", *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=Path(announcement.__file__).parents[1],
    )  # fmt: skip
    try:
        made, said = await asyncio.wait_for(process.communicate(given), _TIME_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return made
    refused = announcement.EXITS.get(process.returncode or 0)
    if refused is not None:
        raise refused(least=announcement.LEAST_S, most=announcement.MOST_S)
    log.warning("announcement not made", status=process.returncode, said=said.decode(errors="replace")[-500:])
    raise PromptsFailed("the announcement could not be made")


async def _keep(parts: Parts, viewer: Viewer, wav: bytes, text: str | None) -> LineSoundAnswer:
    seconds = announcement.seconds(wav)
    new = NewSound(hashlib.sha256(wav).hexdigest(), seconds, text, wav, viewer.login)
    async with transaction(parts.engine) as session:
        row = await line_hours.keep_sound(session, new)
        await session.refresh(row)
        await append(session, viewer.account_id, "line_sound.kept", str(row.id), {"text": text or ""})
        return LineSoundAnswer.model_validate(row)
