"""What a case form chooses from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from api.edge import needs, parts_of
from api.rights import Right
from api.schemas.cases import Category, District, Name
from api.viewer import Viewer
from cases import catalogue
from models.db import read_only

router = APIRouter(tags=["catalogue"])

Anybody = Annotated[Viewer, needs(Right.CATALOGUE)]


@router.get("/categories", summary="The tree of categories")
async def list_categories(viewer: Anybody, request: Request) -> list[Category]:
    async with read_only(parts_of(request).engine) as session:
        return [_category(node) for node in await catalogue.tree(session)]


def _category(node: catalogue.Node) -> Category:
    return Category(
        code=node.code, name=Name(zh=node.name_zh, en=node.name_en), initials=node.initials,
        children=[_category(child) for child in node.children],
    )  # fmt: skip


@router.get("/districts", summary="The districts of the city")
async def list_districts(viewer: Anybody, request: Request) -> list[District]:
    async with read_only(parts_of(request).engine) as session:
        rows = await catalogue.districts(session)
    return [District(code=d.code, name=Name(zh=d.name_zh, en=d.name_en), initials=d.initials) for d in rows]
