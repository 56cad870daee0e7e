"""The store: a folder or any S3, behind obstore. Puts objects and proves by reading back that they are whole.

Objects are named ``2026/11/23/<call_id>-<part>.ogg`` by the day on which the recording began, in the site's time
zone, with ``….peaks.json`` beside it. Nothing here knows rows or the spool.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from recordings.errors import BadStore, RecordingGone, StoreAway, StoreMismatch

AUDIO_SUFFIX: Final = ".ogg"
PEAKS_SUFFIX: Final = ".peaks.json"
_CHUNK: Final = 256 * 1024
_SLICE: Final = 10_000_000  # every started slice of so many bytes has the whole timeout
_TYPES: Final = {AUDIO_SUFFIX: "audio/ogg", PEAKS_SUFFIX: "application/json"}
_RETRY: Final[Any] = {"max_retries": 1, "retry_timeout": timedelta(seconds=10)}  # the spool is the patient one


@dataclass(frozen=True, slots=True)
class Store:
    """An opened store. ``folder`` is set when it is a folder of this machine."""

    objects: ObjectStore
    folder: Path | None
    timeout_s: float


def open_store(url: str, options: Mapping[str, str] | None = None, timeout_s: float = 60.0) -> Store:
    """``/a/folder``, ``file:///a/folder`` or ``s3://bucket/prefix`` (also gs://, az://). Does not connect yet.

    Raises:
        BadStore: the URL or an option cannot be used.
    """
    folder = Path(url.removeprefix("file://")) if "://" not in url or url.startswith("file://") else None
    try:
        if folder is not None:
            if not folder.is_absolute():
                raise BadStore(f"the recordings' folder must be an absolute path: {url}")
            return Store(LocalStore(folder, mkdir=True), folder, timeout_s)
        client: Any = {"connect_timeout": "5s", "timeout": f"{timeout_s:g}s", "allow_http": True}
        config: Any = dict(options or {})
        objects: ObjectStore = from_url(url, config=config, client_options=client, retry_config=_RETRY)
    except (BaseError, OSError, ValueError) as exc:
        raise BadStore(f"LIANXIN_RECORDINGS_URL cannot be used: {exc}") from exc
    return Store(objects, None, timeout_s)


def key_of(call_id: uuid.UUID, part: int, began_at: datetime, zone: ZoneInfo) -> str:
    """The key of a recording without suffix."""
    return f"{began_at.astimezone(zone):%Y/%m/%d}/{call_id}-{part}"


def call_of_key(key: str) -> tuple[uuid.UUID, int] | None:
    """(call_id, part) of a key of ours, with any suffix; None for others."""
    stem = key.rsplit("/", 1)[-1].split(".", 1)[0]
    call, _, part = stem.rpartition("-")
    try:
        return uuid.UUID(call), int(part)
    except ValueError:
        return None


@contextlib.contextmanager
def translated(key: str) -> Iterator[None]:
    """obstore's errors in our words."""
    try:
        yield
    except FileNotFoundError as exc:
        raise RecordingGone(f"the store has no {key}", key=key) from exc
    except TimeoutError as exc:
        raise StoreAway("the store is too slow", key=key) from exc
    except (BaseError, OSError) as exc:
        raise StoreAway(f"the store refuses: {exc}"[:500], key=key) from exc


def _limit(store: Store, size: int) -> float:
    return store.timeout_s * (1 + size // _SLICE)


async def put(store: Store, key: str, file: Path) -> None:
    """Write (or replace) an object; on a folder it is on the disk when this returns.

    Raises:
        StoreAway: refused or too slow.
    """
    suffix = key[key.index(".") :]
    if store.folder is not None:
        await asyncio.to_thread(_drop_staged, store.folder / key)
    with translated(key):
        async with asyncio.timeout(_limit(store, file.stat().st_size)):
            attributes: Any = None if store.folder else {"Content-Type": _TYPES[suffix]}
            await obstore.put_async(store.objects, key, file, attributes=attributes)
        if store.folder is not None:
            await asyncio.to_thread(_to_disk, store.folder / key, store.folder)


def _drop_staged(path: Path) -> None:
    """Remove what a killed writer left: obstore writes ``key#1`` and renames it."""
    for staged in path.parent.glob(f"{path.name}#*"):
        staged.unlink(missing_ok=True)


def _to_disk(path: Path, root: Path) -> None:
    for target in (path, *[p for p in path.parents if p.is_relative_to(root)]):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


async def verify(store: Store, key: str, size: int, sha256: str) -> None:
    """Read the whole object back.

    Raises:
        StoreMismatch: size or checksum differ.
        RecordingGone: there is no such object.
        StoreAway: refused or too slow.
    """
    seen = 0
    digest = hashlib.sha256()
    with translated(key):
        async with asyncio.timeout(_limit(store, size)):
            found = await obstore.get_async(store.objects, key)
            async for chunk in found.stream(min_chunk_size=_CHUNK):
                seen += len(chunk)
                digest.update(memoryview(chunk))
    if seen != size or digest.hexdigest() != sha256:
        raise StoreMismatch(f"the store gave back {seen} bytes of {size}, or others", key=key)


async def read(store: Store, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    """Bytes start … end (exclusive) in pieces; errors as in :func:`verify`."""
    with translated(key):
        async with asyncio.timeout(store.timeout_s):
            found = await obstore.get_async(store.objects, key, options={"range": (start, end)})
        async for chunk in found.stream(min_chunk_size=_CHUNK):
            yield bytes(chunk)


async def size_of(store: Store, key: str) -> int:
    """Size of an object in bytes; errors as in :func:`verify`."""
    with translated(key):
        async with asyncio.timeout(store.timeout_s):
            return int((await obstore.head_async(store.objects, key))["size"])


async def fetch(store: Store, key: str, sha256: str, target: Path) -> int:
    """The whole object into a file of ours; its size.

    Raises:
        StoreMismatch: what the store gives is not what was kept.
        RecordingGone, StoreAway
    """
    digest, size = hashlib.sha256(), await size_of(store, key)
    with target.open("wb") as file:
        async for piece in read(store, key, 0, size):
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != sha256:
        raise StoreMismatch("the stored audio is not what was kept", key=key)
    return size
