"""One recording of a conference: every voice exactly in its time, pauses silent and marked, whoever died meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import numpy as np
import pytest

from pbx_config.contract import CalledLeg
from recordings.legs import Sign
from recordings.mixing import KeptPart, plan
from recordings.pauses import PAUSE, RESUME
from recordings.pipeline import Step
from recordings.service import run
from tests.recordings.patience import eventually
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, RATE, Desk, closed, level_db, recorder, tone
from tests.recordings.test_moved_calls import AGENCY_HZ, NOW, Journal, a_moved_call, at

LOUD_DB, QUIET_DB = -16.0, -40.0
Span = tuple[float, float]
SEAT = "mov-seat.1"


def voices(seconds: float, *parts: tuple[float, Sequence[Span]]) -> bytes:
    """Audio of that length in which each tone sounds in its spans."""
    sound = np.zeros(round(seconds * RATE), dtype=np.int32)
    for hertz, spans in parts:
        wave = np.frombuffer(tone(hertz, seconds, 0.2), "<i2")
        for begin, end in spans:
            sound[round(begin * RATE) : round(end * RATE)] += wave[round(begin * RATE) : round(end * RATE)]
    return closed(sound.astype("<i2").tobytes())


def heard(side: np.ndarray, hertz: float, begin: float, end: float) -> str:
    """Whether "all", "none" or "some" half seconds have the tone; a tenth at either end does not count."""
    windows = [side[round(s * RATE) : round((s + 0.5) * RATE)] for s in np.arange(begin + 0.1, end - 0.59, 0.25)]
    levels = [level_db(w, hertz) for w in windows]
    if all(db > LOUD_DB for db in levels):
        return "all"
    return "none" if all(db < QUIET_DB for db in levels) else "some"


class Conference:
    """The citizen talks, waits 4 s in the queue again, then the agency comes in; the citizen leaves first.

    ======= ===== ===== ===== ======
    seconds 0–6   10–12 12–18 18–22
    ======= ===== ===== ===== ======
    citizen talks talks room
    agent   talks talks room  room
    agency              room  room
    ======= ===== ===== ===== ======
    """

    def __init__(self, desk: Desk, journal: Journal, ref: str) -> None:
        self.desk, self.journal, self.ref = desk, journal, ref
        self.agency = CalledLeg(ref, 7, "05191234567")

    async def write_down(self) -> None:
        line, seat, agency = self.journal.line, f"{self.ref}9", self.agency
        await self.journal.armed(self.ref, 1)
        await self.journal.armed(agency.uniqueid, 7)
        told: list[tuple[str, str, float, str]] = [
            ("BRIDGE_ENTER", self.ref, 0, "one"), ("BRIDGE_ENTER", seat, 0, "one"), ("BRIDGE_EXIT", self.ref, 6, ""),
            ("BRIDGE_EXIT", seat, 6, ""), ("BRIDGE_ENTER", self.ref, 10, "two"), ("BRIDGE_ENTER", seat, 10, "two"),
            ("BRIDGE_EXIT", self.ref, 12, ""), ("BRIDGE_EXIT", seat, 12, ""), ("BRIDGE_ENTER", self.ref, 12, "room"),
            ("BRIDGE_ENTER", seat, 12, "room"), ("BRIDGE_ENTER", agency.uniqueid, 12, "room"),
            ("BRIDGE_EXIT", self.ref, 18, ""), ("BRIDGE_EXIT", seat, 22, ""), ("BRIDGE_EXIT", agency.uniqueid, 22, ""),
        ]  # fmt: skip
        for event, uniqueid, second, bridge in told:
            await line(event, uniqueid, second, bridge=bridge, linkedid=self.ref if uniqueid == seat else uniqueid)
        await self.journal.leg(agency, 12, 22)

    def speak(self) -> None:
        """Files as MixMonitor leaves them: bridged time only, 14 s of the citizen's channel and 10 of the agency's."""
        citizen = voices(14, (CITIZEN_HZ, [(0, 14)])), voices(14, (AGENT_HZ, [(0, 14)]), (AGENCY_HZ, [(8, 14)]))
        agency = voices(10, (AGENCY_HZ, [(0, 10)])), voices(10, (AGENT_HZ, [(0, 10)]), (CITIZEN_HZ, [(0, 6)]))
        self.desk.put(self.ref, *citizen)
        self.desk.put(self.ref, *agency, part=7)

    async def whole(self) -> asyncpg.Record:
        row = await eventually(lambda: self.desk.whole(self.ref))
        assert isinstance(row, asyncpg.Record)
        return row


@pytest.fixture
async def talk(desk: Desk) -> Conference:
    ref = "mov-1795000001.1"
    conference = Conference(desk, await a_moved_call(desk, ref, 22.0), ref)
    await conference.write_down()
    conference.speak()
    return conference


@pytest.mark.db
async def test_every_voice_is_there_exactly_in_its_time(talk: Conference) -> None:
    desk = talk.desk
    async with recorder(desk.settings):
        row = await talk.whole()
    first, agency = await desk.rows()
    assert (row["part"], row["state"], row["reason"], row["duration_s"]) == (0, "complete", None, 22.0)
    assert row["started_at"] == first["started_at"]
    assert len(row["sha256"]) == 64
    assert agency["part"] == 7
    samples, _ = desk.audio(row)
    left, right = samples[:, 0], samples[:, 1]
    story = {
        begin: [heard(right, CITIZEN_HZ, *span), heard(right, AGENCY_HZ, *span), heard(right, AGENT_HZ, *span),
                heard(left, AGENT_HZ, *span)]
        for begin, span in {b: (b, e) for b, e in [(0, 6), (6, 10), (10, 12), (12, 18), (18, 22)]}.items()
    }  # fmt: skip
    assert story == {
        0: ["all", "none", "none", "all"],
        6: ["none", "none", "none", "none"],
        10: ["all", "none", "none", "all"],
        12: ["all", "all", "none", "all"],
        18: ["none", "all", "none", "all"],
    }
    assert heard(left, AGENCY_HZ, 12, 18) == "all", "what the citizen heard in the room"
    assert heard(left, AGENCY_HZ, 18, 22) == "none", "what the agency heard is not the agency"
    assert not list(desk.settings.work.glob("job-*"))


@pytest.mark.db
async def test_a_pause_is_silent_on_both_sides_and_marked(talk: Conference) -> None:
    """The citizen's part was paused from second 13 to 16; the agency's, by a command that came too late, was not."""
    desk = talk.desk
    await talk.journal.command(PAUSE, 13, reason="id-card")
    await talk.journal.command(RESUME, 16)
    quiet = [(0.0, 9.0), (12.0, 14.0)]  # second 13 is second 9 of what was bridged
    desk.put(talk.ref, voices(14, (CITIZEN_HZ, quiet)), voices(14, (AGENT_HZ, quiet)))
    async with recorder(desk.settings):
        row = await talk.whole()
    (gap,) = json.loads(row["pauses"])
    assert (gap["reason"], round(gap["from_s"], 1), round(gap["to_s"], 1)) == ("id-card", 13.0, 16.0)
    samples, _ = desk.audio(row)
    assert abs(samples[round(13.1 * RATE) : round(15.9 * RATE)]).max() < 0.01
    assert heard(samples[:, 1], AGENCY_HZ, 16, 22) == "all"


@pytest.mark.db
@pytest.mark.parametrize("step", [Step.AUDIO_STORED, Step.PEAKS_STORED])
async def test_a_worker_that_dies_on_the_way_leaves_nothing_behind(talk: Conference, step: Step) -> None:
    desk = talk.desk
    await desk.pool.execute("UPDATE call SET ended_at = NULL, talk_s = NULL")
    async with recorder(desk.changed(call_wait_s=0.1).settings):
        await eventually(desk.rows)
        await eventually(lambda: not desk.in_spool())
    assert await desk.whole(talk.ref) is None, "the call is not over"
    await desk.pool.execute("UPDATE call SET ended_at = now() - interval '30 s'")

    def die(at_step: Step) -> None:
        if at_step is step:
            raise KeyError(step)

    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(run(desk.settings, asyncio.Event(), die), 30)
    async with recorder(desk.settings):
        await talk.whole()
    assert len(desk.objects()) == 6, "audio and peaks of two parts and of the whole"
    assert not list(desk.settings.work.glob("job-*"))


@pytest.mark.db
async def test_a_call_of_two_has_no_other_recording_than_its_own(desk: Desk) -> None:
    ref = "mov-1795000001.2"
    journal = await a_moved_call(desk, ref, 3.0)
    await journal.bridged(ref, (0, 3))
    desk.put(ref, closed(tone(CITIZEN_HZ, 3)), closed(tone(AGENT_HZ, 3)))
    async with recorder(desk.settings):
        await eventually(desk.rows)
        await eventually(lambda: not desk.in_spool())
        await asyncio.sleep(0.5)  # several looks: nothing may come of them
    assert await desk.whole(ref) is None


def test_who_waits_with_music_is_not_heard_and_an_ear_is_nobody() -> None:
    """The citizen is alone on hold from 5 to 9 while the agent asks the agency, and a supervisor listens."""
    agency, ear = CalledLeg("r", 7, "110").uniqueid, "r+ear9-8002"

    def enter(who: str, second: float, bridge: str) -> Sign:
        return Sign("BRIDGE_ENTER", at(second), who, json.dumps({"bridge_id": bridge}))

    def leave(who: str, second: float) -> Sign:
        return Sign("BRIDGE_EXIT", at(second), who, "")

    armed = Sign("LX_RECORDING", at(5), agency, json.dumps({"extra": "r_7"}))
    signs = [
        enter("r", 0, "one"), enter(SEAT, 0, "one"), leave("r", 5), leave(SEAT, 5), armed, enter("r", 5, "aside"),
        enter(ear, 5, "aside"), enter(SEAT, 5, "consult"), enter(agency, 5, "consult"), leave("r", 9), leave(SEAT, 9),
        leave(agency, 9),
    ]  # fmt: skip
    found = plan(signs, "r", [KeptPart(1, 9.0, []), KeptPart(7, 4.0, [])], at(9), 1000)
    assert found is not None
    assert (found.began_at, found.samples) == (NOW, 9000)
    assert found.pieces == {
        1: ([(0, 5000, 0)], [(0, 5000, 0), (5000, 4000, 5000)]),
        7: ([(0, 4000, 5000)], [(0, 4000, 5000)]),
    }
    assert found.began_at + timedelta(seconds=9) == at(9)
