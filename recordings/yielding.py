"""How the programs that work on sound run: after everybody else, and no longer than who started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Final

_NICE: Final = 10
_TRIES: Final = 10
_PR_SET_PDEATHSIG: Final = 1
_GROUP: Final = Path("/proc/self/autogroup")


def yield_to_the_line() -> None:
    """Asterisk first. Call it when the program begins.

    Where the kernel shares processors among sessions (autogroups, sched(7)) a nice value counts within a session only:
    so a session of its own, and the value for that session. It is not killed with its parent's; the kernel does that
    when the parent is gone.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with contextlib.suppress(PermissionError):  # it leads a group already: somebody called it by hand
        os.setsid()
        _nice_session()
    os.nice(_NICE)


def _nice_session() -> None:
    for _ in range(_TRIES):
        try:
            _GROUP.write_text(str(_NICE))
        except BlockingIOError:  # the kernel takes ten a second from all of us
            time.sleep(0.1)
        except OSError:  # no such groups here
            return
        else:
            return
