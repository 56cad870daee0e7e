"""Who is not answered: asks to be called back, thinks better of it, leaves a message."""

from __future__ import annotations

from pbx_config.carrier_call import CarrierCall
from tests.cti.journal.capture import pick_up, seconds
from tests.cti.journal.moving_desk import CITIZEN, Desk, scenario
from tests.support.eventually import eventually


async def _waits(d: Desk) -> CarrierCall:
    await d.seat("8001")
    d.stage.pbx.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    return await d.citizen()


async def _presses_until(d: Desk, citizen: CarrierCall, key: str, milestone: str, times: int = 1) -> None:
    async def pressed() -> bool:
        if d.stage.milestones(milestone) < times:
            await citizen.press(key)
        return d.stage.milestones(milestone) >= times

    await eventually(pressed, within_s=40, every_s=0.5)


@scenario(call_back=True)
async def asks_to_be_called_back(d: Desk) -> None:
    citizen = await _waits(d)
    async with seconds() as waited:
        await d.stay()
        await _presses_until(d, citizen, "1", "LX_ASKED_BACK")
    await citizen.ended()
    d.tell("asked_back", hung_up_by="switch", agent_no=None, wait_s=waited[0], entries=1)


@scenario(call_back=True)
async def thinks_better_of_being_called_back(d: Desk) -> None:
    """Asks, does not confirm, and is answered in the same place."""
    citizen = await _waits(d)
    phone = d.stage.open[0]
    await citizen.press("1")
    await _presses_until(d, citizen, "5", "LX_QUEUED", 2)
    d.stage.pbx.cli("queue unpause member PJSIP/8001 queue hotline")
    await pick_up(phone)
    await d.in_bridge(d.ref, d.of_seat("8001"))
    async with seconds() as talked:
        await d.stay()
        await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], entries=2)


@scenario(voicemail=True)
async def leaves_a_message(d: Desk) -> None:
    citizen = await d.town.place(CITIZEN)
    await citizen.answered()
    await _presses_until(d, citizen, "1", "LX_VOICEMAIL")
    await d.stay()
    await citizen.hang_up()
    d.tell("refused_no_agent", hung_up_by="citizen", agent_no=None)
