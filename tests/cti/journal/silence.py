"""Seats that answer and send no sound (F23): what the citizens met who were sent on by it."""

from __future__ import annotations

from pbx_config.contract import Context, Var
from tests.cti.journal.capture import AGENTS, pick_up, seconds
from tests.cti.journal.moving_desk import PAUSE_S, Desk, scenario
from tests.support.pbx import queue_add


async def _is_sent_on(d: Desk, seat: str) -> None:
    """As cti does it; the seat is paused before."""
    d.stage.pbx.cli(f"queue pause member PJSIP/{seat} queue hotline reason no-sound")
    trunk = d.channel(d.ref)
    for name, value in ((Var.SILENT, f"{seat}/{AGENTS[seat]}"), (Var.QUEUE, "hotline")):
        d.wire.ask("Setvar", Channel=trunk, Variable=name.value, Value=value)
    await d.move((d.ref, Context.LINE, "silent"))


@scenario()
async def silent_seat_then_heard(d: Desk) -> None:
    """The wait ends and the talk begins with the second seat."""
    bad, good = await d.seat("8001"), await d.seat("8002", sign_in=False)
    citizen = await d.citizen()
    async with seconds() as waited:
        await pick_up(bad)
        await d.in_bridge(d.ref, d.of_seat("8001"))
        await d.stay()
        await _is_sent_on(d, "8001")
        queue_add(d.stage.pbx, "8002", AGENTS["8002"])
        await pick_up(good)
        await d.in_bridge(d.ref, d.of_seat("8002"))
    async with seconds() as talked:
        await d.stay()
        await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1002", seat="8002", wait_s=waited[0], talk_s=talked[0], entries=2, legs={
        "8001": ["agent", "answered", "agent"], "8002": ["agent", "answered", "citizen"],
    })  # fmt: skip


@scenario()
async def silent_seat_then_gives_up(d: Desk) -> None:
    """Nobody was heard: all of it is a wait, and the citizen has abandoned it."""
    phone = await d.seat("8001")
    citizen = await d.citizen()
    async with seconds() as waited:
        await pick_up(phone)
        await d.in_bridge(d.ref, d.of_seat("8001"))
        await d.stay()
        await _is_sent_on(d, "8001")
        await d.stay()
        await citizen.hang_up()
    d.tell("abandoned", hung_up_by="citizen", agent_no=None, wait_s=waited[0], entries=2,
           legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip


@scenario()
async def talk_then_a_silent_seat(d: Desk) -> None:
    """An agent was heard, and sent the citizen back into the queue; the silent seat adds nothing to the talk."""
    citizen, _ = await d.talking()
    second = await d.seat("8002", sign_in=False)
    async with seconds() as talked:
        await d.stay()
        d.stage.pbx.cli("queue pause member PJSIP/8001 queue hotline reason wrap-up")
        agent = d.of_seat("8001")
        await d.move((d.ref, Context.ROOM_CITIZEN, d.ref), (agent, Context.ROOM_SEAT, d.ref))
        await d.move((d.ref, Context.LINE, "back"))
    talked[0] -= PAUSE_S  # of the move out of the room
    await d.hang_up(agent)
    queue_add(d.stage.pbx, "8002", AGENTS["8002"])
    await pick_up(second)
    await d.in_bridge(d.ref, d.of_seat("8002"))
    await _is_sent_on(d, "8002")
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], entries=3, legs={
        "8001": ["agent", "answered", "agent"], "8002": ["agent", "answered", "agent"],
    })  # fmt: skip
