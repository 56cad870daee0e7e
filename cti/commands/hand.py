"""The agent's hand on a call: whose call it is, who is in it, and where. Everything a move is checked against. Pure.

Reads the live call; it sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cti.commands import errors as e
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.facts import CallLive, Party
from cti.live.call import Call
from cti.live.floor import Floor
from cti.live.leg import HERE, ON_THE_WAY, Leg

PRESENT = HERE | ON_THE_WAY


@dataclass(frozen=True, slots=True)
class Hand:
    """``me`` is the leg of the agent whose call it is."""

    call: Call
    me: Party

    @property
    def live(self) -> CallLive:
        return self.call.live

    @property
    def ref(self) -> str:
        return self.call.ref

    @property
    def consultation(self) -> str:
        return self.call.consultation

    @property
    def citizen(self) -> Party | None:
        """The citizen, while here."""
        leg = self.call.citizen_leg
        return leg.party if leg is not None and leg.here else None

    @property
    def others(self) -> list[Party]:
        """Everybody but the agent and the citizen, also those who are being called."""
        return [leg.party for leg in self.call.others if leg.uniqueid != self.me.leg]

    @property
    def in_room(self) -> list[Party]:
        """Those of the others who talk in the call's own room."""
        return [leg.party for leg in self.call.standing_in(self.ref) if leg.party in self.others]

    @property
    def asking(self) -> bool:
        """The agent stands in the consultation."""
        return self.in_consultation(self.me)

    def in_consultation(self, party: Party) -> bool:
        """In the consultation."""
        return any(leg.uniqueid == party.leg for leg in self.call.standing_in(self.consultation))

    @property
    def asked(self) -> list[Party]:
        """Whom the agent asks: who stands in the consultation, or is on the way to it."""
        return [leg.party for leg in self.call.consulted]

    def must_not_consult(self) -> None:
        """
        Raises:
            ConsultationOpen
        """
        if self.asking or self.asked:
            raise e.ConsultationOpen(self.live.call_id)

    def must_consult(self) -> list[Party]:
        """Whom the agent asks.

        Raises:
            NoConsultation
        """
        asked = self.asked
        if not asked:
            raise e.NoConsultation(self.live.call_id)
        return asked

    def leg(self, leg: str) -> Party:
        """
        Raises:
            LegNotFound: not of this call, or gone.
        """
        for party in present(self.live):
            if party.leg == leg:
                return party
        raise e.LegNotFound(leg)


def present(live: CallLive) -> list[Party]:
    return [p for p in live.parties if p.state in PRESENT]


def going_on(desk: Desk, asked: Asked) -> Call:
    """
    Raises:
        CallNotFound: no such call, or it has ended.
    """
    call = desk.floor.call_by_id(asked.call_id)
    if call is None or call.live.ended_at is not None:
        raise e.CallNotFound(asked.call_id)
    return call


def grasp(desk: Desk, asked: Asked) -> Hand:
    """The hand of the agent who asks; of the call's own agent when the house asks (a command without an agent).

    Raises:
        CallNotFound, CallNotYours, NotTalking
    """
    call = going_on(desk, asked)
    live = call.live
    if asked.agent_no is not None and live.agent_no != asked.agent:
        raise e.CallNotYours(live.call_id)
    me = seat_leg(call, live.agent_no)
    if me is None:
        raise e.NotTalking(live.call_id)
    return Hand(call, me)


def seat_leg(call: Call, agent_no: str | None) -> Party | None:
    """The leg on which this agent is in the call now."""
    leg = call.leg_of_agent(agent_no)
    return leg.party if leg is not None and leg.here else None


def leg_of(floor: Floor, ref: str, leg: str) -> Leg | None:
    call = floor.calls.get(ref)
    return call.leg(leg) if call is not None else None


def stands_in(floor: Floor, ref: str, leg: str, room: str) -> bool:
    """It has reached that room."""
    found = leg_of(floor, ref, leg)
    return found is not None and found.open and found.room == room


def is_aside(floor: Floor, ref: str, leg: str) -> bool:
    """It is alone with music."""
    found = leg_of(floor, ref, leg)
    return found is not None and found.open and found.aside
