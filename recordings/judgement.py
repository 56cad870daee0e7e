"""Complete, short or missing: the judgement on one recording, pure.

A recording is complete when it lacks no more than 1 s or 2 % of the talk, whichever is more. A recording that is
longer than the talk is complete too, and says so in its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.recording import RecordingState

TOLERANCE_S = 1.0
TOLERANCE_RATIO = 0.02


class Reason(StrEnum):
    """Why a recording is not simply complete. The first that holds, in this order, is the row's ``reason``."""

    DISK_FULL = "disk_full"
    NO_INODES = "no_inodes"
    READ_ONLY = "read_only"
    NOT_ARMED = "not_armed"  # the dial plan could not start the recording
    UNREADABLE = "unreadable"  # the files were no audio; set aside
    NO_FILE = "no_file"
    EMPTY = "empty"
    AGENT_UNREADABLE = "agent_unreadable"  # one of the two: the other was kept, its side is silence
    CITIZEN_UNREADABLE = "citizen_unreadable"
    AGENT_ABSENT = "agent_absent"
    CITIZEN_ABSENT = "citizen_absent"
    AGENT_SHORTER = "agent_shorter"  # padded with silence
    CITIZEN_SHORTER = "citizen_shorter"
    CUT = "cut"  # the header promised more audio than there is
    HEADER_REPAIRED = "header_repaired"  # its writer was killed
    SILENT = "silent"  # both sides
    LONGER_THAN_TALK = "longer_than_talk"
    SHORTER_THAN_TALK = "shorter_than_talk"  # and nothing else is known


@dataclass(frozen=True, slots=True)
class Verdict:
    state: RecordingState
    reason: str | None
    short_s: float = 0.0


def tolerance(talk_s: float) -> float:
    return max(TOLERANCE_S, TOLERANCE_RATIO * talk_s)


def judge(duration_s: float, talk_s: float | None, found: frozenset[Reason]) -> Verdict:
    """The verdict on audio of ``duration_s``; ``talk_s`` None while nobody knows the talk (judged again later)."""
    reasons = set(found) - {Reason.LONGER_THAN_TALK, Reason.SHORTER_THAN_TALK}
    state = RecordingState.COMPLETE
    short_s = 0.0
    if talk_s is not None:
        lacking = talk_s - duration_s
        if lacking > tolerance(talk_s):
            state, short_s = RecordingState.SHORT, lacking
            reasons.add(Reason.SHORTER_THAN_TALK)
        elif -lacking > tolerance(talk_s):
            reasons.add(Reason.LONGER_THAN_TALK)
    if state is RecordingState.COMPLETE:
        reasons -= {Reason.DISK_FULL, Reason.NO_INODES, Reason.READ_ONLY}  # it was, and did no harm
    return Verdict(state, first(reasons), short_s)


def first(reasons: set[Reason] | frozenset[Reason]) -> str | None:
    """The one that explains most."""
    return next((r.value for r in Reason if r in reasons), None)
