"""Through which trunk a call goes out, and through which one next where a trunk refuses it. Pure.

A leg keeps its id over all its tries: for the roster and for the record it is one call to one person. A trunk is left
for the next only before it rang, and only for what the carrier did; a person who is busy is busy through every trunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cti.ami import Headers
from cti.live import pbx_facts as f
from cti.live.trunk import in_use, is_reachable
from pbx_config import contract


@dataclass(frozen=True, slots=True)
class Way:
    """A trunk as a way out: its endpoint, and how many calls it carries at once (None: nobody said)."""

    endpoint: str
    limit: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Try:
    """One leg on its way through ``endpoint``; ``rest``: those that come after. ``made``: a channel was there once."""

    number: str
    endpoint: str
    rest: tuple[str, ...]
    headers: Headers
    made: bool = False

    def is_told_of_by(self, channel: str | None) -> bool:
        """Whether an answer to Originate is this try's: the one before may be answered after its channel's end."""
        return (
            channel is None
            or channel == self.headers["Channel"]
            or contract.endpoint_of_channel(channel) == self.endpoint
        )

    @property
    def next(self) -> Try | None:
        if not self.rest:
            return None
        first, *rest = self.rest
        headers = {**self.headers, "Channel": channel(self.number, first)}
        return replace(self, endpoint=first, rest=tuple(rest), headers=headers)


def channel(number: str, endpoint: str) -> str:
    """What Originate dials."""
    return f"PJSIP/{number}@{endpoint}"


def free(
    ways: Iterable[Way],
    channels: Iterable[str],
    devices: Mapping[str, str],
    tries: Mapping[str, Try],
    opened: Iterable[str],
) -> list[str]:
    """The trunks that could carry one more call, in order. ``opened``: legs whose channels are counted already."""
    names, there = list(channels), set(opened)
    asked = [one.endpoint for leg, one in tries.items() if leg not in there]
    return [
        way.endpoint
        for way in ways
        if way.active
        and is_reachable(way.endpoint, devices)
        and (way.limit is None or in_use(way.endpoint, names) + asked.count(way.endpoint) < way.limit)
    ]


def never_made(one: Try, fact: f.OriginateFailed) -> f.ChannelClosed:
    """What the machines are told of a leg whose last try had no channel, where an earlier one had."""
    return f.ChannelClosed(
        fact.at, f"PJSIP/{one.endpoint}-", fact.uniqueid, fact.uniqueid, contract.NETWORK_OUT_OF_ORDER
    )
