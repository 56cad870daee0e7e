"""The desk's built pages: files of web/dist, and its index for every address that the router of the page knows."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from api.errors import NotFound

IMMUTABLE = "public, max-age=31536000, immutable"  # names under assets/ carry a hash of their content


def script_of(dist: Path | None) -> str:
    """The script that the built index begins with, by which a page left open over an update knows that it is old."""
    index = dist / "index.html" if dist is not None else None
    if index is None or not index.is_file():
        return ""
    found = re.search(r'<script type="module"[^>]* src="(/assets/[\w.-]+)"', index.read_text(encoding="utf-8"))
    return found[1] if found else ""


def pages(dist: Path) -> APIRouter:
    """Mount last: it answers everything that nobody else does."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.get("/{path:path}")
    async def page(path: str, request: Request) -> Response:
        if path.startswith(("api/", "healthz", "metrics")) or "\x00" in path:
            raise NotFound
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file():
            fresh = path.startswith("assets/")
            return FileResponse(file, headers={"cache-control": IMMUTABLE if fresh else "no-cache"})
        index = root / "index.html"
        if "." in path.rsplit("/", 1)[-1] or not index.is_file():
            raise NotFound
        return FileResponse(index, headers={"cache-control": "no-cache"})

    return router
