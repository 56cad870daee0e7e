"""What the floor keeps does not grow with the calls that were on it."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

from cti.ami import Event
from cti.live.floor import ENDED_SHOWN_S, Floor
from cti.live.resync import resync
from cti.live.snapshot import fetch
from tests.cti.live.traces import NAMES, fact_in, replay

A_DAY = 86_400


def all_calls(floor: Floor, fresh: int) -> None:
    """Every captured call as another one, with the snapshots that were taken meanwhile."""
    for name in NAMES:
        for item in replay(name, fresh):
            if not isinstance(item, Event):
                resync(floor, dataclasses.replace(asyncio.run(fetch(item)), at=item.at))
            elif (fact := fact_in(item)) is not None:
                floor.apply(fact)
                floor.settle(fact.at)
        floor.forget_ended(datetime.now(UTC) + timedelta(seconds=ENDED_SHOWN_S))
        floor.take()


def kept(floor: Floor) -> dict[str, object]:
    found = {field.name: getattr(floor, field.name) for field in dataclasses.fields(floor)}
    sizes: dict[str, object] = {name: len(kept) for name, kept in found.items() if isinstance(kept, (dict, set))}
    return sizes | {"order": sum(len(queue.order) for queue in floor.queues.values())}


def test_another_day_of_calls_leaves_the_floor_as_large_as_it_was() -> None:
    """Asterisk itself remembers a device of every room there ever was, and tells them all in each list."""
    floor = Floor("t11")
    all_calls(floor, A_DAY)
    after_one = kept(floor)
    rooms = [device for device in floor.devices if "t11-" in device]
    all_calls(floor, 2 * A_DAY)
    assert (kept(floor), rooms) == (after_one, [])
    assert floor.devices["PJSIP/trunk"]
