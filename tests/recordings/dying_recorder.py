"""The recorder as a process that kills itself (SIGKILL) at its n-th step. ``python -m … SETTINGS.json N``."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from recordings.pipeline import Step
from recordings.service import run
from tests.recordings.spooling import desk_settings


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text())
    left = int(sys.argv[2])

    def die_at(step: Step) -> None:
        nonlocal left
        print(step, flush=True)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = desk_settings(told["dsn"], Path(told["home"]))
    asyncio.run(run(settings, asyncio.Event(), die_at))


if __name__ == "__main__":
    main()
