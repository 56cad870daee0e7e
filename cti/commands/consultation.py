"""Asking first: the attended transfer and its four ends. Two rooms, the call's own and the consultation."""

from __future__ import annotations

from cti.commands import errors as e
from cti.commands import targets
from cti.commands.asked import Asked
from cti.commands.calling import call_into
from cti.commands.desk import Desk
from cti.commands.hand import Hand, grasp, is_aside, stands_in
from cti.commands.steps import Move, aside, hang_up, hang_ups, into, redirects
from cti.facts import Party, PartyState
from cti.live.floor import Floor
from cti.live.leg import ON_THE_WAY


async def consult(desk: Desk, asked: Asked) -> None:
    """The citizen waits with music (or with the others, if there are any), the agent rings the target."""
    hand = grasp(desk, asked)
    hand.must_not_consult()
    called = targets.to_call(desk, asked, hand.ref, hand.consultation)
    moves = _to_consultation(hand)
    await call_into(
        desk, hand, called, before=redirects(desk.floor, moves), moved=[m.leg for m in moves],
        confirmed=lambda floor: _apart(floor, hand, moves),
    )  # fmt: skip


async def swap(desk: Desk, asked: Asked) -> None:
    """The agent goes to the other side."""
    hand = grasp(desk, asked)
    hand.must_consult()
    if hand.asking:
        await _together(desk, hand, _to_call(hand))
    else:
        moves = _to_consultation(hand)
        desk.tell_moving(hand.ref, [m.leg for m in moves])
        await desk.carry(redirects(desk.floor, moves), lambda floor: _apart(floor, hand, moves), hand.ref)


async def cancel(desk: Desk, asked: Asked) -> None:
    """The target is let go, the agent is with the citizen again."""
    hand = grasp(desk, asked)
    gone = [party.leg for party in hand.must_consult()]
    moves = _to_call(hand)
    steps = [*redirects(desk.floor, moves), *hang_ups(desk.floor, gone)]
    desk.tell_moving(hand.ref, [m.leg for m in moves])
    desk.tell_letting_go(hand.ref, gone, by=hand.me.leg)

    def back(floor: Floor) -> bool:
        return _all_joined(floor, hand, moves) and not any(leg in floor.channels for leg in gone)

    await desk.carry(steps, back, hand.ref)


async def merge(desk: Desk, asked: Asked) -> None:
    """All together: the call becomes a conference."""
    hand = grasp(desk, asked)
    answered = _who_answered(hand)
    await _together(desk, hand, [*_to_call(hand), *(into(party, hand.ref) for party in answered)])


async def complete(desk: Desk, asked: Asked) -> None:
    """Citizen and target talk; the agent is out of it."""
    hand = grasp(desk, asked)
    answered = _who_answered(hand)
    waiting = [p for p in [hand.citizen] if p is not None and p.state is PartyState.ASIDE]
    await _together(desk, hand, [into(party, hand.ref) for party in [*waiting, *answered]])
    me = hand.me.leg
    if me not in desk.floor.channels:
        return
    step = hang_up(desk.floor, me)
    desk.tell_letting_go(hand.ref, [me], by=me)
    await desk.carry([step], lambda floor: me not in floor.channels)


def _who_answered(hand: Hand) -> list[Party]:
    """
    Raises:
        NoConsultation
        NotTalking: it rings still.
    """
    asked = hand.must_consult()
    if any(party.state in ON_THE_WAY for party in asked):
        raise e.NotTalking(asked[0].leg)
    return asked


def _to_consultation(hand: Hand) -> list[Move]:
    """The agent into the consultation; the citizen aside, unless others are there to talk with."""
    citizen = hand.citizen
    alone = citizen is not None and not hand.in_room and not (citizen.state is PartyState.ASIDE and hand.live.room)
    moves = [aside(citizen, hand.ref)] if alone and citizen is not None else []
    return [*moves, into(hand.me, hand.consultation)]


def _to_call(hand: Hand) -> list[Move]:
    """Agent and citizen into the call's own room, as far as they are elsewhere."""
    citizen = hand.citizen
    moves = [into(citizen, hand.ref)] if citizen is not None and citizen.state is PartyState.ASIDE else []
    return [*moves, *([into(hand.me, hand.ref)] if hand.asking else [])]


def _apart(floor: Floor, hand: Hand, moves: list[Move]) -> bool:
    """The agent in the consultation, the citizen alone."""
    others = [m.leg for m in moves if m.leg != hand.me.leg]
    here = stands_in(floor, hand.ref, hand.me.leg, hand.consultation)
    return here and all(is_aside(floor, hand.ref, leg) for leg in others)


def _all_joined(floor: Floor, hand: Hand, moves: list[Move]) -> bool:
    return all(stands_in(floor, hand.ref, m.leg, hand.ref) for m in moves)


async def _together(desk: Desk, hand: Hand, moves: list[Move]) -> None:
    if not moves:
        return
    steps = redirects(desk.floor, moves)
    desk.tell_moving(hand.ref, [m.leg for m in moves])
    await desk.carry(steps, lambda floor: _all_joined(floor, hand, moves), hand.ref)
