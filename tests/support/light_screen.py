"""A WebSocket client of a few lines: a thousand screens in one process must take less time than what they measure."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from tests.support.house import House


class LightScreen(asyncio.Protocol):
    """One screen's feed: every message with the moment it came (epoch seconds), kept by ``received`` or by ``keep``.

    It knows what the server sends: whole text frames, pings, a close; anything else is a fault of the measurement.
    """

    def __init__(self, request: str, keep: Callable[[float, str], None] | None) -> None:
        self.received: list[tuple[float, str]] = []
        self._keep = keep or (lambda at, text: self.received.append((at, text)))
        self.hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # the first message came
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # either side left
        self._request, self._rest, self._upgraded = request, b"", False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request.encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        data = self._rest + data
        if not self._upgraded:
            head, there, data = data.partition(b"\r\n\r\n")
            if not there:
                self._rest = head
                return
            assert b" 101 " in head.partition(b"\r\n")[0], head
            self._upgraded = True
        while (frame := _frame(data)) is not None:
            kind, begin, end = frame
            if kind == _TEXT:
                for message in _messages(data[begin:end].decode()):
                    self._keep(now, message)
                if not self.hello.done():
                    self.hello.set_result(None)
            elif kind == _PING:  # masked with zeros: the payload as it is
                self._transport.write(bytes((_PONG, 0x80 | end - begin)) + bytes(4) + data[begin:end])
            else:
                assert kind == _CLOSE, kind
                self._transport.close()
            data = data[end:]
        self._rest = data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.hello.done():
            self.hello.set_exception(exc or ConnectionResetError("closed before the hello"))
        self.gone.set_result(None)

    def fall_asleep(self) -> None:
        """Read nothing more."""
        self._transport.pause_reading()

    def close(self) -> None:
        self._transport.close()


_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A


def _messages(text: str) -> list[str]:
    """One, or a list of them: of rows alone it is split where no body can be, which PostgreSQL writes with spaces."""
    if text[0] == "{":
        return [text]
    if '{"type": "' in text:  # a ping among them
        return [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in json.loads(text)]
    return _BETWEEN.split(text[1:-1])


_BETWEEN = re.compile(r',(?=\{"type":")')


def _frame(data: bytes) -> tuple[int, int, int] | None:
    """Its first byte, where its payload begins and ends; None while it is not whole. A server's frames have no mask."""
    if len(data) < 2:
        return None
    size, begin = data[1], 2
    if size >= 126:
        begin = 4 if size == 126 else 10
        size = int.from_bytes(data[2:begin]) if len(data) >= begin else len(data)
    return (data[0], begin, begin + size) if len(data) >= begin + size else None


async def open_screen(
    built: House, token: str, keep: Callable[[float, str], None] | None = None, after: int = 0
) -> LightScreen:
    """A screen that has had its hello.

    Raises:
        OSError: there is no server, or it closed before.
    """
    at, key = urlsplit(built.api_url), base64.b64encode(secrets.token_bytes(16)).decode()
    request = (
        f"GET /api/v1/feed?after={after} HTTP/1.1\r\nHost: {at.netloc}\r\nOrigin: {built.api_url}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        f"Sec-WebSocket-Version: 13\r\nCookie: lianxin_session={token}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    _, desk = await loop.create_connection(lambda: LightScreen(request, keep), at.hostname or "", at.port or 80)
    await desk.hello
    return desk
