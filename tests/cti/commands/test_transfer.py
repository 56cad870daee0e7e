"""Handing over without asking: to a number, a colleague, the queue; and who catches a citizen whom nobody takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scene import AGENCY, CITIZEN, Scene, to_number, to_queue, to_seat

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_an_agency_takes_the_citizen(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_hands_over_to(AGENCY)
    await town.assert_gone("8001")
    await town.assert_talking_together(CITIZEN, AGENCY)
    await town.on.agent_is("1001", "wrap_up")
    assert town.agencies[AGENCY].callers == ["12345"], "who is called sees the hotline's number"
    town.when_the_citizen_hangs_up()
    await town.assert_nobody_is_left()


@pytest.mark.parametrize(
    ("manners", "outcome"),
    [({"reject": True}, "busy"), ({"refuse": True}, "refused"), ({"seconds": 2}, "hung_up_on_us")],
    ids=["busy", "refuses", "listens and hangs up"],
)
async def test_nobody_takes_the_citizen_and_the_agent_is_called_back(
    town: Scene, manners: dict[str, Any], outcome: str
) -> None:
    await town.given_an_agency(**manners)
    await town.given_a_call_is_answered()
    assert (await town.when("call.transfer", target=to_number(AGENCY)))[0] == "succeeded"
    await town.assert_outcome_is_kept(AGENCY, outcome)
    await town.assert_citizen_is_back_with_the_agent(within_s=20)


async def test_out_of_a_room_of_two(town: Scene) -> None:
    """The citizen was held before: agent and citizen stand in a room when the call is given away."""
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.asks("call.hold")
    await town.asks("call.unhold")
    await town.when_the_agent_hands_over_to(AGENCY)
    await town.assert_talking_together(CITIZEN, AGENCY)
    await town.assert_gone("8001")


async def test_nobody_takes_the_citizen_and_the_agent_is_gone_too(town: Scene) -> None:
    """Back to the front of the queue: somebody else answers."""
    await town.given_the_agency_is_busy()
    await town.given_a_call_is_answered()
    phone = town.phones["8001"]
    phone.on_invite = phone.reject
    assert (await town.when("call.transfer", target=to_number(AGENCY)))[0] == "succeeded"
    await town.assert_waiting_in_the_queue()
    await town.given_an_agent("1002", "8002")
    await town.assert_citizen_is_back_with_the_agent("8002", within_s=20)


async def test_a_colleague_takes_the_citizen(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.given_an_agent("1002", "8002", ready=False)
    await town.asks("call.transfer", target=to_seat("8002"))
    await town.assert_citizen_is_back_with_the_agent("8002")
    await town.assert_gone("8001")
    await town.on.agent_is("1001", "wrap_up")
    await town.on.agent_is("1002", "talking")


async def test_back_to_the_front_of_the_queue(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.asks("call.transfer", target=to_queue())
    await town.assert_gone("8001")
    await town.assert_waiting_in_the_queue()
    await town.given_an_agent("1002", "8002")
    await town.assert_citizen_is_back_with_the_agent("8002")


async def test_out_of_a_conference_the_others_stay_with_the_citizen(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.given_an_agent("1002", "8002", ready=False)
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await town.asks("call.transfer", target=to_seat("8002"))
    await town.assert_talking_together(CITIZEN, "8002", AGENCY)
    await town.assert_gone("8001")


async def test_to_a_queue_that_is_not_there_nothing_happens(town: Scene) -> None:
    await town.given_a_call_is_answered()
    assert await town.when("call.transfer", target=to_queue("night")) == ("refused", "target.not_found")
    await town.assert_citizen_is_back_with_the_agent()
