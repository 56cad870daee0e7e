"""Wait for a truth instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def eventually(check: Callable[[], Any | Awaitable[Any]], within_s: float = 10, every_s: float = 0.05) -> Any:
    """The first truthy value of ``check``; an assertion that fails in it and a file not there yet count as "not yet".

    Raises:
        AssertionError: it was not true within ``within_s``; the last failure or value is told.
    """
    deadline = time.monotonic() + within_s
    last: object = None
    while True:
        try:
            value = check()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
            last = value
        except (AssertionError, FileNotFoundError) as exc:
            last = exc
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {within_s} s; last: {last!r}")
        await asyncio.sleep(every_s)
