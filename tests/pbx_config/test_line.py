"""The line alone: real Asterisk, real SIP, real sound; no process and no database of ours is running."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbx_config import contract, sounds
from pbx_config.carrier import Carrier
from pbx_config.contract import Milestone
from pbx_config.pbx import Pbx
from pbx_config.queue_file import QueueFile
from tests.pbx_config import journal
from tests.pbx_config.conftest import AGENT_HZ, CITIZEN_HZ
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, queue_remove, seat_secret

pytestmark = pytest.mark.pbx

WAV_HEADER_BYTES = 44


def prompt(line: Pbx, name: str, language: str = "zh") -> sound.Sound:
    return sound.read(line.settings.data / "sounds" / language / f"{name}.wav")


async def test_a_call_is_answered_queued_and_recorded_apart(
    line: Pbx, carrier: Carrier, citizen_tone: Path, agent_tone: Path
) -> None:
    number = "13912340001"
    telephone = await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=1, wav=agent_tone)
    queue_add(line, "8001", "1001")

    call = await carrier.place(number, wav=citizen_tone, seconds=7)
    ended = await call.ended()
    assert not ended.by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))

    stem = contract.recording_stem(journal.linkedid(line, number))
    assert journal.milestones(line, number) == [
        (Milestone.NOTICE, "zh"),
        (Milestone.RECORDING, stem),
        (Milestone.QUEUED, "hotline"),
    ]
    assert journal.queue_log(line, number) == [("ENTERQUEUE", "NONE"), ("CONNECT", "1001"), ("COMPLETECALLER", "1001")]
    assert telephone.rings == telephone.answers == 1

    citizen, agent = (
        sound.read(line.settings.spool / f"{stem}{suffix}")
        for suffix in (contract.SPOOL_SUFFIX_RECEIVE, contract.SPOOL_SUFFIX_TRANSMIT)
    )
    assert len(citizen) == len(agent)
    assert sound.share(citizen, CITIZEN_HZ) > 0.95
    assert sound.share(citizen, AGENT_HZ) < 0.01
    assert sound.share(agent, AGENT_HZ) > 0.95
    assert sound.share(agent, CITIZEN_HZ) < 0.01
    assert len(citizen) / sound.RATE == pytest.approx(bridged_s(line, number), abs=0.15)

    heard = sound.read(call.heard)
    assert sound.likeness(heard, prompt(line, sounds.NOTICE)) > 0.95
    assert sound.share(heard[-sound.RATE :], AGENT_HZ) > 0.9
    assert sound.share(sound.read(telephone.heard()[0]), CITIZEN_HZ) > 0.95


def bridged_s(line: Pbx, number: str) -> float:
    """Seconds from the agent's answer to the end, by CEL."""
    times = {r["event"]: float(r["event_time"]) for r in journal.cel(line, number) if r["app"] == "Queue"}
    return times["BRIDGE_EXIT"] - times["BRIDGE_ENTER"]


async def test_cel_tells_the_call_in_order(line: Pbx, carrier: Carrier) -> None:
    number = "13912340002"
    await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=0, seconds=1)
    queue_add(line, "8001", "1001")
    call = await carrier.place(number)
    ended = await call.ended()
    assert ended.by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    # Prompts and music begin and end in between; the last leg to go, whichever it is, writes LINKEDID_END.
    rows = [r for r in journal.cel(line, number) if not r["event"].startswith(("STREAM_", "LINKEDID_END"))]
    citizen = [r["event"] for r in rows if r["uniqueid"] == r["linkedid"]]
    assert citizen == [
        "CHAN_START",
        "ANSWER",
        "LX_NOTICE",
        "LX_PROFILE",
        "LX_RECORDING",
        "LX_QUEUED",
        "APP_START",
        "BRIDGE_ENTER",
        "BRIDGE_EXIT",
        "APP_END",
        "HANGUP",
        "CHAN_END",
    ]
    seat = [r["event"] for r in rows if r["uniqueid"] != r["linkedid"]]
    assert seat == [
        "CHAN_START",
        "ANSWER",
        "BRIDGE_ENTER",
        "BRIDGE_EXIT",
        "HANGUP",
        "CHAN_END",
    ]
    assert journal.queue_log(line, number)[-1] == ("COMPLETEAGENT", "1001")


async def test_nobody_signed_in_is_said_and_the_call_ends(line: Pbx, carrier: Carrier) -> None:
    number = "13912340003"
    call = await carrier.place(number)
    assert (await call.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert [m for m, _ in journal.milestones(line, number)] == [Milestone.NOTICE, Milestone.NO_AGENT]
    assert journal.queue_log(line, number) == []
    assert sound.likeness(sound.read(call.heard), prompt(line, sounds.NO_AGENT)) > 0.9


async def test_the_last_agent_leaves_while_a_citizen_waits(line: Pbx, carrier: Carrier) -> None:
    number = "13912340004"
    queue_add(line, "8001", "1001")
    call = await carrier.place(number)
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, number))
    queue_remove(line, "8001")
    assert (await call.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert journal.queue_log(line, number)[-1][0] == "EXITEMPTY"
    assert journal.milestones(line, number)[-1] == (Milestone.NO_AGENT, "hotline")
    assert sound.likeness(sound.read(call.heard), prompt(line, sounds.NO_AGENT)) > 0.9
    stem = contract.recording_stem(journal.linkedid(line, number))
    for path in line.settings.spool.glob(f"{stem}*"):
        assert path.stat().st_size <= WAV_HEADER_BYTES, "a call nobody answered records nothing: music is no evidence"


async def test_paused_agents_let_the_citizen_wait_with_music(line: Pbx, carrier: Carrier) -> None:
    number = "13912340005"
    await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=0, seconds=1)
    queue_add(line, "8001", "1001")
    line.cli("queue pause member PJSIP/8001 queue hotline reason break")
    call = await carrier.place(number)
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, number))
    music = sound.read(line.settings.data / "moh" / "lianxin.wav")
    await eventually(lambda: hears_music(call.heard, music))
    line.cli("queue unpause member PJSIP/8001 queue hotline")
    await call.ended()
    await eventually(lambda: ("COMPLETEAGENT", "1001") in journal.queue_log(line, number))


def hears_music(heard: Path, music: sound.Sound) -> bool:
    """The last second heard is somewhere in the music (the loop begins where it likes)."""
    raw = heard.read_bytes()[WAV_HEADER_BYTES:]  # still being written: its header says nothing yet
    last = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2")[-sound.RATE :] / 32768
    return len(last) == sound.RATE and sound.level(last) > 0.005 and sound.likeness(music, last) > 0.9


async def test_the_place_in_the_queue_is_spoken_in_mandarin(line: Pbx, carrier: Carrier) -> None:
    queue_add(line, "8001", "1001")
    first = await carrier.place("13912340006")
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, "13912340006"))
    for number in (
        "13912340007",
        "13912340017",
        "13912340027",
    ):  # one lost packet spoils a digit of a third of a second
        second = await carrier.place(number, seconds=8)
        await second.ended()
        heard = sound.read(second.heard)
        names = (sounds.AHEAD, "digits/2", sounds.WAITING)
        likeness = {name: sound.likeness(heard, prompt(line, name)) for name in names}
        if min(likeness.values()) > 0.9:
            break
    assert min(likeness.values()) > 0.9, likeness
    await first.hang_up()
    await first.ended()
    await eventually(lambda: ("ABANDON", "NONE") in journal.queue_log(line, "13912340006"))


async def is_queued(line: Pbx, number: str) -> None:
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, number))


async def test_a_full_queue_is_said_and_the_call_ends(line: Pbx, carrier: Carrier) -> None:
    queue_add(line, "8001", "1001")
    waiting = []
    for number in ("13912340008", "13912340009"):
        waiting.append(await carrier.place(number))
        await is_queued(line, number)
    third = await carrier.place("13912340010")
    assert (await third.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, "13912340010"))
    assert journal.milestones(line, "13912340010")[-1] == (Milestone.FULL, "hotline")
    assert sound.likeness(sound.read(third.heard), prompt(line, sounds.FULL)) > 0.9
    for call in waiting:
        await call.hang_up()
        await call.ended()


async def test_an_unanswered_seat_is_paused_and_the_next_one_rings(line: Pbx, carrier: Carrier) -> None:
    number = "13912340011"
    sleeper = await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=None)
    awake = await carrier.telephone("8002", seat_secret(line, "8002"), answer_after_s=0, seconds=1)
    queue_add(line, "8001", "1001")
    line.cli("queue pause member PJSIP/8002 queue hotline")
    queue_add(line, "8002", "1002")
    line.cli("queue pause member PJSIP/8002 queue hotline reason break")
    call = await carrier.place(number)
    await eventually(lambda: sleeper.rings == 1)
    line.cli("queue unpause member PJSIP/8002 queue hotline")
    await call.ended()
    await eventually(lambda: ("COMPLETEAGENT", "1002") in journal.queue_log(line, number))
    assert journal.queue_log(line, number) == [
        ("ENTERQUEUE", "NONE"),
        ("RINGNOANSWER", "1001"),
        ("CONNECT", "1002"),
        ("COMPLETEAGENT", "1002"),
    ]
    assert awake.answers == 1
    shown = line.cli("queue show hotline")
    assert f"paused:{contract.REASON_AUTO}" in next(row for row in shown.splitlines() if "PJSIP/8001" in row)


async def test_an_unanswered_seat_is_paused_in_all_its_queues(line: Pbx, carrier: Carrier) -> None:
    """Or the calls of the other queue would go on ringing at an empty chair that the floor shows as paused."""
    second = "permits"
    file = QueueFile(line.settings.queues)
    before = file.text() or ""
    file.write(f"{before}\n[{second}](lx-plain)\n")
    line.cli("queue reload all")
    try:
        sleeper = await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=None)
        queue_add(line, "8001", "1001")
        line.cli(f"queue add member PJSIP/8001 to {second} penalty 0 as 1001 state_interface PJSIP/8001")
        call = await carrier.place("13912340014")
        await eventually(lambda: sleeper.rings == 1)
        for queue in (line.settings.queue.name, second):
            await eventually(lambda q=queue: f"paused:{contract.REASON_AUTO}" in line.cli(f"queue show {q}"))  # type: ignore[misc]
        assert sleeper.rings == 1
        await call.hang_up()
    finally:
        line.cli(f"queue remove member PJSIP/8001 from {second}")
        file.write(before)
        line.cli("queue reload all")


async def test_a_rejecting_seat_is_passed_over_within_a_second(line: Pbx, carrier: Carrier) -> None:
    number = "13912340012"
    await carrier.telephone("8001", seat_secret(line, "8001"), reject=True)
    await carrier.telephone("8002", seat_secret(line, "8002"), answer_after_s=0, seconds=1)
    queue_add(line, "8001", "1001")
    call = await carrier.place(number)
    await eventually(lambda: ("RINGNOANSWER", "1001") in journal.queue_log(line, number))
    queue_add(line, "8002", "1002")
    await call.ended()
    await eventually(lambda: ("COMPLETEAGENT", "1002") in journal.queue_log(line, number))
    assert f"paused:{contract.REASON_AUTO}" in line.cli("queue show hotline")


async def test_digits_are_not_written_down(line: Pbx, carrier: Carrier) -> None:
    number = "13912340013"
    await carrier.telephone("8001", seat_secret(line, "8001"), answer_after_s=0)
    queue_add(line, "8001", "1001")
    call = await carrier.place(number, seconds=6)
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(line, number))
    await call.press("4711")
    await call.ended()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert not [r for r in journal.cel(line, number) if "DTMF" in r["event"] or "4711" in r["extra"]]
