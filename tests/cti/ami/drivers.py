"""The same scenario on bare panoramisk and on the guard: two drivers with one surface."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from cti.ami import AmiClient, AmiLost, AmiNotConnected, AmiTimeout, Event
from tests.cti.ami.fake_ami import HOST, FakeAmi
from tests.support.eventually import eventually

GIVE_UP_S = 0.6  # longer than any deadline given here: what has not ended by then hangs
DEADLINE_S = 0.3


class Bare:
    """panoramisk 1.4 as its documentation shows it."""

    faulty = True

    def __init__(self, server: FakeAmi) -> None:
        self.server = server
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.errors: list[Any] = []
        self.handler: Callable[[Any], Any] = lambda event: None
        self.wires: list[AMIProtocol] = []
        self.manager = Manager(
            host=HOST,
            port=server.port,
            username="u",
            secret="s",
            ping_delay=1,
            ping_interval=1,
            reconnect_timeout=0,
            protocol_factory=self._wire,
        )

    def _wire(self) -> AMIProtocol:
        self.wires.append(AMIProtocol())
        return self.wires[-1]

    async def connect(self) -> None:
        self.manager.register_event("*", self._on_event)
        self.manager.loop = asyncio.get_running_loop()
        self.manager.connect()
        await eventually(lambda: self.manager.authenticated)

    def _on_event(self, manager: Manager, event: Any) -> Any:
        self.events.append((event.event, {k: v for k, v in event.items() if k != "content"}))
        return self.handler(event)

    def header(self, event: Any, name: str) -> Any:
        return getattr(event, name.lower())

    async def ask(self, name: str, headers: dict[str, Any], **kwargs: Any) -> str:
        """ "answered", "hangs", or the name of the error."""
        try:
            await asyncio.wait_for(asyncio.shield(self.manager.send_action({"Action": name, **headers})), GIVE_UP_S)
        except TimeoutError:
            return "hangs"
        except Exception as exc:  # noqa: BLE001 - the scenario judges it
            return type(exc).__name__
        return "answered"

    @property
    def entries(self) -> int:
        return len(self.manager.protocol.responses)

    @property
    def up(self) -> bool:
        return bool(self.manager._connected)

    def close(self) -> None:
        self.manager.close()

    async def end(self) -> None:
        self.manager.connect = lambda *a, **k: None  # or it reconnects for ever (its fault 10)
        self.manager.close()
        await asyncio.sleep(0.05)  # a connection on its way arrives, and ends below
        for wire in self.wires:
            wire.closed = True
            if transport := getattr(wire, "transport", None):
                transport.abort()
        await asyncio.sleep(0)


class Guarded:
    """The same through cti.ami."""

    faulty = False

    def __init__(self, server: FakeAmi) -> None:
        self.server = server
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.handler: Callable[[Any], Any] = lambda event: None
        self.client = AmiClient(HOST, server.port, "u", "s", frozenset({"Tick", "Name", "Newchannel", "Hangup"}))
        self.client.on_event = self._on_event
        self.task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.task = asyncio.create_task(self.client.run())
        await eventually(lambda: self.client.link.live)

    def _on_event(self, event: Event) -> None:
        self.events.append((event.name, dict(event)))
        self.handler(event)

    def header(self, event: Event, name: str) -> Any:
        return event.get(name)

    async def ask(self, name: str, headers: dict[str, Any], *, timeout_s: float = DEADLINE_S) -> str:
        try:
            await asyncio.wait_for(self.client.action(name, headers, timeout_s), GIVE_UP_S)
        except (AmiTimeout, AmiLost, AmiNotConnected) as exc:
            return exc.code
        except TimeoutError:
            return "hangs"
        except Exception as exc:  # noqa: BLE001 - the scenario judges it
            return type(exc).__name__
        return "answered"

    @property
    def entries(self) -> int:
        return self.client.pending

    @property
    def up(self) -> bool:
        return self.client.link.live

    def close(self) -> None:
        self.client.close()

    async def end(self) -> None:
        self.client.close()
        if self.task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
