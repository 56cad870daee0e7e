"""Private data is read out: the recording is silent meanwhile, keeps its length, and goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
import soundfile as sf

from pbx_config.pbx import Pbx
from tests.cti.stage import cti_process, stage
from tests.support.eventually import eventually
from tests.support.pbx import seat_secret
from tests.support.scene import AGENCY, CALLER, CITIZEN, HOTLINE, Scene, scene
from tests.support.sound import write_tone

pytestmark = [pytest.mark.pbx, pytest.mark.db]

RATE = 8000
WINDOW = RATE // 10


@pytest.fixture
async def talk(shared_line: Pbx, dsn: str) -> AsyncIterator[Scene]:
    """Citizen and agent whistle at each other for as long as the test lasts; a pause lasts three seconds at most."""
    async with (
        stage(shared_line, dsn) as on,
        cti_process(shared_line, dsn, wrap_up_s=60.0, record_pause_most_s=3.0),
        scene(on) as town,
    ):
        await on.working()
        low, high = town.carrier.home / "low.wav", town.carrier.home / "high.wav"
        write_tone(low, 440, 2)
        write_tone(high, 880, 2)
        await town.carrier.telephone("8001", seat_secret(on.pbx, "8001"), wav=high)

        async def signed_in() -> bool:
            return (await on.do("agent.sign_in", seat="8001", phone="telephone"))[0] == "succeeded"

        await eventually(signed_in)
        assert await on.do("agent.ready") == ("succeeded", None)
        await town.carrier.place(CALLER, wav=low, to=HOTLINE)
        live = await on.call_is("talking", 20)
        town.call_id, town.ref = live["call_id"], live["linkedid"]
        await asyncio.sleep(1)  # voices before the pause
        yield town


def silences(town: Scene, part: int = 1) -> dict[str, list[tuple[float, float]]]:
    """Side → stretches of digital silence of half a second and more, as (from, length) in seconds of the file."""
    return {side: _silences(town, part, side) for side in ("r", "t")}


def _silences(town: Scene, part: int, side: str) -> list[tuple[float, float]]:
    samples, rate = sf.read(town.on.pbx.settings.spool / f"{town.ref}_{part}-{side}.wav")
    assert rate == RATE
    windows = [not np.any(samples[at : at + WINDOW]) for at in range(0, len(samples) - WINDOW, WINDOW)]
    found, begin = [], None
    for at, silent in enumerate([*windows, False]):
        if silent and begin is None:
            begin = at
        elif not silent and begin is not None:
            if at - begin >= 5:
                found.append((begin / 10, (at - begin) / 10))
            begin = None
    return found


def length_s(town: Scene, side: str) -> float:
    return float(sf.info(town.on.pbx.settings.spool / f"{town.ref}_1-{side}.wav").frames / RATE)


async def paused(talk: Scene) -> bool:
    """As screens see it: the body may come a moment after the command's end."""
    return (await talk.on.call_is("talking"))["recording_paused_since"] is not None


async def resumed(talk: Scene) -> bool:
    return not await paused(talk)


async def test_paused_and_resumed(talk: Scene) -> None:
    await talk.asks("call.record_pause", reason="id-card")
    await eventually(lambda: paused(talk))
    assert await talk.when("call.record_pause", reason="id-card") == ("succeeded", None)
    await asyncio.sleep(1.5)  # what is said now is nobody's business
    await talk.asks("call.record_resume")
    await eventually(lambda: resumed(talk))
    assert await talk.when("call.record_resume") == ("succeeded", None)
    await asyncio.sleep(1)  # voices after the pause
    await talk.asks("call.end")
    await talk.assert_nobody_is_left()
    for gaps in silences(talk).values():
        assert len(gaps) == 1
        assert gaps[0][0] >= 0.5
        assert gaps[0][1] == pytest.approx(1.6, abs=0.6)
    assert length_s(talk, "r") == length_s(talk, "t")


async def test_a_forgotten_pause_ends_at_its_limit(talk: Scene) -> None:
    await talk.asks("call.record_pause", reason="id-card")

    async def resumed() -> bool:
        return (await talk.on.call_is("talking"))["recording_paused_since"] is None

    await eventually(resumed, 8)
    await asyncio.sleep(1)  # voices after the pause
    await talk.asks("call.end")
    await talk.assert_nobody_is_left()
    for gaps in silences(talk).values():
        assert [length == pytest.approx(3.3, abs=0.8) for _, length in gaps] == [True]


async def test_it_ends_when_the_agent_leaves(talk: Scene) -> None:
    low = talk.carrier.home / "agency.wav"
    write_tone(low, 660, 2)
    await talk.given_an_agency(AGENCY, wav=low)
    await talk.when_the_agent_adds(AGENCY)
    await talk.assert_talking_together(CITIZEN, "8001", AGENCY)
    await talk.asks("call.record_pause", reason="id-card")
    await talk.asks("call.leave")
    await talk.assert_talking_together(CITIZEN, AGENCY)

    async def resumed() -> bool:
        calls = (await talk.on.live("call")).values()
        return all(call["recording_paused_since"] is None for call in calls)

    await eventually(resumed, 2)
    await asyncio.sleep(1.5)  # voices after the pause
    leg = await talk.leg_of(AGENCY, "joined")
    part = int(leg["leg"].partition("+")[2].partition("-")[0])
    await talk.everybody_goes_home()
    for number in (1, part):
        for side, gaps in silences(talk, number).items():
            assert sum(length for _, length in gaps) < 1.6, (number, side, gaps)


async def test_who_joins_a_paused_call_is_not_recorded_either(talk: Scene) -> None:
    tone = talk.carrier.home / "agency.wav"
    write_tone(tone, 660, 2)
    await talk.given_an_agency(AGENCY, wav=tone)
    await talk.asks("call.record_pause", reason="id-card")
    await talk.when_the_agent_adds(AGENCY)
    await talk.assert_talking_together(CITIZEN, "8001", AGENCY)
    leg = await talk.leg_of(AGENCY, "joined")
    await asyncio.sleep(1)  # what is said now is nobody's business
    await talk.asks("call.end")
    await talk.assert_nobody_is_left()
    part = int(leg["leg"].partition("+")[2].partition("-")[0])
    assert any(length >= 0.4 for _, length in silences(talk, part)["r"])
