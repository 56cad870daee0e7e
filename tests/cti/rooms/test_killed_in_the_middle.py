"""``kill -9`` of cti while a call moves: the next one shows the same, and does what was left to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.cti.stage import cti_process
from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, Scene, to_number

pytestmark = [pytest.mark.pbx, pytest.mark.db]

Bodies = dict[str, dict[str, Any]]
OPEN = ("dialling", "ringing", "joined", "consulting", "aside")


@asynccontextmanager
async def cti(town: Scene) -> AsyncIterator[None]:
    """At work, and killed at the end."""
    on = town.on
    before = await on.conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0) as process:
        news = "SELECT max(seq) > $1 FROM feed WHERE topic = 'node'"
        await eventually(lambda: on.conn.fetchval(news, before), 30)
        await on.working()
        yield
        process.kill()
        await process.wait()


async def bodies(town: Scene) -> Bodies:
    """What screens see of calls and agents."""
    return {**await town.on.live("call"), **await town.on.live("agent")}


async def assert_nothing_is_published_again(town: Scene, before: int) -> None:
    changed = await town.on.conn.fetch("SELECT body FROM feed WHERE seq > $1 AND topic IN ('call', 'agent')", before)
    assert changed == []


async def newest(town: Scene) -> int:
    return int(await town.on.conn.fetchval("SELECT max(seq) FROM feed"))


async def given_a_consultation(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_asks()
    await town.assert_talking_together("8001", AGENCY)
    await town.leg_of(AGENCY, "consulting")


async def given_a_conference(town: Scene) -> None:
    """Citizen, agent, an agency that is muted, and one that is on hold."""
    await town.given_the_agency_answers()
    await town.given_the_agency_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.when_the_agent_adds(OTHER_AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY, OTHER_AGENCY)
    agency = await town.leg_of(AGENCY, "joined")
    await town.asks("call.mute", leg=agency["leg"])
    other = await town.leg_of(OTHER_AGENCY, "joined")
    await town.asks("call.hold", leg=other["leg"])


@pytest.mark.parametrize("given", [given_a_consultation, given_a_conference])
async def test_the_next_cti_shows_the_same(town: Scene, given: Any) -> None:
    async with cti(town):
        await given(town)
        before = await bodies(town)
    seq = await newest(town)
    async with cti(town):
        assert await bodies(town) == before, "also since, agents, who is muted, who is aside"
        await assert_nothing_is_published_again(town, seq)


@pytest.mark.parametrize("given", [given_a_consultation, given_a_conference])
async def test_with_nothing_to_remember_the_pbx_tells_the_roster(town: Scene, given: Any) -> None:
    async with cti(town):
        await given(town)
        before = await bodies(town)
    await town.on.conn.execute("DELETE FROM live")
    async with cti(town):
        after = await bodies(town)
        assert roster(after[town.call_id]) == roster(before[town.call_id])
        same = ("state", "room", "agent_no", "seat", "caller", "called", "direction", "linkedid")
        assert {f: after[town.call_id][f] for f in same} == {f: before[town.call_id][f] for f in same}
        assert after["1001"]["state"] == "talking"


def roster(call: dict[str, Any]) -> set[tuple[Any, ...]]:
    shown = ("leg", "kind", "number", "state", "agent_no", "muted")
    return {tuple(p[f] for f in shown) for p in call["parties"] if p["state"] in OPEN}


async def test_the_transfer_is_completed_by_the_next_cti(town: Scene) -> None:
    async with cti(town):
        await given_a_consultation(town)
    async with cti(town):
        await town.asks("call.consult_complete")
        await town.assert_talking_together(CITIZEN, AGENCY)
        await town.on.agent_is("1001", "wrap_up")


async def test_the_agency_hung_up_while_nobody_watched(town: Scene) -> None:
    async with cti(town):
        await given_a_consultation(town)
    town.wire.ask("Hangup", Channel=town.channels()[AGENCY]["Channel"], Cause="16")
    await town.assert_gone(AGENCY)
    await town.assert_alone_with_music(CITIZEN)
    async with cti(town):
        await town.assert_citizen_is_back_with_the_agent()


async def test_the_target_was_busy_while_nobody_watched(town: Scene) -> None:
    """The agent gave the call away and is gone; the next cti calls the agent back to the waiting citizen."""
    async with cti(town):
        await town.given_the_agency_never_answers()
        await town.given_a_call_is_answered()
        assert (await town.when("call.transfer", target=to_number(AGENCY)))[0] == "succeeded"
        await town.assert_gone("8001")
        await town.leg_of(AGENCY, "ringing")
    town.wire.ask("Hangup", Channel=town.channels()[AGENCY]["Channel"], Cause="17")
    await town.assert_gone(AGENCY)
    async with cti(town):
        await town.assert_citizen_is_back_with_the_agent(within_s=20)


async def test_everybody_but_the_agent_left_while_nobody_watched(town: Scene) -> None:
    async with cti(town):
        await given_a_conference(town)
    for role in (AGENCY, OTHER_AGENCY):
        town.wire.ask("Hangup", Channel=town.channels()[role]["Channel"], Cause="16")
    town.when_the_citizen_hangs_up()
    await town.assert_gone(CITIZEN)
    async with cti(town):
        await town.assert_nobody_is_left()
        await town.on.agent_is("1001", "wrap_up")
