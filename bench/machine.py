"""What the figures were measured on, and how quiet it was."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil


def describe() -> str:
    """One line: when, which processor, how many cores, memory, load before we began."""
    load = os.getloadavg()[0]
    memory_gb = psutil.virtual_memory().total / 2**30
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{when} · {_processor()} · {psutil.cpu_count()} cores · {memory_gb:.0f} GB · Linux {platform.release()} · "
        f"Python {platform.python_version()} · load before {load:.1f}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def busy_elsewhere(seconds_of_ours: float, seconds: float, idle: float) -> float:
    """Cores taken by others during a run: what was neither idle nor ours."""
    return max(0.0, (psutil.cpu_count() or 1) - idle / seconds - seconds_of_ours / seconds)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell, numbers to the right."""
    cells = [list(map(str, heads)), *[[f"{c:.2f}" if isinstance(c, float) else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
