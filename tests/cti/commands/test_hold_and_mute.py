"""Hold with music, mute, and letting single legs go."""

from __future__ import annotations

import pytest

from tests.support.scene import AGENCY, CITIZEN, Scene

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def given_a_conference(town: Scene) -> dict[str, str]:
    """Citizen, agent and agency in one room; role → leg."""
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await town.leg_of(AGENCY, "joined")
    return {role: channel["Uniqueid"] for role, channel in town.channels().items()}


async def test_the_citizen_holds_and_comes_back(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.asks("call.hold")
    await town.assert_alone_with_music(CITIZEN)
    await town.on.call_is("held")
    assert town.channels()[CITIZEN]["Context"] == "room-hold"
    assert await town.when("call.hold") == ("succeeded", None), "held already"
    await town.asks("call.unhold")
    await town.assert_citizen_is_back_with_the_agent()
    await town.on.call_is("talking")
    assert await town.when("call.unhold") == ("succeeded", None)


async def test_only_the_agency_is_put_aside(town: Scene) -> None:
    legs = await given_a_conference(town)
    await town.asks("call.hold", leg=legs[AGENCY])
    await town.assert_citizen_is_back_with_the_agent()
    await town.assert_alone_with_music(AGENCY)
    await town.asks("call.unhold", leg=legs[AGENCY])
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)


async def test_who_is_muted_hears_and_is_not_heard(town: Scene) -> None:
    legs = await given_a_conference(town)
    await town.asks("call.mute", leg=legs[AGENCY])
    assert {role: e["Muted"] for role, e in town.in_room(town.ref).items()} == {
        CITIZEN: "No", "8001": "No", AGENCY: "Yes",
    }  # fmt: skip
    assert await town.when("call.mute", leg=legs[AGENCY]) == ("succeeded", None)
    await town.asks("call.unmute", leg=legs[AGENCY])
    assert town.in_room(town.ref)[AGENCY]["Muted"] == "No"


async def test_a_call_of_two_gets_a_room_to_be_muted_in(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.asks("call.mute", leg=town.ref)
    assert town.in_room(town.ref)[CITIZEN]["Muted"] == "Yes"
    await town.assert_citizen_is_back_with_the_agent()


async def test_the_agency_is_dropped_and_called_again(town: Scene) -> None:
    legs = await given_a_conference(town)
    await town.asks("call.drop", leg=legs[AGENCY])
    await town.assert_gone(AGENCY)
    await town.assert_citizen_is_back_with_the_agent()
    assert await town.when("call.drop", leg=legs[AGENCY]) == ("refused", "call.leg_not_found")
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert town.channels()[AGENCY]["Uniqueid"] != legs[AGENCY]


async def test_a_ringing_leg_is_dropped(town: Scene) -> None:
    await town.given_the_agency_never_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    leg = await town.leg_of(AGENCY)
    await town.asks("call.drop", leg=leg["leg"])
    await town.assert_outcome_is_kept(AGENCY, "cancelled")
    await town.assert_citizen_is_back_with_the_agent()


async def test_legs_that_are_not_of_this_call(town: Scene) -> None:
    await town.given_a_call_is_answered()
    for kind in ("hold", "unhold", "mute", "unmute", "drop"):
        assert await town.when(f"call.{kind}", leg="t21s-1.1+7-110") == ("refused", "call.leg_not_found")
        assert await town.when(f"call.{kind}", leg="x\r\nAction: Hangup") == ("refused", "command.bad_argument")
    await town.assert_citizen_is_back_with_the_agent()
