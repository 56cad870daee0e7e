"""When the leg of a recording was in a bridge: that, and nothing else, is what its files hold (MixMonitor's ``b``).

Read from the raw journal (``cel_event``), which knows of moves, holds and second talks what a call's one ``talk_s``
cannot say. A wall clock's time becomes a place in the file by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from pbx_config import contract
from recordings.rows import database

_ENTER, _EXIT, _END = "BRIDGE_ENTER", "BRIDGE_EXIT", "CHAN_END"
_ARMED: Final = contract.Milestone.RECORDING.value
_EVENTS: Final = (_ENTER, _EXIT, _END, _ARMED)


@dataclass(frozen=True, slots=True)
class Stretch:
    began_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Bridged:
    """The stretches of one leg, in order. Empty: the journal knows nothing of it."""

    stretches: tuple[Stretch, ...] = ()

    @property
    def seconds(self) -> float | None:
        """None where nothing is known."""
        return sum(s.seconds for s in self.stretches) if self.stretches else None

    def place(self, at: datetime) -> float:
        """Seconds of bridge before ``at``."""
        return sum((min(s.ended_at, at) - s.began_at).total_seconds() for s in self.stretches if s.began_at < at)


UNTOLD: Final = Bridged()


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the journal that matters here."""

    event: str
    at: datetime
    uniqueid: str
    extra: str


async def bridged(pool: asyncpg.Pool, node: str, linkedid: str, part: int, ended_at: datetime) -> Bridged:
    """Of the leg that this part recorded; a bridge that nobody saw end, ended at ``ended_at``.

    Raises:
        DatabaseAway
    """
    signs = await signs_of(pool, node, linkedid)
    return of_leg(signs, leg_of(signs, linkedid, part), ended_at)


async def signs_of(pool: asyncpg.Pool, node: str, linkedid: str) -> list[Sign]:
    """Of all legs of a call, in order of time.

    Raises:
        DatabaseAway
    """
    # Legs that we called have linkedids of their own, all beginning with the call's and a plus sign.
    sql = """SELECT event, at, uniqueid, fields->>'extra' AS extra FROM cel_event WHERE node = $1 AND event = ANY($3)
             AND (linkedid = $2 OR (linkedid >= $2 || '+' AND linkedid < $2 || ',')) ORDER BY at, id"""
    with database():
        found = await pool.fetch(sql, node, linkedid, _EVENTS)
    return [Sign(r["event"], r["at"], r["uniqueid"], r["extra"] or "") for r in found]


def leg_of(signs: list[Sign], linkedid: str, part: int) -> str:
    """The uniqueid of the leg that carries this part: the one on which the dial plan armed it."""
    stem = contract.recording_stem(linkedid, part)
    armed = [s.uniqueid for s in signs if s.event == _ARMED and _said(s.extra) == stem]
    return armed[-1] if armed else linkedid if part == 1 else ""


def of_leg(signs: list[Sign], uniqueid: str, ended_at: datetime) -> Bridged:
    """The stretches of one leg, from where its recording was armed."""
    stretches: list[Stretch] = []
    entered: datetime | None = None
    armed_at: datetime | None = None
    for sign in (s for s in signs if s.uniqueid == uniqueid):
        if sign.event == _ARMED:
            armed_at = armed_at or sign.at
        elif sign.event == _ENTER:
            entered = entered or sign.at
        elif entered:
            stretches.append(Stretch(entered, sign.at))
            entered = None
    if entered and entered < ended_at:
        stretches.append(Stretch(entered, ended_at))
    after = armed_at or datetime.min.replace(tzinfo=ended_at.tzinfo)
    return Bridged(tuple(Stretch(max(s.began_at, after), s.ended_at) for s in stretches if s.ended_at > after))


def _said(extra: str) -> str:
    try:
        found = json.loads(extra)
    except ValueError:
        return ""
    return str(found.get("extra", "")) if isinstance(found, dict) else ""
