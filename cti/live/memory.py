"""What an earlier cti had published, taken over: so that times and answers survive its end. Pure.

It is only a memory until a snapshot is laid over it; the snapshot decides what still is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cti.facts import (
    AgentLive,
    CallLive,
    CallState,
    EarsLive,
    NodeLive,
    Party,
    PartyKind,
    QueueLive,
    Topic,
    TrunkLive,
    fact_of_body,
)
from cti.live.call import Call
from cti.live.floor import Floor
from cti.live.leg import HERE, Leg
from pbx_config import contract

KINDS: dict[str, type[Any]] = {
    Topic.CALL: CallLive,
    Topic.AGENT: AgentLive,
    Topic.EARS: EarsLive,
    Topic.QUEUE: QueueLive,
    Topic.TRUNK: TrunkLive,
    Topic.NODE: NodeLive,
}


def remember(floor: Floor, rows: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
    """Fill an empty floor from rows (topic, key, body) of the live table; rows of other nodes are not taken."""
    for topic, key, body in rows:
        if topic not in KINDS or body.get("node") != floor.node:
            continue
        live = fact_of_body(KINDS[topic], body)
        if isinstance(live, CallLive):
            floor.calls[live.linkedid] = _call(live)
        elif isinstance(live, AgentLive):
            floor.agents[key] = live
        elif isinstance(live, EarsLive):
            floor.ears.by_leg |= {ear.leg: ear for ear in live.ears}
        elif isinstance(live, QueueLive):
            floor.queue(key)
            floor.queue_bodies[key] = live
        elif isinstance(live, TrunkLive):
            floor.trunks[key] = live


def _call(live: CallLive) -> Call:
    legs = tuple(_leg(live, party) for party in live.parties)
    citizen = next((leg.uniqueid for leg in reversed(legs) if leg.party.kind is PartyKind.CITIZEN), "")
    plain = live.state in (CallState.TALKING, CallState.HELD) and not live.room
    talking = next((leg.uniqueid for leg in legs if plain and leg.here and leg.party.kind is PartyKind.SEAT), None)
    return Call(live, citizen, talking=talking, legs=legs)


def _leg(live: CallLive, party: Party) -> Leg:
    called = contract.called_leg(party.leg) is not None or (party.kind is PartyKind.SEAT and party.leg == live.linkedid)
    answered_at = party.since if called and party.state in HERE else None
    return Leg(party, called=called, answered_at=answered_at)
