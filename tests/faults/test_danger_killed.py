"""cti killed in the middle of a danger call (F13): while 110 rings, while it talks, while the house calls back.

One bad day each; what happens to the call while nobody watches is what the PBX does alone.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.account import Role
from tests.faults.moving_house import Clicks, MovingHouse, moving_house
from tests.support.eventually import eventually
from tests.support.scene import CALLER, CITIZEN

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(120)]

POLICE, SUPERVISOR, DESK = "110", "8002", "8001"
ENV = {"LIANXIN_DANGER_AGAIN_S": "1", "LIANXIN_DANGER_CALLBACKS": "3"}
DANGER = "SELECT state, callbacks, ended_at IS NULL AS open FROM danger"
LEG = "SELECT outcome, hung_up_by FROM leg WHERE leg_no > 1 AND number = $1 ORDER BY started_at DESC LIMIT 1"


async def given_a_danger_call(m: MovingHouse) -> Clicks:
    """The agent has pressed the key. Who pressed it."""
    agent = await m.person("agent1", Role.AGENT, "1001", DESK)
    await m.town.given_a_call_is_answered()
    await agent.click("/danger", call_id=m.town.call_id)
    return agent


async def given_a_danger_call_with_110(m: MovingHouse) -> None:
    """Citizen, agent and 110 talk."""
    await given_a_danger_call(m)
    await m.town.assert_talking_together(CITIZEN, DESK, POLICE)
    await m.town.leg_of(POLICE, "joined")


async def given_a_supervisor(m: MovingHouse) -> None:
    """Signed in at a telephone that only rings."""
    await m.person("boss", Role.SUPERVISOR, "1009", SUPERVISOR)
    m.town.phones[SUPERVISOR] = await m.town.on.sign_in("1009", SUPERVISOR)


async def test_killed_while_110_rings() -> None:
    """110 answers while nobody watches; the next cti shows it, and the desk ends the call."""
    async with moving_house(**ENV) as m:
        await m.town.given_an_agency(POLICE, answer_after_s=4)
        agent = await given_a_danger_call(m)
        await m.town.leg_of(POLICE, "ringing")
        m.h.kill("cti")
        await m.town.assert_talking_together(CITIZEN, DESK, POLICE)
        await m.start("cti")
        await m.town.leg_of(POLICE, "joined")
        await m.assert_row(DANGER, state="open", callbacks=0, open=True)
        assert await agent.end_of(await agent.ask("call.end", call_id=m.town.call_id)) == ("succeeded", None)
        await m.town.assert_nobody_is_left()
        await m.assert_row(DANGER, state="over", callbacks=0)
        await m.assert_row(LEG, POLICE, outcome="answered")
        await assert_evidence_is_kept(m, parts=2)
        assert m.town.called_outside() == [POLICE], "nobody was called a second time"


async def test_killed_while_110_talks_and_the_citizen_hangs_up() -> None:
    """Seen only by the next cti: the house calls the citizen back, and reaches them."""
    async with moving_house(**ENV) as m:
        await m.town.given_an_agency(POLICE, answer_after_s=0.5)
        await m.town.given_an_agency(CALLER, answer_after_s=0.5)
        await given_a_supervisor(m)
        await given_a_danger_call_with_110(m)
        m.h.kill("cti")
        m.town.when_the_citizen_hangs_up()
        await m.town.assert_gone(CITIZEN)
        await m.town.assert_talking_together(DESK, POLICE)
        await m.start("cti")
        await m.town.leg_of(CALLER, "left")
        await m.assert_row(DANGER, state="gone", callbacks=1, open=True)
        await m.town.assert_talking_together(DESK, POLICE)
        await when_the_supervisor_picks_up(m)
        await m.assert_row(DANGER, state="reached", callbacks=1)
        assert sorted(m.town.called_outside()) == sorted([POLICE, CALLER])


async def test_killed_while_the_house_calls_back() -> None:
    """The supervisor picks up for nobody: is let go, and called again until the citizen answers."""
    async with moving_house(**ENV) as m:
        await m.town.given_an_agency(POLICE, answer_after_s=0.5)
        await m.town.given_an_agency(CALLER, answer_after_s=0.5)
        await given_a_supervisor(m)
        await given_a_danger_call_with_110(m)
        m.town.when_the_citizen_hangs_up()
        phone = m.town.phones[SUPERVISOR]
        await eventually(lambda: phone.active, 30)
        m.h.kill("cti")
        phone.answer(phone.active[0])
        await m.start("cti")
        await eventually(lambda: not phone.active, 30)  # nobody is left alone with music
        await m.assert_row(DANGER, state="gone", callbacks=2, open=True)
        await when_the_supervisor_picks_up(m)
        await m.assert_row(DANGER, state="reached", callbacks=2)
        assert sorted(m.town.called_outside()) == sorted([POLICE, CALLER]), "the citizen was called once"
        await m.town.assert_talking_together(DESK, POLICE)


async def when_the_supervisor_picks_up(m: MovingHouse) -> None:
    phone = m.town.phones[SUPERVISOR]
    await eventually(lambda: phone.active, 40)
    phone.answer(phone.active[0])


async def assert_evidence_is_kept(m: MovingHouse, parts: int) -> None:
    """A recording for each part, all undeletable."""

    async def kept() -> Any:
        found = await m.town.on.conn.fetch("SELECT undeletable, state FROM recording WHERE part > 0")
        return len(found) == parts and all(r["undeletable"] for r in found)

    await eventually(kept, 40)
