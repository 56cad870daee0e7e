"""The API killed and started again while calls move: commands end in one of five ways, screens are right again.

Calls do not notice: cti goes on with what it was told. A screen that comes back with the seq it had, and one that
comes anew, show what the PBX says.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.account import Role
from tests.api.house import Screen
from tests.faults.moving_house import FIVE_ENDS, Clicks, MovingHouse, moving_house
from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, to_number

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(120)]

DESK = "8001"


async def given_a_talk(m: MovingHouse) -> Clicks:
    agent = await m.person("agent1", Role.AGENT, "1001", DESK)
    await m.town.given_the_agency_answers()
    await m.town.given_the_agency_answers(OTHER_AGENCY)
    await m.town.given_a_call_is_answered()
    return agent


async def when_the_api_is_killed_on_a_click(m: MovingHouse, agent: Clicks, kind: str, **args: Any) -> str:
    """The click got its answer, and nothing more; its id."""
    command_id = await agent.ask(kind, call_id=m.town.call_id, **args)
    m.h.kill("api")
    return command_id


async def assert_screens_show_the_pbx(m: MovingHouse, agent: Clicks, after: int, *talking: str) -> None:
    """Who comes back with the seq it had, and who comes anew."""
    await m.town.assert_talking_together(*talking)
    for seq in (after, 0):
        async with agent.feed(after=seq) as screen:
            await _shows(m, screen, talking)
            picture = screen.picture
        async with agent.feed() as fresh:
            assert picture["calls"] == fresh.picture["calls"], "state and events make what a new page is told"
            assert picture["agents"] == fresh.picture["agents"]


async def _shows(m: MovingHouse, screen: Screen, talking: tuple[str, ...]) -> None:
    """The roster names exactly those whom the PBX has in one bridge, as soon as the last fact has come."""

    def shown() -> set[str]:
        parties = screen.picture["calls"][m.town.call_id]["parties"]
        return {CITIZEN if p["kind"] == "citizen" else p["number"] for p in parties if p["state"] == "joined"}

    while shown() != set(talking):
        await screen.next(15)


async def test_killed_during_an_attended_transfer() -> None:
    async with moving_house() as m:
        agent = await given_a_talk(m)
        async with agent.feed() as screen:
            asked = await when_the_api_is_killed_on_a_click(m, agent, "call.consult", target=to_number(AGENCY))
            seq = screen.seq
        await m.town.assert_talking_together(DESK, AGENCY)  # cti does it all the same
        await m.town.assert_alone_with_music(CITIZEN)
        m.town.wire.ask("Hangup", Channel=m.town.channels()[AGENCY]["Channel"], Cause="16")
        await m.town.assert_citizen_is_back_with_the_agent()
        await m.start("api")
        assert await agent.end_of(asked) == ("succeeded", None)
        await assert_screens_show_the_pbx(m, agent, seq, CITIZEN, DESK)
        assert await agent.end_of(await agent.ask("call.hangup", call_id=m.town.call_id)) == ("succeeded", None)
        await m.town.assert_nobody_is_left()
        assert m.town.called_outside() == [AGENCY]


async def test_killed_during_a_conference() -> None:
    """With three clicks under way at once: each is done or not, and says so."""
    async with moving_house() as m:
        agent = await given_a_talk(m)
        await m.town.when_the_agent_adds(AGENCY)
        await m.town.assert_talking_together(CITIZEN, DESK, AGENCY)
        leg = await m.town.leg_of(AGENCY, "joined")
        async with agent.feed() as screen:
            asked = [
                await agent.ask("call.mute", call_id=m.town.call_id, leg=leg["leg"]),
                await agent.ask("call.add", call_id=m.town.call_id, target=to_number(OTHER_AGENCY)),
                await when_the_api_is_killed_on_a_click(m, agent, "call.drop", leg=leg["leg"]),
            ]
            seq = screen.seq
        await m.town.assert_talking_together(CITIZEN, DESK, OTHER_AGENCY)
        await m.start("api")
        ends = [(await agent.end_of(command))[0] for command in asked]
        assert ends == ["succeeded"] * 3, ends
        await assert_screens_show_the_pbx(m, agent, seq, CITIZEN, DESK, OTHER_AGENCY)
        m.h.kill("api")
        m.town.when_the_citizen_hangs_up()
        await m.town.assert_talking_together(DESK, OTHER_AGENCY)
        await m.start("api")
        await assert_screens_show_the_pbx(m, agent, seq, DESK, OTHER_AGENCY)
        await agent.end_of(await agent.ask("call.end", call_id=m.town.call_id))
        await m.town.assert_nobody_is_left()


async def test_killed_at_once_after_each_click() -> None:
    """Hold and back, the API killed behind each click: none is left open, none is done twice."""
    async with moving_house() as m:
        agent = await given_a_talk(m)
        asked = []
        for kind in ("call.hold", "call.unhold"):
            asked.append(await when_the_api_is_killed_on_a_click(m, agent, kind))
            await m.start("api")

        async def ends() -> Any:
            rows = await m.town.on.conn.fetch("SELECT id::text, state FROM command WHERE id = ANY($1::uuid[])", asked)
            return {r["id"]: r["state"] for r in rows} if all(r["state"] in FIVE_ENDS for r in rows) else None

        told = await eventually(ends, 20)
        assert told == dict.fromkeys(asked, "succeeded")
        await m.town.assert_citizen_is_back_with_the_agent()
        async with agent.feed() as screen:
            await _shows(m, screen, (CITIZEN, DESK))
