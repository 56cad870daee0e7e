"""A conference is taken over: who hears whom, whose call it is, and what the roster and the log of ears say."""

from __future__ import annotations

import pytest

from tests.cti.commands.test_listening import (
    BOSS,
    BOSS_SEAT,
    OTHER,
    OTHER_SEAT,
    asks,
    ended_legs,
    floor,
    given_a_supervisor,
    given_a_talk,
    hears,
    log,
    told,
)  # fmt: skip
from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, Scene, to_number

__all__ = ["floor"]  # fixture by import
pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_a_conference_is_taken_over_and_goes_on(floor: Scene) -> None:
    """The agent alone leaves; the citizen and the agency hear the supervisor, whose call it is now."""
    await floor.given_the_agency_answers()
    citizen = await given_a_talk(floor)
    await floor.given_an_agent(BOSS, BOSS_SEAT, ready=False)
    await given_a_supervisor(floor, OTHER_SEAT)
    await floor.when_the_agent_adds(AGENCY)
    await floor.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert await asks(floor, "call.listen") == ("succeeded", None)
    assert await asks(floor, "call.listen", by=OTHER, seat=OTHER_SEAT) == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "listen"), (OTHER_SEAT, "listen"))

    assert await asks(floor, "call.take_over", from_agent="1001") == ("succeeded", None)
    await floor.assert_talking_together(CITIZEN, AGENCY, BOSS_SEAT)
    await floor.assert_gone("8001")
    await floor.on.agent_is("1001", "wrap_up")
    await floor.on.agent_is(BOSS, "talking")
    for number, state in ((AGENCY, "joined"), (BOSS_SEAT, "joined"), ("8001", "left")):
        await floor.leg_of(number, state)
    live = (await floor.on.live("call"))[floor.call_id]
    assert (live["state"], live["agent_no"]) == ("talking", BOSS)

    await the_other_one_listens_again(floor)
    await floor.given_the_agency_answers(OTHER_AGENCY)
    await floor.asks("call.add", by=BOSS, target=to_number(OTHER_AGENCY))
    await floor.assert_talking_together(CITIZEN, AGENCY, OTHER_AGENCY, BOSS_SEAT)
    assert await floor.when("call.end") == ("refused", "call.not_yours"), "no longer the agent's"

    await floor.asks("call.end", by=BOSS)
    await floor.assert_nobody_is_left()
    await citizen.ended()
    await floor.on.agent_is(BOSS, "wrap_up")
    await everything_is_on_record(floor)


async def the_other_one_listens_again(floor: Scene) -> None:
    """Who heard the agent's telephone hears nothing any more; whoever asks again hears the supervisor's."""

    async def screens_show_none() -> bool:
        return floor.call_id not in await floor.on.live("ears")

    await eventually(screens_show_none)
    assert await asks(floor, "call.listen", by=OTHER, seat=OTHER_SEAT) == ("succeeded", None)
    body = await hears(floor, (OTHER_SEAT, "listen"))
    assert (body["agent_no"], body["taken_by"]) == (BOSS, None)


async def everything_is_on_record(floor: Scene) -> None:
    rows = await log(floor, 3)
    assert sorted(told(rows)) == [
        (BOSS_SEAT, "listen", "stopped"), (OTHER_SEAT, "listen", "call_over"), (OTHER_SEAT, "listen", "call_over"),
    ]  # fmt: skip
    assert {(row["seat"], row["agent_no"]) for row in rows} == {(BOSS_SEAT, BOSS), (OTHER_SEAT, OTHER)}

    async def all_have_ended() -> bool:
        legs = await ended_legs(floor)
        agents = {leg["seat"] for leg in legs if leg["party"] == "agent"}
        return agents == {"8001", BOSS_SEAT} and len(legs) == 5

    await eventually(all_have_ended, 20)
