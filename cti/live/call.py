"""One call as the live machine has it: its body, its legs, and what follows from them. No clock, no I/O.

A call is seen in facets (waits? who rings? who stands in which room?); its state follows from them. Which fact does
what is in cti.live.table. While nobody moved it, a call is the citizen's channel and the seat's that the queue
connected; once moved, it is whoever stands in its rooms (``live.room``).

    arrived ──joined──▶ queued ──seat ringing──▶ ringing ──answered──▶ talking ◀──hold──▶ held
       ▲                  │  ▲                      │                     │                │
       └──────left────────┘  └──── ring is over ────┘                     └──── closed ────┴──▶ ended (from any)

``arrived`` is also the state after the talk, while the citizen still hears the house (the satisfaction question).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cti.facts import CallLive, CallState, Party, PartyKind, PartyState
from cti.live import pbx_facts as f
from cti.live.leg import Leg
from pbx_config import contract

INBOUND, OUTBOUND = "inbound", "outbound"


@dataclass(frozen=True, slots=True)
class Call:
    """``live`` is what screens see; the rest is what the next fact needs."""

    live: CallLive
    citizen: str  # uniqueid of the citizen's channel; "" while an agent calls out and has called nobody yet
    waiting: bool = False
    ringing: tuple[tuple[str, str], ...] = ()  # (uniqueid of the seat's channel, agent_no), as the queue rings them
    talking: str | None = None  # uniqueid of the seat's channel that the queue connected
    parted: bool = False  # that conversation is over, its channels are not closed yet
    holders: frozenset[str] = frozenset()
    asked_by: str | None = None  # who hung up first
    legs: tuple[Leg, ...] = ()  # in order of appearance; those that are gone stay
    moving: frozenset[str] = frozenset()  # uniqueids that are on their way from one room to another
    promised: bool = False  # an agent calls out: the citizen will be called as soon as the agent is there

    @property
    def ref(self) -> str:
        return self.live.linkedid

    @property
    def consultation(self) -> str:
        return contract.consultation(self.ref)

    @property
    def busy_agent(self) -> str | None:
        """The agent who talks in it now."""
        leg = self.leg_of_agent(self.live.agent_no)
        return self.live.agent_no if leg is not None and leg.here and self.live.ended_at is None else None

    # ── who is in it ────────────────────────────────────────────────────────────────────────────────

    def leg(self, uniqueid: str) -> Leg | None:
        return next((leg for leg in self.legs if leg.uniqueid == uniqueid), None)

    @property
    def citizen_leg(self) -> Leg | None:
        """The citizen's leg while it is open."""
        leg = self.leg(self.citizen)
        return leg if leg is not None and leg.open else None

    def leg_of_agent(self, agent_no: str | None) -> Leg | None:
        """The leg on which this agent is in the call, or is called into it. One that is there comes first."""
        if agent_no is None:
            return None
        own = [leg for leg in self.legs if leg.party.agent_no == agent_no and leg.open and not self.over(leg)]
        return next((leg for leg in own if leg.here), own[0] if own else None)

    def over(self, leg: Leg) -> bool:
        """Its conversation is over although its channel is not closed yet."""
        return self.parted and leg.uniqueid == self.talking

    def standing_in(self, room: str) -> tuple[Leg, ...]:
        """Who stands in that room now."""
        return tuple(leg for leg in self.legs if leg.open and leg.room == room)

    def called_into(self, room: str) -> tuple[Leg, ...]:
        """Who is being called into that room, or has answered and is on the way to it."""
        return tuple(leg for leg in self.legs if leg.on_the_way and leg.target in (room, ""))

    @property
    def others(self) -> tuple[Leg, ...]:
        """Seats and people outside whose legs are open."""
        kinds = (PartyKind.SEAT, PartyKind.OUTSIDE)
        return tuple(leg for leg in self.legs if leg.open and leg.party.kind in kinds and not self.over(leg))

    @property
    def consulted(self) -> tuple[Leg, ...]:
        """Who is asked: in the consultation, or being called into it, but for the agent whose call it is."""
        mine = self.leg_of_agent(self.live.agent_no)
        there = (*self.standing_in(self.consultation), *self.called_into(self.consultation))
        return tuple(leg for leg in there if mine is None or leg.uniqueid != mine.uniqueid)


# ── making one ───────────────────────────────────────────────────────────────────────────────────────


def opened(node: str, fact: f.ChannelOpened) -> Call:
    """The call that a channel from the trunk begins."""
    party = Party(fact.uniqueid, PartyKind.CITIZEN, fact.caller, PartyState.JOINED, fact.at)
    live = _arrived(node, fact.linkedid, fact.at, fact.caller, fact.called)
    return Call(replace(live, parties=(party,)), fact.uniqueid, legs=(Leg(party),))


def opened_out(node: str, fact: f.LegAsked) -> Call:
    """The call that an agent begins: the first leg is the agent's own, the citizen follows."""
    party = Party(fact.uniqueid, PartyKind.SEAT, fact.number, PartyState.DIALLING, fact.at, fact.agent_no)
    live = _arrived(node, fact.ref, fact.at, fact.shown, fact.citizen)
    live = replace(live, direction=OUTBOUND, agent_no=fact.agent_no, seat=fact.number, parties=(party,))
    leg = Leg(party, called=True, target=fact.room, seen=False)
    return Call(live, "", legs=(leg,), promised=bool(fact.citizen))


def _arrived(node: str, linkedid: str, at: datetime, caller: str, called: str) -> CallLive:
    return CallLive(
        call_id=str(contract.call_id(node, linkedid)),
        node=node,
        linkedid=linkedid,
        state=CallState.ARRIVED,
        since=at,
        started_at=at,
        caller=caller,
        called=called,
    )


# ── what follows from the facets ─────────────────────────────────────────────────────────────────────


def state_of(call: Call) -> CallState:
    if call.live.ended_at is not None:
        return CallState.ENDED
    if call.ringing:
        return CallState.RINGING
    if call.waiting:
        return CallState.QUEUED
    if call.live.room:
        return _state_in_rooms(call)
    if call.talking:
        return CallState.HELD if call.holders else CallState.TALKING
    rings = any(leg.party.state is PartyState.RINGING for leg in call.legs)
    return CallState.RINGING if call.live.direction == OUTBOUND and rings else CallState.ARRIVED


def _state_in_rooms(call: Call) -> CallState:
    citizen = call.citizen_leg
    if call.live.direction == OUTBOUND and call.live.answered_at is None:  # we call the citizen, who is not there yet
        called = call.promised or (citizen is not None and citizen.on_the_way)
        return CallState.RINGING if called else CallState.ARRIVED
    if citizen is None:
        return CallState.TALKING if call.others else CallState.ARRIVED
    if citizen.party.state is PartyState.ASIDE:
        return CallState.HELD if citizen.aside or call.others else CallState.ARRIVED
    return CallState.TALKING


def settled(call: Call, at: datetime, **live: Any) -> Call:
    """The call with its body made to agree with its facets; ``since`` moves when the state does."""
    call = _owned(replace(call, live=replace(call.live, **live)) if live else call)
    state, before = state_of(call), call.live
    since = at if state is not before.state and "since" not in live else before.since
    body = replace(
        before,
        state=state,
        since=since,
        ringing=_ringing(call) if state is CallState.RINGING else (),
        held_since=since if state is CallState.HELD else None,
        parties=tuple(leg.party for leg in call.legs),
    )
    return replace(call, live=body)


def _ringing(call: Call) -> tuple[str, ...]:
    out = call.live.direction == OUTBOUND and not call.live.room
    called = (leg.party.agent_no for leg in call.legs if out and leg.party.state is PartyState.RINGING)
    return tuple(sorted({agent for _, agent in call.ringing} | {agent for agent in called if agent}))


def _owned(call: Call) -> Call:
    """Whose call it is: another seat's once the agent's own leg is gone and that seat talks with the citizen."""
    if call.leg_of_agent(call.live.agent_no) is not None or not call.live.room:
        return call
    heirs = (leg for leg in call.standing_in(call.ref) if leg.party.kind is PartyKind.SEAT and leg.party.agent_no)
    heir = next(heirs, None)
    if heir is None:
        return call
    return replace(call, live=replace(call.live, agent_no=heir.party.agent_no, seat=heir.party.number))


def with_legs(call: Call, *legs: Leg) -> Call:
    """The call with these legs in the place of the old ones, or at the end."""
    new = {leg.uniqueid: leg for leg in legs}
    kept = tuple(new.pop(leg.uniqueid, leg) for leg in call.legs)
    return replace(call, legs=(*kept, *new.values()))


def in_state(leg: Leg, state: PartyState, at: datetime, **party: Any) -> Leg:
    """The leg's place on the roster; ``since`` moves with the state."""
    since = leg.party.since if leg.party.state is state else at
    return replace(leg, party=replace(leg.party, state=state, since=since, **party))


def ended(call: Call, at: datetime, hung_up_by: str | None) -> Call:
    """The end. ``hung_up_by`` None: it ended while we did not watch."""
    legs = tuple(_left(leg, at) for leg in call.legs)
    over = replace(call, waiting=False, ringing=(), holders=frozenset(), moving=frozenset(), legs=legs)
    return settled(over, at, ended_at=at, hung_up_by=hung_up_by, position=None, recording_paused_since=None)


def _left(leg: Leg, at: datetime) -> Leg:
    if not leg.open:
        return leg
    return replace(in_state(leg, PartyState.FAILED if leg.on_the_way else PartyState.LEFT, at), room="")
