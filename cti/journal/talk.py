"""The citizen's talk through all moves: how long, how often back in the queue, with whom last. Pure.

A *turn* is what lies between two stays in the queue: one agent's answer and all that came of it, in however many rooms.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from cti.journal.channels import Leg, Stay

_AT_ONCE: Final = timedelta(seconds=0.2)  # the room lets the citizen go when the last one has left
_SOON: Final = timedelta(seconds=1)


class Turn(NamedTuple):
    """``left_at`` None while it lasts."""

    entered_at: datetime
    left_at: datetime | None


def turns_of(leg: Leg, unheard: Container[str] = ()) -> list[Turn]:
    """The turns of a citizen's leg, oldest first; without the stays in the ``unheard`` bridges."""
    bounds = [*sorted({0, *leg.turns}), len(leg.stays)]
    parts = [heard_in(leg.stays[a:b], unheard) for a, b in pairwise(bounds)]
    return [Turn(part[0].entered_at, part[-1].left_at) for part in parts if part]


def heard_in(stays: Iterable[Stay], unheard: Container[str]) -> list[Stay]:
    """The stays without those in the ``unheard`` bridges."""
    return [stay for stay in stays if stay.bridge not in unheard]


def queued_again(turns: Iterable[Turn]) -> timedelta:
    """How long the citizen was not in anybody's care between the first turn and the last."""
    found, before = timedelta(), None
    for turn in turns:
        if before is not None:
            found += max(turn.entered_at - before, timedelta())
        before = turn.left_at
    return found


def together(one: Leg, other: Leg) -> list[tuple[datetime, datetime | None]]:
    """When two legs were in the same bridge; an end of None lasts."""
    found = []
    for stay in one.stays:
        for with_ in other.stays:
            if stay.bridge == with_.bridge and (span := _common(stay, with_)) is not None:
                found.append(span)
    return found


def _common(one: Stay, other: Stay) -> tuple[datetime, datetime | None] | None:
    begin = max(one.entered_at, other.entered_at)
    ends = [end for end in (one.left_at, other.left_at) if end is not None]
    end = min(ends, default=None)
    return (begin, end) if end is None or end > begin else None


def last_with(citizen: Leg, legs: Iterable[Leg]) -> Leg | None:
    """Of these legs the one that talked with the citizen last."""
    ends = [
        (end is None, end or begin, leg.uniqueid, leg)
        for leg in legs if leg is not citizen
        for begin, end in together(citizen, leg)
    ]  # fmt: skip
    return max(ends)[3] if ends else None


def last_of(citizen: Leg, legs: Iterable[Leg]) -> Leg | None:
    """Whose leaving ended the citizen's last stay; None if others stayed, or if that one only went elsewhere."""
    room, left_at = citizen.stays[-1].bridge, citizen.stays[-1].left_at
    mates = [(stay, leg) for leg in legs if leg is not citizen for stay in leg.stays if stay.bridge == room]
    if left_at is None or not mates:
        return None
    if any(stay.left_at is None or stay.left_at > left_at + _AT_ONCE for stay, _ in mates):
        return None
    last, leg = max(mates, key=lambda m: (m[0].left_at or m[0].entered_at, m[1].uniqueid))
    gone = leg.ended_at is not None and last.left_at is not None and leg.ended_at <= last.left_at + _SOON
    return leg if gone else None
