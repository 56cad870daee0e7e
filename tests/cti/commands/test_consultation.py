"""Asking first: the attended transfer, its four ends, and everything the asked may do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, Scene, to_number, to_queue, to_seat

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def given_the_agent_talks_with_the_agency(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_asks()
    await town.assert_talking_together("8001", AGENCY)
    await town.assert_alone_with_music(CITIZEN)


async def test_ask_then_complete(town: Scene) -> None:
    await given_the_agent_talks_with_the_agency(town)
    await town.asks("call.consult_complete")
    await town.assert_talking_together(CITIZEN, AGENCY)
    await town.assert_gone("8001")
    assert set(town.in_room(town.ref)) == {CITIZEN, AGENCY}
    await town.on.agent_is("1001", "wrap_up")
    assert await town.when("call.hold") == ("refused", "call.not_talking"), "the agent is out of it"
    town.when_the_citizen_hangs_up()
    await town.assert_nobody_is_left()


async def test_ask_swap_and_back(town: Scene) -> None:
    await given_the_agent_talks_with_the_agency(town)
    await town.asks("call.consult_swap")
    await town.assert_citizen_is_back_with_the_agent()
    await town.assert_alone_with_music(AGENCY)
    assert await town.when("call.consult", target=to_number(OTHER_AGENCY)) == ("refused", "call.consultation_open")
    await town.asks("call.consult_swap")
    await town.assert_talking_together("8001", AGENCY)
    await town.assert_alone_with_music(CITIZEN)
    await town.asks("call.consult_swap")
    await town.asks("call.consult_complete")
    await town.assert_talking_together(CITIZEN, AGENCY)
    await town.assert_gone("8001")


async def test_ask_then_cancel(town: Scene) -> None:
    await given_the_agent_talks_with_the_agency(town)
    await town.asks("call.consult_cancel")
    await town.assert_citizen_is_back_with_the_agent()
    await town.assert_gone(AGENCY)
    assert await town.when("call.consult_cancel") == ("refused", "call.no_consultation")


async def test_ask_then_all_together(town: Scene) -> None:
    await given_the_agent_talks_with_the_agency(town)
    await town.asks("call.consult_merge")
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert set(town.in_room(town.ref)) == {CITIZEN, "8001", AGENCY}


async def test_cancel_while_it_rings(town: Scene) -> None:
    await town.given_the_agency_never_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_asks()
    await town.assert_alone_with_music(CITIZEN)
    for kind in ("call.consult_complete", "call.consult_merge"):
        assert await town.when(kind) == ("refused", "call.not_talking"), "nobody hands a citizen over to a ringing"
    await town.asks("call.consult_cancel")
    await town.assert_citizen_is_back_with_the_agent()
    await town.assert_gone(AGENCY)
    await town.assert_outcome_is_kept(AGENCY, "cancelled")


@pytest.mark.parametrize(
    ("manners", "outcome"),
    [({"reject": True}, "busy"), ({"refuse": True}, "refused"), ({"seconds": 2}, "hung_up_on_us")],
    ids=["busy", "refuses", "listens and hangs up"],
)
async def test_whoever_does_not_help_leaves_the_citizen_with_the_agent(
    town: Scene, manners: dict[str, Any], outcome: str
) -> None:
    await town.given_an_agency(**manners)
    await town.given_a_call_is_answered()
    assert (await town.when("call.consult", target=to_number(AGENCY)))[0] in ("succeeded", "failed")
    await town.assert_outcome_is_kept(AGENCY, outcome)
    await town.assert_citizen_is_back_with_the_agent()
    assert await town.when("call.consult_swap") == ("refused", "call.no_consultation")


async def test_nobody_answers_for_half_a_minute(town: Scene) -> None:
    await town.given_the_agency_never_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_asks()
    await town.assert_alone_with_music(CITIZEN)
    await town.assert_outcome_is_kept(AGENCY, "no_answer", within_s=40)
    await town.assert_citizen_is_back_with_the_agent()


async def test_asking_a_colleague_and_handing_over(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.given_an_agent("1002", "8002", ready=False)
    await town.asks("call.consult", target=to_seat("8002"))
    await town.assert_talking_together("8001", "8002")
    await town.asks("call.consult_complete")
    await town.assert_citizen_is_back_with_the_agent("8002")
    await town.assert_gone("8001")
    assert await town.when("call.hold") == ("refused", "call.not_yours"), "it is the colleague's call now"
    await town.asks("call.hold", by="1002")
    await town.assert_alone_with_music(CITIZEN)


async def test_whom_nobody_can_ask(town: Scene) -> None:
    await town.given_a_call_is_answered()
    for target, reason in [
        (to_seat("8003"), "target.not_found"),
        (to_seat("8001"), "target.busy"),
        (to_queue(), "command.bad_argument"),
        ({"kind": "agency", "value": AGENCY}, "command.bad_argument"),
        (to_number("12345"), "number.not_allowed"),
        ("05191234567", "command.bad_argument"),
    ]:
        assert await town.when("call.consult", target=target) == ("refused", reason), target
    for kind in ("swap", "complete", "cancel", "merge"):
        assert await town.when(f"call.consult_{kind}") == ("refused", "call.no_consultation")
    await town.assert_citizen_is_back_with_the_agent()
