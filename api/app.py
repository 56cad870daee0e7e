"""The application: its parts, its routes, its errors, and the document that describes them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI

from api import (
    announcements,
    attempts,
    audit_log,
    callbacks,
    caller,
    calls,
    capacity,
    cases,
    catalogue,
    commands,
    conferences,
    danger,
    drafts,
    ears,
    feed_socket,
    floor,
    hands,
    health,
    hours,
    incidents,
    live,
    messages,
    policies,
    problems,
    prompts,
    recording_export,
    recording_search,
    recordings,
    scores,
    seats,
    sessions,
    shelf,
    shield,
    targets,
    telephony,
    trunks,
    tuning,
    users,
)
from api.alarms import Alarms
from api.edge import Parts
from api.gate import Gate
from api.hand_keeper import HandKeeper
from api.login_sessions import LoginSessions
from api.metrics import Metrics
from api.openapi import describe
from api.pages import pages
from api.passwords import Passwords
from api.phone_keeper import PhoneKeeper
from api.realtime import Hub
from api.settings import ApiSettings
from api.site_policies import PolicyBook
from cases.regions import Regions
from models.db import make_engine, make_pool
from recordings.store import open_store

log = structlog.get_logger()

PREFIX = "/api/v1"
FEATURES = (
    sessions, seats, commands, targets, live, feed_socket, caller, calls, callbacks, drafts, cases, conferences,
    danger, attempts, ears, shield, floor, hands, messages, catalogue,
    recording_search, recordings, recording_export, scores, shelf, hours, announcements, incidents, capacity, tuning,
    telephony, trunks,
    users, prompts, policies, audit_log,
)  # fmt: skip


def create_app(settings: ApiSettings) -> FastAPI:
    """The app. Nothing is connected until it starts; it starts while the database is away, and says so."""
    app = FastAPI(
        title="Lianxin",
        version="1",
        description="The desk of a citizen hotline. Live state comes over the socket /api/v1/feed.",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    root = APIRouter(prefix=PREFIX)
    for feature in FEATURES:
        root.include_router(feature.router)
    app.include_router(root)
    app.include_router(health.router)
    if settings.web_dist is not None:
        app.include_router(pages(settings.web_dist))
    problems.install(app)
    app.add_middleware(Gate, settings=settings)
    describe(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Background work runs in one group, beside the requests."""
    parts = app.state.parts = await _parts(app.state.settings)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(_or_stop(parts.hub.run()), name="feed follower"),
            tasks.create_task(_or_stop(parts.keeper.run()), name="phone keeper"),
            tasks.create_task(_or_stop(parts.policies.run()), name="policies"),
            tasks.create_task(
                _or_stop(HandKeeper(parts.engine, parts.hub, parts.settings.node).run()), name="hand keeper"
            ),
        ]
        parts.regions.begin_loading()
        try:
            yield
        finally:
            for task in running:
                task.cancel()
    await parts.regions.close()
    parts.pool.terminate()
    await parts.engine.dispose()


async def _or_stop(work: Coroutine[Any, Any, None]) -> None:
    """A side task that dies stops the process: a desk that answers but no longer follows the feed would lie."""
    try:
        await work
    except Exception:
        # The root of a task: the supervisor starts the process again, and screens reconnect.
        log.critical("background work died", exc_info=True)
        signal.raise_signal(signal.SIGTERM)


async def _parts(settings: ApiSettings) -> Parts:
    engine = make_engine(settings.dsn)
    hub = Hub(settings)
    book = PolicyBook(settings, engine, hub.resync)
    hub.policies = lambda: book.now
    await book.read()
    return Parts(
        settings=settings,
        engine=engine,
        pool=await make_pool(settings.dsn),
        sessions=LoginSessions(engine, settings, Passwords()),
        hub=hub,
        policies=book,
        keeper=PhoneKeeper(settings, engine, hub),
        regions=Regions(),
        metrics=Metrics(hub),
        store=open_store(settings.store_url),
        exports=asyncio.Semaphore(recording_export.AT_ONCE),
        alarms=Alarms(engine, settings.node),
        started_at=datetime.now(UTC),
    )


def openapi_json() -> str:
    """The OpenAPI document, as it is checked in for the web's client."""
    app = create_app(ApiSettings(dsn="postgresql://nowhere/none"))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
