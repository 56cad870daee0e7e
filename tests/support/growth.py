"""What work leaves behind in memory while Python's collector of cycles does not come: in our processes it seldom does.

The collector counts objects, not their bytes: five small ones that hold 16 kB are not worth its coming.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable


def grown_bytes(work: Callable[[], object], times: int) -> int:
    """By how much ``times`` repetitions made memory grow; the first one, which fills caches, is not counted."""
    work()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            work()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
