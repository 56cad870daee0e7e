"""The path from an event to the floor, where Asterisk tells things out of their order."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from cti.ami import Event
from cti.live import watch
from cti.live.floor import Floor
from cti.live.trial import Trial
from pbx_config import contract
from tests.support.eventually import eventually

LEG = contract.test_leg(7)
_OF_THE_LEG = f"Timestamp: 1795430880.1\r\nChannel: PJSIP/trunk-b-0000002a\r\nUniqueid: {LEG}\r\nLinkedid: {LEG}\r\n"
FAILED = Event(
    "OriginateResponse",
    f"Timestamp: 1795430880.0\r\nResponse: Failure\r\nChannel: PJSIP/0531@trunk-b\r\nReason: 0\r\nUniqueid: {LEG}\r\n",
)
OPENED = Event("Newchannel", f"{_OF_THE_LEG}CallerIDNum: 12345\r\nExten: s\r\n")
CLOSED = Event("Hangup", f"{_OF_THE_LEG}Cause: 19\r\nTechCause: 480\r\n")


def a_live(floor: Floor) -> watch.Live:
    link = SimpleNamespace(live=True, since=None, reason=None)
    client = cast(Any, SimpleNamespace(link=link, on_event=None, on_link=None, snapshot=None))
    return watch.Live(client, floor, lambda _: cast(Any, SimpleNamespace(wake=lambda: None)))


async def test_a_leg_refused_at_once_may_be_told_failed_before_it_is_told_opened() -> None:
    floor = Floor("t11")
    floor.trials[LEG] = Trial()
    live = a_live(floor)
    for event in (FAILED, OPENED, CLOSED):
        live.client.on_event(event)
    await asyncio.sleep(watch.EVENTS_LATE_BY_S + 0.1)  # until the late word of its failure has been told too
    assert floor.trials[LEG] == Trial(opened=True, gone=True, cause=19, sip=480)


async def test_a_leg_of_which_no_channel_was_ever_made_is_told_so() -> None:
    floor = Floor("t11")
    floor.trials[LEG] = Trial()
    a_live(floor).client.on_event(FAILED)
    await eventually(lambda: floor.trials[LEG] == Trial(gone=True), 5)
