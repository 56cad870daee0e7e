"""Runs a program of ours that takes one JSON job on stdin and answers one JSON line: libsndfile crashes alone."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from models.errors import LianxinError

_START_S: Final = 30.0
_SLOWEST: Final = 2.0  # times real time; decoding takes a hundredth of it


async def answer_of(module: str, job: dict[str, Any], audio_s: float, failed: type[LianxinError]) -> dict[str, Any]:
    """Raises ``failed``: the program died, overran or refused."""
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
    env = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=env
    )
    try:
        async with asyncio.timeout(_START_S + audio_s / _SLOWEST):
            said, _ = await process.communicate(json.dumps(job).encode() + b"\n")
    except TimeoutError as exc:
        raise failed("not done in time") from exc
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if not said.endswith(b"\n"):
        raise failed(f"{module} died")
    answer: dict[str, Any] = json.loads(said)
    if "error" in answer:
        raise failed(answer["error"])
    return answer
