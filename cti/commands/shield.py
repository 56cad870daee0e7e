"""The agent's shield on a live call, and the flag of a caller. How often and when is decided in api."""

from __future__ import annotations

from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.commands.errors import NotTalking
from cti.commands.hand import grasp, leg_of
from cti.commands.moves import end_with
from cti.commands.steps import Move, channel, into, redirects
from cti.facts import PartyState
from cti.live.floor import Floor
from pbx_config.contract import Context, Var


async def warn(desk: Desk, asked: Asked) -> None:
    """The citizen hears the spoken warning, apart from the agent, and comes back by the dial plan."""
    hand = grasp(desk, asked)
    citizen = hand.citizen
    if citizen is None or citizen.state is not PartyState.JOINED:
        raise NotTalking(asked.call_id)
    moves = [Move(citizen.leg, Context.ABUSE_WARNING, hand.ref)]
    if not hand.live.room:
        moves.append(into(hand.me, hand.ref))

    def hears(floor: Floor) -> bool:
        leg = leg_of(floor, hand.ref, citizen.leg)
        return leg is not None and leg.room == "" and leg.party.state is PartyState.ASIDE

    desk.tell_moving(hand.ref, [m.leg for m in moves[1:]])
    await desk.carry(redirects(desk.floor, moves), hears, hand.ref)


async def end(desk: Desk, asked: Asked) -> None:
    """The citizen hears that the call ends, and it ends; everybody else is let go at once."""
    hand = grasp(desk, asked)
    if hand.citizen is None:
        raise NotTalking(asked.call_id)
    await end_with(desk, hand, Context.ABUSE_END, hand.ref)


async def no_survey(desk: Desk, asked: Asked) -> None:
    """Nobody asks this citizen how it was."""
    hand = grasp(desk, asked)
    if hand.citizen is None:
        raise NotTalking(asked.call_id)
    headers = {"Channel": channel(desk.floor, hand.citizen.leg), "Variable": Var.NO_SURVEY.value, "Value": "1"}
    await desk.ask("Setvar", headers)


async def flag(desk: Desk, asked: Asked) -> None:
    """Takes hold of the caller's next call; the table is told by who asks."""
    await desk.flags.set(asked.digits, asked.flag)
