"""A supervisor's ear, on the real line: who hears whom, what the recording carries, and that nobody is kept waiting.

Nothing of cti runs: the legs are originated and moved as it would. Decisions: docs/decisions/0007.
"""

from __future__ import annotations

import time

import pytest

from pbx_config.contract import Context, EarLeg, EarMode, Milestone, Var
from tests.pbx_config.ears import Voice, people, since, story
from tests.pbx_config.moving import SEAT_OF, Moving
from tests.support.eventually import eventually
from tests.support.pbx import seat_secret
from tests.support.sip_phone import SipPhone

pytestmark = pytest.mark.pbx

CITIZEN, AGENT, SENIOR, AGENCY = Voice.CITIZEN, Voice.AGENT, Voice.SENIOR, Voice.AGENCY
SUPERVISOR_NO = "1005"


async def given_an_ear(call: Moving, context: Context = Context.EAR_LISTEN, exten: str = "s") -> EarLeg:
    """The supervisor's telephone was called and picked up."""
    leg = EarLeg(call.ref, 77, SEAT_OF[SENIOR])
    variables = f"{Var.EAR_ON}={call.channel[AGENT]},{Var.AGENT}={SUPERVISOR_NO}"
    answer = call.wire.ask(
        "Originate", Channel=f"PJSIP/{leg.seat}", ChannelId=leg.uniqueid, Context=context.value, Exten=exten,
        Priority="1", Timeout=20_000, CallerID=call.line.settings.number, Variable=variables, Async="true",
    )  # fmt: skip
    assert answer["Response"] == "Success", answer

    def hears() -> bool:
        shown = call.wire.list("CoreShowChannels", "CoreShowChannel")
        ear = next((c for c in shown if c["Uniqueid"] == leg.uniqueid and c["Context"] == context), None)
        call.channel[SENIOR] = ear["Channel"] if ear else ""
        return ear is not None and ear["Application"] in ("ChanSpy", "ConfBridge")

    await eventually(hears, within_s=20)
    return leg


def told_by_the_pbx(call: Moving, leg: EarLeg) -> list[str]:
    """The modes in which it heard, as the journal has them."""
    lines = [line for line in call.line.settings.cel_file.read_text().splitlines() if leg.uniqueid in line]
    marks = [line for line in lines if line.startswith(f'"{Milestone.EAR}"')]
    return [mode.value for line in marks for mode in EarMode if f"{mode}:{SUPERVISOR_NO}" in line.rsplit(",", 1)[1]]


async def test_listen_whisper_barge_and_back_in_a_call_of_two(call: Moving) -> None:
    await call.given_a_seat(SENIOR, ready=False)
    await call.given_a_talking_call()
    await call.when_they_talk(1.5)
    leg = await given_an_ear(call)
    await call.when_they_talk()
    call.when_moved((SENIOR, Context.EAR_WHISPER, "s"))
    await call.when_they_talk()
    call.when_moved((SENIOR, Context.EAR_LISTEN, "s"))
    await call.when_they_talk()
    # The room is opened under the ear: it goes on hearing the agent's channel.
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.when_they_talk()
    call.when_moved((SENIOR, Context.ROOM_BARGE, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT, SENIOR)
    await call.when_they_talk()
    call.when_moved((SENIOR, Context.EAR_LISTEN, "s"))
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENT)
    await call.then_gone(SENIOR)
    await call.then_all_is_over()

    both = {CITIZEN, SENIOR}
    assert people(call.heard_by(CITIZEN)) == [{AGENT}, {AGENT, SENIOR}, {AGENT}]  # the barge, and not the whisper
    assert people(call.heard_by(AGENT))[:5] == [{CITIZEN}, both, {CITIZEN}, both, {CITIZEN}]
    assert {CITIZEN, AGENT} in call.heard_by(SENIOR)
    assert people(story(call.recorded(1, "r"))) == [{CITIZEN}]
    assert people(story(call.recorded(1, "t"))) == [{AGENT}, {AGENT, SENIOR}, {AGENT}]
    assert not call.recorded(leg.leg_no, "r").exists()
    assert told_by_the_pbx(call, leg) == ["listen", "whisper", "listen", "barge", "listen"]


async def test_whisper_in_a_conference_is_the_agents_alone(call: Moving) -> None:
    await call.given_a_seat(SENIOR, ready=False)
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_in_one_room(AGENCY)
    await given_an_ear(call, Context.EAR_WHISPER)
    await call.when_they_talk(3)
    # Muted in the room: where no seat would be there to listen on.
    call.when_moved((SENIOR, Context.ROOM_LISTEN, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT, AGENCY, SENIOR)
    await call.when_they_talk(3)
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENCY, AGENT)
    await call.then_gone(SENIOR)
    await call.then_all_is_over()

    for voice in (CITIZEN, AGENCY):
        assert not any(SENIOR in heard for heard in call.heard_by(voice)), voice
    assert {CITIZEN, AGENCY, SENIOR} in people(call.heard_by(AGENT))
    assert {CITIZEN, AGENT, AGENCY} in people(call.heard_by(SENIOR))
    assert not any(SENIOR in heard for heard in story(call.recorded(1, "t")))


@pytest.mark.parametrize("context", [Context.EAR_WHISPER, Context.ROOM_BARGE])
async def test_the_agent_hangs_up_and_no_ear_keeps_the_citizen(call: Moving, context: Context) -> None:
    """The citizen goes on in the dial plan at once (to the question), although a supervisor was on the line."""
    await call.given_a_seat(SENIOR, ready=False)
    await call.given_a_talking_call()
    room = context is Context.ROOM_BARGE
    if room:
        await call.when_in_one_room()
    await given_an_ear(call, context, call.ref if room else "s")
    await call.when_they_talk(1.5)
    began = time.monotonic()
    call.when_hung_up(AGENT)
    await eventually(lambda: context_of(call, CITIZEN) == Context.AFTER_TALK, within_s=10)
    assert time.monotonic() - began < 3  # generous: a second is a busy machine's
    await call.then_gone(SENIOR)
    await call.then_gone(CITIZEN)
    await call.then_all_is_over()
    assert since(people(call.heard_by(CITIZEN)), {AGENT})


def context_of(call: Moving, voice: Voice) -> str:
    shown = call.wire.list("CoreShowChannels", "CoreShowChannel")
    return next((c["Context"] for c in shown if c["Channel"] == call.channel[voice]), "")


async def test_a_telephone_that_vanishes_is_missed_by_the_switch_itself(call: Moving) -> None:
    """It sends no sound any more: the ear is closed after the seat's limit, the others talk on."""
    await call.given_a_talking_call()
    phone = await given_a_telephone_without_sound(call)
    leg = await given_an_ear(call)
    phone.close()  # the plug
    await call.then_gone(SENIOR)
    lines = [line for line in call.line.settings.cel_file.read_text().splitlines() if leg.uniqueid in line]
    ended = next(line for line in lines if line.startswith('"HANGUP"'))
    assert '""hangupsource"":""""' in ended, ended
    assert '""hangupcause"":16' not in ended, ended
    await call.when_the_citizen_hangs_up()
    await call.then_all_is_over()


async def given_a_telephone_without_sound(call: Moving) -> SipPhone:
    settings = call.line.settings
    seat = SEAT_OF[SENIOR]
    server = (settings.address, settings.sip_port)
    phone = await SipPhone.open("127.0.10.30", server, seat, seat_secret(call.line, seat))
    phone.register()
    await eventually(lambda: phone.registered == 200)
    phone.on_invite = phone.answer
    return phone
