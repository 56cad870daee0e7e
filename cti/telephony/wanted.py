"""What the tables say of telephones and trunks: read in one go, as values of pbx_config. No decision is taken here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from cti.live.ways import Way
from pbx_config import contract
from pbx_config.settings import SeatSecret
from pbx_config.telephony import TrunkLine


@dataclass(frozen=True, slots=True)
class Wanted:
    """``ways``: all trunks, in the order in which they are tried."""

    version: int
    seats: tuple[SeatSecret, ...]
    trunks: tuple[TrunkLine, ...]
    ways: tuple[Way, ...]


async def version(conn: asyncpg.Connection) -> int:
    """Grows with every change of anything here."""
    found: int = await conn.fetchval("SELECT version FROM telephony")
    return found


async def wanted(conn: asyncpg.Connection) -> Wanted:
    """
    Raises:
        BadSettings: the tables say what no PBX can do.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        newest = await version(conn)
        seats = await conn.fetch("SELECT * FROM seat WHERE retired_at IS NULL ORDER BY seat")
        rows = await conn.fetch("SELECT * FROM trunk ORDER BY position, name")
    return Wanted(
        newest,
        tuple(SeatSecret(row["seat"], row["browser_secret"], row["telephone_secret"]) for row in seats),
        tuple(trunk_of(row) for row in rows if row["kind"] != "settings"),
        tuple(Way(contract.trunk_endpoint(row["name"]), row["channel_limit"], row["active"]) for row in rows),
    )


def trunk_of(row: Mapping[str, Any]) -> TrunkLine:
    """
    Raises:
        BadSettings
    """
    return TrunkLine(
        row["name"], row["host"], tuple(row["addresses"]), row["username"], row["secret"], tuple(row["codecs"])
    )
