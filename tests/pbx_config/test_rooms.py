"""Calls that move, on the real line: who is heard when, and what each recording carries. Nothing of cti runs."""

from __future__ import annotations

import pytest

from pbx_config.contract import Context, Milestone
from tests.pbx_config import journal
from tests.pbx_config.ears import SILENCE, Voice, people, since, story
from tests.pbx_config.moving import Moving, assert_recorded_apart, recorded_story, then_entered_the_queue
from tests.pbx_config.rooms_line import ASIDE_S
from tests.support import sound
from tests.support.eventually import eventually

pytestmark = pytest.mark.pbx

CITIZEN, AGENT, SENIOR = Voice.CITIZEN, Voice.AGENT, Voice.SENIOR
AGENCY, POLICE, MUSIC = Voice.AGENCY, Voice.POLICE, Voice.OTHER

CITIZENS_OWN = (Context.ROOM_CITIZEN, Context.ROOM_HOLD, Context.ROOM_WAIT, Context.ABUSE_WARNING, Context.ABUSE_END)


# ── asking somebody first ───────────────────────────────────────────────────────────────────────────


async def test_attended_transfer_with_swaps_completed(call: Moving) -> None:
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_they_talk()

    await call.when_asked_for_help(AGENCY)
    await call.then_aside(CITIZEN)
    await call.when_they_talk()

    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.then_in(call.consultation, AGENCY)
    await call.when_they_talk()

    call.when_moved((CITIZEN, Context.ROOM_WAIT, call.ref), (AGENT, Context.ROOM_SEAT, call.consultation))
    await call.then_in(call.consultation, AGENT, AGENCY)
    await call.when_they_talk()

    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENCY, Context.ROOM_OUTSIDE, call.ref))
    call.when_hung_up(AGENT)
    await call.then_in(call.ref, CITIZEN, AGENCY)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENCY)
    await call.then_all_is_over()

    assert since(call.heard_by(CITIZEN), {AGENT}) == [{AGENT}, {MUSIC}, {AGENT}, {MUSIC}, {AGENCY}]
    assert people(call.heard_by(AGENT)) == [{CITIZEN}, {AGENCY}, {CITIZEN}, {AGENCY}]
    assert call.heard_by(AGENCY) == [{AGENT}, {MUSIC}, {AGENT}, {CITIZEN}]
    assert_recorded_apart(call, 1, CITIZEN)
    assert recorded_story(call, 1) == [{AGENT}, {MUSIC}, {AGENT}, {MUSIC}, {AGENCY}]
    assert story(call.recorded(1, "r")) == [{CITIZEN}, SILENCE, {CITIZEN}, SILENCE, {CITIZEN}]
    part = call.leg[AGENCY].leg_no
    assert_recorded_apart(call, part, AGENCY)
    assert recorded_story(call, part) == [{AGENT}, {MUSIC}, {AGENT}, {CITIZEN}]
    assert call.outside[AGENCY].callers == [call.line.settings.number]


async def test_consultation_cancelled_the_citizen_is_back_with_the_agent(call: Moving) -> None:
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_they_talk()
    await call.when_asked_for_help(AGENCY)
    await call.when_they_talk()
    call.when_hung_up(AGENCY)
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
    await call.then_gone(AGENCY)
    await call.then_in(call.ref, CITIZEN, AGENT)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENT)
    await call.then_all_is_over()
    assert since(call.heard_by(CITIZEN), {AGENT})[-2:] == [{MUSIC}, {AGENT}]
    assert people(call.heard_by(AGENT)) == [{CITIZEN}, {AGENCY}, {CITIZEN}]
    assert people(call.heard_by(AGENCY)) == [{AGENT}]
    assert_recorded_apart(call, 1, CITIZEN)


async def test_merged_the_agent_leaves_and_the_others_go_on(call: Moving) -> None:
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_asked_for_help(AGENCY)
    await call.when_they_talk()
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (AGENT, Context.ROOM_SEAT, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT)
    call.when_moved((AGENCY, Context.ROOM_OUTSIDE, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT, AGENCY)
    await call.when_they_talk()
    call.when_hung_up(AGENT)
    await call.then_in(call.ref, CITIZEN, AGENCY)
    await call.when_they_talk()
    call.when_hung_up(AGENCY)
    await call.then_gone(CITIZEN, AGENCY)  # the last of ours has left: the question is put, then the end
    await call.then_all_is_over()

    told = since(call.heard_by(CITIZEN), {AGENT, AGENCY})
    assert told[:2] == [{AGENT, AGENCY}, {AGENCY}]
    assert people(call.heard_by(AGENT)) == [{AGENCY}, {CITIZEN, AGENCY}]
    assert people(call.heard_by(AGENCY)) == [{AGENT}, {CITIZEN, AGENT}, {CITIZEN}]
    assert_recorded_apart(call, 1, CITIZEN)
    assert_recorded_apart(call, call.leg[AGENCY].leg_no, AGENCY)
    assert recorded_story(call, 1)[-2:] == [{AGENT, AGENCY}, {AGENCY}]  # and nothing of the question
    assert call.milestones()[-1] == (Milestone.SURVEY, "")


# ── a conference ────────────────────────────────────────────────────────────────────────────────────


async def test_two_agencies_in_and_the_citizen_leaves_first(call: Moving) -> None:
    await call.given_an_outside(AGENCY)
    await call.given_an_outside(POLICE)
    await call.given_a_talking_call()
    await call.when_in_one_room(AGENCY, POLICE)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    await call.then_in(call.ref, AGENT, AGENCY, POLICE)
    await call.when_they_talk()
    call.when_hung_up(AGENCY)
    await call.then_in(call.ref, AGENT, POLICE)
    call.when_hung_up(POLICE, AGENT)
    await call.then_all_is_over()

    assert call.heard_by(CITIZEN)[-1] == {AGENT, AGENCY, POLICE}
    assert people(call.heard_by(AGENT))[-2:] == [{CITIZEN, AGENCY, POLICE}, {AGENCY, POLICE}]
    assert people(call.heard_by(AGENCY))[-2:] == [{CITIZEN, AGENT, POLICE}, {AGENT, POLICE}]
    assert {AGENT, AGENCY} in people(call.heard_by(POLICE))
    parts = [call.leg[AGENCY].leg_no, call.leg[POLICE].leg_no]
    for part, whose in zip([1, *parts], (CITIZEN, AGENCY, POLICE), strict=True):
        assert_recorded_apart(call, part, whose)
    police_s, citizen_s = (len(sound.read(call.recorded(part, "r"))) for part in (parts[1], 1))
    assert police_s > 0
    assert citizen_s > 0


async def test_held_in_a_room_and_muted(call: Moving) -> None:
    """The citizen aside for longer than the dial plan's look: as long as anybody is there, aside it stays."""
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_in_one_room(AGENCY)
    await call.when_they_talk()
    call.when_moved((CITIZEN, Context.ROOM_HOLD, call.ref))
    await call.then_aside(CITIZEN)
    await call.when_they_talk(ASIDE_S * 2 + 1)
    await call.then_aside(CITIZEN)
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENT, AGENCY)
    await call.when_they_talk()
    for action in ("ConfbridgeMute", "ConfbridgeUnmute"):
        answer = call.wire.ask(action, Conference=call.ref, Channel=call.channel[AGENCY])
        assert answer["Response"] == "Success", answer
        await call.when_they_talk()
    call.when_moved((AGENCY, Context.ROOM_HOLD, call.ref))
    await call.then_aside(AGENCY)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENT, AGENCY)
    await call.then_all_is_over()

    both, agent = {AGENT, AGENCY}, {AGENT}
    assert since(call.heard_by(CITIZEN), both) == [both, {MUSIC}, both, agent, both, agent]
    assert people(call.heard_by(AGENT))[-6:] == [
        {CITIZEN, AGENCY}, {AGENCY}, {CITIZEN, AGENCY}, {CITIZEN}, {CITIZEN, AGENCY}, {CITIZEN},
    ]  # fmt: skip
    heard = call.heard_by(AGENCY)
    assert heard[-1] == {MUSIC}
    assert people(heard)[-3:] == [{CITIZEN, AGENT}, {AGENT}, {CITIZEN, AGENT}]  # a muted one hears
    assert recorded_story(call, 1)[-6:] == [both, {MUSIC}, both, agent, both, agent]
    assert_recorded_apart(call, 1, CITIZEN)
    assert_recorded_apart(call, call.leg[AGENCY].leg_no, AGENCY)  # what it says while muted is recorded, and not heard


async def test_a_senior_at_another_seat_takes_the_call_over(call: Moving) -> None:
    await call.given_a_seat(SENIOR, ready=False)
    await call.given_a_talking_call()
    await call.when_asked_for_help(SENIOR)
    await call.when_they_talk()
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref), (SENIOR, Context.ROOM_SEAT, call.ref))
    call.when_hung_up(AGENT)
    await call.then_in(call.ref, CITIZEN, SENIOR)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(SENIOR)
    await call.then_all_is_over()
    assert since(call.heard_by(CITIZEN), {AGENT})[-2:] == [{MUSIC}, {SENIOR}]
    assert people(call.heard_by(SENIOR)) == [{AGENT}, {CITIZEN}]
    assert_recorded_apart(call, 1, CITIZEN)
    # Seats are heard in the citizen's recording; they have none of their own.
    assert not call.recorded(call.leg[SENIOR].leg_no, "r").exists()


# ── without asking first, and with nobody of ours alive ─────────────────────────────────────────────


async def test_blind_transfer_through_the_waiting_room(call: Moving) -> None:
    await call.given_an_outside(AGENCY, answer_after_s=1)
    await call.given_a_talking_call()
    await call.when_they_talk()
    call.when_moved((CITIZEN, Context.ROOM_WAIT, call.ref))
    call.when_called(AGENCY, Context.ROOM_OUTSIDE, call.ref)
    await call.then_gone(AGENT)  # the queue's bridge ended: that leg hangs up by itself
    await call.then_in(call.ref, AGENCY)
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref))
    await call.then_in(call.ref, CITIZEN, AGENCY)
    await call.when_they_talk()
    call.when_hung_up(AGENCY)
    await call.then_all_is_over()
    assert {AGENCY} in call.heard_by(CITIZEN)
    assert people(call.heard_by(AGENCY)) == [{CITIZEN}]
    assert call.milestones()[-1] == (Milestone.SURVEY, "")


async def test_with_nobody_to_move_them_a_citizen_who_waits_joins_by_himself(call: Moving) -> None:
    """cti died after it had asked for the agency."""
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    call.when_moved((CITIZEN, Context.ROOM_WAIT, call.ref))
    call.when_called(AGENCY, Context.ROOM_OUTSIDE, call.ref)
    await call.then_in(call.ref, CITIZEN, AGENCY)
    await call.when_they_talk()
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENCY)
    await call.then_all_is_over()
    assert people(call.heard_by(CITIZEN))[-1] == {AGENCY}


@pytest.mark.parametrize("context", [Context.ROOM_WAIT, Context.ROOM_HOLD, Context.ROOM_CITIZEN])
async def test_nobody_comes_and_the_citizen_is_the_first_in_the_queue_again(call: Moving, context: Context) -> None:
    """cti died, or the one who was asked never answered; another citizen has waited for longer meanwhile."""
    await call.given_a_talking_call()
    call.line.cli("queue pause member PJSIP/8001 queue hotline reason wrap-up")
    other = await call.carrier.place("13700009999", wav=call.tone(CITIZEN))
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(call.line, "13700009999"))
    call.when_moved((CITIZEN, context, call.ref))
    await call.then_gone(AGENT)
    await then_entered_the_queue(call, 2)
    call.line.cli("queue unpause member PJSIP/8001 queue hotline")
    await eventually(lambda: journal.queue_log(call.line, call.caller).count(("CONNECT", "1001")) == 2, within_s=20)
    assert ("CONNECT", "1001") not in journal.queue_log(call.line, "13700009999")
    await call.when_they_talk()
    await other.hang_up()
    await call.when_the_citizen_hangs_up()
    await call.then_all_is_over()
    told = call.milestones()
    assert (Milestone.STRANDED, call.ref) in told
    assert told[-1] == (Milestone.QUEUED, "hotline")
    assert people(call.heard_by(CITIZEN)) == [{AGENT}]
    assert people(call.heard_by(AGENT)) == [{CITIZEN}]
    assert_recorded_apart(call, 1, CITIZEN)  # one recording, armed once, through all of it
    assert [m for m, _ in told].count(Milestone.RECORDING) == 1


async def test_a_room_that_lets_nobody_in_and_a_room_that_is_none_lose_nobody(call: Moving) -> None:
    """Locked gives what full gives: ConfBridge fails. Nonsense for a room never hangs up on a citizen."""
    await call.given_an_outside(AGENCY)
    await call.given_a_talking_call()
    await call.when_in_one_room(AGENCY)
    call.when_moved((CITIZEN, Context.ROOM_HOLD, call.ref))
    await call.then_aside(CITIZEN)
    assert call.wire.ask("ConfbridgeLock", Conference=call.ref)["Response"] == "Success"
    call.when_moved((CITIZEN, Context.ROOM_CITIZEN, call.ref))
    await call.when_they_talk(ASIDE_S + 1)
    await call.then_aside(CITIZEN)
    assert call.wire.ask("ConfbridgeUnlock", Conference=call.ref)["Response"] == "Success"
    await call.then_in(call.ref, CITIZEN, AGENT, AGENCY)
    call.line.cli("queue pause member PJSIP/8001 queue hotline reason wrap-up")
    for times, context in enumerate(CITIZENS_OWN, start=2):
        call.when_moved((CITIZEN, context, "!?"))
        await then_entered_the_queue(call, times)
    await call.when_the_citizen_hangs_up()
    call.when_hung_up(AGENCY, AGENT)
    await call.then_all_is_over()
