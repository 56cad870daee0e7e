"""Calls against recordings: answered calls that have none get a ``missing`` row, late talk times are compared late."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import structlog

from models.db import DatabaseAway
from models.recording import RecordingState
from recordings import rows
from recordings.description import TALKED_S
from recordings.disk import Periods
from recordings.health import Health
from recordings.judgement import Reason, first, judge
from recordings.legs import bridged
from recordings.settings import RecorderSettings
from recordings.spool import list_spool

log: Final = structlog.get_logger(__name__)

_FIRST_LOOK: Final = timedelta(days=30)
_LATER_LOOKS: Final = timedelta(days=2)


async def reconcile(settings: RecorderSettings, pool: asyncpg.Pool, periods: Periods, health: Health) -> None:
    """For ever, every ``reconcile_every_s``; the first look reaches back a month."""
    reach = _FIRST_LOOK
    while True:
        try:
            await once(settings, pool, periods, health, reach)
            reach = _LATER_LOOKS
        except (DatabaseAway, OSError):
            pass  # the scanner, which looks more often, raises the alarm
        except asyncpg.PostgresError as exc:
            health.wrong("database.refused", str(exc))
        await asyncio.sleep(settings.reconcile_every_s)


async def once(
    settings: RecorderSettings, pool: asyncpg.Pool, periods: Periods, health: Health, reach: timedelta
) -> None:
    """One comparison. Raises DatabaseAway, and OSError where the spool cannot be read: then nothing is missing yet."""
    # The spool first: a file freed between the two has its row already.
    waiting = {(p.linkedid, p.part) for p in (await asyncio.to_thread(list_spool, settings.spool)).pairs}
    now = datetime.now(UTC)
    before = now - timedelta(seconds=settings.missing_after_s)
    calls = await rows.unrecorded(pool, settings.node, before, now - reach)
    legs = await rows.unrecorded_legs(pool, settings.node, before, now - reach, TALKED_S)
    for one in (*calls, *legs):
        if (one.linkedid, one.part) not in waiting:
            await _missing(settings, pool, periods, health, one)
    for row in await rows.unjudged(pool, settings.node, now - reach):
        await _judge(settings, pool, periods, row)


async def _judge(settings: RecorderSettings, pool: asyncpg.Pool, periods: Periods, row: rows.Unjudged) -> None:
    told = await bridged(pool, settings.node, row.linkedid, row.part, row.ended_at)
    talk_s = row.talk_s if told.seconds is None else told.seconds
    if talk_s is None:
        return
    found = {Reason(row.reason)} if row.reason else set()
    if trouble := periods.during(row.answered_at, row.ended_at):
        found.add(trouble)
    verdict = judge(row.duration_s, talk_s, frozenset(found))
    await rows.judge_again(pool, settings.node, row, talk_s, verdict)


async def _missing(
    settings: RecorderSettings, pool: asyncpg.Pool, periods: Periods, health: Health, call: rows.Unrecorded
) -> None:
    reasons = {Reason.NO_FILE}
    if call.not_armed:
        reasons.add(Reason.NOT_ARMED)
    if trouble := periods.during(call.answered_at, call.ended_at):
        reasons.add(trouble)
    row = rows.NewRow(
        call.call_id, settings.node, call.linkedid, call.part, RecordingState.MISSING, first(reasons),
        talk_s=call.talk_s,
    )  # fmt: skip
    if await rows.write(pool, row, replace=False):
        health.missing += 1
        log.warning("recording missing", call_id=str(call.call_id), part=row.part, reason=row.reason)
