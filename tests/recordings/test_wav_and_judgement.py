"""The pure parts: what a header says, what is complete, when a failed file is tried again, names."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.recording import RecordingState
from recordings.encoder import PEAK_BINS_MAX, bins_per_s
from recordings.health import Health
from recordings.judgement import Reason, judge
from recordings.retry import Retries
from recordings.spool import printable
from recordings.wav import WavState, read_head
from tests.recordings.spooling import RATE, closed, header

AUDIO = bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("data", "state", "samples"),
    [
        (closed(AUDIO), WavState.CLOSED, 512),
        (closed(AUDIO) + b"LIST\4\0\0\0abcd", WavState.CLOSED, 512),
        (header(0) + AUDIO, WavState.UNCLOSED, 512),
        (header(0) + AUDIO + b"x", WavState.UNCLOSED, 512),
        (header(0), WavState.UNCLOSED, 0),
        (header(2000) + AUDIO, WavState.CUT, 512),
        (header(100) + AUDIO, WavState.CUT, 512),
        (b"", WavState.EMPTY, 0),
        (header(0)[:3], WavState.EMPTY, 0),
        (header(0)[:12], WavState.EMPTY, 0),
        (header(0)[:43], WavState.EMPTY, 0),
        (b"x", WavState.UNREADABLE, 0),
        (b"garbage" * 99, WavState.UNREADABLE, 0),
        (b"\0" * 44, WavState.UNREADABLE, 0),
        (header(4, 11025) + b"\0\0\0\0", WavState.UNREADABLE, 0),
        (header(0)[:36] + b"nope" + bytes(8), WavState.UNREADABLE, 0),
    ],
)
def test_every_header(data: bytes, state: WavState, samples: int) -> None:
    wav = read_head(data[:4096], len(data))
    assert (wav.state, wav.samples, wav.size_bytes) == (state, samples, len(data))
    if samples:
        assert data[wav.offset : wav.offset + 8] == AUDIO[:8]


@given(st.binary(max_size=200), st.integers(0, 44))
def test_no_bytes_make_it_fail_or_promise_what_is_not_there(tail: bytes, keep: int) -> None:
    data = header(0)[:keep] + tail
    wav = read_head(data, len(data))
    assert wav.offset + wav.samples * 2 <= len(data)


@pytest.mark.parametrize(
    ("duration_s", "talk_s", "state", "reason", "short_s"),
    [
        (10.0, None, RecordingState.COMPLETE, None, 0),
        (9.0, 10.0, RecordingState.COMPLETE, None, 0),
        (8.9, 10.0, RecordingState.SHORT, "shorter_than_talk", 1.1),
        (98.0, 100.0, RecordingState.COMPLETE, None, 0),
        (97.9, 100.0, RecordingState.SHORT, "shorter_than_talk", 2.1),
        (102.1, 100.0, RecordingState.COMPLETE, "longer_than_talk", 0),
    ],
)
def test_the_boundaries_of_complete(
    duration_s: float, talk_s: float | None, state: RecordingState, reason: str | None, short_s: float
) -> None:
    verdict = judge(duration_s, talk_s, frozenset())
    assert (verdict.state, verdict.reason, round(verdict.short_s, 6)) == (state, reason, short_s)


def test_a_full_disk_explains_what_is_short_and_not_what_is_whole() -> None:
    found = frozenset({Reason.DISK_FULL, Reason.HEADER_REPAIRED})
    assert judge(5, 10, found).reason == "disk_full"
    assert judge(10, 10, found).reason == "header_repaired"


@pytest.mark.parametrize(("seconds", "bins"), [(1, 50), (600, 50), (601, 25), (3600, 5), (10800, 2), (40000, 1)])
def test_peaks_stay_small(seconds: int, bins: int) -> None:
    assert bins_per_s(seconds) == bins
    assert bins * seconds <= PEAK_BINS_MAX or bins == 1
    assert RATE % bins == 0


def test_a_failing_file_waits_longer_each_time_and_others_do_not() -> None:
    health = Health("n")
    retries = Retries(health, 1, 60)
    now = 1000.0
    waits = []
    for _ in range(9):
        retries.failed("a", "store", "x", now)
        waits.append(next(s for s in range(100) if retries.due("a", now + s)))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert retries.due("b", now)
    retries.failed("b", "store", "x", now)
    retries.done("a")
    assert health.reasons == ("store",)
    retries.failed("b", "other", "x", now)
    assert health.reasons == ("other",)
    retries.keep_only(set())
    assert health.reasons == ()


def test_a_name_that_is_no_text_can_be_written_down() -> None:
    assert printable(os.fsdecode(b"\xff\xe8\xb7\xaf.wav")) == "\\xff路.wav"
