"""Is what we started healthy: asked over the doors that everybody else uses (HTTP, the live table)."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg

from cli import database
from cli.language import say
from cli.settings import Settings
from cti.facts import Topic
from models.db import AWAY
from models.errors import Unavailable

WITHIN_S = 45.0
_EVERY_S = 0.1
_EVER = datetime.min.replace(tzinfo=UTC)


class NotHealthy(Unavailable):
    """A part did not become ready in time; the text is a whole sentence."""

    code = "run.not_healthy"


def api_answers(settings: Settings) -> tuple[bool, Any]:
    """(answers at all, body of /healthz or the reason why not)."""
    try:
        with urllib.request.urlopen(f"{settings.url}/healthz", timeout=3) as answer:
            return True, json.load(answer)
    except urllib.error.HTTPError as exc:  # 503: it answers, and says that a part is away
        body = exc.read()
        return True, json.loads(body) if body.startswith(b"{") else {"status": str(exc)}
    except (OSError, ValueError) as exc:
        return False, str(getattr(exc, "reason", exc))


async def node_connected(dsn: str, node: str, after: datetime = _EVER) -> tuple[bool, str]:
    """(cti is connected to the PBX and has taken its snapshot, else why not).

    ``after``: what a cti that was killed said before is not believed.
    """
    try:
        conn = await asyncpg.connect(dsn, timeout=3)
    except AWAY as exc:
        return False, str(exc)
    try:
        body = await conn.fetchval("SELECT body FROM live WHERE topic = $1 AND key = $2", Topic.NODE.value, node)
    finally:
        await conn.close()
    if body is None:
        return False, "no word from cti yet"
    said = json.loads(body)
    fresh = datetime.fromisoformat(said["since"]) >= after
    return bool(said["connected"]) and fresh, str(said.get("reason") or "no word from cti yet")


async def wait(settings: Settings, begun: datetime, look: Callable[[], None]) -> None:
    """Until the api answers and cti is connected since ``begun`` or later.

    ``look`` is called meanwhile, so that a dead child is started again.

    Raises:
        NotHealthy: not within 45 s.
    """
    deadline = time.monotonic() + WITHIN_S
    dsn = database.dsn(settings)
    while True:
        part, (well, why) = "api", await asyncio.to_thread(api_answers, settings)
        if well:
            part, (well, why) = "cti", await node_connected(dsn, settings.node, begun)
        if well:
            return
        if time.monotonic() > deadline:
            log = settings.logs / f"{part}.log"
            raise NotHealthy(say("not_healthy", name=part, within_s=WITHIN_S, why=why, log=log))
        look()
        await asyncio.sleep(_EVERY_S)
