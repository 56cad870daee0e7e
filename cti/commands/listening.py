"""Ears: a supervisor listens, whispers to the agent, barges in, and stops. The first asks for a leg, the next move it.

On the agent's channel while there is one (ChanSpy), in the room otherwise; to barge in is always a room, because only
there what the supervisor says is in the recording. Measured: docs/decisions/0007.
"""

from __future__ import annotations

from dataclasses import dataclass

from cti.commands import errors as e
from cti.commands import targets
from cti.commands.asked import Asked
from cti.commands.desk import Desk, Step
from cti.commands.hand import Hand, going_on, present, seat_leg
from cti.commands.moves import open_room
from cti.commands.steps import RING_MS, channel, hang_up
from cti.facts import Ear, EarState, Party, PartyKind
from cti.live import pbx_facts as f
from cti.live.call import Call
from cti.live.floor import Floor
from pbx_config import contract
from pbx_config.contract import Context, EarLeg, EarMode, Phone, Var

_ON_AGENT = {EarMode.LISTEN: Context.EAR_LISTEN, EarMode.WHISPER: Context.EAR_WHISPER}
_IN_ROOM = {EarMode.LISTEN: Context.ROOM_LISTEN, EarMode.BARGE: Context.ROOM_BARGE}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the dial plan an ear goes; ``on``: the agent's channel that it hears."""

    context: Context
    exten: str
    on: str = ""


async def listen(desk: Desk, asked: Asked) -> None:
    await _ear(desk, asked, EarMode.LISTEN)


async def whisper(desk: Desk, asked: Asked) -> None:
    await _ear(desk, asked, EarMode.WHISPER)


async def barge(desk: Desk, asked: Asked) -> None:
    await _ear(desk, asked, EarMode.BARGE)


async def stop(desk: Desk, asked: Asked) -> None:
    """Also while it rings."""
    call = going_on(desk, asked)
    ear = ear_of(desk, call, asked.seat)
    if ear is None:
        raise e.NobodyListens(asked.call_id)
    await end_ear(desk, ear)


async def end_ear(desk: Desk, ear: Ear) -> None:
    """Hang it up, and wait until it is gone."""
    step = hang_up(desk.floor, ear.leg)
    await desk.carry([step], lambda floor: ear.leg not in floor.channels)


def ear_of(desk: Desk, call: Call, seat: str) -> Ear | None:
    return next((ear for ear in desk.floor.ears.of_call(call.ref) if ear.seat == seat), None)


async def _ear(desk: Desk, asked: Asked, mode: EarMode) -> None:
    call = going_on(desk, asked)
    ear = ear_of(desk, call, asked.seat)
    if ear is None:
        await _call_in(desk, asked, call, mode)
    elif ear.state is not EarState.ON:
        raise e.NotTalking(ear.leg)
    elif ear.mode != mode:
        await _switch(desk, call, ear, mode)


async def _call_in(desk: Desk, asked: Asked, call: Call, mode: EarMode) -> None:
    interface = free_telephone(desk, asked.seat)
    place = await _place(desk, call, mode)
    leg = EarLeg(call.ref, asked.leg_no, asked.seat).uniqueid
    desk.must_be_linked()
    desk.live.tell(f.EarAsked(desk.now(), call.ref, leg, asked.seat, asked.agent, mode.value, asked.shown_name))
    variables = [f"{Var.AGENT}={asked.agent}", *([f"{Var.EAR_ON}={place.on}"] if place.on else [])]
    headers = {
        "Channel": interface,
        "ChannelId": leg,
        "Context": place.context.value,
        "Exten": place.exten,
        "Priority": "1",
        "Timeout": str(RING_MS),
        "CallerID": desk.number,
        "Variable": ",".join(variables),
        "Async": "true",
    }
    dialled = False

    def told(floor: Floor) -> bool:
        nonlocal dialled
        dialled = dialled or leg in floor.channels
        return dialled or leg not in floor.ears.by_leg

    await desk.carry([Step("Originate", headers)], told, call.ref)
    if not dialled:
        raise e.PhoneNotRegistered(interface)


async def _switch(desk: Desk, call: Call, ear: Ear, mode: EarMode) -> None:
    """Its own channel goes elsewhere in the dial plan: nobody else notices."""
    place = await _place(desk, call, mode)
    own = channel(desk.floor, ear.leg)
    steps = [Step("Setvar", {"Channel": own, "Variable": Var.EAR_ON.value, "Value": place.on})] if place.on else []
    headers = {"Channel": own, "Context": place.context.value, "Exten": place.exten, "Priority": "1"}

    def told(floor: Floor) -> bool:
        now = floor.ears.by_leg.get(ear.leg)
        return now is not None and now.mode == mode

    await desk.carry([*steps, Step("Redirect", headers)], told, call.ref)


async def _place(desk: Desk, call: Call, mode: EarMode) -> _Place:
    """Opens the call's room where one is needed.

    Raises:
        NotTalking: there is nobody whom it could hear.
        ConsultationOpen: the agent asks somebody while the citizen waits; nobody breaks into that.
        RoomFull
    """
    seat = _seat(call)
    if seat is not None and mode in _ON_AGENT:
        return _Place(_ON_AGENT[mode], "s", channel(desk.floor, seat.leg))
    if mode is EarMode.WHISPER:
        raise e.NotTalking(call.live.call_id)
    if seat is not None:
        hand = Hand(call, seat)
        hand.must_not_consult()
        await open_room(desk, hand)
    elif not call.standing_in(call.ref):
        raise e.NotTalking(call.live.call_id)
    if len(present(call.live)) + len(desk.floor.ears.of_call(call.ref)) >= contract.ROOM_MOST:
        raise e.RoomFull(call.live.call_id)
    return _Place(_IN_ROOM[mode], call.ref)


def _seat(call: Call) -> Party | None:
    """The agent whose call it is; else another seat that talks in it."""
    mine = seat_leg(call, call.live.agent_no)
    others = (leg.party for leg in call.others if leg.here and leg.party.kind is PartyKind.SEAT)
    return mine or next(others, None)


def free_telephone(desk: Desk, seat: str) -> str:
    """The interface on which a supervisor is called: where signed in, else any telephone of the seat that is there.

    Raises:
        SupervisorBusy, PhoneNotRegistered
    """
    agent = next((body for body in desk.floor.agents.values() if body.seat == seat), None)
    busy = targets.in_call(desk, seat) if agent is None else not targets.is_free(desk, agent)
    if busy or desk.floor.ears.of_seat(seat) is not None:
        raise e.SupervisorBusy(seat)
    phones = [Phone(agent.phone)] if agent is not None else list(Phone)
    found = next((i for i in (contract.interface(seat, phone) for phone in phones) if desk.registered(i)), None)
    if found is None:
        raise e.PhoneNotRegistered(seat)
    return found
