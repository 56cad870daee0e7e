"""When the machine itself stood still: a watcher on every processor that only sleeps and looks at the clock.

It runs with real-time priority, so nothing of ours can keep it from waking; what makes it late is the hypervisor
(stolen time) or the kernel. A figure measured across such a stall is the machine's, and is told apart.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from bisect import bisect_right
from dataclasses import dataclass, field

import psutil

NAP_S = 0.001
STALL_S = 0.001  # later than that is a stall


@dataclass(slots=True)
class Stalls:
    """Start it, measure, then ``stop``; afterwards ``hit`` tells whether a span of time was disturbed."""

    watchers: list[subprocess.Popen[str]] = field(init=False)
    spans: list[tuple[float, float]] = field(default_factory=list)
    real_time: bool = True
    stolen: float = 0.0  # share of all processors' time
    _before: float = field(init=False)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        processors = psutil.cpu_count() or 1
        self._before, self._begun = psutil.cpu_times().steal, time.monotonic()
        self.watchers = [
            subprocess.Popen([sys.executable, "-m", "bench.stalls", str(n)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
            for n in range(processors)
        ]  # fmt: skip

    def stop(self) -> Stalls:
        elapsed = (time.monotonic() - self._begun) * (psutil.cpu_count() or 1)
        self.stolen = (psutil.cpu_times().steal - self._before) / elapsed
        for watcher in self.watchers:
            told = json.loads(watcher.communicate("\n", timeout=10)[0])
            self.real_time &= told["real_time"]
            self.spans += [(begun, ended) for begun, ended in told["stalls"]]
        self.spans.sort()
        return self

    def hit(self, begun: float, ended: float) -> bool:
        """True when any processor stood still at some moment of the span (epoch seconds)."""
        upto = bisect_right(self.spans, (ended, float("inf")))
        # Stalls are short: none that began a second earlier reaches into the span.
        return any(last > begun for first, last in self.spans[max(0, upto - 2000) : upto] if first > begun - 1)

    @property
    def worst_ms(self) -> float:
        return max((ended - begun for begun, ended in self.spans), default=0.0) * 1e3

    def __str__(self) -> str:
        how = "" if self.real_time else " (without real-time priority: our own load counts too)"
        return (
            f"machine stood still {len(self.spans)} times, worst {self.worst_ms:.0f} ms, {self.stolen:.0%} stolen{how}"
        )


def watch(processor: int) -> None:
    """Until stdin says anything, or its other end is gone: nothing of this priority may outlive its bench."""
    os.sched_setaffinity(0, {processor})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        real_time = True
    except PermissionError:
        real_time = False
    os.set_blocking(0, False)
    stalls: list[tuple[float, float]] = []
    while _quiet():
        begun = time.time()
        time.sleep(NAP_S)
        ended = time.time()
        if ended - begun > NAP_S + STALL_S:
            stalls.append((begun, ended))
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({"real_time": real_time, "stalls": stalls}), flush=True)


def _quiet() -> bool:
    try:
        os.read(0, 1)
    except BlockingIOError:
        return True
    return False


if __name__ == "__main__":
    watch(int(sys.argv[1]))
