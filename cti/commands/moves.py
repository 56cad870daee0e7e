"""Moving a call that is going on: hold, mute, drop, leave, end, and the blind transfer.

Every move is a Redirect between rooms (see contract.py), sent once and confirmed by the roster.
"""

from __future__ import annotations

from cti.commands import errors as e
from cti.commands import targets
from cti.commands.asked import Asked, TargetKind
from cti.commands.calling import call_into
from cti.commands.desk import Confirmed, Desk, Step
from cti.commands.hand import Hand, going_on, grasp, is_aside, leg_of, seat_leg, stands_in
from cti.commands.steps import Move, aside, channel, hang_up, hang_ups, into, redirects
from cti.facts import Party, PartyState
from cti.live.call import Call
from cti.live.floor import Floor
from pbx_config.contract import Context, Var

_TALKS = frozenset({PartyState.JOINED, PartyState.CONSULTING})


# ── hold ─────────────────────────────────────────────────────────────────────────────────────────────


async def hold(desk: Desk, asked: Asked) -> None:
    """Somebody is alone with music; the citizen unless a leg is named."""
    hand = grasp(desk, asked)
    party = _named(hand, asked)
    if party.state is PartyState.ASIDE and hand.live.room:
        return
    if party.state not in _TALKS or hand.in_consultation(party):
        raise e.NotTalking(party.leg)
    moves = [Move(party.leg, Context.ROOM_HOLD, hand.ref), *_first_move(hand, but=party.leg)]
    await _move(desk, hand, moves, lambda floor: is_aside(floor, hand.ref, party.leg))


async def unhold(desk: Desk, asked: Asked) -> None:
    hand = grasp(desk, asked)
    party = _named(hand, asked)
    if party.state is PartyState.JOINED:
        return
    if hand.asking or hand.in_consultation(party):
        raise e.ConsultationOpen(asked.call_id)
    if party.state is not PartyState.ASIDE or not hand.live.room:
        raise e.NotTalking(party.leg)
    moves = [into(party, hand.ref)]
    await _move(desk, hand, moves, lambda floor: stands_in(floor, hand.ref, party.leg, hand.ref))


def _named(hand: Hand, asked: Asked) -> Party:
    """The leg in the arguments; the citizen where none is named."""
    if asked.args.get("leg") is not None:
        return hand.leg(asked.leg)
    if hand.citizen is None:
        raise e.LegNotFound(asked.call_id)
    return hand.citizen


# ── mute, drop ───────────────────────────────────────────────────────────────────────────────────────


async def mute(desk: Desk, asked: Asked) -> None:
    await _mute(desk, asked, muted=True)


async def unmute(desk: Desk, asked: Asked) -> None:
    await _mute(desk, asked, muted=False)


async def _mute(desk: Desk, asked: Asked, *, muted: bool) -> None:
    hand = grasp(desk, asked)
    party = hand.leg(asked.leg)
    if party.state not in _TALKS:
        raise e.NotTalking(party.leg)
    if party.muted is muted:
        return
    await open_room(desk, hand)
    room = hand.consultation if hand.in_consultation(party) else hand.ref
    headers = {"Conference": room, "Channel": channel(desk.floor, party.leg)}

    def told(floor: Floor) -> bool:
        leg = leg_of(floor, hand.ref, party.leg)
        return leg is not None and leg.party.muted is muted

    await desk.carry([Step("ConfbridgeMute" if muted else "ConfbridgeUnmute", headers)], told, hand.ref)


async def drop(desk: Desk, asked: Asked) -> None:
    """Hang one leg up, or stop calling it."""
    hand = grasp(desk, asked)
    party = hand.leg(asked.leg)
    await let_go(desk, hand.ref, party.leg, by=hand.me.leg)


# ── the ends ─────────────────────────────────────────────────────────────────────────────────────────


async def hang_up_own(desk: Desk, asked: Asked) -> None:
    """The agent's own leg, talking or ringing; who else is in a room goes on."""
    call = going_on(desk, asked)
    leg = _own_leg(call, asked.agent)
    await let_go(desk, call.ref, leg, by=leg)


async def leave(desk: Desk, asked: Asked) -> None:
    """The others go on without this agent."""
    call = going_on(desk, asked)
    me = seat_leg(call, asked.agent)
    if me is None:
        raise e.CallNotYours(asked.call_id)
    if call.live.agent_no == asked.agent:
        Hand(call, me).must_not_consult()
    await let_go(desk, call.ref, me.leg, by=me.leg)


async def end(desk: Desk, asked: Asked) -> None:
    """The desk ends it for everybody; the citizen is asked how it was."""
    hand = grasp(desk, asked)
    await end_with(desk, hand, Context.AFTER_TALK, "s")


async def end_with(desk: Desk, hand: Hand, context: Context, exten: str) -> None:
    """The citizen goes to that place in the dial plan, everybody else is hung up."""
    citizen, gone = hand.citizen, [*(p.leg for p in hand.others), hand.me.leg]
    moves = [Move(citizen.leg, context, exten)] if citizen is not None else []
    steps = [*redirects(desk.floor, moves), *hang_ups(desk.floor, gone)]
    desk.tell_letting_go(hand.ref, gone, by=hand.me.leg)
    await desk.carry(steps, lambda floor: not any(leg in floor.channels for leg in gone))


def _own_leg(call: Call, agent_no: str) -> str:
    """The uniqueid of the agent's leg, talking or ringing.

    Raises:
        CallNotYours
    """
    mine = call.leg_of_agent(agent_no)
    rung = next((leg for leg, agent in call.ringing if agent == agent_no), None)
    leg = mine.uniqueid if mine is not None else rung
    if leg is None:
        raise e.CallNotYours(call.live.call_id)
    return leg


async def let_go(desk: Desk, ref: str, leg: str, *, by: str) -> None:
    """Hang one leg up; ``by``: the leg of the agent who asked for it."""
    desk.must_be_linked()
    step = hang_up(desk.floor, leg)
    desk.tell_letting_go(ref, [leg], by)
    await desk.carry([step], lambda floor: leg not in floor.channels)


# ── blind transfer ───────────────────────────────────────────────────────────────────────────────────


async def transfer(desk: Desk, asked: Asked) -> None:
    """Without asking: the citizen waits until the target answers; who fails is returned by the keeper of the rooms."""
    hand = grasp(desk, asked)
    hand.must_not_consult()
    if hand.citizen is None:
        raise e.NotTalking(asked.call_id)
    if asked.target.kind is TargetKind.QUEUE:
        await _transfer_to_queue(desk, hand, asked)
        return
    called = targets.to_call(desk, asked, hand.ref, hand.ref)
    moves = [] if hand.in_room else [aside(hand.citizen, hand.ref)]
    steps = [*redirects(desk.floor, moves), hang_up(desk.floor, hand.me.leg)]
    me = hand.me.leg
    # The agent counts as moving until gone: nobody takes the citizen back to a telephone that is being hung up.
    await call_into(
        desk, hand, called, after=steps, moved=[*(m.leg for m in moves), me], leaves=True,
        confirmed=lambda floor: me not in floor.channels,
    )  # fmt: skip


async def _transfer_to_queue(desk: Desk, hand: Hand, asked: Asked) -> None:
    queue = asked.target.value
    if queue not in {desk.queue, *desk.floor.queues}:
        raise e.TargetNotFound(queue)
    if not any(queue in queues for queues in desk.floor.members.values()):
        raise e.QueueEmpty(queue)
    await to_queue(desk, hand, queue)


async def to_queue(desk: Desk, hand: Hand, queue: str, exten: str = "back", *before: Step) -> None:
    """To the front of the queue; nobody else of the call comes along. ``exten``: of the line, where that begins.

    Raises:
        As :meth:`Desk.carry`.
    """
    assert hand.citizen is not None
    citizen = channel(desk.floor, hand.citizen.leg)
    where = Step("Setvar", {"Channel": citizen, "Variable": Var.QUEUE.value, "Value": queue})
    gone = [*(p.leg for p in hand.others), hand.me.leg]
    moves = [Move(hand.citizen.leg, Context.LINE, exten)]
    steps = [*before, where, *redirects(desk.floor, moves), *hang_ups(desk.floor, gone)]

    def waits(floor: Floor) -> bool:
        call = floor.calls.get(hand.ref)
        return call is not None and call.waiting and not any(leg in floor.channels for leg in gone)

    desk.tell_moving(hand.ref, [m.leg for m in moves])
    desk.tell_letting_go(hand.ref, gone, by=hand.me.leg)
    await desk.carry(steps, waits, hand.ref)


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────────


async def open_room(desk: Desk, hand: Hand) -> None:
    """The first move of a call of two: both into the call's room, by one Redirect."""
    if hand.live.room:
        return
    if hand.citizen is None:
        raise e.NotTalking(hand.live.call_id)
    both = [into(hand.citizen, hand.ref), into(hand.me, hand.ref)]

    def joined(floor: Floor) -> bool:
        return all(stands_in(floor, hand.ref, move.leg, hand.ref) for move in both)

    await _move(desk, hand, both, joined)


def _first_move(hand: Hand, but: str) -> list[Move]:
    """While the call has no room yet, the other one of the two must be moved by the same action."""
    two = [p for p in (hand.citizen, hand.me) if p is not None and p.leg != but]
    return [] if hand.live.room else [into(party, hand.ref) for party in two]


async def _move(desk: Desk, hand: Hand, moves: list[Move], confirmed: Confirmed) -> None:
    steps = redirects(desk.floor, moves)
    desk.tell_moving(hand.ref, [m.leg for m in moves])
    await desk.carry(steps, confirmed, hand.ref)
