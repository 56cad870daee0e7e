"""The worst connect rate of any continuous 24 hours (GB/T 33358-2016: at least 95 % in each). Pure, event-driven.

The rate of the window (t − 24 h, t] changes only when a call enters it at its time or leaves it 24 hours later, so
these moments, and the first of the period, are all that must be looked at: no sampling, nothing between is worse.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Worst:
    """``until``: the end of the first window that was as bad as any."""

    until: datetime
    answered: int
    offered: int

    @property
    def rate(self) -> float:
        return self.answered / self.offered


def worst_window(
    calls: Collection[tuple[datetime, bool]], first: datetime, last: datetime, span: timedelta = SPAN
) -> Worst | None:
    """The worst of all windows that end between ``first`` and ``last``, both included; None where each was empty.

    ``calls``: when each reached the queue, and whether a person answered it.
    """
    steps = sorted(
        [(at, 1, answered) for at, answered in calls if at <= last]
        + [(at + span, -1, answered) for at, answered in calls if at + span <= last]
    )
    offered = answered_now = n = 0
    worst: Worst | None = None
    for moment in [first, *sorted({at for at, _, _ in steps if at > first})]:
        while n < len(steps) and steps[n][0] <= moment:
            _, change, answered = steps[n]
            offered, answered_now, n = offered + change, answered_now + change * answered, n + 1
        # Exact: whole numbers, not rates, are compared.
        if offered and (worst is None or answered_now * worst.offered < worst.answered * offered):
            worst = Worst(moment, answered_now, offered)
    return worst
