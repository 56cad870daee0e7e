"""Who was inside is never sent away, and whoever is sent on to another queue is there like anybody. Asterisk alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pbx_config import contract, sounds
from pbx_config.carrier import Carrier
from pbx_config.contract import Context, Milestone, OverflowKind, Profile
from pbx_config.line_files import LineFiles, Overflow, ProfileSets
from pbx_config.pbx import Pbx
from pbx_config.queue_file import QueueFile, QueueSets, QueueSounds, text_of
from pbx_config.settings import QueueTuning
from tests.pbx_config import journal
from tests.pbx_config.conftest import AGENT_HZ, CITIZEN_HZ
from tests.pbx_config.test_unreached import SHORT, places, presses_until, queued, told, waits
from tests.support import sound
from tests.support.ami_wire import ami_wire
from tests.support.eventually import eventually
from tests.support.pbx import running_pbx, seat_secret, short_folder
from tests.support.sound import write_tone

pytestmark = pytest.mark.pbx
ENGLISH = "english"


@pytest.fixture(scope="module")
def narrow_line() -> Iterator[Pbx]:
    """One place to wait; prompts are tones of half a second."""
    tuning = QueueTuning(ring_s=3, max_waiting=1, max_wait_s=60, announce_every_s=300)
    with short_folder() as home:
        for hz, name in enumerate((*SHORT, sounds.SURVEY), start=70):
            path = home / "own" / "zh" / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hz * 10, 0.5)
        with running_pbx("127.0.10.4", home=home, quick_notice=True, queue=tuning, call_back=True, survey=True) as pbx:
            yield pbx
            assert "syntax error" not in (pbx.settings.log / "messages.log").read_text(), "of an expression"


@pytest.fixture
def line(narrow_line: Pbx) -> Iterator[Pbx]:
    yield narrow_line
    for queue in (narrow_line.settings.queue.name, ENGLISH):
        narrow_line.cli(f"queue remove member PJSIP/8001 from {queue}")
    narrow_line.cli("channel request hangup all")


@pytest.fixture
def wide_hours(line: Pbx) -> Iterator[None]:
    """The hours let more people wait than the queue has places: it is the queue that is full."""
    files = LineFiles(line.settings.line)
    files.plan(datetime.now(UTC) - timedelta(seconds=3000), [Profile.DAY] * 8)
    files.profile(Profile.DAY, ProfileSets(9, 60))
    yield
    for path in (*line.settings.line.glob("plan*"), *line.settings.line.glob("profile-*")):
        path.unlink()


async def sent_away(line: Pbx, carrier: Carrier, number: str) -> None:
    call = await carrier.place(number)
    assert (await call.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert told(line, number)[-1] == Milestone.FULL
    assert queued(line, number) == 0


async def sent_back(line: Pbx, talking: str) -> None:
    """As from a silent seat, or by a transfer to the queue."""
    channel = next(r["channel"] for r in journal.cel(line, talking) if r["event"] == "CHAN_START")
    with ami_wire(line.settings) as wire:
        wire.ask("Redirect", Channel=channel, Context=Context.LINE, Exten="back", Priority="1")
        await eventually(lambda: told(line, talking).count(Milestone.QUEUED) == 2)


@pytest.mark.usefixtures("wide_hours")
async def test_who_comes_back_to_a_full_queue_is_the_next_to_have_a_place(desk: Pbx, carrier: Carrier) -> None:
    talking, waiting = "13912347001", "13912347002"
    await carrier.telephone("8001", seat_secret(desk, "8001"), answer_after_s=0)
    desk.cli("queue unpause member PJSIP/8001 queue hotline")
    back = await carrier.place(talking)
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(desk, talking), within_s=30)
    desk.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    other = await waits(desk, carrier, waiting)
    await sent_back(desk, talking)

    await sent_away(desk, carrier, "13912347003")
    assert Milestone.QUEUED not in told(desk, "13912347003"), "not even let in at the door, where a place may come free"
    await other.hang_up()
    await eventually(lambda: queued(desk, talking) == 2, within_s=10)
    assert places(desk) == [talking]
    assert Milestone.FULL not in told(desk, talking)

    await back.hang_up()
    await back.ended()
    late = await waits(desk, carrier, "13912347004")
    await late.hang_up()


async def test_nobody_takes_the_place_of_who_asked_to_be_called_and_did_not_confirm(
    desk: Pbx, carrier: Carrier
) -> None:
    doubtful, quick = "13912347011", "13912347012"
    call = await waits(desk, carrier, doubtful)
    await presses_until(call, "1", lambda: ("EXITWITHKEY", "NONE") in journal.queue_log(desk, doubtful))
    other = await waits(desk, carrier, quick)
    await presses_until(call, "5", lambda: told(desk, doubtful).count(Milestone.QUEUED) == 2)
    await sent_away(desk, carrier, "13912347013")
    await other.hang_up()
    await eventually(lambda: queued(desk, doubtful) == 2, within_s=10)
    assert places(desk) == [doubtful]
    assert Milestone.FULL not in told(desk, doubtful)


@pytest.fixture
def sent_on(desk: Pbx, second: Path) -> Pbx:
    """Whom the hotline has no place for goes on to the second queue, where somebody is signed in and is not ready."""
    assert second.exists()
    files = LineFiles(desk.settings.line)
    files.plan(datetime.now(UTC) - timedelta(seconds=3000), [Profile.DAY] * 8)
    files.profile(Profile.DAY, ProfileSets(1, 60, on_full=Overflow(OverflowKind.QUEUE, ENGLISH)))
    desk.cli(f"queue add member PJSIP/8001 to {ENGLISH} penalty 0 as 1001 state_interface PJSIP/8001")
    desk.cli(f"queue pause member PJSIP/8001 queue {ENGLISH} reason not-ready")
    return desk


async def test_who_is_sent_on_is_recorded_and_asked_like_anybody(
    sent_on: Pbx, carrier: Carrier, citizen_tone: Path, agent_tone: Path
) -> None:
    number = "13912347021"
    waiting = await waits(sent_on, carrier, "13912347022")
    await carrier.telephone("8001", seat_secret(sent_on, "8001"), answer_after_s=0, wav=agent_tone, seconds=3)
    sent_on.cli(f"queue unpause member PJSIP/8001 queue {ENGLISH}")
    call = await carrier.place(number, wav=citizen_tone)
    await eventually(lambda: ("COMPLETEAGENT", "1001") in journal.queue_log(sent_on, number), within_s=30)
    await presses_until(call, "2", lambda: Milestone.SURVEY in told(sent_on, number))
    await call.ended()
    stem = contract.recording_stem(journal.linkedid(sent_on, number))
    assert journal.milestones(sent_on, number)[1:] == [
        (Milestone.FULL, "hotline"),
        (Milestone.OVERFLOW, f"full queue {ENGLISH}"),
        (Milestone.RECORDING, stem),
        (Milestone.QUEUED, ENGLISH),
        (Milestone.SURVEY, "2"),
    ]
    for suffix, hz in ((contract.SPOOL_SUFFIX_RECEIVE, CITIZEN_HZ), (contract.SPOOL_SUFFIX_TRANSMIT, AGENT_HZ)):
        assert sound.share(sound.read(sent_on.settings.spool / f"{stem}{suffix}"), hz) > 0.9
    await waiting.hang_up()


async def test_who_is_sent_on_and_does_not_confirm_stays_in_that_queue(sent_on: Pbx, carrier: Carrier) -> None:
    number = "13912347031"
    waiting = await waits(sent_on, carrier, "13912347032")
    call = await waits(sent_on, carrier, number)
    await presses_until(call, "1", lambda: ("EXITWITHKEY", "NONE") in journal.queue_log(sent_on, number))
    await presses_until(call, "5", lambda: queued(sent_on, number) == 2)
    assert places(sent_on) == ["13912347032"], "nobody is pushed into the first queue"
    assert [extra for name, extra in journal.milestones(sent_on, number) if name == Milestone.QUEUED] == [ENGLISH] * 2
    await waiting.hang_up()


async def test_nobody_is_sent_on_to_the_place_of_who_comes_back(sent_on: Pbx, second: Path, carrier: Carrier) -> None:
    talking, newcomer = "13912347041", "13912347044"
    QueueFile(second).write(
        text_of([QueueSets("hotline"), QueueSets(ENGLISH, max_waiting=1)], QueueSounds(second).path)
    )
    sent_on.cli("queue reload all")
    first = await waits(sent_on, carrier, "13912347042")
    await carrier.telephone("8001", seat_secret(sent_on, "8001"), answer_after_s=0)
    sent_on.cli(f"queue unpause member PJSIP/8001 queue {ENGLISH}")
    back = await carrier.place(talking)
    await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(sent_on, talking), within_s=30)
    sent_on.cli(f"queue pause member PJSIP/8001 queue {ENGLISH} reason not-ready")
    other = await waits(sent_on, carrier, "13912347043")
    await sent_back(sent_on, talking)

    await sent_away(sent_on, carrier, newcomer)
    assert Milestone.OVERFLOW not in told(sent_on, newcomer), "the one place that comes free is not this caller's"
    await other.hang_up()
    await eventually(lambda: queued(sent_on, talking) == 2, within_s=10)
    for call in (back, first):
        await call.hang_up()
