"""More than two: agencies one by one or all at once; leaving, handing over, and the end for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cti.commands.conftest import OWN
from tests.cti.stage import cti_process, stage
from tests.support.eventually import eventually
from tests.support.pbx import running_pbx
from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, Scene, scene, to_number, to_seat

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_two_agencies_and_a_colleague(town: Scene) -> None:
    await town.given_the_agency_answers(AGENCY)
    await town.given_the_agency_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    await town.given_an_agent("1002", "8002", ready=False)
    await town.when_the_agent_adds(AGENCY)
    await town.when_the_agent_adds(OTHER_AGENCY)
    await town.asks("call.add", target=to_seat("8002"))
    await town.assert_talking_together(CITIZEN, "8001", "8002", AGENCY, OTHER_AGENCY)
    assert await town.when("call.end", by="1002") == ("refused", "call.not_yours"), "a guest ends nothing for others"
    await town.asks("call.leave", by="1002")
    await town.assert_talking_together(CITIZEN, "8001", AGENCY, OTHER_AGENCY)


@pytest.mark.parametrize(
    ("manners", "outcome"),
    [({"reject": True}, "busy"), ({"refuse": True}, "refused"), ({"seconds": 2}, "hung_up_on_us")],
    ids=["busy", "refuses", "listens and hangs up"],
)
async def test_an_agency_that_does_not_come_leaves_the_others_talking(
    town: Scene, manners: dict[str, Any], outcome: str
) -> None:
    await town.given_an_agency(AGENCY, **manners)
    await town.given_the_agency_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(OTHER_AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", OTHER_AGENCY)
    assert (await town.when("call.add", target=to_number(AGENCY)))[0] in ("succeeded", "failed")
    await town.assert_outcome_is_kept(AGENCY, outcome)
    await town.assert_talking_together(CITIZEN, "8001", OTHER_AGENCY)
    await town.asks("call.end")
    await town.assert_nobody_is_left()


async def test_the_agent_leaves_and_the_others_go_on(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await town.asks("call.leave")
    await town.assert_talking_together(CITIZEN, AGENCY)
    await town.assert_gone("8001")
    await town.on.agent_is("1001", "wrap_up")


async def test_it_outlives_the_citizen(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    town.when_the_citizen_hangs_up()
    await town.assert_talking_together("8001", AGENCY)
    await town.given_the_agency_answers(OTHER_AGENCY)
    await town.when_the_agent_adds(OTHER_AGENCY)
    await town.assert_talking_together("8001", AGENCY, OTHER_AGENCY)
    await town.asks("call.end")
    await town.assert_nobody_is_left()


async def test_the_desk_ends_it_for_everybody(town: Scene) -> None:
    await town.given_the_agency_answers(AGENCY)
    await town.given_the_agency_never_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await town.when_the_agent_adds(OTHER_AGENCY)
    await town.asks("call.end")
    await town.assert_nobody_is_left()
    assert (await town.on.call_is("ended"))["hung_up_by"] == "agent"


async def test_the_question_after_the_talk_is_not_taken_for_a_citizen_left_alone(dsn: str) -> None:
    """An agency had hung up on us before; the desk ends the call: nobody is rung again, the citizen is asked."""
    with running_pbx(OWN, survey=True, quick_notice=True) as pbx:
        async with stage(pbx, dsn) as on, cti_process(pbx, dsn, wrap_up_s=60.0), scene(on) as town:
            await on.working()
            await town.given_the_agency_listens_and_hangs_up()
            await town.given_a_call_is_answered()
            await town.when_the_agent_adds(AGENCY)
            await town.assert_outcome_is_kept(AGENCY, "hung_up_on_us")
            await town.asks("call.end")
            await town.assert_gone("8001")
            await eventually(lambda: town.channels()[CITIZEN]["Context"] == "after-talk")
            await town.assert_nobody_is_left(within_s=40)
            assert len(town.phones["8001"].dialogs) == 1
            assert "LX_SURVEY" in pbx.settings.cel_file.read_text()


async def test_a_call_of_two_ends_for_both(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.asks("call.end")
    await town.assert_nobody_is_left()
    assert (await town.on.call_is("ended"))["hung_up_by"] == "agent"
    await town.on.agent_is("1001", "wrap_up")


async def test_two_agencies_asked_for_at_once_both_come(town: Scene) -> None:
    """Two commands on one call run one after the other; the first move is made once."""
    await town.given_the_agency_answers(AGENCY)
    await town.given_the_agency_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    asked = [
        await town.on.ask("call.add", "1001", call_id=town.call_id, target=to_number(number))
        for number in (AGENCY, OTHER_AGENCY)
    ]
    assert [await town.on.end_of(command_id) for command_id in asked] == [("succeeded", None)] * 2
    await town.assert_talking_together(CITIZEN, "8001", AGENCY, OTHER_AGENCY)
