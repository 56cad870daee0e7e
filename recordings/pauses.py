"""Stretches in which private data was read out: asked for by command, and shown by the audio itself.

A paused recording keeps its length and holds digital silence on both sides, which no telephone ever sends (A-law has no
sample 0). Neither witness alone is believed: a command may not have worked, and a line may have been dead.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from recordings.legs import Bridged
from recordings.rows import database

PAUSE, RESUME = "call.record_pause", "call.record_resume"
LONGEST_S: Final = 120.0  # cti ends a pause that nobody ended
_SLACK_S: Final = 5.0
_ASKED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """In seconds of the file."""

    from_s: float
    to_s: float
    reason: str

    def as_json(self) -> dict[str, float | str]:
        return {"from_s": self.from_s, "to_s": self.to_s, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that was carried out. ``reason`` None: the recording went on."""

    at: datetime
    reason: str | None


async def asked(pool: asyncpg.Pool, node: str, call_id: uuid.UUID, began: datetime, ended: datetime) -> list[Asked]:
    """What was asked of the call's recording between the two times, in order.

    "unknown" counts: cti was killed before it saw the PBX confirm, and the audio will say.

    Raises:
        DatabaseAway
    """
    sql = """SELECT kind, args->>'reason' AS reason, ended_at FROM command WHERE node = $1 AND kind = ANY($2)
             AND asked_at BETWEEN $4 AND $5 AND args->>'call_id' = $3 AND state IN ('succeeded', 'unknown')
             ORDER BY asked_at"""
    with database():
        found = await pool.fetch(sql, node, (PAUSE, RESUME), str(call_id), began - _ASKED, ended + _ASKED)
    return [Asked(r["ended_at"], (r["reason"] or "") if r["kind"] == PAUSE else None) for r in found]


def pauses(
    commands: Sequence[Asked], silences: Sequence[tuple[float, float]], bridged: Bridged, duration_s: float
) -> tuple[Pause, ...]:
    """Every digital silence that a command explains; ``silences`` are (from, to) in seconds of the file.

    A file of ``duration_s`` that is shorter than its bridges has lost its audio evenly, as a starved machine does.
    """
    held = min(1.0, duration_s / bridged.seconds) if bridged.seconds else 1.0
    spans = [(begin * held, end * held, reason) for begin, end, reason in _spans(commands, bridged)]
    found = []
    for from_s, to_s in silences:
        reason = next((r for begin, end, r in spans if from_s < end + _SLACK_S and to_s > begin - _SLACK_S), None)
        if reason is not None:
            found.append(Pause(round(from_s, 2), round(to_s, 2), reason))
    return tuple(found)


def _spans(commands: Sequence[Asked], bridged: Bridged) -> list[tuple[float, float, str]]:
    """(from, to, reason) of each pause as places in the file. One that nobody ended is as long as one can be."""
    spans = []
    begun: Asked | None = None
    for command in commands:
        if command.reason is None and begun is not None:
            spans.append((bridged.place(begun.at), bridged.place(command.at), begun.reason or ""))
            begun = None
        elif command.reason is not None:
            begun = begun or command
    if begun is not None:
        start = bridged.place(begun.at)
        spans.append((start, start + LONGEST_S, begun.reason or ""))
    return spans
