"""The feed's WebSocket: one sender and one receiver per screen. What is sent is decided in ``api.realtime``."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter, ValidationError

from api.edge import Parts, parts_of, viewer_of
from api.errors import RightMissing, SessionRequired
from api.missed import missed_rows
from api.realtime import SESSION_ENDED, now_text
from api.rights import Right
from api.schemas.live import ClientMessage, PhoneMessage
from api.subscriber import Subscriber
from api.viewer import Viewer
from models.db import AWAY, DatabaseAway

log = structlog.get_logger()
router = APIRouter()

TRY_AGAIN = 1013
RIGHT_MISSING = 4403
CHECK_EVERY_PINGS = 12
LONGEST_MESSAGE = 4096
_numbers = itertools.count(1)
_client_message: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)


@router.websocket("/feed")
async def feed(socket: WebSocket, after: Annotated[int, Query(ge=0, le=2**62)] = 0) -> None:
    """``after``: the last seq of the socket before; what was missed comes with the hello."""
    await socket.accept()
    parts = parts_of(socket)
    try:
        viewer = await viewer_of(socket)
        viewer.must(Right.LIVE)
        if parts.hub.sockets >= parts.settings.max_sockets:
            return await socket.close(TRY_AGAIN)
        sub = parts.hub.subscribe(viewer)
    except SessionRequired:
        return await socket.close(SESSION_ENDED)
    except RightMissing:
        return await socket.close(RIGHT_MISSING)
    except DatabaseAway:
        return await socket.close(TRY_AGAIN)
    await _Screen(socket, parts, viewer, sub).serve(after)


class _Screen:
    def __init__(self, socket: WebSocket, parts: Parts, viewer: Viewer, sub: Subscriber) -> None:
        self._socket = socket
        self._parts = parts
        self._viewer = viewer
        self._sub = sub
        self._number = next(_numbers)

    async def serve(self, after: int) -> None:
        """Until either side leaves. A handler that only sends never sees its peer leave, so both run."""
        try:
            await self._hello(after)
            jobs = (self._send(), self._receive(), self._ping())
            tasks = [asyncio.create_task(job, name=f"feed-{self._number}") for job in jobs]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, _LEFT):
                    raise result
        except _LEFT:
            pass  # the peer is gone, by itself or with its network: nobody to tell; what it held is given back below
        finally:
            self._parts.hub.unsubscribe(self._sub)
            if self._viewer.agent_no:
                self._parts.keeper.gone(self._viewer.agent_no, self._number)

    async def _hello(self, after: int) -> None:
        seq, snapshot = self._parts.hub.picture.seq, self._parts.hub.snapshot_text(self._viewer)
        missed: tuple[list[str], bool] = [], False
        with contextlib.suppress(DatabaseAway, *AWAY):
            missed = await missed_rows(self._parts, self._viewer, after, seq)
        await self._socket.send_text(hello_text(seq, snapshot, *missed))
        if self._viewer.agent_no:
            await self._socket.send_json(self._parts.keeper.owner_message(self._viewer.agent_no))

    async def _send(self) -> None:
        while True:
            if self._sub.close_code is not None:
                return await self._socket.close(self._sub.close_code)
            if self._sub.overflowed:
                await self._resync()
            text = self._sub.take()
            if text is not None:
                await self._socket.send_text(text)
            elif self._sub.close_code is None and not self._sub.overflowed:
                await self._sub.ready.wait()

    async def _resync(self) -> None:
        self._parts.hub.overflows += 1
        await self._socket.send_text('{"type":"resync"}')
        # From here to restart() nothing waits: the snapshot and the seq belong together.
        seq, snapshot = self._parts.hub.picture.seq, self._parts.hub.snapshot_text(self._viewer)
        self._sub.restart(seq)
        await self._socket.send_text(hello_text(seq, snapshot, [], False))

    async def _ping(self) -> None:
        for n in itertools.count(1):
            await asyncio.sleep(self._parts.settings.ping_s)
            self._sub.message(json.dumps(self._parts.hub.ping()))
            if n % CHECK_EVERY_PINGS == 0:
                with contextlib.suppress(DatabaseAway):
                    viewer = self._viewer
                    if await self._parts.sessions.find(viewer.token_sha256, viewer.address) is None:
                        self._sub.close(SESSION_ENDED)

    async def _receive(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                message = _client_message.validate_json(text[: LONGEST_MESSAGE + 1])
            except ValidationError:
                log.info("unreadable message from a screen", login=self._viewer.login)  # and nothing happens
                continue
            if isinstance(message, PhoneMessage) and self._viewer.agent_no and self._viewer.may(Right.PHONE):
                trouble = None if message.state == "ok" else message.reason or "network"
                self._parts.keeper.heard(self._viewer.agent_no, self._number, str(message.tab), trouble)


# Starlette says RuntimeError for a send after the close; OSError where the peer's address vanished.
_LEFT = (WebSocketDisconnect, RuntimeError, OSError)


def hello_text(seq: int, snapshot: str, missed: list[str], complete: bool) -> str:
    return (
        f'{{"type":"hello","seq":{seq},"server_time":"{now_text()}","snapshot":{snapshot},'
        f'"missed":[{",".join(missed)}],"complete":{"true" if complete else "false"}}}'
    )
