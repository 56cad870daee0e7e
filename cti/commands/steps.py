"""The steps that moves are made of: redirects of one or two legs, hang-ups, and the calling of somebody. Pure.

Whoever is called gets an id that says of which call, which leg, whom (contract.CalledLeg): nothing else ties the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cti.commands.desk import Called, Step
from cti.commands.errors import LegNotFound
from cti.facts import Party, PartyKind
from cti.live.floor import Floor
from pbx_config import contract
from pbx_config.contract import Context

RING_MS = 30_000
_CONTEXT = {
    PartyKind.CITIZEN: Context.ROOM_CITIZEN,
    PartyKind.SEAT: Context.ROOM_SEAT,
    PartyKind.OUTSIDE: Context.ROOM_OUTSIDE,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One leg to a place in the dial plan."""

    leg: str
    context: Context
    exten: str


def into(party: Party, room: str) -> Move:
    """Into a room as what that party is: a citizen, a seat or somebody outside."""
    return Move(party.leg, _CONTEXT[party.kind], room)


def aside(party: Party, ref: str) -> Move:
    """Waits with music for somebody who is being called or asked."""
    return Move(party.leg, Context.ROOM_WAIT, ref)


def redirects(floor: Floor, moves: Sequence[Move]) -> list[Step]:
    """Two legs at a time, as one action: a bridge is never left with one.

    Raises:
        LegNotFound: a channel has gone.
    """
    steps = []
    for at in range(0, len(moves), 2):
        headers: dict[str, str] = {}
        for prefix, move in zip(("", "Extra"), moves[at : at + 2], strict=False):
            headers |= {
                f"{prefix}Channel": channel(floor, move.leg),
                f"{prefix}Context": move.context.value,
                f"{prefix}Exten": move.exten,
                f"{prefix}Priority": "1",
            }
        steps.append(Step("Redirect", headers))
    return steps


def hang_up(floor: Floor, leg: str) -> Step:
    """
    Raises:
        LegNotFound: it has gone already.
    """
    return Step("Hangup", {"Channel": channel(floor, leg), "Cause": "16"}, needed=False)


def hang_ups(floor: Floor, legs: Sequence[str]) -> list[Step]:
    """Of those that are still there."""
    return [hang_up(floor, leg) for leg in legs if leg in floor.channels]


def channel(floor: Floor, leg: str) -> str:
    name = floor.channels.get(leg)
    if name is None:
        raise LegNotFound(leg)
    return name


def originate(called: Called, shown: str) -> Step:
    """Call somebody into a room; ``shown`` is the number that is seen there."""
    headers = {
        "Channel": called.channel,
        "ChannelId": called.leg,
        "Context": called.context.value,
        "Exten": called.room,
        "Priority": "1",
        "Timeout": str(RING_MS),
        "CallerID": shown,
        "Async": "true",
    }
    if called.agent_no is not None:
        headers["Variable"] = f"{contract.Var.AGENT}={called.agent_no}"
    return Step("Originate", headers)
