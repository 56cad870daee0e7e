"""One call of a citizen to the hotline, as an attempt to reach a person, and what became of it. Pure.

Every indicator of offered, answered and unreached counts these and nothing else. Whoever an incident's key let go is
none of them (``reports.record`` leaves those out).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.call import CallOutcome, Direction

SERVICE_S = 15.0  # GB/T 33358-2016: answered within. The house's figure, whatever a queue of it has for its own
SHORT_S = 5.0  # who hangs up sooner in the queue is counted apart: a misdial, not a failure of ours
Person = Callable[[str], str]  # a number as the trunk gave it → the one form by which a person is known; "" withheld


class Fate(StrEnum):
    ANSWERED = "answered"  # by a person
    ABANDONED = "abandoned"  # gave up waiting, or asked to be called back instead
    SHORT = "short"  # … within SHORT_S
    REFUSED = "refused"  # sent away by the house: queue full, nobody there, waited the longest time
    LOST = "lost"  # the switch died under it
    WAITING = "waiting"  # in the queue still
    EARLY = "early"  # hung up before the queue, during the notice
    ARRIVING = "arriving"  # hears the notice still


OFFERED = frozenset({Fate.ANSWERED, Fate.ABANDONED, Fate.REFUSED, Fate.LOST, Fate.WAITING})
UNDECIDED = frozenset({Fate.WAITING, Fate.ARRIVING})
_REFUSALS = frozenset({CallOutcome.REFUSED_FULL, CallOutcome.REFUSED_NO_AGENT, CallOutcome.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Attempt:
    call_id: uuid.UUID
    caller: str  # "" when withheld
    queue: str
    at: datetime  # reached the queue; of one that never did, its beginning
    fate: Fate
    wait_s: float | None

    @property
    def offered(self) -> bool:
        """It reached the queue (or was refused at its door), short abandons apart."""
        return self.fate in OFFERED

    @property
    def decided(self) -> bool:
        return self.fate not in UNDECIDED

    def answered_within(self, seconds: float) -> bool:
        return self.fate is Fate.ANSWERED and (self.wait_s or 0.0) <= seconds


def attempt_of(row: Mapping[str, Any], person: Person, default_queue: str) -> Attempt | None:
    """The attempt that a row of ``call`` is; None where nobody tried to reach a person (a call out, a denied one)."""
    fate = _fate(row)
    if fate is None or row["direction"] != Direction.INBOUND:
        return None
    at = row["queued_at"] or row["started_at"]
    return Attempt(row["id"], person(row["caller"]), row["queue"] or default_queue, at, fate, row["wait_s"])


def _fate(row: Mapping[str, Any]) -> Fate | None:
    outcome, queued = row["outcome"], row["queued_at"] is not None
    if row["answered_at"] is not None:
        return Fate.ANSWERED
    if outcome == CallOutcome.OPEN:
        return Fate.WAITING if queued else Fate.ARRIVING
    if outcome == CallOutcome.ASKED_BACK:
        return Fate.ABANDONED if queued else Fate.REFUSED
    if outcome == CallOutcome.ABANDONED:
        return Fate.SHORT if (row["wait_s"] or 0.0) < SHORT_S else Fate.ABANDONED
    if outcome in _REFUSALS:
        return Fate.REFUSED
    if outcome == CallOutcome.LOST:
        return Fate.LOST if queued else Fate.EARLY
    return Fate.EARLY if outcome == CallOutcome.LEFT_EARLY else None
