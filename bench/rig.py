"""A house to measure in: durable PostgreSQL, many seats, desks signed in, and CPU meters on its processes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httpx
import psutil

from pbx_config.settings import QueueTuning
from tests.support.eventually import eventually
from tests.support.house import House, house
from tests.support.people import Somebody, open_sessions
from tests.support.sipp import Mix, Plan, plan_calls

PBX = "127.0.17.1"
# Every call is answered and ended by the agent; 0.3 to 0.5 s of talk, so that thousands fit into a short run.
SHORT_CALLS = Mix(gone_in_notice=0, gone_soon=0, agent_hangs_up=1, ring_ms=(100, 200), talk_ms=(300, 500))


@contextlib.asynccontextmanager
async def bench_house(seats: int) -> AsyncIterator[House]:
    """No RTP (it would only make Asterisk dearer), fsync on, no wrap-up by the queue: cti's own is there."""
    tuning = QueueTuning(wrap_up_s=0, max_waiting=1000)
    async with house(PBX, seats=seats, media=False, fsync=True, queue=tuning) as built:
        yield built


def short_calls(seed: int, count: int, first: int) -> list[Plan]:
    return plan_calls(seed, count, SHORT_CALLS, first=first)


@dataclass(slots=True)
class Meter:
    """CPU seconds of a process with its children, and their resident memory."""

    pid: int
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self._cpu_s()

    def cpu_s(self) -> float:
        return self._cpu_s() - self.begun

    def _cpu_s(self) -> float:
        own = psutil.Process(self.pid)
        times = [p.cpu_times() for p in (own, *own.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    def rss_mb(self) -> float:
        own = psutil.Process(self.pid)
        return sum(p.memory_info().rss for p in (own, *own.children(recursive=True))) / 2**20


class Desk(asyncio.Protocol):
    """One screen's feed: every message with the moment it came (epoch seconds), kept by ``received`` or by ``keep``.

    A WebSocket client of a few lines: a hundred screens in one process must take less time than what they measure. It
    knows what the server sends: whole text frames, pings, a close; anything else is a fault of the measurement.
    """

    def __init__(self, request: str, keep: Callable[[float, str], None] | None) -> None:
        self.received: list[tuple[float, str]] = []
        self._keep = keep or (lambda at, text: self.received.append((at, text)))
        self.hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # the first message came
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
                self._keep(now, data[begin:end].decode())
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

    def fall_asleep(self) -> None:
        """Read nothing more."""
        self._transport.pause_reading()

    def close(self) -> None:
        self._transport.close()


_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A


def _frame(data: bytes) -> tuple[int, int, int] | None:
    """Its first byte, where its payload begins and ends; None while it is not whole. A server's frames have no mask."""
    if len(data) < 2:
        return None
    size, begin = data[1], 2
    if size >= 126:
        begin = 4 if size == 126 else 10
        size = int.from_bytes(data[2:begin]) if len(data) >= begin else len(data)
    return (data[0], begin, begin + size) if len(data) >= begin + size else None


async def sign_in(dsn: str, who: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Accounts and open sessions for (login, role, agent_no); returns login → cookie."""
    return await open_sessions(dsn, (Somebody(*one) for one in who))


async def open_screen(built: House, token: str, keep: Callable[[float, str], None] | None = None) -> Desk:
    """A screen that has had its hello."""
    at = urlsplit(built.api_url)
    request = (
        f"GET /api/v1/feed HTTP/1.1\r\nHost: {at.netloc}\r\nOrigin: {built.api_url}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\n"
        f"Sec-WebSocket-Version: 13\r\nCookie: lianxin_session={token}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    _, desk = await loop.create_connection(lambda: Desk(request, keep), at.hostname or "", at.port or 80)
    await desk.hello
    return desk


async def healthy_api(built: House) -> None:
    """Wait until the API answers."""

    async def answers() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{built.api_url}/healthz")).status_code < 500
            except httpx.HTTPError:
                return False

    await eventually(answers, 30, 0.2)
