"""How long this machine stood still: a sleeper that notices when it is woken late, as every sender of speech is.

Asterisk throws speech away that comes 100 ms late (its audiohooks' AST_AUDIOHOOK_SYNC_TOLERANCE), so a recording may
then rightly be short.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

_NAP_S = 0.01
_LATE_S = 0.1


@dataclass(slots=True)
class Stillness:
    """``total_s``: sum of the times it was woken more than 0.1 s late."""

    total_s: float = 0.0


@contextlib.contextmanager
def stillness() -> Iterator[Stillness]:
    found, stop = Stillness(), threading.Event()

    def watch() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            time.sleep(_NAP_S)
            late = time.monotonic() - begun - _NAP_S
            if late > _LATE_S:
                found.total_s += late

    watcher = threading.Thread(target=watch, name="stillness")
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()
