"""The recorder of one PBX as a running thing: its tasks, and nothing of what they do.

Tasks: scan, work × encoders, reconcile, conference, disk, health, feed-trim. Each survives a database that is away; any
that dies of a bug ends the process, whose supervisor starts it again from the spool.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog

from cti.facts import body_of
from models import feed
from models.db import DatabaseAway, make_pool
from recordings import disk, rows
from recordings.conference import keep_whole
from recordings.encoding import EncoderPool
from recordings.errors import SpoolTaken
from recordings.health import Health
from recordings.judgement import Reason
from recordings.pipeline import Checkpoint, Pipeline
from recordings.reconcile import reconcile
from recordings.scanner import Scanner
from recordings.settings import RecorderSettings
from recordings.spool import taken
from recordings.store import open_store

log: Final = structlog.get_logger(__name__)

_AGAIN_S: Final = 2.0
_HEALTH_LEAST_S: Final = 1.0  # between two bodies on the feed, however fast reasons come and go


async def run(settings: RecorderSettings, stop: asyncio.Event, checkpoint: Checkpoint | None = None) -> None:
    """Keep the recordings of one PBX until ``stop`` is set. A second worker of the same spool waits for its turn.

    Raises:
        BadStore: the store's URL cannot be used.
    """
    store = open_store(settings.store_url, settings.store_options, settings.store_timeout_s)
    pool = await make_pool(settings.dsn)
    health = Health(settings.node)
    publisher = asyncio.create_task(publish(settings, pool, health), name="recorder-health")
    try:
        while not stop.is_set():
            try:
                with taken(settings.spool):
                    health.well("recorder.spool_taken", "spool.absent")
                    parts = Pipeline(
                        settings, pool, store, EncoderPool(settings.encoders),
                        disk.Periods(settings.work / "spool-trouble.json"), health, checkpoint or (lambda _step: None),
                    )  # fmt: skip
                    await _keep(parts, stop)
            except SpoolTaken as exc:
                health.wrong("recorder.spool_taken", exc.detail)
            except (FileNotFoundError, NotADirectoryError) as exc:
                health.wrong("spool.absent", str(exc))
            await _sleep(stop, _AGAIN_S)
    finally:
        publisher.cancel()
        await asyncio.gather(publisher, return_exceptions=True)
        pool.terminate()


async def _keep(parts: Pipeline, stop: asyncio.Event) -> None:
    settings, health = parts.settings, parts.health
    settings.work.mkdir(parents=True, exist_ok=True)
    _clear(settings.work)
    parts.periods.load()
    scanner = Scanner(parts)
    loops: dict[str, Coroutine[Any, Any, None]] = {
        "scan": scanner.scan(),
        "disk": watch_disk(settings, parts.periods, health),
        "reconcile": reconcile(settings, parts.pool, parts.periods, health),
        "conference": keep_whole(parts),
        "feed-trim": trim_feed(settings, parts.pool),
    } | {f"work-{n}": scanner.work() for n in range(settings.encoders)}
    log.info("recorder started", node=settings.node, spool=str(settings.spool), store=settings.store_url)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop, name=f"recorder-{name}") for name, loop in loops.items()]
            await stop.wait()
            for task in tasks:
                task.cancel()  # harmless at any step, as a kill is
    finally:
        await parts.encoders.close()
    log.info("recorder stopped", node=settings.node)


def _clear(work: Path) -> None:
    """Encoded copies that a killed worker left; their originals are in the spool."""
    for left in work.glob("job-*"):
        left.unlink(missing_ok=True)


async def watch_disk(settings: RecorderSettings, periods: disk.Periods, health: Health) -> None:
    """Look at the spool's disk for ever: alarm below ``disk_low``, and again when nothing can be written."""
    while True:
        try:
            now = disk.look(settings.spool)
            health.free_bytes, health.total_bytes = now.free_bytes, now.total_bytes
            periods.see(now.trouble)
            for trouble in (Reason.DISK_FULL, Reason.NO_INODES, Reason.READ_ONLY):
                if trouble is now.trouble:
                    health.wrong(trouble.value, f"{now.free_bytes} of {now.total_bytes} bytes free")
                else:
                    health.well(trouble.value)
            if now.ratio < settings.disk_low:
                health.wrong("disk_low", f"{now.ratio:.1%} free")
            else:
                health.well("disk_low")
        except OSError as exc:
            health.wrong("spool.unreadable", str(exc))
        await asyncio.sleep(settings.disk_every_s)


async def publish(settings: RecorderSettings, pool: asyncpg.Pool, health: Health) -> None:
    """Put the health on the feed and into ``live``: at every change of what is wrong, and every ``health_every_s``."""
    while True:
        started = time.monotonic()
        health.changed.clear()
        try:
            await rows.publish(pool, settings.node, body_of(health.fact()))
        except DatabaseAway:
            health.changed.set()  # told as soon as there is somebody to tell
        except asyncpg.PostgresError as exc:
            log.error("recorder health refused", error=str(exc))
        await asyncio.sleep(max(0.0, _HEALTH_LEAST_S - (time.monotonic() - started)))
        try:
            async with asyncio.timeout(settings.health_every_s):
                await health.changed.wait()
        except TimeoutError:
            continue


async def trim_feed(settings: RecorderSettings, pool: asyncpg.Pool) -> None:
    """Keep the feed short, for ever; a screen that is further behind gets a resync."""
    while True:
        try:
            with rows.database():
                async with pool.acquire() as conn:
                    gone = await feed.trim(conn, settings.feed_keep_rows)
            log.debug("feed trimmed", rows=gone)
        except (DatabaseAway, asyncpg.PostgresError) as exc:
            log.warning("feed not trimmed", error=str(exc))
        await asyncio.sleep(settings.feed_trim_every_s)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
