"""Profiles, overflow and incidents on the line alone: real calls, real sound, nothing of ours running."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import soundfile

from pbx_config import contract, sounds
from pbx_config.carrier import Carrier
from pbx_config.contract import Milestone, OverflowKind, Profile
from pbx_config.hours import Override
from pbx_config.line_files import LineFiles, OpenIncident, Overflow, ProfileSets
from pbx_config.pbx import Pbx
from tests.pbx_config import journal
from tests.pbx_config.conftest import CITIZEN_HZ
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import queue_add
from tests.support.sound import write_tone

pytestmark = pytest.mark.pbx

DUTY = "053188880001"
WORDS_HZ, DUTY_HZ = 1300, 700


@pytest.fixture
def files(line: Pbx) -> LineFiles:
    """The line's files, none of them there; none is left."""
    files = LineFiles(line.settings.line)
    _clear(line)
    return files


@pytest.fixture(autouse=True)
def _cleared(line: Pbx) -> object:
    yield
    _clear(line)


def _clear(line: Pbx) -> None:
    LineFiles(line.settings.line).incidents([])
    for path in line.settings.line.glob("*"):
        if path.is_file() and not path.name.startswith("pjsip_"):
            path.unlink()


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An announcement that can be told from everything else: a second of 1,300 Hz."""
    return write_tone(tmp_path_factory.mktemp("words") / "words.wav", WORDS_HZ, 1).read_bytes()


def now() -> datetime:
    return datetime.now(UTC)


def planned(files: LineFiles, profile: Profile, *, since_s: float = 3000, slots: int = 8) -> None:
    files.plan(now() - timedelta(seconds=since_s), [profile] * slots)


def profile_of(line: Pbx, number: str) -> str:
    return next(extra for name, extra in journal.all_milestones(line, number) if name == Milestone.PROFILE)


async def called(line: Pbx, carrier: Carrier, number: str, **more: object) -> Path:
    """Call, let the line end it; what was heard."""
    call = await carrier.place(number, **more)  # type: ignore[arg-type]
    await call.ended()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    return call.heard


def hears(heard: Path, hertz: int) -> bool:
    """Half a second and more of this tone, somewhere."""
    samples, rate = soundfile.read(heard, dtype="float64")
    step = rate // 4
    pieces = [samples[i : i + step] for i in range(0, len(samples) - step, step)]
    return sum(sound.level(piece) > 0.01 and sound.share(piece, hertz) > 0.8 for piece in pieces) >= 2


async def test_the_plan_the_override_and_the_plain_hours_decide_in_this_order(
    line: Pbx, carrier: Carrier, files: LineFiles, words: bytes
) -> None:
    for profile in Profile:
        spoken = files.sound(words) if profile in (Profile.HOLIDAY, Profile.SURGE) else ""
        files.profile(profile, ProfileSets(9, 60, spoken))
    planned(files, Profile.HOLIDAY)
    heard = await called(line, carrier, "13912350001")
    assert profile_of(line, "13912350001") == "holiday"
    assert hears(heard, WORDS_HZ)

    files.override(Override(Profile.SURGE, now() + timedelta(minutes=5)))
    heard = await called(line, carrier, "13912350002")
    assert profile_of(line, "13912350002") == "surge", "the very next call"
    assert hears(heard, WORDS_HZ)

    files.override(Override(Profile.SURGE, now() - timedelta(seconds=1)))
    await called(line, carrier, "13912350003")
    assert profile_of(line, "13912350003") == "holiday", "a surge ends by itself"


async def test_each_slot_has_its_own_profile(line: Pbx, carrier: Carrier, files: LineFiles) -> None:
    begin = math.floor(now().timestamp() / contract.PLAN_SLOT_S) * contract.PLAN_SLOT_S - 2 * contract.PLAN_SLOT_S
    profiles = [Profile.NIGHT, Profile.NIGHT, Profile.WEEKEND, Profile.WEEKEND, Profile.NIGHT]
    files.plan(datetime.fromtimestamp(begin, UTC), profiles)
    await called(line, carrier, "13912350011")
    assert profile_of(line, "13912350011") == "weekend"


@pytest.mark.parametrize("since_s", [9 * 900, -3600])
async def test_a_stale_or_missing_plan_leaves_the_plain_hours(
    line: Pbx, carrier: Carrier, files: LineFiles, since_s: float
) -> None:
    planned(files, Profile.HOLIDAY, since_s=since_s)
    number = f"139123500{21 + (since_s < 0)}"
    told = now().astimezone()
    await called(line, carrier, number)
    at = told.hour
    plain = "weekend" if told.weekday() > 4 else "day" if 8 <= at < 18 else "night"
    assert profile_of(line, number) == plain


async def test_a_profile_shortens_the_queue_and_says_that_it_is_full(
    line: Pbx, carrier: Carrier, files: LineFiles
) -> None:
    queue_add(line, "8001", "1001")
    planned(files, Profile.NIGHT)
    files.profile(Profile.NIGHT, ProfileSets(1, 60))
    first = await carrier.place("13912350031")
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, "13912350031"))
    heard = await called(line, carrier, "13912350032")
    assert journal.milestones(line, "13912350032")[-1] == (Milestone.FULL, "hotline")
    said = sound.read(line.settings.data / "sounds" / "zh" / f"{sounds.FULL}.wav")
    assert sound.likeness(sound.read(heard), said) > 0.9
    files.profile(Profile.NIGHT, ProfileSets(2, 60))
    second = await carrier.place("13912350033")
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, "13912350033"))
    assert ("ABANDON", "NONE") not in journal.queue_log(line, "13912350031"), "no call was dropped by the change"
    for call in (first, second):
        await call.hang_up()
        await call.ended()


async def test_nobody_there_leads_to_the_telephone_on_duty_recorded(
    line: Pbx, carrier: Carrier, files: LineFiles, citizen_tone: Path, tmp_path: Path
) -> None:
    number = "13912350041"
    planned(files, Profile.NIGHT)
    duty = Overflow(OverflowKind.DUTY, DUTY)
    files.profile(Profile.NIGHT, ProfileSets(9, 60, on_no_agent=duty))
    tone = write_tone(tmp_path / "duty.wav", DUTY_HZ, 2)
    subscriber = await carrier.subscriber(DUTY, answer_after_s=1, wav=tone, seconds=4)
    heard = await called(line, carrier, number, wav=citizen_tone)
    told = journal.milestones(line, number)
    stem = contract.recording_stem(journal.linkedid(line, number))
    assert told[-3:] == [
        (Milestone.NO_AGENT, "hotline"), (Milestone.OVERFLOW, f"no_agent duty {DUTY}"), (Milestone.RECORDING, stem),
    ]  # fmt: skip
    samples = sound.read(heard)
    said = sound.read(line.settings.data / "sounds" / "zh" / f"{sounds.TO_DUTY}.wav")
    assert sound.likeness(samples, said) > 0.9, "the citizen hears where he goes"
    assert hears(heard, DUTY_HZ)
    assert subscriber.answers == 1
    assert subscriber.callers == ["12345"]
    received, sent = (
        sound.read(line.settings.spool / f"{stem}{suffix}")
        for suffix in (contract.SPOOL_SUFFIX_RECEIVE, contract.SPOOL_SUFFIX_TRANSMIT)
    )
    assert len(received) == len(sent) > 2 * sound.RATE
    assert sound.share(received, CITIZEN_HZ) > 0.9
    assert sound.share(sent, DUTY_HZ) > 0.9


async def test_a_telephone_on_duty_that_is_busy_leaves_the_message(
    line: Pbx, carrier: Carrier, files: LineFiles
) -> None:
    number = "13912350051"
    planned(files, Profile.NIGHT)
    files.profile(Profile.NIGHT, ProfileSets(9, 60, on_no_agent=Overflow(OverflowKind.DUTY, "053188880002")))
    heard = await called(line, carrier, number)  # no such subscriber in the town
    said = sound.read(line.settings.data / "sounds" / "zh" / f"{sounds.NO_AGENT}.wav")
    assert sound.likeness(sound.read(heard), said) > 0.9


async def test_who_waited_too_long_goes_where_the_profile_says(line: Pbx, carrier: Carrier, files: LineFiles) -> None:
    number = "13912350061"
    queue_add(line, "8001", "1001")
    line.cli("queue pause member PJSIP/8001 queue hotline reason break")
    planned(files, Profile.DAY)
    files.profile(Profile.DAY, ProfileSets(9, 2, on_too_long=Overflow(OverflowKind.DUTY, DUTY)))
    files.ways(["trunk-gone", contract.TRUNK])  # the first one cannot be dialled
    subscriber = await carrier.subscriber(DUTY, answer_after_s=0, seconds=1)
    await called(line, carrier, number)
    assert (Milestone.OVERFLOW, f"too_long duty {DUTY}") in journal.milestones(line, number)
    assert subscriber.answers == 1


# ── incidents ────────────────────────────────────────────────────────────────────────────────────────


INSIDE = ["13963110071", "013963110072", "8613963110073", "063112345674", "8663112345675"]
OUTSIDE = ["13963120076", "05311234567", "12345"]


async def test_callers_of_the_area_hear_it_first_and_others_do_not(
    line: Pbx, carrier: Carrier, files: LineFiles, words: bytes
) -> None:
    files.incidents([OpenIncident(7, files.sound(words), ["1396311", "631"])])
    heard = await asyncio.gather(*(called(line, carrier, number) for number in INSIDE + OUTSIDE))
    for number, path in zip(INSIDE + OUTSIDE, heard, strict=True):
        told = journal.milestones(line, number)
        assert ((Milestone.INCIDENT_HEARD, "7") in told) == (number in INSIDE), number
        assert hears(path, WORDS_HZ) == (number in INSIDE), number
        assert told[-1] == (Milestone.NO_AGENT, "hotline"), "without a key: as usual"


async def test_a_key_adds_the_caller_and_lets_him_go(
    line: Pbx, carrier: Carrier, files: LineFiles, words: bytes
) -> None:
    number = "13912350081"
    queue_add(line, "8001", "1001")
    files.incidents([OpenIncident(8, files.sound(words))])
    call = await carrier.place(number)
    await eventually(lambda: (Milestone.INCIDENT_HEARD, "8") in journal.milestones(line, number))
    await call.press("1")
    await call.ended()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    heard = call.heard
    assert [m for m in journal.milestones(line, number) if m[0] != Milestone.NOTICE] == [
        (Milestone.INCIDENT_HEARD, "8"), (Milestone.INCIDENT_JOINED, "8"),
    ]  # fmt: skip
    said = sound.read(line.settings.data / "sounds" / "zh" / f"{sounds.INCIDENT_JOINED}.wav")
    assert sound.likeness(sound.read(heard), said) > 0.9
    assert journal.queue_log(line, number) == []

    files.incidents([])
    other = await carrier.place("13912350082")
    await eventually(lambda: ("ENTERQUEUE", "NONE") in journal.queue_log(line, "13912350082"))
    await other.hang_up()
    await other.ended()


async def test_all_of_it_outlives_asterisk(line: Pbx, carrier: Carrier, files: LineFiles, words: bytes) -> None:
    planned(files, Profile.HOLIDAY)
    files.override(Override(Profile.SURGE, now() + timedelta(minutes=5)))
    files.incidents([OpenIncident(9, files.sound(words))])
    line.process.stop()
    line.start()
    heard = await called(line, carrier, "13912350091")
    assert hears(heard, WORDS_HZ)
    assert profile_of(line, "13912350091") == "surge"
