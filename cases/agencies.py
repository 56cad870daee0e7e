"""The address book: found by name, pinyin initials or number, the number that has duty now first.

A site brings its own book as JSON (the form of ``data/demo_agencies.json``); agencies are recognised by their Chinese
name, so that loading a book again renames nothing and loses no refusal.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.catalogue import initials
from cases.duty import on_duty
from cases.numbers import canonical
from models.agency import Agency, AgencyNumber
from pbx_config.dialling import allowed

DEMO = Path(__file__).parent / "data" / "demo_agencies.json"
_SPACE = uuid.UUID("6c69616e-7869-6e5f-6167-656e63790001")

_AGENCY = """
INSERT INTO agency (id, name_zh, name_en, initials, parent, sort) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name_zh) DO UPDATE SET name_en = EXCLUDED.name_en, initials = EXCLUDED.initials,
    parent = EXCLUDED.parent, sort = EXCLUDED.sort, active = true
RETURNING id
"""
_NUMBER = """
INSERT INTO agency_number (id, agency_id, label, number, weekdays, from_time, to_time, sort)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET label = EXCLUDED.label, number = EXCLUDED.number, weekdays = EXCLUDED.weekdays,
    from_time = EXCLUDED.from_time, to_time = EXCLUDED.to_time, sort = EXCLUDED.sort
"""


async def load(dsn: str, book: Path = DEMO) -> int:
    """Write a book; again is harmless. Numbers that a known agency no longer has go; how many agencies are in it.

    Raises: NumberInvalid, NumberNotAllowed of a number that nobody could call.
    """
    agencies: list[dict[str, Any]] = json.loads(book.read_text(encoding="utf-8"))
    conn = await asyncpg.connect(dsn)
    try:
        async with conn.transaction():
            for sort, one in enumerate(agencies):
                await _write(conn, one, sort)
    finally:
        await conn.close()
    return len(agencies)


async def _write(conn: asyncpg.Connection, one: dict[str, Any], sort: int) -> None:
    name = one["zh"]
    parent = await conn.fetchval("SELECT id FROM agency WHERE name_zh = $1", one.get("parent"))
    agency_id = await conn.fetchval(_AGENCY, uuid.uuid5(_SPACE, name), name, one["en"], initials(name), parent, sort)
    kept = []
    for place, row in enumerate(one["numbers"]):
        number, hours = allowed(row["number"]), row.get("hours")
        kept.append(uuid.uuid5(agency_id, f"{row['label']}/{number}"))
        begins, ends = (time.fromisoformat(h) for h in hours) if hours else (None, None)
        await conn.execute(
            _NUMBER, kept[-1], agency_id, row["label"], number, row.get("weekdays", "1234567"), begins, ends, place
        )
    await conn.execute("DELETE FROM agency_number WHERE agency_id = $1 AND id <> ALL($2)", agency_id, kept)


@dataclass(frozen=True, slots=True)
class Found:
    """A number of an agency, and whether it has duty now."""

    agency: Agency
    number: AgencyNumber
    on_duty: bool


async def search(session: AsyncSession, q: str, now: datetime, limit: int = 50) -> list[Found]:
    """Active agencies by a part of the name, by initials, or by digits of a number; ``now`` in the site's zone.

    Duty numbers come first, agencies in the book's order; an empty question gives the whole book.
    """
    rows = await session.execute(
        select(Agency, AgencyNumber)
        .join(AgencyNumber, AgencyNumber.agency_id == Agency.id)
        .where(Agency.active, *_asked(q))
        .order_by(Agency.sort, Agency.name_zh, AgencyNumber.sort)
    )
    found = [Found(agency, number, on_duty(number, now)) for agency, number in rows]
    return sorted(found, key=lambda f: (not f.on_duty, not _begins(f.agency, q)))[:limit]


def _begins(agency: Agency, q: str) -> bool:
    typed = q.strip().lower()
    return agency.initials.startswith(typed) or agency.name_zh.startswith(typed)


def _asked(q: str) -> list[ColumnElement[bool]]:
    typed = q.strip()
    if not typed:
        return []
    part = f"%{_plain(typed)}%"
    ways: list[ColumnElement[bool]] = [Agency.name_zh.ilike(part), Agency.name_en.ilike(part)]
    letters = "".join(c for c in typed.lower() if c.isascii() and c.isalnum())
    if letters:
        ways.append(Agency.initials.like(f"%{letters}%"))
    digits = canonical(typed)
    if digits.isdigit():
        ways.append(AgencyNumber.number.like(f"%{digits}%"))
    return [or_(*ways)]


def _plain(text: str) -> str:
    """Characters that LIKE reads as something else."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


async def by_number_id(session: AsyncSession, number_id: uuid.UUID) -> AgencyNumber | None:
    """A number of an agency that is still active."""
    found: AgencyNumber | None = await session.scalar(
        select(AgencyNumber).join(Agency).where(AgencyNumber.id == number_id, Agency.active)
    )
    return found


async def of_number(session: AsyncSession, number: str) -> AgencyNumber | None:
    """Whose number this is; two agencies may share one: then the first of the book."""
    found: AgencyNumber | None = await session.scalar(
        select(AgencyNumber).join(Agency).where(AgencyNumber.number == number, Agency.active)
        .order_by(Agency.sort, AgencyNumber.sort).limit(1)
    )  # fmt: skip
    return found


async def names(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Agency]:
    return {a.id: a for a in await session.scalars(select(Agency).where(Agency.id.in_(ids)))}
