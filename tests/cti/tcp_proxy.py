"""A TCP proxy that cuts, or goes half-open: what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import random


class TcpProxy:
    """``cut_after`` bytes towards the client (one at random in the range) the connection is reset, again and again."""

    def __init__(self, host: str, port: int, listen: str, *, seed: int = 1) -> None:
        self._target, self._listen = (host, port), listen
        self._random = random.Random(seed)
        self.cut_after: tuple[int, int] | None = None
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._answers = asyncio.Event()
        self._answers.set()
        self._cut = asyncio.Event()
        self.cuts = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._serve, self._listen, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def silence(self, *, on: bool) -> None:
        """Half-open: nothing is forwarded, nothing is closed."""
        (self._speaks.clear if on else self._speaks.set)()

    def swallow_answers(self, *, on: bool) -> None:
        """What the client says arrives; what it is told does not."""
        (self._answers.clear if on else self._answers.set)()

    def cut(self) -> None:
        """Reset every connection; new ones are served."""
        self._cut.set()
        self._cut = asyncio.Event()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there, back = await asyncio.open_connection(*self._target)
        left = self._random.randint(*self.cut_after) if self.cut_after else None
        up = asyncio.create_task(self._forward(reader, back, None))
        down = asyncio.create_task(self._forward(there, writer, left, self._answers))
        cut = asyncio.create_task(self._cut.wait())
        try:
            await asyncio.wait({up, down, cut}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in (up, down, cut):
                part.cancel()
            await asyncio.gather(up, down, cut, return_exceptions=True)
            for end in (writer, back):
                end.transport.abort()
            self._tasks.discard(task)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        left: int | None,
        answers: asyncio.Event | None = None,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                await self._speaks.wait()
                if answers is not None:
                    await answers.wait()
                if left is not None and len(data) >= left:
                    writer.write(data[:left])
                    await writer.drain()
                    self.cuts += 1
                    return
                left = left - len(data) if left is not None else None
                writer.write(data)
                await writer.drain()
