"""Finds finished files in the spool and hands them, one at a time, to the pipeline's workers.

A file that fails waits longer each time and never stands in the way of another. What is handed out is decided here,
what is done with it in ``pipeline``.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import asyncpg
import structlog

from models.db import DatabaseAway
from models.errors import LianxinError
from pbx_config import contract
from recordings import rows
from recordings.errors import EncoderFailed
from recordings.pipeline import Pipeline
from recordings.retry import Retries
from recordings.spool import Listing, Pair, SpoolFile, finished, list_spool, open_files
from recordings.wav import WavState, look

log: Final = structlog.get_logger(__name__)

ENCODER_ATTEMPTS: Final = 3
Work = tuple[Pair, rows.CallFacts | None]


class Scanner:
    """One worker's view of its spool. ``scan`` and any number of ``work`` run as tasks of one loop."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._settings = pipeline.settings
        self._health = pipeline.health
        self._retries = Retries(self._health, self._settings.retry_first_s, self._settings.retry_most_s)
        self._queue: asyncio.Queue[Work] = asyncio.Queue()
        self._busy: set[str] = set()

    async def scan(self) -> None:
        """Look for ever, every ``scan_every_s``."""
        while True:
            try:
                await self.look_once()
                self._health.well("database.away", "database.unreadable", "spool.unreadable")
            except DatabaseAway as exc:
                self._health.wrong(exc.code, exc.detail)
            except asyncpg.PostgresError as exc:
                self._health.wrong("database.unreadable", str(exc))
            except OSError as exc:
                self._health.wrong("spool.unreadable", str(exc))
            await asyncio.sleep(self._settings.scan_every_s)

    async def look_once(self) -> None:
        """One look: what is finished and due goes to the queue. Raises DatabaseAway, OSError."""
        listing, opened = await asyncio.to_thread(self._list)
        now = time.time()
        self._retries.keep_only({p.stem for p in listing.pairs} | {f.path.name for f in listing.strangers})
        ids = {p: (contract.call_id(self._settings.node, p.linkedid), p.part) for p in listing.pairs}
        calls = await rows.facts(self._pipeline.pool, list(ids.values()))
        if "database.away" in self._health.reasons:
            self._retries.try_now("database.away")
        ready = await asyncio.to_thread(
            lambda: [(p, calls.get(i)) for p, i in ids.items() if self._finished(p, calls.get(i), now, opened)]
        )
        self._health.waiting = len(ready)
        self._health.oldest_s = max((now - p.mtime for p, _ in ready), default=0.0)
        for pair, call in ready:
            if pair.stem not in self._busy and self._retries.due(pair.stem, now) and self._known(pair, call, now):
                self._busy.add(pair.stem)
                self._queue.put_nowait((pair, call))
        for file in listing.strangers:
            await self._stranger(file, now, opened)

    def _list(self) -> tuple[Listing, frozenset[str] | None]:
        # In this order: a file that is opened between the two is not in the listing.
        listing = list_spool(self._settings.spool)
        return listing, open_files(self._settings.asterisk_pid_file)

    def _finished(self, pair: Pair, call: rows.CallFacts | None, now: float, opened: frozenset[str] | None) -> bool:
        try:
            return finished(pair, now, opened, bool(call and call.ended_at), self._settings)
        except FileNotFoundError:
            return False  # freed by a worker of ours since it was listed

    def _known(self, pair: Pair, call: rows.CallFacts | None, now: float) -> bool:
        """True when there is nothing more to wait for: the call's row is whole, or has been waited for long enough."""
        if call and call.ended_at:
            return True
        try:
            anything = any((w := look(f.path)).samples or w.state is WavState.UNREADABLE for f in pair.files)
        except FileNotFoundError:
            return False
        return now - pair.mtime > (self._settings.call_wait_s if anything else self._settings.empty_stale_s)

    async def _stranger(self, file: SpoolFile, now: float, opened: frozenset[str] | None) -> None:
        name = file.path.name
        if now - file.mtime < self._settings.call_wait_s or str(file.path) in (opened or ()):
            return
        if not self._retries.due(name, now):
            return
        try:
            await self._pipeline.put_stranger_aside(file)
            self._retries.done(name)
        except (LianxinError, OSError, asyncpg.PostgresError) as exc:
            self._retries.failed(name, _code(exc), str(exc), now)

    async def work(self) -> None:
        """Take what ``scan`` found, for ever."""
        while True:
            pair, call = await self._queue.get()
            try:
                await self._take(pair, call)
            finally:
                self._busy.discard(pair.stem)

    async def _take(self, pair: Pair, call: rows.CallFacts | None) -> None:
        try:
            await self._pipeline.take(pair, call)
            self._retries.done(pair.stem)
        except EncoderFailed as exc:
            if self._note(pair, exc) >= ENCODER_ATTEMPTS:
                await self._give_up(pair, call, exc.detail)
        except (LianxinError, OSError, asyncpg.PostgresError) as exc:
            self._note(pair, exc)
        except Exception as exc:  # a bug met one file: it waits and is tried again, the others go on
            log.exception("recording failed", stem=pair.stem)
            self._note(pair, exc)

    async def _give_up(self, pair: Pair, call: rows.CallFacts | None, detail: str) -> None:
        try:
            await self._pipeline.give_up(pair, call, detail)
            self._retries.done(pair.stem)
        except (LianxinError, OSError, asyncpg.PostgresError) as exc:
            self._note(pair, exc)

    def _note(self, pair: Pair, exc: Exception) -> int:
        attempts = self._retries.failed(pair.stem, _code(exc), str(exc), time.time())
        log.warning("recording waits", stem=pair.stem, reason=_code(exc), detail=str(exc), attempts=attempts)
        return attempts

    @property
    def in_hand(self) -> frozenset[str]:
        """Stems that a worker has now."""
        return frozenset(self._busy)


def _code(exc: Exception) -> str:
    if isinstance(exc, LianxinError):
        return exc.code
    if isinstance(exc, OSError):
        return "spool.failed"
    return "database.refused" if isinstance(exc, asyncpg.PostgresError) else "recorder.bug"
