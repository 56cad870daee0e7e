"""What the tables say that the line does: read in one go, as values of pbx_config. No decision is taken here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

import asyncpg

from pbx_config.contract import OverflowKind, Profile
from pbx_config.hours import DayKind, Override, Plan, hours_of
from pbx_config.line_files import OpenIncident, Overflow, ProfileSets

_PROFILES = "SELECT p.*, s.sha256 FROM line_profile p LEFT JOIN line_sound s ON s.id = p.sound_id"
_OVERRIDE = """
SELECT profile, until FROM line_override WHERE ended_at IS NULL AND until > $1 ORDER BY created_at DESC, id LIMIT 1
"""
_INCIDENTS = """
SELECT i.number, i.prefixes, s.sha256 FROM incident i JOIN line_sound s ON s.id = i.sound_id
WHERE i.ended_at IS NULL ORDER BY i.number
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``sounds``: the checksums of every announcement that is played somewhere."""

    plan: Plan
    profiles: Mapping[Profile, ProfileSets]
    incidents: tuple[OpenIncident, ...]

    @property
    def sounds(self) -> frozenset[str]:
        named = [sets.sound for sets in self.profiles.values()] + [one.sound for one in self.incidents]
        return frozenset(filter(None, named))


async def version(conn: asyncpg.Connection) -> int:
    """Grows with every change of anything here."""
    found: int = await conn.fetchval("SELECT version FROM line_hours")
    return found


async def wanted(conn: asyncpg.Connection, zone: tzinfo, now: datetime) -> Wanted:
    """
    Raises:
        BadPlan, BadSettings: the tables say what no line can do.
    """
    return Wanted(
        await plan(conn, zone, now),
        {Profile(row["name"]): sets_of(row) for row in await conn.fetch(_PROFILES)},
        tuple(_incident(row) for row in await conn.fetch(_INCIDENTS)),
    )


async def plan(conn: asyncpg.Connection, zone: tzinfo, now: datetime) -> Plan:
    """
    Raises:
        BadPlan
    """
    hours = json.loads(await conn.fetchval("SELECT hours FROM line_hours"))
    days = await conn.fetch("SELECT day, kind FROM calendar_day")
    said = await conn.fetchrow(_OVERRIDE, now)
    override = Override(Profile(said["profile"]), said["until"]) if said else None
    calendar: dict[date, DayKind] = {row["day"]: DayKind(row["kind"]) for row in days}
    return Plan(zone, hours_of(hours), calendar, override)


def sets_of(row: Mapping[str, Any]) -> ProfileSets:
    """
    Raises:
        BadSettings
    """

    def overflow(on: str) -> Overflow:
        return Overflow(OverflowKind(row[on]), row[f"{on}_to"])

    return ProfileSets(
        row["max_waiting"], row["max_wait_s"], row["sha256"] or "",
        overflow("on_full"), overflow("on_no_agent"), overflow("on_too_long"),
    )  # fmt: skip


def _incident(row: Mapping[str, Any]) -> OpenIncident:
    prefixes = row["prefixes"]
    return OpenIncident(row["number"], row["sha256"], None if prefixes is None else prefixes.split())
