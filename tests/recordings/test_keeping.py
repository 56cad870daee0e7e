"""What becomes of spool files: kept, repaired, padded, judged, set aside; the real recorder over a real database."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pbx_config import contract
from recordings import playback, store
from recordings.orphans import orphans
from tests.recordings.patience import eventually
from tests.recordings.spooling import (
    AGENT_HZ,
    CITIZEN_HZ,
    RATE,
    Desk,
    closed,
    header,
    level_db,
    recorder,
    tone,
)

pytestmark = pytest.mark.db


async def test_both_voices_are_kept_apart_and_the_spool_is_freed(desk: Desk) -> None:
    call_id = await desk.call("rec-1.1", 6.0)
    desk.put("rec-1.1", closed(tone(CITIZEN_HZ, 6)), closed(tone(AGENT_HZ, 6)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-1.1"))
        await eventually(lambda: not desk.in_spool())
    assert (row["state"], row["reason"], row["duration_s"], row["talk_s"]) == ("complete", None, 6.0, 6.0)
    assert (row["silent_left"], row["silent_right"], row["repaired"]) == (False, False, False)
    samples, rate = desk.audio(row)
    assert (rate, len(samples)) == (RATE, 6 * RATE)
    left, right = samples[RATE:, 0], samples[RATE:, 1]
    assert level_db(left, AGENT_HZ) > -13
    assert level_db(right, CITIZEN_HZ) > -13
    assert level_db(left, CITIZEN_HZ) < -60
    assert level_db(right, AGENT_HZ) < -60
    data = (desk.store / row["store_key"]).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (row["size_bytes"], row["sha256"])
    assert desk.objects() == sorted([row["store_key"], row["peaks_key"]])
    day = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y/%m/%d}"
    assert row["store_key"] == f"{day}/{call_id}-1.ogg"
    body = await desk.pool.fetchval("SELECT body FROM feed WHERE topic = 'recording'")
    assert json.loads(body) == {"recording_id": str(row["id"]), "call_id": str(call_id), "state": "complete"}


async def test_playback_reads_ranges_and_peaks(desk: Desk) -> None:
    await desk.call("rec-1.2", 4.0)
    desk.put("rec-1.2", closed(tone(CITIZEN_HZ, 4, 0.1)), closed(tone(AGENT_HZ, 4, 0.5)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-1.2"))
    opened = store.open_store(desk.settings.store_url)
    whole = (desk.store / row["store_key"]).read_bytes()
    assert await playback.audio_size(opened, row["store_key"]) == len(whole)
    pieces = await playback.open_audio(opened, row["store_key"], 100, 2001)
    assert b"".join([p async for p in pieces]) == whole[100:2001]
    peaks = await playback.read_peaks(opened, row["peaks_key"])
    assert (peaks["sample_rate"], peaks["bins_per_s"]) == (RATE, 50)
    assert (len(peaks["left"]), len(peaks["right"])) == (200, 200)
    assert set(peaks["left"]) == {0.5}
    assert set(peaks["right"]) == {0.1}
    with pytest.raises(playback.BadRange):
        await playback.open_audio(opened, row["store_key"], 5, 5)
    os.unlink(desk.store / row["store_key"])
    with pytest.raises(store.RecordingGone):
        await playback.open_audio(opened, row["store_key"], 0, 10)


@pytest.mark.parametrize(
    ("name", "receive", "transmit", "talk_s", "state", "reason", "duration_s", "repaired"),
    [
        ("silence", closed(bytes(80000)), closed(bytes(80000)), 5.0, "complete", "silent", 5.0, False),
        ("killed", header(0) + tone(1000, 5), header(0) + tone(440, 5), 7.0, "short", "header_repaired", 5.0, True),
        ("cut", closed(tone(1000, 8))[:64044], closed(tone(440, 8))[:64044], 8.0, "short", "cut", 4.0, True),
        ("odd", header(0) + tone(1000, 2) + b"\1", closed(tone(440, 2)), 2.0, "complete", "header_repaired", 2.0, True),
        ("one-absent", None, closed(tone(440, 3)), 3.0, "complete", "citizen_absent", 3.0, False),
        ("one-empty", closed(tone(1000, 3)), b"", 3.0, "complete", "agent_absent", 3.0, False),
        ("one-shorter", closed(tone(1000, 3)), closed(tone(440, 1)), 3.0, "complete", "agent_shorter", 3.0, False),
        ("short", closed(tone(1000, 3)), closed(tone(440, 3)), 60.0, "short", "shorter_than_talk", 3.0, False),
        ("within-1s", closed(tone(1000, 3)), closed(tone(440, 3)), 3.9, "complete", None, 3.0, False),
        ("longer", closed(tone(1000, 9)), closed(tone(440, 9)), 3.0, "complete", "longer_than_talk", 9.0, False),
        ("both-0-bytes", b"", b"", 3.0, "missing", "empty", None, False),
        ("both-headers", header(0), header(0), 3.0, "missing", "empty", None, False),
        ("half-header", header(0)[:20], header(0)[:41], 3.0, "missing", "empty", None, False),
        ("中文名-😀 x", closed(tone(1000, 3)), closed(tone(440, 3)), 3.0, "complete", None, 3.0, False),
    ],
)
async def test_every_odd_pair_ends_as_it_should(  # noqa: PLR0917 - the columns of the table
    desk: Desk,
    name: str,
    receive: bytes | None,
    transmit: bytes | None,
    talk_s: float,
    state: str,
    reason: str | None,
    duration_s: float | None,
    repaired: bool,
) -> None:
    await desk.call(name, talk_s)
    desk.put(name, receive, transmit)
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(name))
        await eventually(lambda: not desk.in_spool())
    assert (row["state"], row["reason"], row["duration_s"], row["repaired"]) == (state, reason, duration_s, repaired)
    if duration_s:
        assert len(desk.audio(row)[0]) == duration_s * RATE
    assert await desk.letters() == []


async def test_silence_is_told_for_each_channel(desk: Desk) -> None:
    noise = (np.random.default_rng(1).integers(-40, 40, RATE * 3)).astype("<i2").tobytes()
    await desk.call("rec-2.1", 3.0)
    desk.put("rec-2.1", closed(noise), closed(tone(AGENT_HZ, 0.5, 0.05) + bytes(2 * RATE * 2 + RATE)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-2.1"))
    assert (row["silent_left"], row["silent_right"], row["reason"]) == (False, True, None)


async def test_garbage_is_set_aside_and_stops_nobody(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        await desk.call(name, 2.0)
    desk.put("a", b"garbage" * 100, b"\0" * 5000)
    desk.put("b", closed(tone(1000, 2)), b"RIFF\0\0\0\0AVI LIST" + bytes(99))
    desk.put("c", closed(tone(1000, 2)), closed(tone(440, 2)))
    (desk.spool / "not ours.txt").write_bytes(b"hello")
    (desk.spool / os.fsdecode(b"\xff\xfe-r.wav")).write_bytes(b"x")
    (desk.spool / "x_1_0-r.wav").write_bytes(b"x")
    for path in desk.spool.iterdir():
        os.utime(path, (0, 0))
    async with recorder(desk.settings):
        await eventually(lambda: not desk.in_spool())
        rows = {r["linkedid"]: r for r in await desk.rows()}
        aside = await eventually(lambda: (d := desk.set_aside()) and len(d) == 6 and d)
        letters = await desk.letters()
    assert (rows["a"]["state"], rows["a"]["reason"]) == ("missing", "unreadable")
    assert (rows["b"]["state"], rows["b"]["reason"]) == ("complete", "agent_unreadable")
    assert (rows["c"]["state"], rows["c"]["reason"]) == ("complete", None)
    assert {"a_1-r.wav", "a_1-t.wav", "b_1-t.wav", "not ours.txt", "x_1_0-r.wav"} <= set(aside)
    assert len(letters) == 6
    assert "\\xff\\xfe-r.wav" in letters


async def test_a_call_that_nobody_answered_leaves_nothing_but_a_count(desk: Desk) -> None:
    await desk.call("rec-3.1", None, "abandoned")
    desk.put("rec-3.1", b"", header(0))
    async with recorder(desk.settings):
        await eventually(lambda: not desk.in_spool())
        await eventually(
            lambda: desk.pool.fetchval("SELECT (body->>'freed_empty')::int = 2 FROM live WHERE topic = 'recorder'")
        )
    assert await desk.rows() == []


async def test_the_message_of_a_citizen_whom_nobody_answered_is_kept(desk: Desk) -> None:
    """The dial plan records it as a part of its own; no leg and no talk belong to it."""
    call_id = await desk.call("rec-1.77", None, "refused_no_agent")
    part = contract.VOICEMAIL_PART
    desk.put("rec-1.77", closed(tone(CITIZEN_HZ, 3)), closed(tone(0, 3)), part=part)
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-1.77"))
        await eventually(lambda: not desk.in_spool())
    assert (row["call_id"], row["part"], row["state"], row["duration_s"]) == (call_id, part, "complete", 3.0)
    assert (row["silent_left"], row["silent_right"]) == (True, False)


async def test_answered_calls_without_files_are_missing_and_say_why(desk: Desk) -> None:
    answered = await desk.call("rec-4.1", 20.0)
    await desk.call("rec-4.2", 20.0, ended_ago_s=1)  # too fresh to be missing
    await desk.call("rec-4.3", None, "abandoned")
    await desk.call("rec-4.4", 20.0, ended_ago_s=None)  # still going on
    await desk.call("rec-4.5", 20.0)
    await desk.pool.execute(
        """INSERT INTO cel_event (node, file, "offset", linkedid, uniqueid, event, at, fields)
           VALUES ('rec', 'f', 0, 'rec-4.5', 'rec-4.5', 'LX_RECORDING_FAILED', now(),
                   '{}')"""
    )
    settings = desk.changed(missing_after_s=20).settings
    async with recorder(settings):
        rows = await eventually(lambda: _when(desk, 2))
        health = await eventually(lambda: _health(desk, missing=2))
    assert (rows[0]["call_id"], rows[0]["state"], rows[0]["reason"]) == (answered, "missing", "no_file")
    assert (rows[1]["linkedid"], rows[1]["reason"]) == ("rec-4.5", "not_armed")
    assert health["reasons"] == []


async def _when(desk: Desk, count: int) -> object:
    rows = await desk.rows()
    return rows if len(rows) == count else None


async def _health(desk: Desk, **expected: object) -> object:
    body = await desk.health()
    return body if {k: body.get(k) for k in expected} == expected else None


async def test_audio_found_later_replaces_missing(desk: Desk) -> None:
    await desk.call("rec-5.1", 3.0)
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-5.1"))
        assert row["state"] == "missing"
        desk.put("rec-5.1", closed(tone(1000, 3)), closed(tone(440, 3)))
        await eventually(lambda: not desk.in_spool())
    (again,) = await desk.rows()
    assert (again["id"], again["state"], again["reason"]) == (row["id"], "complete", None)


async def test_a_call_whose_row_comes_late_is_kept_now_and_judged_then(desk: Desk) -> None:
    desk.put("rec-6.1", closed(tone(1000, 3)), closed(tone(440, 3)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row("rec-6.1"))
        assert (row["state"], row["talk_s"]) == ("complete", None)
        await desk.call("rec-6.1", 30.0)
        row = await eventually(lambda: _state(desk, "rec-6.1", "short"))
    assert (row["talk_s"], row["reason"]) == (30.0, "shorter_than_talk")
    states = await desk.pool.fetch("SELECT body->>'state' AS s FROM feed WHERE topic = 'recording' ORDER BY seq")
    assert [r["s"] for r in states] == ["complete", "short"]


async def _state(desk: Desk, linkedid: str, state: str) -> object:
    row = await desk.row(linkedid)
    return row if row and row["state"] == state else None


async def test_a_file_that_is_being_written_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    """Asterisk (here: this process) has it open; then it is closed, then its call is over."""
    pid_file = tmp_path / "asterisk.pid"
    pid_file.write_text(str(os.getpid()))
    await desk.call("rec-7.1", 3.0)
    await desk.call("rec-7.2", 3.0)
    desk.put("rec-7.1", header(0) + tone(1000, 3), header(0) + tone(440, 3))
    desk.put("rec-7.2", closed(tone(1000, 3)), closed(tone(440, 3)))
    stem = contract.recording_stem("rec-7.1")
    with (desk.spool / f"{stem}-r.wav").open("r+b"):
        async with recorder(desk.changed(asterisk_pid_file=pid_file).settings):
            await eventually(lambda: desk.row("rec-7.2"))
            assert await desk.row("rec-7.1") is None
    async with recorder(desk.changed(asterisk_pid_file=pid_file).settings):
        row = await eventually(lambda: desk.row("rec-7.1"))
    assert row["state"] == "complete"


async def test_without_sight_of_asterisk_only_an_ended_call_or_age_closes_a_file(desk: Desk) -> None:
    await desk.call("rec-8.1", 3.0, ended_ago_s=None)
    await desk.call("rec-8.2", 3.0)
    desk.put("rec-8.1", header(0) + tone(1000, 3), header(0) + tone(440, 3))
    desk.put("rec-8.2", header(0) + tone(1000, 3), header(0) + tone(440, 3))
    async with recorder(desk.settings):
        await eventually(lambda: desk.row("rec-8.2"))
        assert await desk.row("rec-8.1") is None
    async with recorder(desk.changed(stale_s=1).settings):
        await eventually(lambda: desk.row("rec-8.1"))


async def test_two_workers_keep_everything_once(desk: Desk) -> None:
    for n in range(8):
        await desk.call(f"rec-9.{n}", 2.0)
        desk.put(f"rec-9.{n}", closed(tone(1000, 2)), closed(tone(440, 2)))
    async with recorder(desk.settings), recorder(desk.settings):
        await eventually(lambda: _when(desk, 8))
        await eventually(lambda: not desk.in_spool())
        said = await eventually(
            lambda: desk.pool.fetchval(
                "SELECT count(*) FROM feed WHERE topic = 'recorder' AND body->'reasons' ? 'recorder.spool_taken'"
            )
        )
    assert said
    assert len(desk.objects()) == 16
    assert await desk.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'recording'") == 8


async def test_an_encoder_that_dies_costs_one_attempt(desk: Desk) -> None:
    from recordings.encoder import Job, Source
    from recordings.encoding import EncoderPool
    from recordings.errors import EncoderFailed, WorkFull

    desk.put("x", closed(tone(1000, 30)), None)
    source = Source(str(desk.spool / "x_1-r.wav"), 44, 30 * RATE)
    out = desk.settings.work
    encoders = EncoderPool(1)
    try:
        job = Job(source, None, RATE, str(out / "a.ogg"), str(out / "a.json"))
        await encoders.encode(job)
        (pid,) = encoders.pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EncoderFailed):
            await encoders.encode(job)
        result = await encoders.encode(job)
        assert result.duration_s == 30.0
        with pytest.raises(EncoderFailed):
            await encoders.encode(Job(source, None, RATE, "/nowhere/a.ogg", "/nowhere/a.json"))
        with pytest.raises(WorkFull):
            await encoders.encode(Job(source, None, RATE, str(out / "a.ogg"), "/dev/full"))
    finally:
        await encoders.close()


async def test_a_file_that_no_encoder_takes_is_set_aside_after_three_attempts(desk: Desk) -> None:
    """Both sides are good WAVs, of rates that do not go together: found by the encoder, not by the header."""
    await desk.call("rec-10.1", 2.0)
    await desk.call("rec-10.2", 2.0)
    desk.put("rec-10.1", header(32000, 16000) + bytes(32000), closed(tone(440, 2)))
    desk.put("rec-10.2", closed(tone(1000, 2)), closed(tone(440, 2)))
    async with recorder(desk.settings):
        await eventually(lambda: not desk.in_spool())
        row = await eventually(lambda: desk.row("rec-10.1"))
    assert (row["state"], row["reason"]) == ("missing", "unreadable")
    assert desk.set_aside() == ["rec-10.1_1-r.wav", "rec-10.1_1-t.wav"]
    assert await desk.letters() == desk.set_aside()
    assert (await desk.row("rec-10.2"))["state"] == "complete"  # type: ignore[index]


async def test_orphans_of_both_kinds_are_reported_and_left_alone(desk: Desk) -> None:
    for n in range(3):
        await desk.call(f"rec-11.{n}", 2.0)
        desk.put(f"rec-11.{n}", closed(tone(1000, 2)), closed(tone(440, 2)))
    async with recorder(desk.settings):
        rows = await eventually(lambda: _when(desk, 3))
    opened = store.open_store(desk.settings.store_url)
    clean = await orphans(desk.pool, opened, grace_s=0)
    assert (clean.objects, clean.rows, clean.objects_seen, clean.rows_seen) == ([], [], 6, 3)
    (desk.store / rows[0]["store_key"]).unlink()
    (desk.store / rows[1]["peaks_key"]).unlink()
    await desk.pool.execute("DELETE FROM recording WHERE id = $1", rows[2]["id"])
    (desk.store / "2026").mkdir(exist_ok=True)
    (desk.store / "2026/stranger.txt").write_text("x")
    found = await orphans(desk.pool, opened, grace_s=0)
    assert sorted(found.objects) == sorted([rows[2]["store_key"], rows[2]["peaks_key"], "2026/stranger.txt"])
    assert sorted(found.rows) == sorted([rows[0]["id"], rows[1]["id"]])
    assert (await orphans(desk.pool, opened)).objects == []  # too young to say
    assert len(desk.objects()) == 5


def test_the_day_in_the_key_is_the_site_s() -> None:
    call_id = contract.call_id("n", "1.1")
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert store.key_of(call_id, 1, late, ZoneInfo("Asia/Shanghai")) == f"2026/11/24/{call_id}-1"
    assert store.call_of_key(f"2026/11/24/{call_id}-1.peaks.json") == (call_id, 1)
    assert store.call_of_key("2026/11/24/x.ogg") is None
