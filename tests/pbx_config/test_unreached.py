"""Called back in one's place, and messages: Asterisk alone; no process and no database of ours is running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pbx_config import contract, sounds
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall
from pbx_config.contract import Milestone, OverflowKind, Profile
from pbx_config.line_files import LineFiles, Overflow, ProfileSets
from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.pbx_config import journal
from tests.pbx_config.conftest import CITIZEN_HZ
from tests.pbx_config.journal import members
from tests.pbx_config.test_line import prompt
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, running_pbx, short_folder
from tests.support.sound import write_tone

pytestmark = pytest.mark.pbx
SHORT = (
    sounds.BACK_NUMBER, sounds.BACK_KEPT, sounds.BACK_STAYS, sounds.BACK_WITHHELD,
    sounds.VOICEMAIL_SPEAK, sounds.NO_AGENT, sounds.VOICEMAIL_OFFER,
    sounds.BACK_INSTEAD, sounds.BACK_INSTEAD_CONFIRM, sounds.FULL,
)  # fmt: skip


@pytest.fixture(scope="module")
def waiting_line() -> Iterator[Pbx]:
    """Nobody who waits is called by any seat: the places stay as they are. Prompts are tones of half a second."""
    tuning = QueueTuning(ring_s=3, max_waiting=4, max_wait_s=60, announce_every_s=300)
    with short_folder() as home:
        for hz, name in enumerate(SHORT, start=70):
            path = home / "own" / "zh" / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hz * 10, 0.5)
        with running_pbx(
            "127.0.10.3", home=home, quick_notice=True, queue=tuning, call_back=True, voicemail=True
        ) as pbx:
            yield pbx


@pytest.fixture
def line(waiting_line: Pbx) -> Iterator[Pbx]:
    yield waiting_line
    for member in members(waiting_line):
        waiting_line.cli(f"queue remove member {member} from hotline")
    waiting_line.cli("channel request hangup all")


async def waits(line: Pbx, carrier: Carrier, number: str) -> CarrierCall:
    call = await carrier.place(number)
    await eventually(lambda: queued(line, number) == 1, within_s=30)
    return call


def queued(line: Pbx, number: str) -> int:
    return journal.queue_log(line, number).count(("ENTERQUEUE", "NONE"))


def told(line: Pbx, number: str) -> list[str]:
    return [name for name, _ in journal.milestones(line, number)]


async def presses_until(call: CarrierCall, key: str, told: Callable[[], object]) -> None:
    """Whatever is being said, the question that follows it takes the key."""

    async def pressed() -> object:
        if not told():
            await call.press(key)
        return told()

    await eventually(pressed, within_s=40, every_s=0.5)


def places(line: Pbx) -> list[str]:
    """Who stands in the queue, the first one first, by the numbers that called."""
    order = [row.split()[1] for row in line.cli("queue show hotline").splitlines() if row.strip()[:1].isdigit()]
    numbers = {row["channel"]: row["caller"] for row in journal.all_cel(line) if row["event"] == "CHAN_START"}
    return [numbers[channel] for channel in order if channel in numbers]


async def test_who_presses_the_key_is_promised_a_call_and_the_place_is_in_the_journal(
    desk: Pbx, carrier: Carrier
) -> None:
    number = "13912345601"
    first = await waits(desk, carrier, "13912345602")
    call = await waits(desk, carrier, number)
    await presses_until(call, "1", lambda: Milestone.ASKED_BACK in told(desk, number))
    assert (await call.ended()).by_line
    since, place = dict(journal.milestones(desk, number))[Milestone.ASKED_BACK].split("/")
    entered = next(r for r in journal.cel(desk, number) if r["event"] == Milestone.QUEUED)
    assert place == "2"
    assert float(entered["event_time"]) == pytest.approx(int(since) / 1000, abs=2)
    assert sound.likeness(sound.read(call.heard), prompt(desk, sounds.BACK_KEPT)) > 0.9
    assert sound.likeness(sound.read(call.heard), prompt(desk, "digits/9")) > 0.9, "the number is read out"
    assert journal.queue_log(desk, number) == [("ENTERQUEUE", "NONE"), ("EXITWITHKEY", "NONE")]
    assert places(desk) == ["13912345602"], "others wait on"
    await first.hang_up()


async def test_who_does_not_confirm_or_shows_no_number_is_back_in_the_same_place(desk: Pbx, carrier: Carrier) -> None:
    doubtful, last = "13912345611", "13912345613"
    call = await waits(desk, carrier, doubtful)
    other = await carrier.place("anonymous")
    await eventually(lambda: len(places(desk)) == 2, within_s=30)
    hidden = places(desk)[1]
    assert not any(c.isdigit() for c in hidden)
    await waits(desk, carrier, last)
    await presses_until(call, "1", lambda: ("EXITWITHKEY", "NONE") in journal.queue_log(desk, doubtful))
    await presses_until(call, "5", lambda: queued(desk, doubtful) == 2)
    assert places(desk) == [doubtful, hidden, last]
    await presses_until(other, "1", lambda: queued(desk, hidden) == 2)
    assert places(desk) == [doubtful, hidden, last]
    await other.hang_up()
    await other.ended()
    assert sound.likeness(sound.read(other.heard), prompt(desk, sounds.BACK_WITHHELD)) > 0.9
    assert Milestone.ASKED_BACK not in told(desk, doubtful) + told(desk, hidden)


async def test_other_keys_mean_nothing_while_waiting(desk: Pbx, carrier: Carrier) -> None:
    number = "13912345621"
    call = await waits(desk, carrier, number)
    await call.press("2350*#")
    assert places(desk) == [number]
    assert journal.queue_log(desk, number) == [("ENTERQUEUE", "NONE")]


@pytest.fixture
def called_back_instead(line: Pbx) -> Iterator[None]:
    """Whom the queue does not take is offered a call back, in every profile."""
    files, instead = LineFiles(line.settings.line), Overflow(OverflowKind.CALLBACK)
    for profile in Profile:
        files.profile(profile, ProfileSets(1, 60, on_full=instead, on_no_agent=instead, on_too_long=instead))
    yield
    for path in line.settings.line.glob("profile-*"):
        path.unlink()


@pytest.mark.usefixtures("called_back_instead")
async def test_whom_a_full_queue_does_not_take_is_promised_a_call_behind_those_who_wait(
    desk: Pbx, carrier: Carrier
) -> None:
    number = "13912345641"
    waiting = await waits(desk, carrier, "13912345642")
    call = await carrier.place(number)
    await call.answered()
    await presses_until(call, "1", lambda: Milestone.ASKED_BACK in told(desk, number))
    assert (await call.ended()).by_line
    steps = dict(journal.milestones(desk, number))
    assert (steps[Milestone.OVERFLOW], steps[Milestone.ASKED_BACK].split("/")[1]) == ("full callback", "2")
    heard = sound.read(call.heard)
    assert sound.likeness(heard, prompt(desk, sounds.BACK_INSTEAD)) > 0.9
    assert sound.likeness(heard, prompt(desk, sounds.BACK_KEPT)) > 0.9
    assert journal.queue_log(desk, number) == [], "was in no queue"
    await waiting.hang_up()


@pytest.mark.usefixtures("called_back_instead")
@pytest.mark.parametrize("caller", ["13912345643", "anonymous"])
async def test_who_wants_no_call_or_shows_no_number_is_sent_away_as_ever(
    line: Pbx, carrier: Carrier, caller: str
) -> None:
    call = await carrier.place(caller)
    assert (await call.ended()).by_line
    heard = sound.read(call.heard)
    assert sound.likeness(heard, prompt(line, sounds.NO_AGENT)) > 0.9
    offered = sound.likeness(heard, prompt(line, sounds.BACK_INSTEAD)) > 0.9
    assert offered == caller.isdigit(), "nothing is offered that cannot be kept"
    if offered:
        await eventually(lambda: "LINKEDID_END" in journal.events(line, caller))
        assert Milestone.ASKED_BACK not in told(line, caller)


async def test_who_is_sent_away_may_leave_a_message(line: Pbx, carrier: Carrier, citizen_tone: Path) -> None:
    number = "13912345631"
    call = await carrier.place(number, wav=citizen_tone)
    await call.answered()
    await presses_until(call, "1", lambda: Milestone.VOICEMAIL in told(line, number))
    stem = contract.recording_stem(journal.linkedid(line, number), contract.VOICEMAIL_PART)
    assert dict(journal.milestones(line, number))[Milestone.VOICEMAIL] == stem
    spoken = line.settings.spool / f"{stem}{contract.SPOOL_SUFFIX_RECEIVE}"
    await eventually(lambda: spoken.exists() and spoken.stat().st_size > 3 * 16_000)
    await call.hang_up()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    heard = sound.read(spoken)
    assert sound.share(heard, CITIZEN_HZ) > 0.95
    transmitted = line.settings.spool / f"{stem}{contract.SPOOL_SUFFIX_TRANSMIT}"
    assert len(sound.read(transmitted)) == len(heard), "a pair as of any talk"
    assert told(line, number)[-2:] == [Milestone.NO_AGENT, Milestone.VOICEMAIL]


async def test_who_presses_nothing_leaves_no_message(line: Pbx, carrier: Carrier) -> None:
    number = "13912345632"
    call = await carrier.place(number)
    assert (await call.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert told(line, number) == [Milestone.NOTICE, Milestone.NO_AGENT]


@pytest.fixture
def voicemail_instead(line: Pbx) -> Iterator[None]:
    """Whom the queue does not take is offered to speak a message, as the profile of the hour says."""
    files, instead = LineFiles(line.settings.line), Overflow(OverflowKind.VOICEMAIL)
    for profile in Profile:
        files.profile(profile, ProfileSets(1, 9, on_full=instead, on_no_agent=instead, on_too_long=instead))
    yield
    for path in line.settings.line.glob("profile-*"):
        path.unlink()


@pytest.mark.usefixtures("voicemail_instead")
@pytest.mark.parametrize("why", ["full", "no_agent", "too_long"])
async def test_a_profile_leads_to_the_message_itself(line: Pbx, carrier: Carrier, citizen_tone: Path, why: str) -> None:
    """Not by way of the words that send away: those are for whom no profile leads anywhere."""
    number = f"1391234565{('full', 'no_agent', 'too_long').index(why)}"
    if why != "no_agent":
        queue_add(line, "8001", "1001")
        line.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    waiting = await waits(line, carrier, "13912345659") if why == "full" else None
    call = await carrier.place(number, wav=citizen_tone)
    await eventually(lambda: Milestone.OVERFLOW in told(line, number), within_s=30)  # in the queue, 1 is another key
    await presses_until(call, "1", lambda: Milestone.VOICEMAIL in told(line, number))
    stem = contract.recording_stem(journal.linkedid(line, number), contract.VOICEMAIL_PART)
    steps = journal.milestones(line, number)
    assert steps[-2:] == [(Milestone.OVERFLOW, f"{why} voicemail"), (Milestone.VOICEMAIL, stem)]
    spoken = line.settings.spool / f"{stem}{contract.SPOOL_SUFFIX_RECEIVE}"
    await eventually(lambda: spoken.exists() and spoken.stat().st_size > 2 * 16_000)
    await call.hang_up()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    assert sound.share(sound.read(spoken), CITIZEN_HZ) > 0.95
    heard = sound.read(call.heard)
    assert sound.likeness(heard, prompt(line, sounds.VOICEMAIL_OFFER)) > 0.9
    if waiting is not None:
        await waiting.hang_up()
