"""Calling out: the agent's telephone first, then the citizen; the hotline's number, the notice, one call."""

from __future__ import annotations

import pytest

from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CALLER, CITIZEN, Scene, to_number

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def given_a_called_citizen(town: Scene) -> None:
    await town.given_an_agency(CALLER)
    await town.given_an_agent("1001", "8001", ready=False)
    assert await town.on.do("call.dial", number="139 1234-5678") == ("succeeded", None)
    live = await town.on.call_is("talking", 20)
    assert (live["direction"], live["agent_no"]) == ("outbound", "1001")
    town.call_id, town.ref = live["call_id"], live["linkedid"]


async def test_the_citizen_is_called_once_the_agent_is_there(town: Scene) -> None:
    await given_a_called_citizen(town)
    await town.assert_talking_together("8001", CALLER)
    assert town.agencies[CALLER].callers == ["12345"]
    leg = await town.leg_of(CALLER, "joined")
    assert leg["kind"] == CITIZEN
    notice = [line for line in town.on.pbx.settings.cel_file.read_text().splitlines() if "LX_NOTICE" in line]
    assert any(town.ref in line for line in notice), "who is called hears that we record"
    spool = town.on.pbx.settings.spool
    assert list(spool.glob(f"{town.ref}_1-*.wav")), "recorded as the citizen's part"
    await town.asks("call.end")
    await town.assert_nobody_is_left()


async def test_a_called_citizen_can_be_handed_on_like_any_other(town: Scene) -> None:
    await given_a_called_citizen(town)
    await town.given_the_agency_answers()
    await town.asks("call.hold")
    await town.assert_alone_with_music(CALLER)
    await town.asks("call.unhold")
    await town.assert_talking_together("8001", CALLER)
    await town.when_the_agent_asks(AGENCY)
    await town.assert_talking_together("8001", AGENCY)
    await town.asks("call.consult_complete")
    await town.assert_talking_together(CALLER, AGENCY)
    await town.assert_gone("8001")


@pytest.mark.parametrize(
    ("reject", "refuse", "outcome"), [(True, False, "busy"), (False, True, "refused")], ids=["busy", "refuses"]
)
async def test_a_citizen_who_does_not_answer_frees_the_agent(
    town: Scene, reject: bool, refuse: bool, outcome: str
) -> None:
    citizen = await town.given_an_agency(CALLER, reject=reject, refuse=refuse)
    phone = await town.given_an_agent("1001", "8001", ready=False)
    assert await town.on.do("call.dial", number=CALLER) == ("succeeded", None)
    await eventually(lambda: citizen.rings == 1, 20)
    await eventually(lambda: not phone.active, 20)

    async def kept() -> bool:
        calls = (await town.on.live("call")).values()
        return any(p["number"] == CALLER and p["state"] == outcome for call in calls for p in call["parties"])

    await eventually(kept, 8)


async def test_nobody_is_called_for_an_agent_who_does_not_pick_up(town: Scene) -> None:
    citizen = await town.given_an_agency(CALLER)
    phone = await town.given_an_agent("1001", "8001", ready=False)
    phone.on_invite = phone.reject
    assert (await town.on.do("call.dial", number=CALLER))[0] in ("succeeded", "failed")
    await eventually(lambda: phone.dialogs, 10)
    await eventually(lambda: not town.wire.list("CoreShowChannels", "CoreShowChannel"), 20)
    assert citizen.rings == 0


async def test_who_cannot_call_out(town: Scene) -> None:
    await town.given_an_agency(CALLER)
    assert await town.on.do("call.dial", number=CALLER) == ("refused", "agent.not_signed_in")
    await town.given_a_call_is_answered(caller="13900001111")
    assert await town.on.do("call.dial", number=CALLER) == ("refused", "call.agent_busy")
    assert await town.when("call.add", by="1002", target=to_number(CALLER)) == ("refused", "call.not_yours")
    await town.assert_citizen_is_back_with_the_agent()
