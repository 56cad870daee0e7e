"""The witness of moved calls: silent about the golden traces' checked rows, loud about every single wrong thing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.moved_witness import compare_moved, read_moved
from tests.support.verdict import Verdict

TRACES = Path(__file__).parents[1] / "cti/journal/traces"
AGENTS = {"8001": "1001", "8002": "1002"}
NAMES = sorted(p.name for p in TRACES.iterdir() if p.name not in ("killed_in_talk", "echo_test", "denied"))

Row = dict[str, Any]


def checked(name: str) -> tuple[list[Row], list[Row]]:
    """The calls and legs of a trace, as a person has read them."""
    found = json.loads((TRACES / name / "expected.json").read_text())
    rows = [
        {k: datetime.fromisoformat(v) if k.endswith("_at") and v else v for k, v in row.items()}
        for row in (*found["call"], *found["leg"])
    ]
    return rows[: len(found["call"])], rows[len(found["call"]) :]


def judged(name: str, call: Row | None = None, leg: Row | None = None, lose: int = 0) -> Verdict:
    """``call`` and ``leg`` are wrong values for the call and its last leg; ``lose`` so many legs."""
    calls, legs = checked(name)
    told = read_moved([TRACES / name / "cel.csv"])
    verdict = Verdict()
    verdict.equal("-", "calls", sorted(told), sorted(c["linkedid"] for c in calls))
    for row in calls:
        mine = sorted((x for x in legs if x["call_id"] == row["id"]), key=lambda x: x["started_at"])
        mine = [*mine[:-1], mine[-1] | (leg or {})][: len(mine) - lose]
        compare_moved(verdict, told[row["linkedid"]], row | (call or {}), mine, AGENTS)
    return verdict


@pytest.mark.parametrize("name", NAMES)
def test_silent_about_a_call_written_right(name: str) -> None:
    verdict = judged(name)
    assert not verdict.differences, verdict


@pytest.mark.parametrize(
    "wrong",
    [
        {"direction": "outbound"}, {"outcome": "abandoned"}, {"agent_no": "1002"}, {"agent_no": None}, {"seat": "8002"},
        {"talk_s": 1.0}, {"talk_s": None}, {"hold_s": 0.0}, {"hold_s": None}, {"hung_up_by": "switch"},
        {"hung_up_by": "agent"}, {"satisfaction": 1}, {"satisfaction_agent_no": "1001"}, {"from_police": True},
        {"stranded": 1}, {"ended_at": datetime.fromisoformat("2026-11-23T00:00:00+00:00")}, {"answered_at": None},
    ],
    ids=str,
)  # fmt: skip
def test_loud_about_a_wrong_call(wrong: Row) -> None:
    assert judged("attended_completed", call=wrong).differences


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": "citizen"}, {"party": "agent"}, {"number": ""}, {"number": "12345"}, {"leg_no": None}, {"leg_no": 3},
        {"outcome": "hung_up_on_us"}, {"outcome": None}, {"hung_up_by": "unknown"}, {"bridged_at": None},
        {"ended_at": None}, {"seat": "8001"}, {"uniqueid": "t12-1.1"},
    ],
    ids=str,
)  # fmt: skip
def test_loud_about_a_wrong_leg(wrong: Row) -> None:
    assert judged("attended_completed", leg=wrong).differences


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("called_out_answered", {"called": "12345"}), ("called_out_answered", {"caller": "13912345678"}),
        ("called_out_answered", {"direction": "inbound"}), ("called_out_not_answered", {"outcome": "answered"}),
        ("survey_with_a_key", {"satisfaction": None}), ("survey_with_a_key", {"satisfaction_agent_no": None}),
        ("blind_to_a_seat", {"satisfaction_agent_no": "1001"}), ("stranded", {"stranded": 0}),
        ("handed_over_by_the_police", {"from_police": False}), ("survey_gone_meanwhile", {"hung_up_by": "citizen"}),
        ("stranded_and_gives_up", {"talk_s": 60.0}), ("survey_back_to_a_person", {"talk_s": 60.0}),
    ],
    ids=str,
)  # fmt: skip
def test_loud_about_what_only_such_a_call_has(name: str, wrong: Row) -> None:
    assert judged(name, call=wrong).differences


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("third_is_busy", "no_answer"), ("third_does_not_answer", "busy"), ("third_refuses", "busy"),
        ("third_does_not_exist", "no_answer"), ("third_hangs_up_on_us", "answered"),
        ("third_leaves_after_a_while", "hung_up_on_us"), ("attended_cancelled_while_ringing", "no_answer"),
    ],
)  # fmt: skip
def test_loud_about_a_wrong_outcome(name: str, outcome: str) -> None:
    assert judged(name, leg={"outcome": outcome}).differences


def test_loud_about_a_lost_leg() -> None:
    assert judged("conference_agent_leaves_first", lose=1).differences
