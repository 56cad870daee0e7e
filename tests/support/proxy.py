"""A TCP line that can be hurt: cut in mid-event, half-open, shredded into single bytes.

Stands between cti and Asterisk's manager port, in a thread of its own: what a test computes must not slow it down.
Byte-wise; knows AMI only so far as an event ends with a blank line.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST
_LOOK_S = 0.02


@dataclass(slots=True)
class Proxy:
    """The switches may be set from any thread."""

    target: tuple[str, int]
    dice: Random
    connections: int = 0  # all that ever came
    cuts: int = 0  # of them cut inside an event
    frozen: bool = False  # half-open: nothing passes, nobody is told
    shredded: bool = False  # one byte per segment
    refusing: bool = False  # connections are accepted and reset at once
    refused: int = 0
    cutting: bool = False

    def cut(self) -> None:
        """The next chunk from the target is forwarded up to a random byte inside an event; then both sides get RST."""
        self.cutting = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or a fault ends it."""
        ends = {writer}
        pumps: list[asyncio.Task[None]] = []
        try:
            if self.refusing:
                self.refused += 1
                return
            self.connections += 1
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            ends.add(far_writer)
            for end in ends:
                end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pumps = [
                asyncio.create_task(self._pump(reader, far_writer, hurt=False), name="proxy-there"),
                asyncio.create_task(self._pump(far_reader, writer, hurt=True), name="proxy-back"),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            pass  # the target is away, or the test is over
        finally:
            for task in pumps:
                task.cancel()
            for end in ends:
                _reset(end)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, hurt: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                while self.frozen:  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(_LOOK_S)
                if hurt and self.cutting and (inside := self._inside_an_event(chunk)):
                    self.cutting = False
                    self.cuts += 1
                    writer.write(chunk[:inside])
                    await writer.drain()
                    return
                await self._forward(chunk, writer)

    def _inside_an_event(self, chunk: bytes) -> int:
        """A random position in the chunk that is no boundary of events; 0 if there is none."""
        for _ in range(8):
            at = self.dice.randrange(1, len(chunk)) if len(chunk) > 1 else 0
            if at and not chunk[:at].endswith(b"\r\n\r\n"):
                return at
        return 0

    async def _forward(self, chunk: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in [chunk[i : i + 1] for i in range(len(chunk))] if self.shredded else [chunk]:
            writer.write(piece)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextlib.contextmanager
def proxy(address: str, port: int, target: tuple[str, int], seed: int = 0) -> Iterator[Proxy]:
    """A proxy listening on ``address``:``port`` for as long as the block lasts."""
    line = Proxy(target, Random(seed))
    ready, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        server = await asyncio.start_server(line.serve, address, port)
        ready.set()
        await over.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(work(),), name="proxy", daemon=True)
    thread.start()
    assert ready.wait(5), f"the proxy could not listen on {address}:{port}"
    try:
        yield line
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(5)
