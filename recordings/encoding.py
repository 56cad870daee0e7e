"""The worker's side of the encoder: a few encoder processes, one job each at a time, killed when they overrun.

A process that dies takes only its job with it; the next job starts a new one.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import structlog

from recordings.encoder import Job, Result
from recordings.errors import EncoderFailed, WorkFull

log: Final = structlog.get_logger(__name__)

_COMMAND: Final = (sys.executable, "-m", "recordings.encoder")
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_START_S: Final = 30.0
_SLOWEST: Final = 2.0  # times real time; measured 40 to 70 on one core


class EncoderPool:
    """``size`` encoders, started when first needed. ``close`` ends them."""

    def __init__(self, size: int) -> None:
        self._free: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        self._running: set[asyncio.subprocess.Process] = set()
        for _ in range(size):
            self._free.put_nowait(None)

    async def encode(self, job: Job) -> Result:
        """Run one job.

        Raises:
            EncoderFailed: the process died, overran or refused.
            WorkFull: no room for the output.
        """
        process = await self._free.get()
        healthy = None
        try:
            if process is None or process.returncode is not None:
                process = await self._start()
            answer = await self._ask(process, job)
            healthy = process
        finally:
            if healthy is None and process is not None:
                await self._end(process)
            self._free.put_nowait(healthy)
        if "error" in answer:
            kind = WorkFull if answer["error"] in _NO_ROOM else EncoderFailed
            raise kind(answer["detail"])
        return Result(**answer)

    async def _start(self) -> asyncio.subprocess.Process:
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
        # One thread each: numpy's own would only fight for the cores that Asterisk needs.
        env = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=env
        )
        self._running.add(process)
        return process

    async def _ask(self, process: asyncio.subprocess.Process, job: Job) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        limit_s = _START_S + job.samples / job.rate / _SLOWEST
        try:
            async with asyncio.timeout(limit_s):
                process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError as exc:
            raise EncoderFailed(f"not done after {limit_s:.0f} s") from exc
        except ConnectionError as exc:
            raise EncoderFailed("the encoder process died") from exc
        if not line.endswith(b"\n"):
            raise EncoderFailed("the encoder process died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._running.discard(process)
        if process.returncode is None:
            process.kill()
        code = await process.wait()
        log.warning("encoder process ended", pid=process.pid, returncode=code)

    @property
    def pids(self) -> list[int]:
        """Of the encoders that run now."""
        return [p.pid for p in self._running if p.returncode is None]

    async def close(self) -> None:
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.wait()
        self._running.clear()
