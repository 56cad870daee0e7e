"""Keys, numbers and words on the real line: the question, flags, 110, abuse, pauses, calling out, doors."""

from __future__ import annotations

import pytest

from pbx_config import contract, sounds
from pbx_config.contract import Context, Milestone
from pbx_config.line_files import LineFiles
from tests.pbx_config import journal
from tests.pbx_config.ears import SILENCE, Voice, digital_silence_s, people, since, story
from tests.pbx_config.moving import Moving, assert_recorded_apart, recorded_story
from tests.pbx_config.rooms_line import POLICE_IN
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, seat_secret
from tests.support.sip_phone import SipPhone

pytestmark = pytest.mark.pbx

CITIZEN, AGENT, SENIOR = Voice.CITIZEN, Voice.AGENT, Voice.SENIOR
AGENCY, POLICE, MUSIC = Voice.AGENCY, Voice.POLICE, Voice.OTHER


# ── keys, numbers and words ─────────────────────────────────────────────────────────────────────────


async def given_the_agent_hung_up(call: Moving) -> None:
    await call.given_a_talking_call()
    await call.when_they_talk(2)  # a second of it must be heard undisturbed
    call.when_hung_up(AGENT)
    await call.then_gone(AGENT)


@pytest.mark.parametrize(("key", "told"), [("1", "1"), ("3", "3"), ("7", ""), ("", "")])
async def test_the_citizen_says_how_it_was_with_one_key(call: Moving, key: str, told: str) -> None:
    """Asked in a plain call too, which never had a room; the recording has nothing of it."""
    await given_the_agent_hung_up(call)
    assert call.citizen is not None
    if key:
        await call.citizen.press(key)
    await call.citizen.ended()
    await call.then_all_is_over()
    assert call.milestones()[-1] == (Milestone.SURVEY, told)
    heard = sound.read(call.citizen.heard)
    thanked = sound.likeness(heard, call.prompt(sounds.THANKS)) > 0.9
    assert thanked == bool(told)
    assert {AGENT} in recorded_story(call, 1)
    assert MUSIC not in set().union(*recorded_story(call, 1))


async def test_key_0_leads_back_to_a_person_before_everybody_else(call: Moving) -> None:
    await given_the_agent_hung_up(call)
    assert call.citizen is not None
    await call.citizen.press("0")
    await eventually(lambda: journal.queue_log(call.line, call.caller).count(("CONNECT", "1001")) == 2, within_s=20)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    await call.then_all_is_over()
    assert (Milestone.SURVEY, "0") in call.milestones()
    assert people(call.heard_by(CITIZEN)) == [{AGENT}]
    assert_recorded_apart(call, 1, CITIZEN)


async def test_nobody_asks_after_a_danger_call(call: Moving) -> None:
    await call.given_a_talking_call()
    answer = call.wire.ask("Setvar", Channel=call.channel[CITIZEN], Variable=contract.Var.NO_SURVEY, Value="1")
    assert answer["Response"] == "Success", answer
    call.when_hung_up(AGENT)
    await call.then_gone(CITIZEN)
    await call.then_all_is_over()
    assert Milestone.SURVEY not in [m for m, _ in call.milestones()]


@pytest.mark.parametrize("asked", [False, True])
async def test_the_site_says_whether_anybody_is_asked(call: Moving, asked: bool) -> None:
    """Decided in the middle of the talk: the file is read when it ends."""
    files = LineFiles(call.line.settings.line)
    files.survey(not asked)
    await call.given_a_talking_call()
    await call.when_they_talk(1)
    files.survey(asked)
    try:
        call.when_hung_up(AGENT)
        await call.then_gone(AGENT)
        assert call.citizen is not None
        await call.citizen.ended()
        await call.then_all_is_over()
        assert (Milestone.SURVEY in [m for m, _ in call.milestones()]) == asked
    finally:
        files.survey(None)


async def test_110_hands_over_on_its_own_number_and_comes_before_citizens(call: Moving) -> None:
    await call.given_a_seat()
    call.line.cli("queue pause member PJSIP/8001 queue hotline reason break")
    waiting = await call.carrier.place("13700008888", wav=call.tone(CITIZEN))
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(call.line, "13700008888"))
    handed = await call.carrier.place(call.caller, wav=call.tone(CITIZEN), to=POLICE_IN)
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(call.line, call.caller))
    call.line.cli("queue unpause member PJSIP/8001 queue hotline")
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(call.line, call.caller), within_s=20)
    assert ("CONNECT", "1001") not in journal.queue_log(call.line, "13700008888")
    assert call.milestones()[0] == (Milestone.FROM_POLICE, POLICE_IN)
    await waiting.hang_up()
    await handed.hang_up()
    await call.then_all_is_over()


@pytest.mark.parametrize("flag", list(contract.CallerFlag))
async def test_a_flagged_caller_waits_behind_the_others_and_is_answered(
    call: Moving, flag: contract.CallerFlag
) -> None:
    await call.given_a_seat()
    call.line.cli("queue pause member PJSIP/8001 queue hotline reason break")
    variable = f"{contract.FLAG_VARIABLE}{call.caller}"
    assert call.wire.ask("Setvar", Variable=variable, Value=flag.value)["Response"] == "Success"
    flagged = await call.carrier.place(call.caller, wav=call.tone(CITIZEN))
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(call.line, call.caller), within_s=20)
    other = await call.carrier.place(str(int(call.caller) + 5000), wav=call.tone(CITIZEN))
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(call.line, other.from_number))
    call.line.cli("queue unpause member PJSIP/8001 queue hotline")
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(call.line, other.from_number), within_s=20)
    assert ("CONNECT", "1001") not in journal.queue_log(call.line, call.caller)
    await other.hang_up()
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(call.line, call.caller), within_s=20)
    await flagged.hang_up()
    await call.then_all_is_over()
    assert (Milestone.FLAGGED, flag.value) in call.milestones()
    said = sound.likeness(sound.read(flagged.heard), call.prompt(sounds.FLAGGED)) > 0.9
    assert said == (flag is contract.CallerFlag.MESSAGE)
    assert call.wire.ask("Setvar", Variable=variable, Value="")["Response"] == "Success"


async def test_abuse_is_warned_and_then_ended_with_words(call: Moving) -> None:
    await call.given_a_talking_call()
    call.when_moved((CITIZEN, Context.ABUSE_WARNING, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
    await call.then_in(call.ref, AGENT)
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.when_they_talk()
    call.when_moved((CITIZEN, Context.ABUSE_END, call.ref))
    await call.then_gone(CITIZEN)
    call.when_hung_up(AGENT)
    await call.then_all_is_over()
    assert [m for m in call.milestones() if m[0] is Milestone.ABUSE or m[0] == Milestone.ABUSE] == [
        (Milestone.ABUSE, "warning"), (Milestone.ABUSE, "end"),
    ]  # fmt: skip
    assert call.citizen is not None
    heard = sound.read(call.citizen.heard)
    for name in (sounds.ABUSE_WARNING, sounds.ABUSE_END):
        assert sound.likeness(heard, call.prompt(name)) > 0.9
    assert {AGENT} in people(call.heard_by(CITIZEN))
    assert Milestone.SURVEY not in [m for m, _ in call.milestones()]


# ── the recording rests ─────────────────────────────────────────────────────────────────────────────


async def test_a_paused_recording_keeps_its_length_and_holds_digital_silence(call: Moving) -> None:
    """Of the citizen's and of an agency's: both files of both. Everybody goes on hearing everybody."""
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_in_one_room(AGENCY)
    await call.when_they_talk()
    for state in ("1", "0"):
        for voice in (CITIZEN, AGENCY):
            answer = call.wire.ask("MixMonitorMute", Channel=call.channel[voice], Direction="both", State=state)
            assert answer["Response"] == "Success", answer
        await call.when_they_talk(6 if state == "1" else 2.5)
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENT, AGENCY)
    await call.then_all_is_over()

    assert call.heard_by(CITIZEN)[-1] == {AGENT, AGENCY}
    assert people(call.heard_by(AGENT))[-1] == {CITIZEN, AGENCY}
    for part in (1, call.leg[AGENCY].leg_no):
        assert_recorded_apart(call, part, CITIZEN if part == 1 else AGENCY)
        for side in "rt":
            told = story(call.recorded(part, side))
            assert len(told) >= 3
            assert told[-2] == SILENCE
            assert told[-3] == told[-1] != SILENCE
            assert 3 < digital_silence_s(call.recorded(part, side)) < 8
    bridged = bridged_s(call)
    for uniqueid, part in ((call.ref, 1), (call.leg[AGENCY].uniqueid, call.leg[AGENCY].leg_no)):
        # A starved machine loses packets, and their time: a quarter has been seen. The pause would be half of it all.
        assert len(sound.read(call.recorded(part, "r"))) / sound.RATE > 0.65 * bridged[uniqueid]


def bridged_s(call: Moving) -> dict[str, float]:
    """Seconds in bridges of every leg, by CEL."""
    found: dict[str, float] = {}
    for row in journal.all_cel(call.line):
        sign = {"BRIDGE_ENTER": -1, "BRIDGE_EXIT": 1}.get(row["event"], 0)
        if sign and row["linkedid"].startswith(call.ref):
            found[row["uniqueid"]] = found.get(row["uniqueid"], 0) + sign * float(row["event_time"])
    return found


# ── calling out ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_citizen_whom_we_call_hears_who_we_are_and_is_recorded_as_part_1(call: Moving) -> None:
    await call.given_a_seat(AGENT, ready=False)
    await call.given_a_citizen_at_home()
    await call.when_the_agent_calls_out()
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.when_they_talk()
    call.when_hung_up(AGENT)
    await call.then_gone(CITIZEN)
    await eventually(lambda: not call.rooms())
    home = call.outside[CITIZEN]
    assert home.callers == [call.line.settings.number]
    heard = sound.read(home.heard()[-1])
    assert sound.likeness(heard, call.prompt(sounds.NOTICE_CALLED)) > 0.9
    assert since(story(home.heard()[-1]), {AGENT})[0] == {AGENT}
    assert people(call.heard_by(AGENT)) == [{CITIZEN}]
    assert_recorded_apart(call, 1, CITIZEN)
    assert recorded_story(call, 1) == [{AGENT}]  # the notice is before it
    rows = [r for r in journal.all_cel(call.line) if r["linkedid"].startswith(call.ref)]
    told = [r["event"] for r in rows if r["uniqueid"] == call.leg[CITIZEN].uniqueid and r["event"].startswith("LX_")]
    assert told == [Milestone.NOTICE, Milestone.RECORDING, Milestone.SURVEY]


# ── what must not be ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["consult-x", "t10-1795000000.1", "room-citizen", "line", "back", "i", "s", "h"])
async def test_no_telephone_dials_itself_into_a_room(call: Moving, name: str) -> None:
    await call.given_a_seat(AGENT, ready=False)
    for endpoint in ("tel-8001", "line"):
        before = len(journal.all_cel(call.line))
        call.carrier.process.cli(f"channel originate PJSIP/{name}@{endpoint} application Wait 3")
        await eventually(lambda: "0 active channels" in call.carrier.process.cli("core show channels count"))
        assert len(journal.all_cel(call.line)) == before, "a channel was made for it"
    assert call.rooms() == []


async def test_a_telephone_transfers_nobody_by_itself(call: Moving) -> None:
    """SIP REFER, in the middle of a call, to a number abroad and to a colleague: the PBX does not even answer it."""
    secret = seat_secret(call.line, "8001")
    phone = await SipPhone.open("127.0.10.60", (call.line.settings.address, 5060), "8001", secret)
    try:
        phone.register()
        await eventually(lambda: phone.registered == 200)
        phone.on_invite = phone.answer
        queue_add(call.line, "8001", "1001")
        call.citizen = await call.carrier.place(call.caller, wav=call.tone(CITIZEN))
        await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(call.line, call.caller), within_s=20)
        dialog = phone.active[0]
        for target in ("0013105551234", "8002", "consult-x"):
            status = await phone.refer(dialog, f"sip:{target}@{call.line.settings.address}")
            assert status == 0 or status >= 400
        assert len(call.wire.list("CoreShowChannels", "CoreShowChannel")) == 2
        assert dialog.state == "up"
        phone.hang_up(dialog)
        await call.citizen.ended()
    finally:
        phone.close()


async def test_a_seat_without_sound_in_a_room_is_hung_up_and_the_citizen_goes_on(call: Moving) -> None:
    """Its browser died: no RTP. The room notices as the queue does; the citizen may press 0 for a person."""
    phone = await SipPhone.open(
        "127.0.10.61", (call.line.settings.address, 5060), "8001", seat_secret(call.line, "8001")
    )
    try:
        phone.register()
        await eventually(lambda: phone.registered == 200)
        phone.on_invite = phone.answer
        queue_add(call.line, "8001", "1001")
        call.citizen = await call.carrier.place(call.caller, wav=call.tone(CITIZEN))
        await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(call.line, call.caller), within_s=20)
        call.find_pair()
        call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
        await call.then_in(call.ref, CITIZEN, AGENT)
        await call.then_gone(AGENT)
        await call.citizen.ended()
        await call.then_all_is_over()
        assert call.milestones()[-1] == (Milestone.SURVEY, "")
    finally:
        phone.close()
