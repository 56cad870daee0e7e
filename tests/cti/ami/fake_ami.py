"""A small AMI server on loopback that misbehaves on demand. It knows the wire, and nothing of ours or panoramisk's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

HOST = "127.0.11.1"
Answer = Callable[["FakeAmi", dict[str, str]], Awaitable[None]]


class FakeAmi:
    """Answers Login and Ping; every other action goes to :attr:`answers` by name, and is recorded in :attr:`asked`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.logins = 0
        self.connections = 0
        self.secret_ok = True
        self.booted = True
        self.deaf = False  # half-open: nothing is answered any more
        self.answers: dict[str, Answer] = {}
        self._writers: list[asyncio.StreamWriter] = []
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> FakeAmi:
        self._server = await asyncio.start_server(self._serve, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def send(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)
            await writer.drain()

    async def send_pieces(self, data: bytes, size: int) -> None:
        """Each piece in a segment of its own, as far as the reader keeps up."""
        for at in range(0, len(data), size):
            await self.send(data[at : at + size])
            await asyncio.sleep(0)

    async def event(self, name: str, **headers: str) -> None:
        await self.send(event_bytes(name, **headers))

    async def reply(self, action: dict[str, str], response: str = "Success", **headers: str) -> None:
        lines = {"Response": response, "ActionID": action["ActionID"], **headers}
        await self.send("".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n")

    def asked_names(self) -> list[str]:
        return [action["Action"] for action in self.asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    block = (await reader.readuntil(b"\r\n\r\n")).decode()
                    action = dict(line.split(": ", 1) for line in block.split("\r\n") if line)
                    if not self.deaf:
                        await self._answer(action, writer)
        finally:
            writer.transport.abort()
            if writer in self._writers:
                self._writers.remove(writer)
            self._handlers.discard(task)

    async def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        name = action["Action"]
        if name == "Login":
            self.logins += 1
            if not self.secret_ok:
                await self.reply(action, "Error", Message="Authentication failed")
                writer.close()
                return
            await self.reply(action, Message="Authentication accepted")
            if self.booted:
                await self.event("FullyBooted", Status="Fully Booted")
        elif name == "Ping":
            await self.reply(action, Ping="Pong")
        else:
            self.asked.append(action)
            if name in self.answers:
                await self.answers[name](self, action)


def event_bytes(name: str, **headers: str) -> bytes:
    return "".join(f"{k}: {v}\r\n" for k, v in {"Event": name, **headers}.items()).encode() + b"\r\n"
