"""Calls everybody who is to be told something of an incident, few at a time, by day, and never on the last free lines.

A number is written down as being called before the PBX is asked. What came of it is known from the switch, and who
heard it to the end from its journal; so after a fall nobody is called again who has heard it, and nobody is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from cti.commands.desk import Desk
from cti.commands.trunk import NoCall, outcome_of, why
from cti.keeping import TROUBLE, keep
from cti.live.floor import Floor
from cti.live.trial import Trial
from cti.live.trunk import in_use
from cti.live.ways import channel
from models.telling import ToldState
from pbx_config import contract, dialling
from pbx_config.contract import Context, Milestone, Var
from pbx_config.line_files import LineFiles

log = structlog.get_logger(__name__)

RING_S = 30
_GRACE_S = 15.0
_JOURNAL_LOOK_S = 0.5
_JOURNAL_LOOKS = 60  # a journal that is further behind is settled later
_SETTLE_S = 15.0
_NEVER_MADE_S = 120.0  # a call of which the journal, read for so long, says nothing was never made
_CALL_ENDED = "LINKEDID_END"
NOT_HEARD, NOT_KNOWN = "told.not_heard", "told.not_known"
_TOLD = (ToldState.TOLD, None)

_TAKE = """
UPDATE told SET state = 'calling', attempts = attempts + 1, at = now(), node = $1
FROM telling t JOIN line_sound s ON s.id = t.sound_id
WHERE t.id = told.telling_id AND told.id = (
    SELECT d.id FROM told d JOIN telling r ON r.id = d.telling_id
    WHERE d.state = 'waiting' AND d.next_at <= now() AND r.stopped_at IS NULL
    ORDER BY d.next_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
)
RETURNING told.id, told.number, told.attempts, s.sha256, s.seconds
"""
_LEFT_BEHIND = """
SELECT id, attempts, at < now() - make_interval(secs => $3) AS never_made FROM told
WHERE state = 'calling' AND node = $1 AND at < now() - make_interval(secs => $2)
"""
_EVENTS = "SELECT event FROM cel_event WHERE node = $1 AND linkedid = $2"
_STOPPED = """
SELECT t.stopped_at IS NOT NULL FROM told d JOIN telling t ON t.id = d.telling_id WHERE d.id = $1 FOR SHARE OF t
"""
_END = """
UPDATE told SET state = $3, why = $4, next_at = now() + make_interval(secs => $5)
WHERE id = $1 AND attempts = $2 AND state = 'calling'
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """``hours``: from – to, by the site's clock. ``again_s``: until a number that was not reached is tried again."""

    at_once: int = 3
    attempts: int = 3
    again_s: float = 600.0
    hours: tuple[int, int] = (8, 21)


def spare_line(floor: Floor, legs: set[str]) -> str | None:
    """The first trunk of which at least half stays for citizens. ``legs``: ours, there or on their way."""
    limits = {way.endpoint: way.limit for way in floor.ways}
    coming = sum(leg not in floor.channels for leg in legs)
    for endpoint in floor.free_ways():
        limit = limits[endpoint]
        if limit is None or in_use(endpoint, floor.channels.values()) + coming < limit // 2:
            return endpoint
    return None


class TellingKeeper:
    """One per PBX, on its host. ``folder``: the PBX's folder of hours, incidents and announcements."""

    def __init__(self, pool: asyncpg.Pool, desk: Desk, folder: Path, zone: tzinfo, rules: Rules | None = None) -> None:
        self._pool, self._desk, self._files, self._zone = pool, desk, LineFiles(folder), zone
        self._rules = rules or Rules()
        self._legs: set[str] = set()
        self._begun_s = 0.0

    async def run(self) -> None:
        self._begun_s = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            await keep("telling", lambda: self._look(group))

    async def _look(self, group: asyncio.TaskGroup) -> None:
        async with self._pool.acquire() as conn:
            await self._settle(conn)
            while (endpoint := self._line()) is not None:
                row = await conn.fetchrow(_TAKE, self._desk.floor.node)
                if row is None:
                    return
                if not self._files.has_sound(row["sha256"]):
                    wav = await conn.fetchval("SELECT wav FROM line_sound WHERE sha256 = $1", row["sha256"])
                    await asyncio.to_thread(self._files.sound, wav)
                self._legs.add(leg := contract.told_leg(row["id"], row["attempts"]))
                group.create_task(self._tell(row, leg, endpoint))

    def _line(self) -> str | None:
        """Where somebody may be called now."""
        first, last = self._rules.hours
        if not self._desk.client.link.live or not first <= datetime.now(self._zone).hour < last:
            return None
        if len(self._legs) >= self._rules.at_once:
            return None
        return spare_line(self._desk.floor, self._legs)

    async def _tell(self, row: Mapping[str, Any], leg: str, endpoint: str) -> None:
        try:
            await self._called(row, leg, endpoint)
        except TROUBLE as exc:  # it stays "being called" until its time is over, and is settled then
            log.warning("telling_unknown", leg=leg, error=f"{type(exc).__name__}: {exc}")
        finally:
            self._legs.discard(leg)

    async def _called(self, row: Mapping[str, Any], leg: str, endpoint: str) -> None:
        try:
            number = dialling.allowed(row["number"], self._desk.own_numbers)
        except (dialling.NumberInvalid, dialling.NumberNotAllowed) as exc:
            await self._write(row, ToldState.MISSED, exc.code)
            return
        sound = {"Variable": f"{Var.SOUND}={row['sha256']}"}
        one = NoCall(leg, channel(number, endpoint), Context.TELL, RING_S, sound)
        within_s = RING_S + 2 * row["seconds"] + _GRACE_S
        await self._ended(row, leg, await outcome_of(self._desk, one, lambda trial: trial.gone, within_s))

    async def _ended(self, row: Mapping[str, Any], leg: str, outcome: Trial) -> None:
        if not outcome.answered:
            await self._write(row, ToldState.WAITING, why(outcome))
            return
        for _ in range(_JOURNAL_LOOKS):
            if (heard := await self._heard(leg)) is not None:
                await self._write(row, *(_TOLD if heard else (ToldState.WAITING, NOT_HEARD)))
                return
            await asyncio.sleep(_JOURNAL_LOOK_S)

    async def _settle(self, conn: asyncpg.Connection) -> None:
        """Those whom a cti that fell was calling, or whose end nobody told us."""
        floor = self._desk.floor
        read_long = asyncio.get_running_loop().time() - self._begun_s >= _NEVER_MADE_S
        for row in await conn.fetch(_LEFT_BEHIND, floor.node, _SETTLE_S, _NEVER_MADE_S):
            leg = contract.told_leg(row["id"], row["attempts"])
            if leg in self._legs or leg in floor.channels or not self._desk.client.link.live:
                continue
            heard = await self._heard(leg)
            if heard is not None or (row["never_made"] and read_long):
                await self._write(row, *(_TOLD if heard else (ToldState.WAITING, NOT_KNOWN)))

    async def _heard(self, leg: str) -> bool | None:
        """To its end; None while the journal has not told the end of the call."""
        rows = await self._pool.fetch(_EVENTS, self._desk.floor.node, leg)
        events = {row["event"] for row in rows}
        return True if Milestone.TOLD in events else False if _CALL_ENDED in events else None

    async def _write(self, row: Mapping[str, Any], state: ToldState, code: str | None) -> None:
        """``WAITING``: again later, unless it was tried often enough or somebody ended the round."""
        async with self._pool.acquire() as conn, conn.transaction():
            stopped = await conn.fetchval(_STOPPED, row["id"])
            if state is ToldState.WAITING and row["attempts"] >= self._rules.attempts:
                state = ToldState.MISSED
            elif state is ToldState.WAITING and stopped:
                state = ToldState.STOPPED
            await conn.execute(_END, row["id"], row["attempts"], state.value, code, self._rules.again_s)
