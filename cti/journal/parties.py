"""Who is who among the legs of one call, what became of each, and who hung up. Pure.

Who hung up, where HANGUP does not name a channel (Asterisk 22.10.1):
- empty, cause 16, after an answer: AMI's Hangup, the desk's hand; so *agent*. But whoever is left alone is hung up by
  cti, too: then it is whoever left last.
- empty, before an answer: the queue gave up ringing (*switch*), Originate's time was over (19, *switch*), or the desk
  did not wait (16, *agent*).
- ``dialplan/builtin``: *switch*; but after the talk, in the satisfaction question, it is whoever ended the talk, and
  the end that follows the abuse announcement is the desk's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cti.journal.channels import Leg
from cti.journal.talk import last_of
from models.call import HungUpBy, LegOutcome
from pbx_config import contract
from pbx_config.contract import CalledLeg, Context

_TRUNK: Final = f"PJSIP/{contract.TRUNK}-"
_HUNG_UP_ON_US: Final = timedelta(seconds=contract.HUNG_UP_ON_US_S)
_CLEARING: Final = 16  # Q.850: normal call clearing
_NO_ANSWER: Final = frozenset({18, 19})
_BY_CAUSE: Final = {17: LegOutcome.BUSY, 21: LegOutcome.REFUSED, **dict.fromkeys(_NO_ANSWER, LegOutcome.NO_ANSWER)}
_AT_ONCE: Final = timedelta(seconds=0.5)  # a citizen's leg and the rings for it end together
_BY_OTHERS: Final = {"citizen": HungUpBy.CITIZEN, "agent": HungUpBy.AGENT, "outside": HungUpBy.OUTSIDE}


class Parties:
    """One look at the legs. ``citizen`` is the leg whose talk the call is about; None in a seat's own call."""

    __slots__ = ("_by", "_called", "citizen", "legs", "lost", "main")

    def __init__(self, ref: str, legs: dict[str, Leg]) -> None:
        self.legs = legs
        self.main = legs.get(ref) or next(iter(legs.values()))
        self.lost = False  # the switch died under them
        self._called = {u: found for u in legs if "+" in u and (found := contract.called_leg(u)) is not None}
        self._by: dict[str, HungUpBy] = {}
        self.citizen = self._citizen()

    @property
    def outbound(self) -> bool:
        """An agent called a citizen: the call began with a seat's telephone, and went on with somebody outside."""
        return self.main.seat is not None and self.citizen is not None

    def called(self, leg: Leg) -> CalledLeg | None:
        return self._called.get(leg.uniqueid)

    def _citizen(self) -> Leg | None:
        if self.main.seat is None:
            return self.main if self.main.channel.startswith(_TRUNK) and self.called(self.main) is None else None
        tried = sorted((leg for leg in self.legs.values() if self._is_tried(leg)), key=_began)
        there = [leg for leg in tried if leg.bridged_at]
        if there:
            return min(there, key=lambda leg: (leg.bridged_at, leg.uniqueid))
        return tried[-1] if tried else None

    def _is_tried(self, leg: Leg) -> bool:
        """Of an outbound call: a leg to the citizen. Who never answered is known by the number called first."""
        called = self.called(leg)
        if called is None or leg.seat or leg.as_outside:
            return False
        first = min((self.legs[u] for u in self._called if not self.legs[u].seat), key=_began)
        return leg.as_citizen or called.number == self._called[first.uniqueid].number

    def party(self, leg: Leg) -> str:
        if leg.seat:
            return "agent"
        if leg is self.citizen or (self.outbound and self._is_tried(leg)):
            return "citizen"
        if self.called(leg) is not None:
            return "citizen" if leg.as_citizen else "outside"
        if leg is not self.main and leg.channel.startswith(_TRUNK):
            return "outside"  # the telephone on duty, dialled by the line itself
        return "other"

    def number(self, leg: Leg) -> str:
        called = self.called(leg)
        return called.number if called else contract.caller_number(leg.number)

    def leg_no(self, leg: Leg) -> int | None:
        called = self.called(leg)
        return called.leg_no if called else 1 if leg is self.main else None

    def outcome(self, leg: Leg) -> LegOutcome | None:
        """None of those who called us, of those who still ring, and where nobody lived to tell."""
        called = self.called(leg)
        if leg is self.main and called is None and not self.outbound:
            return None
        if leg.answered_at:
            left_us = called is not None and leg.source == leg.channel and self.party(leg) != "citizen"
            soon = leg.ended_at is not None and leg.ended_at - leg.answered_at < _HUNG_UP_ON_US
            return LegOutcome.HUNG_UP_ON_US if left_us and soon else LegOutcome.ANSWERED
        if leg.source is None:
            return None
        if leg.cause in _BY_CAUSE:
            return _BY_CAUSE[leg.cause]
        if leg.cause not in (None, _CLEARING):
            return LegOutcome.FAILED
        return LegOutcome.CANCELLED if called or self._is_over_for(leg) else LegOutcome.NO_ANSWER

    def _is_over_for(self, ring: Leg) -> bool:
        """A ring of the queue ended because the citizen was gone, or was answered elsewhere."""
        ended_at = ring.ended_at
        if ended_at is None:
            return False
        if self.main.ended_at is not None and self.main.ended_at <= ended_at + _AT_ONCE:
            return True
        entered = (stay.entered_at for stay in self.main.stays)
        return any(ring.started_at <= at <= ended_at + _AT_ONCE for at in entered)

    # ── who hung up ─────────────────────────────────────────────────────────────────────────────────

    def hung_up_by(self, leg: Leg) -> HungUpBy:
        found = self._by.get(leg.uniqueid)
        if found is None:
            self._by[leg.uniqueid] = HungUpBy.AGENT  # two that point at each other: the desk ended both
            found = self._by[leg.uniqueid] = self._hung_up_by(leg)
        return found

    def _hung_up_by(self, leg: Leg) -> HungUpBy:
        if leg.source is None:
            return HungUpBy.SWITCH if self.lost else HungUpBy.UNKNOWN
        if leg is self.citizen and leg.stays and leg.ended_in == Context.AFTER_TALK:
            return self._talk_ended_by(leg)
        if leg.ended_in == Context.ABUSE_END and leg.source != leg.channel:
            return HungUpBy.AGENT
        if leg.source:
            named = next((other for other in self.legs.values() if other.channel == leg.source), None)
            return _BY_OTHERS.get(self.party(named), HungUpBy.UNKNOWN) if named else HungUpBy.SWITCH
        if leg.cause != _CLEARING or (leg.answered_at is None and self.called(leg) is None):
            return HungUpBy.SWITCH
        return self._left_alone_by(leg)

    def _left_alone_by(self, leg: Leg) -> HungUpBy:
        """AMI hung it up: because the desk wanted it, or because nobody else was there any more."""
        ended_at = leg.ended_at
        others = [other for other in self.legs.values() if other is not leg]
        if leg.answered_at is None or ended_at is None:
            return HungUpBy.AGENT
        if any(o.answered_at and (o.ended_at is None or o.ended_at > ended_at) for o in others):
            return HungUpBy.AGENT
        gone = [(o.ended_at, o.uniqueid, o) for o in others if o.ended_at is not None and o.ended_at <= ended_at]
        return self.hung_up_by(max(gone)[2]) if gone else HungUpBy.AGENT

    def _talk_ended_by(self, citizen: Leg) -> HungUpBy:
        """Whoever left the citizen's last room last; the desk, where it sent the citizen on while others were there."""
        last = last_of(citizen, self.legs.values())
        return self.hung_up_by(last) if last else HungUpBy.AGENT


def _began(leg: Leg) -> tuple[datetime, str]:
    return leg.started_at, leg.uniqueid
