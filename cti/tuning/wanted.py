"""What the versions in the database say that the line is to do: the newest of each, judged. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from models.tuning import Kind
from pbx_config import contract, tuning
from pbx_config.errors import BadSettings
from pbx_config.queue_file import QueueSets

_NEWEST = """
SELECT DISTINCT ON (kind, subject) kind, subject, revision, value FROM tuning
WHERE kind IN ('queue', 'number', 'skills') ORDER BY kind, subject, revision DESC
"""
_TELL = """
INSERT INTO tuning_in_force (node, kind, subject, revision, at, refused_revision, refused_code)
VALUES ($1, $2, $3, $4, now(), $5, $6)
ON CONFLICT (node, kind, subject) DO UPDATE SET
    revision = excluded.revision, refused_revision = excluded.refused_revision, refused_code = excluded.refused_code,
    at = CASE WHEN tuning_in_force.revision = excluded.revision THEN tuning_in_force.at ELSE now() END
"""
_SOUNDS = "SELECT id::text, wav FROM line_sound WHERE id = ANY($1::uuid[])"
NO_SOUND = "sound.not_found"
Key = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Version:
    """``value``: {} when it is not there any more."""

    revision: int
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """``bad``: the code of each version that no line can do."""

    versions: Mapping[Key, Version] = field(default_factory=dict)
    queues: tuple[QueueSets, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    skills: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # agent_no → queue → level
    bad: Mapping[Key, str] = field(default_factory=dict)

    def levels(self, agent_no: str) -> Mapping[str, int]:
        """Queue → level, of the queues that are there; who has nothing said of answers the first queue, first."""
        levels = self.skills.get(agent_no, {contract.QUEUE_MAIN: tuning.LEVELS[0]})
        there = {queue.name for queue in self.queues}
        return {queue: level for queue, level in levels.items() if queue in there}


@dataclass(frozen=True, slots=True)
class Told:
    """One row for the admin's page."""

    revision: int  # in force; 0: none
    refused_revision: int | None = None
    refused_code: str | None = None


async def read(conn: asyncpg.Connection) -> Mapping[Key, Version]:
    rows = await conn.fetch(_NEWEST)
    return {(Kind(r["kind"]), r["subject"]): Version(r["revision"], json.loads(r["value"])) for r in rows}


async def queues_told(conn: asyncpg.Connection, node: str) -> Mapping[str, int]:
    """The revision of each queue that was told to be in force."""
    told = "SELECT subject, revision FROM tuning_in_force WHERE node = $1 AND kind = 'queue'"
    return {row["subject"]: row["revision"] for row in await conn.fetch(told, node)}


async def sounds(conn: asyncpg.Connection, ids: Collection[str]) -> Mapping[str, bytes]:
    """As the PBX plays them; who is not there is missing."""
    return {row["id"]: row["wav"] for row in await conn.fetch(_SOUNDS, list(ids))}


async def tell(conn: asyncpg.Connection, node: str, told: Mapping[Key, Told]) -> None:
    rows = [(node, *key, one.revision, one.refused_revision, one.refused_code) for key, one in told.items()]
    await conn.executemany(_TELL, rows)


def judged(versions: Mapping[Key, Version]) -> Wanted:
    """Never raises: what is wrong is set aside, with its code."""
    queues: list[QueueSets] = []
    numbers: dict[str, str] = {}
    skills: dict[str, Mapping[str, int]] = {}
    bad: dict[Key, str] = {}
    for key, version in versions.items():
        kind, subject = key
        if not version.value:
            continue
        try:
            if kind is Kind.QUEUE:
                queues.append(QueueSets.of(subject, version.value))
            elif kind is Kind.NUMBER:
                numbers[subject] = tuning.queue_of_number(subject, version.value)
            else:
                skills[subject] = tuning.levels_of(version.value)
        except BadSettings as exc:
            bad[key] = exc.code
    queues.sort(key=lambda queue: queue.name)
    return Wanted(versions, tuple(queues), numbers, skills, bad)
