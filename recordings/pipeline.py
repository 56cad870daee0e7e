"""One pair of spool files on its way: check → encode → store → verify → row → free.

The order is the promise: the spool's original goes only after the copy was read back and its row is committed, and
every step may be repeated. A worker that dies anywhere leaves a state from which the next one ends in the same
place; ``checkpoint`` is called after every step so that a test can die at each of them. ADR 0004.
"""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import asyncpg
import structlog

from recordings import legs, pauses, rows
from recordings.description import Found, kept_row, missing_row
from recordings.disk import Periods
from recordings.encoder import Job, Result
from recordings.encoding import EncoderPool
from recordings.errors import EncoderFailed, RecordingGone, StoreMismatch
from recordings.health import Health
from recordings.judgement import Reason
from recordings.settings import RecorderSettings
from recordings.sides import inspect
from recordings.spool import Pair, SpoolFile, printable, set_aside
from recordings.store import AUDIO_SUFFIX, PEAKS_SUFFIX, Store, key_of, put, verify

log: Final = structlog.get_logger(__name__)

_SAME_S: Final = 0.001  # durations come from whole samples


class Step(StrEnum):
    """Points after which a worker may die."""

    FOUND = "found"
    ENCODED = "encoded"
    AUDIO_STORED = "audio_stored"
    AUDIO_VERIFIED = "audio_verified"
    PEAKS_STORED = "peaks_stored"
    ROW_WRITTEN = "row_written"
    LETTER_WRITTEN = "letter_written"
    SET_ASIDE = "set_aside"
    FIRST_FREED = "first_freed"
    FREED = "freed"


Checkpoint = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What one worker keeps recordings with."""

    settings: RecorderSettings
    pool: asyncpg.Pool
    store: Store
    encoders: EncoderPool
    periods: Periods
    health: Health
    checkpoint: Checkpoint = lambda _step: None

    async def take(self, pair: Pair, call: rows.CallFacts | None) -> None:
        """Take a finished pair to its end. ``call`` None: the journal does not know it (yet).

        Raises:
            StoreAway, StoreMismatch, RecordingGone, WorkFull, EncoderFailed, DatabaseAway, OSError: the spool still
                has the files; to be repeated.
        """
        found = await self._find(pair, call)
        with structlog.contextvars.bound_contextvars(call_id=str(found.call_id), part=pair.part):
            self.checkpoint(Step.FOUND)
            if found.sides.samples:
                await self._keep(found)
            else:
                await self._without_audio(found)

    async def give_up(self, pair: Pair, call: rows.CallFacts | None, detail: str) -> None:
        """Set both files aside: no encoder can take them. Raises as :meth:`take`."""
        await self._letters(pair.files, f"encoder_failed: {detail}")
        if call and call.answered_at:
            await self._write_missing(await self._find(pair, call), Reason.UNREADABLE)
        self._aside(pair.files)

    async def put_stranger_aside(self, file: SpoolFile) -> None:
        """Set a file aside whose name Asterisk does not make."""
        await self._letters((file,), "not a name of a recording")
        self._aside((file,))

    async def _find(self, pair: Pair, call: rows.CallFacts | None) -> Found:
        sides = await asyncio.to_thread(inspect, pair)
        trouble = None
        if call and call.answered_at:
            last = call.ended_at or datetime.fromtimestamp(pair.mtime, UTC)
            trouble = self.periods.during(call.answered_at, last)
        node, last = self.settings.node, (call and call.ended_at) or datetime.fromtimestamp(pair.mtime, UTC)
        bridged = await legs.bridged(self.pool, node, pair.linkedid, pair.part, last)
        found = Found(node, pair, sides, call, trouble, bridged)
        asked = await pauses.asked(self.pool, node, found.call_id, found.places.stretches[0].began_at, last)
        return dataclasses.replace(found, asked=tuple(asked))

    async def _without_audio(self, found: Found) -> None:
        bad = found.sides.unreadable
        await self._letters(bad, "no mono 16-bit WAV")
        if found.answered and found.talked:
            await self._write_missing(found, Reason.UNREADABLE if bad else Reason.EMPTY)
        elif not bad:
            self.health.freed_empty += len(found.pair.files)
        self._aside(bad)
        self._free(found)

    async def _write_missing(self, found: Found, reason: Reason) -> None:
        row = missing_row(found, reason)
        if await rows.write(self.pool, row, replace=False):
            self.health.missing += 1
            log.warning("recording missing", reason=row.reason, linkedid=row.linkedid)
        self.checkpoint(Step.ROW_WRITTEN)

    async def _keep(self, found: Found) -> None:
        before = await rows.kept(self.pool, found.call_id, found.pair.part)
        if before and await self._stands(before) and (before.duration_s or 0) > found.sides.duration_s - _SAME_S:
            return await self._repeated(found, before)
        key = key_of(found.call_id, found.pair.part, found.began_at, self.settings.time_zone)
        if before and before.store_key:  # replace the object instead of leaving it behind
            key = before.store_key.removesuffix(AUDIO_SUFFIX)
        row = kept_row(found, await self.encode_and_store(key, found.sides.job), key)
        await self._letters(found.sides.unreadable, "no mono 16-bit WAV")
        await rows.write(self.pool, row)
        self.checkpoint(Step.ROW_WRITTEN)
        self.health.stored += 1
        told = {f: getattr(row, f) for f in ("state", "reason", "duration_s", "talk_s", "store_key", "size_bytes")}
        log.info("recording kept", **told)
        self._aside(found.sides.unreadable)
        self._free(found)

    async def _stands(self, before: rows.Kept) -> bool:
        """True when the store still has exactly what the row says."""
        if not (before.store_key and before.size_bytes and before.sha256):
            return False
        try:
            await verify(self.store, before.store_key, before.size_bytes, before.sha256)
        except (RecordingGone, StoreMismatch):
            return False
        return True

    async def _repeated(self, found: Found, before: rows.Kept) -> None:
        """The row is there already: a worker died before it freed the files, or somebody put them there again."""
        if found.sides.duration_s < (before.duration_s or 0) - _SAME_S:
            await self._letters(found.pair.files, "a longer recording of this call is kept already")
            return self._aside(found.pair.files)
        log.info("recording was kept already", linkedid=found.pair.linkedid)
        await self._letters(found.sides.unreadable, "no mono 16-bit WAV")
        self._aside(found.sides.unreadable)
        self._free(found)

    async def encode_and_store(self, key: str, job_of: Callable[[Path, Path], Job]) -> Result:
        """Encode, put, read back: audio and peaks stand under ``key`` when this returns. Raises as :meth:`take`."""
        name = f"job-{uuid.uuid4().hex}"
        audio, peaks = (self.settings.work / f"{name}{s}" for s in (AUDIO_SUFFIX, PEAKS_SUFFIX))
        try:
            result = await self.encoders.encode(job_of(audio, peaks))
            if result.size_bytes != audio.stat().st_size:
                raise EncoderFailed("the encoded file is not what the encoder said")
            self.checkpoint(Step.ENCODED)
            await put(self.store, key + AUDIO_SUFFIX, audio)
            self.checkpoint(Step.AUDIO_STORED)
            await verify(self.store, key + AUDIO_SUFFIX, result.size_bytes, result.sha256)
            self.checkpoint(Step.AUDIO_VERIFIED)
            await put(self.store, key + PEAKS_SUFFIX, peaks)
            await verify(self.store, key + PEAKS_SUFFIX, peaks.stat().st_size, result.peaks_sha256)
            self.checkpoint(Step.PEAKS_STORED)
        finally:
            audio.unlink(missing_ok=True)
            peaks.unlink(missing_ok=True)
        return result

    async def _letters(self, files: tuple[SpoolFile, ...], reason: str) -> None:
        """The dead letters of files that are about to be set aside."""
        for file in files:
            with file.path.open("rb") as opened:
                raw = opened.read(rows.RAW_BYTES)
            await rows.write_dead_letter(self.pool, self.settings.node, printable(file.path.name), reason, raw)
            self.checkpoint(Step.LETTER_WRITTEN)

    def _aside(self, files: tuple[SpoolFile, ...]) -> None:
        for file in files:
            target = set_aside(file.path, self.settings.aside)
            self.health.set_aside += 1
            log.error("spool file set aside", name=printable(target.name))
            self.checkpoint(Step.SET_ASIDE)

    def _free(self, found: Found) -> None:
        """The originals go, except those that were set aside.

        The longer one goes last: alone, it still has the length of the row and is known as kept already.
        """
        kept = {f.path for f in found.sides.unreadable}
        for file in sorted(found.pair.files, key=lambda f: f.size):
            if file.path not in kept:
                file.path.unlink(missing_ok=True)
                self.checkpoint(Step.FIRST_FREED)
        self.checkpoint(Step.FREED)
