"""One leg of a call: who it is, where it stands, and what became of it. Pure values.

The live roster (``CallLive.parties``) is made of these; a leg that is gone stays until the call ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cti.facts import Party, PartyKind, PartyState
from pbx_config import contract

ASIDE = "aside-"  # the room of one who is alone with music; then the channel's uniqueid
ON_THE_WAY = frozenset({PartyState.DIALLING, PartyState.RINGING})
HERE = frozenset({PartyState.JOINED, PartyState.CONSULTING, PartyState.ASIDE})

# Q.850, as Asterisk gives it with the channel's end
_BUSY, _NO_USER, _NO_ANSWER, _REJECTED = 17, 18, 19, 21
_NORMAL = 16


@dataclass(frozen=True, slots=True)
class Leg:
    """``party`` is what screens see; the rest is what the next fact needs."""

    party: Party
    called: bool = False  # we called it, by Originate
    target: str = ""  # the room that it was called into
    seen: bool = True  # its channel has been there (one that we asked for begins without)
    room: str = ""  # the room it stands in now, "" between rooms and before the first
    context: str = ""  # where in the dial plan it stands in that room
    answered_at: datetime | None = None
    left_us: bool = False  # its far end hung up
    dropped: bool = False  # we, or Asterisk, hung it up
    doubted: bool = False  # asked for, and a snapshot did not have it

    @property
    def uniqueid(self) -> str:
        return self.party.leg

    @property
    def open(self) -> bool:
        """Not gone: here, or being called."""
        return self.party.state in HERE or self.party.state in ON_THE_WAY

    @property
    def here(self) -> bool:
        return self.party.state in HERE

    @property
    def on_the_way(self) -> bool:
        """Being called, or it answered and has not reached its room yet."""
        return self.party.state in ON_THE_WAY

    @property
    def aside(self) -> bool:
        return self.room.startswith(ASIDE)

    @property
    def waits(self) -> bool:
        """Aside because somebody is being called or asked, not because somebody put it on hold."""
        return self.aside and self.context != contract.Context.ROOM_HOLD


def state_in(room: str, ref: str) -> PartyState:
    if room.startswith(ASIDE):
        return PartyState.ASIDE
    return PartyState.CONSULTING if room == contract.consultation(ref) else PartyState.JOINED


def why_gone(leg: Leg, at: datetime, cause: int | None) -> PartyState:
    """What became of a leg whose channel closed at ``at``."""
    if leg.answered_at is not None or not leg.called:
        asked = contract.called_leg(leg.uniqueid) is not None and leg.party.kind is not PartyKind.CITIZEN
        soon = leg.answered_at is not None and at - leg.answered_at < timedelta(seconds=contract.HUNG_UP_ON_US_S)
        return PartyState.HUNG_UP_ON_US if asked and soon and leg.left_us else PartyState.LEFT
    # Asterisk tells no SoftHangupRequest of a ringing channel that a manager hangs up; its cause is our own 16.
    if leg.dropped or (cause == _NORMAL and not leg.left_us):
        return PartyState.CANCELLED
    if cause == _REJECTED:
        return PartyState.REFUSED
    if cause == _BUSY:
        return PartyState.BUSY
    return PartyState.NO_ANSWER if cause in (_NO_USER, _NO_ANSWER) else PartyState.FAILED
