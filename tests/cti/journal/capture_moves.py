"""Captures the golden traces of calls that move: as :mod:`tests.cti.journal.capture`, with a town outside.

PYTHONPATH=. python -m tests.cti.journal.capture_moves [NAME…]
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from pbx_config.settings import QueueTuning
from tests.cti.journal import endings, gatherings, silence, transfers, unreached
from tests.cti.journal.capture import Stage, keep, quiet
from tests.cti.journal.moving_desk import SCENARIOS, Desk
from tests.support.ami_wire import ami_wire
from tests.support.pbx import running_carrier, running_pbx

__all__ = ["endings", "gatherings", "silence", "transfers", "unreached"]  # importing them fills SCENARIOS


async def _play(name: str, slot: int) -> None:
    run, own = SCENARIOS[name]
    changes: dict[str, Any] = {"queue": QueueTuning(ring_s=10), "aside_s": 2} | own
    with running_pbx(f"127.0.12.{2 + slot}", quick_notice=True, **changes) as pbx, ami_wire(pbx.settings) as wire:
        stage = Stage(pbx, slot)
        async with running_carrier(pbx) as town:
            try:
                async with asyncio.timeout(90):
                    await run(Desk(stage, town, wire))
                    await quiet(pbx)
            except BaseException:
                print(pbx.settings.cel_file.read_text(), pbx.settings.queue_log_file.read_text())
                raise
            finally:
                for phone in stage.open:
                    phone.close()
        keep(name, stage)


def main(names: list[str]) -> None:
    for number, name in enumerate(SCENARIOS):
        if not names or name in names:
            print("──", name, flush=True)
            asyncio.run(_play(name, number % 20))


if __name__ == "__main__":
    main(sys.argv[1:])
