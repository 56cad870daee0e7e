"""Actions that wait for their answer: each has a deadline, ends exactly once, and leaves no entry behind.

Owns the map from ActionID to waiter. It does not send anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cti.ami.errors import AmiLost, AmiTimeout
from cti.ami.message import Event, Response, response_of


@dataclass(slots=True)
class _Waiter:
    action: str
    future: asyncio.Future[Response]
    as_list: bool
    deadline: asyncio.TimerHandle
    response: Response | None = None
    events: list[Event] = field(default_factory=list)


class PendingActions:
    """Of one connection; it dies with it, so nothing can be sent again after a reconnect."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.waiting: dict[str, _Waiter] = {}
        self.lists = 0  # list actions in flight; while there is none, events need not be looked up here
        self.late = 0  # answers that came after their deadline

    def __len__(self) -> int:
        return len(self.waiting)

    def expect(self, action_id: str, action: str, timeout_s: float, *, as_list: bool) -> asyncio.Future[Response]:
        future: asyncio.Future[Response] = self._loop.create_future()
        deadline = self._loop.call_later(timeout_s, self._expire, action_id, timeout_s)
        self.waiting[action_id] = _Waiter(action, future, as_list, deadline)
        self.lists += as_list
        future.add_done_callback(lambda _: self._forget(action_id))  # also when the asker was cancelled
        return future

    def on_response(self, event: Event) -> None:
        waiter = self.waiting.get(event.get("ActionID") or "")
        if waiter is None or waiter.future.done():
            self.late += 1
            return
        response = response_of(event)
        if waiter.as_list and response.ok:
            waiter.response = response
        else:
            waiter.future.set_result(response)

    def take_list_event(self, event: Event) -> bool:
        """True when the event belongs to a list action in flight and was kept for it."""
        waiter = self.waiting.get(event.get("ActionID") or "")
        if waiter is None or not waiter.as_list:
            return False
        if waiter.future.done():
            return True
        if event.get("EventList") == "Complete":
            self._complete(waiter)
        elif event.get("EventList") == "cancelled":
            waiter.future.set_result(Response(False, "cancelled by Asterisk", event))
        else:
            waiter.events.append(event)
        return True

    def _complete(self, waiter: _Waiter) -> None:
        first = waiter.response or Response(True, "")
        waiter.future.set_result(Response(first.ok, first.message, first.headers, first.output, tuple(waiter.events)))

    def lose_all(self) -> None:
        """The link is gone: what was asked ends as unknown."""
        for waiter in list(self.waiting.values()):
            if not waiter.future.done():
                waiter.future.set_exception(AmiLost(f"the link broke before {waiter.action} was answered"))
                waiter.future.exception()  # retrieved: an asker that is gone already is no news

    def _expire(self, action_id: str, timeout_s: float) -> None:
        waiter = self.waiting.get(action_id)
        if waiter is not None and not waiter.future.done():
            waiter.future.set_exception(AmiTimeout(f"{waiter.action} was not answered within {timeout_s} s"))
            waiter.future.exception()

    def _forget(self, action_id: str) -> None:
        waiter = self.waiting.pop(action_id, None)
        if waiter is not None:
            waiter.deadline.cancel()
            self.lists -= waiter.as_list
