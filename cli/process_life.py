"""What the long-running processes share: how they log, and how they are told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable

import structlog


def collect_seldom() -> None:
    """Call it once everything is imported: Python's collector of cycles then leaves what is there for ever alone.

    Measured on cti and api at 20 calls/s: a full collection stopped the loop for 100 to 165 ms every few seconds, and
    that was the p99 of "from ring to screen". Nearly nothing of ours is cyclic; what is may wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def configure_logs(*, errors_only: bool = False) -> None:
    """One line a log entry: JSON into a file, for people on a terminal.

    ``errors_only`` for commands that talk to people in sentences.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _renderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if errors_only else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # The libraries' own.
    logging.basicConfig(
        level=logging.ERROR if errors_only else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


def _renderer() -> structlog.typing.Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


async def until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``work(stop)``; SIGTERM and SIGINT set ``stop``."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(stop)
