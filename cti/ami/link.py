"""The life of the AMI link as a state machine: a table, and the value that everybody else sees. Pure.

connecting ──▶ connected ──▶ snapshotting ──▶ live
    │ ▲            │               │            │
    │ └── lost ◀───┴───────────────┴────────────┘
    ▼      ▲
  refused ─┘ (both return to connecting; refused slowly)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class LinkState(StrEnum):
    CONNECTING = "connecting"
    REFUSED = "refused"  # Asterisk said no to our login
    CONNECTED = "connected"  # logged in; waiting for Asterisk to be fully booted
    SNAPSHOTTING = "snapshotting"  # events flow, the state is being fetched
    LIVE = "live"
    LOST = "lost"
    CLOSED = "closed"  # by us; the end


_ENDS = {LinkState.LOST, LinkState.CLOSED}
TRANSITIONS: dict[LinkState, set[LinkState]] = {
    LinkState.CONNECTING: {LinkState.CONNECTED, LinkState.REFUSED, *_ENDS},
    LinkState.REFUSED: {LinkState.CONNECTING, LinkState.CLOSED},
    LinkState.CONNECTED: {LinkState.SNAPSHOTTING, *_ENDS},
    LinkState.SNAPSHOTTING: {LinkState.LIVE, *_ENDS},
    LinkState.LIVE: _ENDS,
    LinkState.LOST: {LinkState.CONNECTING, LinkState.CLOSED},
    LinkState.CLOSED: set(),
}


@dataclass(frozen=True, slots=True)
class Link:
    """Where the link stands. ``epoch`` grows by one with every login that was accepted, and never shrinks.

    ``since`` is when it became live, or when it stopped being live: retries in between do not move it.
    """

    state: LinkState
    epoch: int
    since: datetime
    reason: str | None = None  # code of what is wrong; None while live

    @property
    def live(self) -> bool:
        return self.state is LinkState.LIVE

    def to(self, state: LinkState, at: datetime, reason: str | None = None) -> Link:
        """The link after a transition.

        Raises:
            ValueError: the table does not know it (a bug of ours, not of the network).
        """
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"the link cannot go from {self.state} to {state}")
        return Link(
            state=state,
            epoch=self.epoch + (state is LinkState.CONNECTED),
            since=at if (state is LinkState.LIVE) != self.live else self.since,
            reason=None if state is LinkState.LIVE else reason or self.reason,
        )

    def because(self, reason: str) -> Link:
        """The same state with another reason (e.g. logged in, but Asterisk does not say that it is booted)."""
        return replace(self, reason=reason)
