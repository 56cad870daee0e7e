"""How long this site's callers wait before they give up, and who of those not answered calls again how soon. Pure.

*Patience* (耐心): the mean of an exponential, by maximum likelihood with censoring: all the time that callers waited,
whether they gave up, were answered or were sent away, ÷ how many gave up. Who was answered was at least so patient:
leaving these out would make everybody look hasty. The error is 1/√(gave up) of it.

*Redials* (重拨): of the attempts that ended without an answer and show their number, how many were followed by another
attempt of the same person within ``WITHIN``; and the mean time until it. An attempt so young that its ``WITHIN`` is
not over is left out. *Fresh* attempts are those that do not follow one so.
"""

from __future__ import annotations

import math
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from reports.attempts import Attempt, Fate

WITHIN: Final = timedelta(minutes=60)
_GAVE_UP: Final = frozenset({Fate.ABANDONED, Fate.SHORT})


@dataclass(frozen=True, slots=True)
class Patience:
    """``mean_s`` None where nobody gave up. ``low_s`` to ``high_s``: 95 % of it."""

    mean_s: float | None
    low_s: float | None
    high_s: float | None
    gave_up: int
    waited: int  # attempts that were looked at


@dataclass(frozen=True, slots=True)
class Redials:
    """``share`` None where nobody was left unanswered."""

    share: float | None
    mean_after_s: float | None
    again: int
    unanswered: int
    fresh: frozenset[uuid.UUID]


def patience_of(attempts: Iterable[Attempt]) -> Patience:
    waits = [(a.wait_s, a.fate in _GAVE_UP) for a in attempts if a.wait_s is not None]
    gave_up = sum(gone for _, gone in waits)
    waited_s = sum(wait for wait, _ in waits)
    if not gave_up or waited_s <= 0:
        return Patience(None, None, None, gave_up, len(waits))
    mean, spread = waited_s / gave_up, 1.96 / math.sqrt(gave_up)
    return Patience(mean, mean * math.exp(-spread), mean * math.exp(spread), gave_up, len(waits))


def redials_of(attempts: Iterable[Attempt], now: datetime) -> Redials:
    people: dict[str, list[Attempt]] = defaultdict(list)
    fresh: set[uuid.UUID] = set()
    for attempt in sorted(attempts, key=lambda a: a.at):
        fresh.add(attempt.call_id)
        if attempt.caller:
            people[attempt.caller].append(attempt)
    unanswered, after = 0, []
    for tries in people.values():
        for one, following in pairwise(tries):
            if _missed(one) and following.at - one.at < WITHIN:
                fresh.discard(following.call_id)
                after.append((following.at - _gone_at(one)).total_seconds())
        unanswered += sum(_missed(a) and (a is not tries[-1] or now - a.at >= WITHIN) for a in tries)
    share = len(after) / unanswered if unanswered else None
    mean = max(sum(after) / len(after), 1.0) if after else None
    return Redials(share, mean, len(after), unanswered, frozenset(fresh))


def _missed(attempt: Attempt) -> bool:
    return attempt.decided and attempt.fate is not Fate.ANSWERED


def _gone_at(attempt: Attempt) -> datetime:
    return attempt.at + timedelta(seconds=attempt.wait_s or 0.0)
