"""Who listens to which call now: ears by their channel. No clock, no I/O.

An ear is known by its name (``contract.EarLeg``), so that no call's machine ever takes it for a party: what its channel
does comes here and nowhere else. Decisions: docs/decisions/0007.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cti.facts import Ear, EarsLive, EarState
from cti.live import pbx_facts as f
from cti.live.call import Call
from cti.live.snapshot import ChannelSeen, Seen
from pbx_config import contract
from pbx_config.contract import EAR_CONTEXTS, EarMode


@dataclass
class Ears:
    """``apply`` tells whether something changed."""

    by_leg: dict[str, Ear] = field(default_factory=dict)
    takers: dict[str, tuple[str, str]] = field(default_factory=dict)  # call's ref → (agent_no, name) who takes it over
    _doubted: set[str] = field(default_factory=set)  # asked for, and a snapshot did not have it

    def of_call(self, ref: str) -> tuple[Ear, ...]:
        return tuple(ear for leg, ear in self.by_leg.items() if contract.call_ref(leg) == ref)

    def of_seat(self, seat: str) -> Ear | None:
        return next((ear for ear in self.by_leg.values() if ear.seat == seat), None)

    def body(self, call: Call) -> EarsLive | None:
        """What screens see of a call's ears; None when there is nothing to see."""
        live, ears = call.live, self.of_call(call.ref)
        by, name = self.takers.get(call.ref, (None, ""))
        if not ears and by is None:
            return None
        return EarsLive(live.call_id, live.node, live.linkedid, live.agent_no, ears, by, name)

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────

    def apply(self, fact: f.ChannelFact | f.EarFact | f.OriginateFailed) -> bool:
        if isinstance(fact, f.TakeOverAsked):
            return self._take_over(fact)
        leg = fact.uniqueid
        before = self.by_leg.get(leg)
        if isinstance(fact, (f.ChannelClosed, f.OriginateFailed)):
            return self.by_leg.pop(leg, None) is not None
        if isinstance(fact, f.EarAsked):
            after = Ear(leg, fact.seat, fact.agent_no, fact.mode, EarState.CALLING, fact.at, fact.name)
        elif isinstance(fact, (f.EarBegan, f.RoomEntered)):
            after = _heard(before or _unknown(leg, fact), fact)
        elif isinstance(fact, f.ChannelOpened):
            after = before or _unknown(leg, fact)
        else:
            return False
        self.by_leg[leg] = after
        return after != before

    def _take_over(self, fact: f.TakeOverAsked) -> bool:
        before = self.takers.pop(fact.ref, None)
        if fact.by is not None:
            self.takers[fact.ref] = (fact.by, fact.name)
        return before != self.takers.get(fact.ref)

    # ── snapshots ────────────────────────────────────────────────────────────────────────────────────

    def resync(self, seen: Seen) -> set[str]:
        """Make them agree with a snapshot; the refs of the calls whose ears changed."""
        agent_of = {member.interface: member.agent_no for member in seen.members}
        there = {c.uniqueid: c for c in seen.channels if contract.ear_leg(c.uniqueid) is not None}
        found = {leg: _seen(self.by_leg.get(leg), channel, seen, agent_of) for leg, channel in there.items()}
        for leg, ear in self.by_leg.items():
            # One that we have just asked for may not have its channel yet.
            if leg not in found and ear.state is EarState.CALLING and leg not in self._doubted:
                self._doubted.add(leg)
                found[leg] = ear
        changed = {leg for leg in found.keys() | self.by_leg.keys() if found.get(leg) != self.by_leg.get(leg)}
        self.by_leg = found
        self._doubted &= found.keys()
        return {contract.call_ref(leg) for leg in changed}


def _heard(ear: Ear, fact: f.EarBegan | f.RoomEntered) -> Ear:
    mode = EAR_CONTEXTS.get(fact.context, EarMode.LISTEN).value
    if (ear.mode, ear.state) == (mode, EarState.ON):
        return ear
    return replace(ear, mode=mode, state=EarState.ON, since=fact.at)


def _unknown(leg: str, fact: f.ChannelFact) -> Ear:
    """An earlier cti asked for it."""
    told = contract.ear_leg(leg)
    return Ear(leg, told.seat if told else "", None, EarMode.LISTEN.value, EarState.CALLING, fact.at)


def _seen(known: Ear | None, channel: ChannelSeen, seen: Seen, agent_of: dict[str, str]) -> Ear:
    told = contract.ear_leg(channel.uniqueid)
    place = contract.seat_of_interface(channel.channel)
    agent_no = agent_of.get(contract.interface(*place)) if place is not None else None
    seat = told.seat if told is not None else ""
    ear = known or Ear(channel.uniqueid, seat, agent_no, EarMode.LISTEN.value, EarState.CALLING, seen.at - channel.age)
    mode = EAR_CONTEXTS.get(channel.context)
    if mode is None or not channel.up:
        return ear
    since = ear.since if (ear.mode, ear.state) == (mode, EarState.ON) or known is None else seen.at
    return replace(ear, mode=mode.value, state=EarState.ON, since=since)
