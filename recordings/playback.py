"""Listening to what was kept: bytes of the audio, its peaks, and the row for every ear. No HTTP and no rights here."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.quality import RecordingExport
from models.recording import AccessKind, RecordingAccess
from recordings.errors import BadRange
from recordings.store import Store, read, size_of


async def audio_size(store: Store, key: str) -> int:
    """Size of a stored recording as the store has it now.

    Raises:
        RecordingGone: the row names an object that is not there.
        StoreAway: ask again later.
    """
    return await size_of(store, key)


async def open_audio(store: Store, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes ``start`` … ``end`` (exclusive) of a recording, in pieces of about 256 kB.

    The first piece is read before this returns, so that a missing object is an error and not a broken answer.

    Raises:
        BadRange: empty, backwards or negative.
        RecordingGone, StoreAway: as in :func:`audio_size`.
    """
    if start < 0 or end <= start:
        raise BadRange(f"no bytes from {start} to {end}")
    pieces = read(store, key, start, end)
    head = await anext(pieces, b"")

    async def stream() -> AsyncIterator[bytes]:
        yield head
        async for piece in pieces:
            yield piece

    return stream()


async def read_peaks(store: Store, key: str) -> dict[str, Any]:
    """``{sample_rate, bins_per_s, left, right}``; left is the agent, values 0 to 1. Errors as in :func:`audio_size`."""
    size = await size_of(store, key)
    text = b"".join([piece async for piece in read(store, key, 0, size)])
    peaks: dict[str, Any] = json.loads(text)
    return peaks


def log_access(
    session: AsyncSession, recording_id: uuid.UUID, account_id: uuid.UUID, address: str, byte_range: str | None
) -> RecordingAccess:
    """Add the row of one playback to the caller's transaction; commit it before the first byte is sent."""
    row = RecordingAccess(recording_id=recording_id, account_id=account_id, address=address, byte_range=byte_range)
    session.add(row)
    return row


def log_export(session: AsyncSession, export: RecordingExport, address: str) -> RecordingAccess:
    """The same for a copy that leaves the house."""
    row = RecordingAccess(
        recording_id=export.recording_id, account_id=export.account_id, address=address, byte_range=None,
        kind=AccessKind.EXPORT, export_id=export.id,
    )  # fmt: skip
    session.add(row)
    return row
