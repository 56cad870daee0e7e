"""From what was found in the spool to the row that describes it. Pure."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from models.recording import RecordingState
from pbx_config import contract
from recordings.encoder import Result
from recordings.judgement import Reason, first, judge
from recordings.legs import UNTOLD, Bridged, Stretch
from recordings.pauses import Asked, pauses
from recordings.rows import CallFacts, NewRow
from recordings.sides import Sides
from recordings.spool import Pair
from recordings.store import AUDIO_SUFFIX, PEAKS_SUFFIX

PAUSED_WHOLLY_S: Final = 1.0  # less than this beside the pauses says nothing of anybody
TALKED_S: Final = 1.0  # of a leg that we called: less may be without a recording


@dataclass(frozen=True, slots=True)
class Found:
    """A finished pair. ``call`` None: the journal does not know it (yet). ``trouble``: the spool's disk, then.

    ``bridged`` is the time that this recording should hold, ``asked`` what was asked of it while it ran.
    """

    node: str
    pair: Pair
    sides: Sides
    call: CallFacts | None
    trouble: Reason | None
    bridged: Bridged = UNTOLD
    asked: tuple[Asked, ...] = ()

    @property
    def call_id(self) -> uuid.UUID:
        return contract.call_id(self.node, self.pair.linkedid)

    @property
    def answered(self) -> bool:
        return bool(self.call and self.call.answered_at)

    @property
    def talked(self) -> bool:
        """False for a leg that we called and that was gone before anything could be recorded."""
        return self.pair.part == 1 or (self.bridged.seconds or 0.0) >= TALKED_S

    @property
    def talk_s(self) -> float | None:
        """What its length is compared with; None while the call goes on or nobody knows."""
        if self.call is None or self.call.ended_at is None:
            return None
        return self.call.talk_s if self.bridged.seconds is None else self.bridged.seconds

    @property
    def ended_at(self) -> datetime:
        return datetime.fromtimestamp(self.pair.mtime, UTC)

    @property
    def began_at(self) -> datetime:
        """From the file alone, never from the call's row: a second attempt must come to the same key."""
        return self.ended_at - timedelta(seconds=self.sides.duration_s)

    @property
    def places(self) -> Bridged:
        """Where in the file a time is; by the file alone where the journal says nothing."""
        return self.bridged if self.bridged.stretches else Bridged((Stretch(self.began_at, self.ended_at),))


def missing_row(found: Found, reason: Reason) -> NewRow:
    """An answered call whose files hold no audio."""
    reasons = {reason} | ({found.trouble} if found.trouble else set())
    return NewRow(
        call_id=found.call_id,
        node=found.node,
        linkedid=found.pair.linkedid,
        part=found.pair.part,
        state=RecordingState.MISSING,
        reason=first(reasons),
        talk_s=found.talk_s,
    )


def kept_row(found: Found, result: Result, key: str) -> NewRow:
    """Audio that is in the store under ``key``."""
    gaps = pauses(found.asked, result.zeros, found.places, result.duration_s)
    # What is left beside the pauses is judged: nobody is silent who was not recorded.
    heard = result.duration_s - sum(p.to_s - p.from_s for p in gaps) > PAUSED_WHOLLY_S
    reasons = set(found.sides.reasons())
    if heard and result.silent_left and result.silent_right:
        reasons.add(Reason.SILENT)
    if found.trouble:
        reasons.add(found.trouble)
    verdict = judge(result.duration_s, found.talk_s, frozenset(reasons))
    return NewRow(
        call_id=found.call_id,
        node=found.node,
        linkedid=found.pair.linkedid,
        part=found.pair.part,
        state=verdict.state,
        reason=verdict.reason,
        started_at=_started_at(found),
        duration_s=result.duration_s,
        talk_s=found.talk_s,
        silent_left=heard and result.silent_left,
        silent_right=heard and result.silent_right,
        repaired=found.sides.repaired,
        store_key=key + AUDIO_SUFFIX,
        peaks_key=key + PEAKS_SUFFIX,
        size_bytes=result.size_bytes,
        sha256=result.sha256,
        pauses=json.dumps([p.as_json() for p in gaps]),
    )


def _started_at(found: Found) -> datetime:
    if found.bridged.stretches:
        return found.bridged.stretches[0].began_at
    return (found.call.answered_at if found.call else None) or found.began_at
