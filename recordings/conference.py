"""One recording of a whole conference, made of its parts once they are all kept: part 0 of the call.

The parts stay as they are; this is made of the store's own copies, and may be made again. A worker that dies anywhere
leaves a call without part 0, and the next one begins anew: same key, same row. In the order of every recording: store,
read back, row.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog

from models.db import DatabaseAway
from models.recording import RecordingState
from pbx_config import contract
from recordings import rows
from recordings.encoder import Job, Result, Source
from recordings.errors import EncoderFailed, RecordingGone, StoreAway, StoreMismatch, WorkFull
from recordings.judgement import Reason
from recordings.legs import signs_of
from recordings.mixer import Mix, Part
from recordings.mixing import KeptPart, Plan, plan
from recordings.pipeline import Pipeline
from recordings.program import answer_of
from recordings.spool import list_spool
from recordings.store import AUDIO_SUFFIX, PEAKS_SUFFIX, fetch, key_of

log: Final = structlog.get_logger(__name__)

_REACH: Final = timedelta(days=30)
_RATE: Final = contract.SPOOL_SAMPLE_RATE
# Kept, and of somebody who talked: a message for the desk has a part, too, and no leg of that number.
_OF_A_LEG: Final = """r.store_key IS NOT NULL AND (
    r.part = 1 OR EXISTS (SELECT FROM leg l WHERE l.call_id = r.call_id AND l.leg_no = r.part))"""


@dataclass(frozen=True, slots=True)
class Due:
    """A call that is over, of which several parts are kept and no whole."""

    call_id: uuid.UUID
    linkedid: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    part: int
    state: str
    duration_s: float
    repaired: bool
    store_key: str
    sha256: str
    pauses: Sequence[dict[str, Any]]


async def keep_whole(parts: Pipeline) -> None:
    """For ever, every ``reconcile_every_s``. What fails is tried again with the next look."""
    broken: dict[uuid.UUID, str] = {}  # refused by the codec: the same again would be refused again
    while True:
        try:
            for call in await due(parts):
                if call.call_id not in broken:
                    await _one(parts, call, broken)
        except (DatabaseAway, StoreAway, WorkFull, OSError) as exc:
            log.info("conference waits", error=str(exc))  # the scanner raises the alarm
        except asyncpg.PostgresError as exc:
            parts.health.wrong("database.refused", str(exc))
        await asyncio.sleep(parts.settings.reconcile_every_s)


async def _one(parts: Pipeline, call: Due, broken: dict[uuid.UUID, str]) -> None:
    try:
        await make(parts, call)
    except (EncoderFailed, StoreMismatch, RecordingGone) as exc:
        broken[call.call_id] = exc.code
        log.error("conference not mixed", call_id=str(call.call_id), code=exc.code, detail=exc.detail)


async def due(parts: Pipeline) -> list[Due]:
    """Oldest first; none of which the spool still has a file."""
    waiting = {p.linkedid for p in (await asyncio.to_thread(list_spool, parts.settings.spool)).pairs}
    sql = f"""SELECT c.id AS call_id, c.linkedid, c.ended_at FROM call c
             WHERE c.node = $1 AND c.ended_at BETWEEN $2 AND $3 AND (
                 SELECT count(*) FROM recording r WHERE r.call_id = c.id AND {_OF_A_LEG}) > 1
             AND NOT EXISTS (SELECT FROM recording r WHERE r.call_id = c.id AND r.part = $4)
             ORDER BY c.ended_at LIMIT 50"""
    now = datetime.now(UTC)
    settled = now - timedelta(seconds=parts.settings.settle_s)
    with rows.database():
        found = await parts.pool.fetch(sql, parts.settings.node, now - _REACH, settled, contract.WHOLE_PART)
    return [Due(**dict(r)) for r in found if r["linkedid"] not in waiting]


async def make(parts: Pipeline, call: Due) -> None:
    """Complete when every part is. Raises as ``Pipeline.take``, and EncoderFailed where the parts cannot be mixed."""
    stored = await _stored(parts, call)
    signs = await signs_of(parts.pool, parts.settings.node, call.linkedid)
    kept = [KeptPart(s.part, s.duration_s, s.pauses) for s in stored]
    planned = plan(signs, call.linkedid, kept, call.ended_at, _RATE)
    if planned is None:
        raise EncoderFailed("the journal has no bridge of any part")
    used = [s for s in stored if s.part in planned.pieces]
    folder = parts.settings.work
    files = [folder / f"job-{uuid.uuid4().hex}" for _ in (*used, "left", "right")]
    try:
        key = key_of(call.call_id, contract.WHOLE_PART, planned.began_at, parts.settings.time_zone)
        result = await _mix_and_store(parts, key, planned, used, files)
    finally:
        for file in files:
            file.unlink(missing_ok=True)
    whole = all(s.state == RecordingState.COMPLETE and s.part in planned.pieces for s in stored)
    row = rows.NewRow(
        call_id=call.call_id, node=parts.settings.node, linkedid=call.linkedid, part=contract.WHOLE_PART,
        state=RecordingState.COMPLETE if whole else RecordingState.SHORT,
        reason=None if whole else Reason.SHORTER_THAN_TALK.value, started_at=planned.began_at,
        duration_s=result.duration_s, talk_s=result.duration_s, repaired=any(s.repaired for s in stored),
        store_key=key + AUDIO_SUFFIX, peaks_key=key + PEAKS_SUFFIX, size_bytes=result.size_bytes,
        sha256=result.sha256, pauses=json.dumps(planned.pauses),
    )  # fmt: skip
    await rows.write(parts.pool, row)
    log.info("conference kept", call_id=str(call.call_id), parts=len(used), duration_s=result.duration_s)


async def _stored(parts: Pipeline, call: Due) -> list[Stored]:
    sql = f"""SELECT part, state, duration_s, repaired, store_key, sha256, pauses FROM recording r
              WHERE call_id = $1 AND {_OF_A_LEG} ORDER BY part"""
    with rows.database():
        found = await parts.pool.fetch(sql, call.call_id)
    return [Stored(**(dict(r) | {"pauses": json.loads(r["pauses"] or "[]")})) for r in found]


async def _mix_and_store(
    parts: Pipeline, key: str, planned: Plan, used: Sequence[Stored], files: Sequence[Path]
) -> Result:
    *copies, left, right = files
    for one, copy in zip(used, copies, strict=True):
        await fetch(parts.store, one.store_key, one.sha256, copy)
    pieces = [Part(str(copy), *planned.pieces[one.part]) for one, copy in zip(used, copies, strict=True)]
    job = Mix(pieces, _RATE, planned.samples, planned.mute, str(left), str(right))
    await answer_of("recordings.mixer", asdict(job), planned.samples / _RATE * len(used), EncoderFailed)
    sources = Source(str(left), 0, planned.samples), Source(str(right), 0, planned.samples)
    return await parts.encode_and_store(key, lambda audio, peaks: Job(*sources, _RATE, str(audio), str(peaks)))
