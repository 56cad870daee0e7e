"""Ends and begins of their own: the satisfaction question, 110, flagged callers, abuse."""

from __future__ import annotations

from pbx_config import contract
from pbx_config.carrier_call import CarrierCall
from pbx_config.contract import CallerFlag, Context, Var
from tests.cti.journal.capture import pick_up, seconds
from tests.cti.journal.gatherings import conference
from tests.cti.journal.moving_desk import AGENCY, CITIZEN, OTHER, PAUSE_S, POLICE_IN, Desk, scenario

# ── satisfaction ────────────────────────────────────────────────────────────────────────────────────


async def _surveyed(d: Desk, key: str) -> CarrierCall:
    citizen, phone = await d.talking()
    async with seconds() as talked:
        await d.stay()
        await phone.hang_up()
    d.talked["s"] = talked[0]
    await d.asked()
    if key:
        await citizen.press(key)
    return citizen


@scenario(survey=True)
async def survey_with_a_key(d: Desk) -> None:
    citizen = await _surveyed(d, "3")
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", talk_s=d.talked["s"], satisfaction=3,
           satisfaction_agent_no="1001", legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip


@scenario(survey=True)
async def survey_without_a_key(d: Desk) -> None:
    citizen = await _surveyed(d, "")
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", talk_s=d.talked["s"], satisfaction=None,
           satisfaction_agent_no=None, legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip


@scenario(survey=True)
async def survey_gone_meanwhile(d: Desk) -> None:
    """The citizen puts the receiver down while being asked: the agent had ended the talk."""
    citizen = await _surveyed(d, "")
    await citizen.hang_up()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", talk_s=d.talked["s"], satisfaction=None,
           satisfaction_agent_no=None, legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip


@scenario(survey=True)
async def survey_back_to_a_person(d: Desk) -> None:
    citizen = await _surveyed(d, "0")
    phone = d.stage.open[0]
    await pick_up(phone)
    await d.in_bridge(d.ref, d.of_seat("8001"))
    await d.stay()
    await phone.hang_up()
    await d.asked()
    await citizen.press("1")
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", talk_s=d.talked["s"] + PAUSE_S, entries=2, satisfaction=1,
           satisfaction_agent_no="1001",
           legs={"8001": ["agent", "answered", "agent"], "8001 queue": ["agent", "answered", "agent"]})  # fmt: skip


@scenario(survey=True)
async def no_survey_after_danger(d: Desk) -> None:
    citizen, phone = await d.talking()
    trunk = d.channel(d.ref)
    d.wire.ask("Setvar", Channel=trunk, Variable=Var.NO_SURVEY.value, Value="1")
    await phone.hang_up()
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", satisfaction=None,
           legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip


@scenario(survey=True)
async def ended_by_the_desk(d: Desk) -> None:
    """Everybody at once: the citizen is asked, the others are hung up."""
    citizen, agent, one, other = await conference(d)
    await d.move((d.ref, Context.AFTER_TALK, "s"))
    for leg in (one, other, agent):
        await d.hang_up(leg)
    await d.asked()
    await citizen.press("1")
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", hold_s=0, satisfaction=1, satisfaction_agent_no="1001",
           legs={"8001": ["agent", "answered", "agent"], AGENCY: ["outside", "answered", "agent"],
                 OTHER: ["outside", "answered", "agent"]})  # fmt: skip


# ── police, flags, abuse ────────────────────────────────────────────────────────────────────────────


@scenario(police_number_in=POLICE_IN)
async def handed_over_by_the_police(d: Desk) -> None:
    phone = await d.seat("8001")
    citizen = await d.citizen(to=POLICE_IN)
    await pick_up(phone)
    await d.in_bridge(d.ref)
    await d.stay()
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", from_police=True, called=POLICE_IN,
           legs={"8001": ["agent", "answered", "citizen"]})  # fmt: skip


@scenario()
async def flagged_caller(d: Desk) -> None:
    phone = await d.seat("8001")
    d.wire.ask("Setvar", Variable=f"{contract.FLAG_VARIABLE}{CITIZEN}", Value=CallerFlag.MESSAGE.value)
    citizen = await d.citizen()
    await pick_up(phone)
    await d.in_bridge(d.ref)
    await d.stay()
    await citizen.hang_up()
    d.tell(hung_up_by="citizen", agent_no="1001", seat="8001", legs={"8001": ["agent", "answered", "citizen"]})


@scenario()
async def abuse_warned_and_ended(d: Desk) -> None:
    citizen, _ = await d.talking()
    agent = d.of_seat("8001")
    async with seconds() as talked:
        await d.move((d.ref, Context.ABUSE_WARNING, d.ref), (agent, Context.ROOM_SEAT, d.ref))
        await d.in_bridge(d.ref)
        await d.stay()
        await d.move((d.ref, Context.ABUSE_END, d.ref))
    await d.hang_up(agent)
    await citizen.ended()
    d.tell(hung_up_by="agent", agent_no="1001", seat="8001", talk_s=talked[0] - PAUSE_S, hold_s=0,
           legs={"8001": ["agent", "answered", "agent"]})  # fmt: skip
