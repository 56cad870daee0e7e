"""A private, small AMI client for the carrier's own Asterisk. The PBX's AMI belongs to ``cti``."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Final

from pbx_config.errors import CommandFailed

_END: Final = b"\r\n\r\n"
Event = dict[str, str]


class CarrierLink:
    """One logged-in manager connection: ``ask`` for actions, ``on_event`` for everything else."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Event]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, address: str, port: int, user: str, secret: str) -> None:
        reader, self._writer = await asyncio.open_connection(address, port)
        await reader.readline()  # the banner
        self._task = asyncio.create_task(self._read(reader), name="carrier-link")
        await self.ask("Login", {"Username": user, "Secret": secret})

    async def ask(
        self,
        action: str,
        headers: Mapping[str, str] | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        timeout_s: float = 10,
    ) -> Event:
        """Send one action and return its response.

        Raises:
            CommandFailed: refused, unanswered, or a line break in a value.
        """
        if self._writer is None:
            raise CommandFailed("the carrier is not running")
        ident = str(next(self._ids))
        pairs = [("Action", action), ("ActionID", ident), *(headers or {}).items()]
        pairs += [("Variable", f"{name}={value}") for name, value in (variables or {}).items()]
        if any(c in value for _, value in pairs for c in "\r\n\0"):
            raise CommandFailed("a line break in a value")
        answer = self._waiting[ident] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write("".join(f"{k}: {v}\r\n" for k, v in pairs).encode() + b"\r\n")
            async with asyncio.timeout(timeout_s):
                response: Event = await answer
        except TimeoutError as exc:
            raise CommandFailed(f"the carrier did not answer {action}") from exc
        finally:
            self._waiting.pop(ident, None)
        if response.get("Response") == "Error":
            raise CommandFailed(f"{action}: {response.get('Message', 'refused')}")
        return response

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                block = (await reader.readuntil(_END)).decode("utf-8", "replace")
                message = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
                answer = self._waiting.get(message.get("ActionID", "")) if "Response" in message else None
                if answer is not None and "Event" not in message:
                    if not answer.done():
                        answer.set_result(message)
                elif "Event" in message:
                    self._on_event(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(CommandFailed("the carrier's Asterisk is gone"))

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._writer = self._task = None
