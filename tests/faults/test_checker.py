"""The checker itself: silent about a call that was written right, loud about every single thing that was not.

The captured files are one real call, as SIPp, Asterisk's CEL and queue_log told it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from tests.support.audio_witness import AGENT_HZ, CITIZEN_HZ
from tests.support.call_witness import Joined, compare
from tests.support.checker import Rows, set_of_calls
from tests.support.verdict import Evidence, Verdict
from tests.support.witnesses import read_pbx, read_sipp

CAPTURED = Path(__file__).with_name("captured")
CALLER, LINKEDID, TALK_S = "13900000012", "t16-1795418532.18", 2.5
DIALLED = datetime.fromtimestamp(1795418532.3174, UTC)
OUTSIDE = read_sipp([CAPTURED / "citizens.log", CAPTURED / "agents.log"])
INSIDE = read_pbx([CAPTURED / "cel.csv"], [CAPTURED / "queue_log"])

CALL = {
    "id": 1, "linkedid": LINKEDID, "outcome": "answered", "caller": CALLER, "started_at": DIALLED,
    "ended_at": DIALLED + timedelta(seconds=3.25), "repaired": False, "agent_no": "1050", "seat": "8050",
    "wait_s": 0.217, "talk_s": TALK_S, "hung_up_by": "citizen",
}  # fmt: skip
LEGS = [
    {"uniqueid": LINKEDID, "party": "citizen", "seat": None, "ended_at": DIALLED, "channel": "PJSIP/trunk-00000012"},
    {"uniqueid": "t16-1795418532.29", "party": "agent", "seat": "8050", "ended_at": DIALLED, "channel": "PJSIP/8050-1"},
]
ENTRY = {"entered_at": DIALLED, "agent_no": "1050", "rings_unanswered": 0, "outcome": "connected"}


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence([], [], [], {"8050": "1050"}, tmp_path, tmp_path)


@pytest.fixture
def recording(tmp_path: Path) -> dict[str, Any]:
    return kept(tmp_path, TALK_S, AGENT_HZ, CITIZEN_HZ)


def kept(folder: Path, seconds: float, left_hz: float, right_hz: float) -> dict[str, Any]:
    """A recording in the store and its row."""
    t = np.arange(int(8000 * seconds)) / 8000
    path = folder / "a.ogg"
    audio = 0.2 * np.column_stack([np.sin(2 * np.pi * hz * t) for hz in (left_hz, right_hz)])
    sf.write(path, audio, 8000, format="OGG", subtype="OPUS")
    raw = path.read_bytes()
    return {
        "state": "complete", "reason": None, "store_key": "a.ogg", "size_bytes": len(raw), "duration_s": seconds,
        "sha256": hashlib.sha256(raw).hexdigest(), "repaired": False,
    }  # fmt: skip


def judged(evidence: Evidence, recordings: list[dict[str, Any]], **changed: Any) -> Verdict:
    legs, entries = changed.pop("legs", LEGS), changed.pop("entries", [ENTRY])
    verdict = Verdict()
    compare(verdict, evidence, Joined(OUTSIDE[CALLER], INSIDE[LINKEDID], CALL | changed, legs, entries, recordings))
    return verdict


def test_silent_about_a_call_written_right(evidence: Evidence, recording: dict[str, Any]) -> None:
    verdict = judged(evidence, [recording])
    assert not verdict.differences, verdict
    assert verdict.outcomes == {"answered": 1}
    assert verdict.witnesses_apart == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "abandoned"}, {"caller": "110"}, {"agent_no": "1051"}, {"agent_no": None}, {"seat": "8051"},
        {"started_at": DIALLED - timedelta(seconds=1.5)}, {"ended_at": None}, {"ended_at": DIALLED},
        {"wait_s": 1.5}, {"wait_s": None}, {"talk_s": 4.1}, {"talk_s": 0.9}, {"hung_up_by": "agent"},
        {"repaired": True}, {"legs": LEGS[:1]}, {"legs": [*LEGS, LEGS[0]]}, {"entries": []},
        {"legs": [LEGS[0], LEGS[1] | {"ended_at": None}]}, {"legs": [LEGS[0], LEGS[1] | {"seat": "8051"}]},
        {"entries": [ENTRY, ENTRY]}, {"entries": [ENTRY | {"outcome": "waiting"}]},
        {"entries": [ENTRY | {"agent_no": None}]}, {"entries": [ENTRY | {"rings_unanswered": 1}]},
    ],
    ids=str,
)  # fmt: skip
def test_loud_about_a_wrong_row(evidence: Evidence, recording: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert judged(evidence, [recording], **wrong).differences


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "short"}, {"state": "missing"}, {"sha256": "0" * 64}, {"size_bytes": 1}, {"store_key": "b.ogg"},
        {"duration_s": 9.0},
    ],
    ids=str,
)  # fmt: skip
def test_loud_about_a_wrong_recording(evidence: Evidence, recording: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert judged(evidence, [recording | wrong]).differences


@pytest.mark.parametrize(
    ("seconds", "left", "right"),
    [(1.2, AGENT_HZ, CITIZEN_HZ), (4.0, AGENT_HZ, CITIZEN_HZ), (TALK_S, CITIZEN_HZ, AGENT_HZ), (TALK_S, 0, CITIZEN_HZ)],
)
def test_loud_about_wrong_audio(evidence: Evidence, seconds: float, left: float, right: float) -> None:
    """Too short, too long, the voices on each other's side, a silent side: each called complete."""
    assert judged(evidence, [kept(evidence.store, seconds, left, right)]).differences


def test_loud_about_too_few_and_too_many_recordings(evidence: Evidence, recording: dict[str, Any]) -> None:
    assert judged(evidence, []).differences
    assert judged(evidence, [recording, recording]).differences


@pytest.mark.parametrize("rows", [[], [CALL, CALL], [CALL, CALL | {"linkedid": "t16-1.1", "id": 2}]], ids=len)
def test_loud_about_a_wrong_set_of_calls(rows: list[dict[str, Any]]) -> None:
    verdict = Verdict()
    set_of_calls(verdict, OUTSIDE, INSIDE, Rows(rows, {}, {}, {}, []))
    assert verdict.differences
