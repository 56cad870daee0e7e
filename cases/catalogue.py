"""The catalogue that a case chooses from: categories in two levels and the districts of the city.

Seeded from JSON files in ``data/``; a site gives its own. Pinyin initials are made here, so that "ldbl" finds 路灯不亮.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from pypinyin import Style, lazy_pinyin
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.case import Category, District

DATA = Path(__file__).parent / "data"

_CATEGORY = """
INSERT INTO category (code, parent, name_zh, name_en, initials, sort) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code) DO UPDATE SET parent = EXCLUDED.parent, name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en,
    initials = EXCLUDED.initials, sort = EXCLUDED.sort
"""
_DISTRICT = """
INSERT INTO district (code, name_zh, name_en, initials, sort) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en,
    initials = EXCLUDED.initials, sort = EXCLUDED.sort
"""


def initials(name: str) -> str:
    """First letters of the pinyin; Latin letters and digits stay. "12345热线" → "12345rx"."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
    return "".join(c for c in "".join(letters).lower() if c.isascii() and c.isalnum())


async def seed(dsn: str, categories: Path | None = None, districts: Path | None = None) -> None:
    """Write the catalogue; again is harmless, renames follow, and nothing that a case may name is removed."""
    conn = await asyncpg.connect(dsn)
    try:
        async with conn.transaction():
            for row in category_rows(_load(categories or DATA / "categories.json")):
                await conn.execute(_CATEGORY, *row)
            for sort, one in enumerate(_load(districts or DATA / "districts.json")):
                name = one["zh"]
                await conn.execute(_DISTRICT, one["code"], name, one["en"], initials(name), sort)
    finally:
        await conn.close()


def _load(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def category_rows(groups: list[dict[str, Any]]) -> list[tuple[str, str | None, str, str, str, int]]:
    """Parents before their children. A child's code is the group's and its place: "03" → "0301"."""
    rows: list[tuple[str, str | None, str, str, str, int]] = []
    for sort, group in enumerate(groups):
        rows.append((group["code"], None, group["zh"], group["en"], initials(group["zh"]), sort))
        for place, (zh, en) in enumerate(group["children"], start=1):
            rows.append((f"{group['code']}{place:02d}", group["code"], zh, en, initials(zh), place))
    return rows


@dataclass(frozen=True, slots=True)
class Node:
    """A category and what is below it."""

    code: str
    name_zh: str
    name_en: str
    initials: str
    children: list[Node]


async def tree(session: AsyncSession) -> list[Node]:
    nodes: dict[str, Node] = {}
    top: list[Node] = []
    for row in await session.scalars(select(Category).order_by(Category.parent.nulls_first(), Category.sort)):
        node = nodes[row.code] = Node(row.code, row.name_zh, row.name_en, row.initials, [])
        (nodes[row.parent].children if row.parent else top).append(node)
    return top


async def districts(session: AsyncSession) -> list[District]:
    return list(await session.scalars(select(District).order_by(District.sort, District.code)))
