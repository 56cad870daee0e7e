"""What every route leans on: the parts behind the app, the viewer of a request, and the right it needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import HTTPConnection

from api.alarms import Alarms
from api.errors import SessionRequired
from api.login_sessions import LoginSessions, sha256
from api.metrics import Metrics
from api.phone_keeper import PhoneKeeper
from api.realtime import Hub
from api.rights import Right
from api.settings import ApiSettings
from api.site_policies import PolicyBook
from api.viewer import Viewer
from cases.regions import Regions
from recordings.store import Store


@dataclass(slots=True)
class Parts:
    """What the process has one of. Made when the app starts, closed when it stops."""

    settings: ApiSettings
    engine: AsyncEngine
    pool: asyncpg.Pool
    sessions: LoginSessions
    hub: Hub
    policies: PolicyBook
    keeper: PhoneKeeper
    regions: Regions
    metrics: Metrics
    store: Store
    exports: asyncio.Semaphore  # copies that may be made at once
    alarms: Alarms
    started_at: datetime


def parts_of(connection: HTTPConnection) -> Parts:
    parts: Parts = connection.app.state.parts
    return parts


def address_of(connection: HTTPConnection) -> str:
    """The peer's address; behind a proxy uvicorn has put the forwarded one here (``forwarded_allow_ips``)."""
    return connection.client.host if connection.client else ""


async def viewer_of(connection: HTTPConnection) -> Viewer:
    """Raises: SessionRequired."""
    parts = parts_of(connection)
    token = connection.cookies.get(parts.settings.cookie_name)
    viewer = await parts.sessions.find(sha256(token), address_of(connection)) if token else None
    if viewer is None:
        raise SessionRequired
    connection.scope["lianxin.locale"] = viewer.locale
    return viewer


def needs(right: Right) -> Any:
    """A route's parameter default: the viewer, who has this right.

    Raises:
        SessionRequired, RightMissing
    """

    async def viewer_with_right(request: Request) -> Viewer:
        viewer = await viewer_of(request)
        viewer.must(right)
        return viewer

    return Depends(viewer_with_right)
