"""One call, compared: its row, legs, queue entries and recordings against the three witnesses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.support.audio_witness import listen
from tests.support.verdict import WITHIN_S, Evidence, Verdict
from tests.support.witnesses import Inside, Outside, Ring

_WHOLE_SECONDS = 1.0  # queue_log rounds: two of its stamps may be wrong by up to a second together


@dataclass(frozen=True, slots=True)
class Joined:
    """All that is known of one call."""

    seen: Outside
    told: Inside
    row: dict[str, Any]
    legs: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    recordings: list[dict[str, Any]]

    @property
    def who(self) -> str:
        return f"{self.seen.caller} {self.told.linkedid}"

    @property
    def ring(self) -> Ring | None:
        """The telephone that was connected."""
        return next((r for r in self.seen.rings if r.picked_up and r.ended_by != "crossed"), None)

    @property
    def talk_s(self) -> float | None:
        """As the telephones measured it; None when the switch died in the middle."""
        if self.ring is None or self.ring.picked_up is None or self.told.ended is None:
            return None
        return min(t for t in (self.ring.ended, self.seen.ended) if t is not None) - self.ring.picked_up

    @property
    def bridged_s(self) -> float | None:
        """The same as the PBX's CEL has it."""
        if self.told.bridged is None or self.told.ended is None:
            return None
        return self.told.ended - self.told.bridged

    @property
    def talk_range(self) -> tuple[float, float] | None:
        known = [t for t in (self.talk_s, self.bridged_s) if t is not None]
        return (min(known), max(known)) if known else None


def expected_outcome(call: Inside) -> str:
    """What the journal says became of it."""
    if call.ended is None:
        return "lost"
    if call.heard:
        return "answered"
    for milestone, outcome in (("LX_FULL", "refused_full"), ("LX_NO_AGENT", "refused_no_agent")):
        if milestone in call.milestones:
            return outcome
    return "abandoned" if call.queued else "left_early"


def compare(verdict: Verdict, evidence: Evidence, call: Joined) -> None:
    outcome = expected_outcome(call.told)
    verdict.outcomes[outcome] += 1
    verdict.equal(call.who, "outcome", outcome, call.row["outcome"])
    verdict.equal(call.who, "caller", call.seen.caller, call.row["caller"])
    verdict.between(call.who, "started_at", call.seen.dialled, call.told.started, _epoch(call.row["started_at"]))
    verdict.equal(call.who, "repaired", outcome == "lost", call.row["repaired"])
    _end(verdict, evidence, call)
    if outcome == "answered" and call.ring:
        _answered(verdict, evidence, call, call.ring)
    elif outcome != "lost":
        verdict.equal(call.who, "agent", None, call.row["agent_no"])
    _legs(verdict, call)
    _entries(verdict, call)
    _recordings(verdict, evidence, call)


def _end(verdict: Verdict, evidence: Evidence, call: Joined) -> None:
    ended = _epoch(call.row["ended_at"])
    if ended is None:
        verdict.differ(call.who, "ended_at", call.seen.ended, None)
    elif call.told.ended is not None:
        seen = call.seen.ended if call.seen.ended_by in ("citizen", "pbx") else None
        verdict.between(call.who, "ended_at", seen, call.told.ended, ended)
    else:  # nobody inside lived to tell: between its last word and the switch's return
        last = call.told.last
        death = min((d for d in evidence.died if d >= last - 1), default=last)
        if not last - WITHIN_S <= ended <= death + WITHIN_S:
            verdict.differ(call.who, "ended_at of a lost call", f"{last:.1f}…{death:.1f}", ended)


def _answered(verdict: Verdict, evidence: Evidence, call: Joined, ring: Ring) -> None:
    assert ring.picked_up is not None
    who, row = call.who, call.row
    stay = next(q for q in call.told.queued if q.agent)
    verdict.equal(who, "agent", evidence.agent_of_seat[ring.seat], row["agent_no"])
    verdict.equal(who, "agent in queue_log", stay.agent, row["agent_no"])
    verdict.equal(who, "seat", ring.seat, row["seat"])
    queued, bridged = call.told.milestones["LX_QUEUED"], call.told.bridged
    verdict.between(who, "wait", ring.picked_up - queued, bridged - queued if bridged else None, row["wait_s"])
    verdict.near(who, "wait in queue_log", stay.wait_s, row["wait_s"], WITHIN_S + _WHOLE_SECONDS)
    verdict.between(who, "talk", call.talk_s, call.bridged_s, row["talk_s"])
    if stay.talk_s is not None:
        verdict.near(who, "talk in queue_log", stay.talk_s, row["talk_s"], WITHIN_S + _WHOLE_SECONDS)
    both = call.seen.ended_by == "citizen" and ring.ended_by == "agent"  # in the same moment: either is right
    if not both:
        by = "citizen" if call.seen.ended_by == "citizen" else ring.ended_by
        verdict.equal(who, "hung up by", by, row["hung_up_by"])


def _legs(verdict: Verdict, call: Joined) -> None:
    verdict.equal(call.who, "legs", sorted(call.told.channels), sorted(leg["uniqueid"] for leg in call.legs))
    rung = Counter(r.seat for r in call.seen.rings)
    written = Counter(leg["seat"] for leg in call.legs if leg["party"] == "agent")
    if not rung <= written:  # a leg may exist whose INVITE was still on its way
        verdict.differ(call.who, "seats rung", dict(rung), dict(written))
    if open_legs := [leg["channel"] for leg in call.legs if leg["ended_at"] is None]:
        verdict.differ(call.who, "legs without an end", [], open_legs)


def _entries(verdict: Verdict, call: Joined) -> None:
    stays = call.told.queued
    verdict.equal(call.who, "queue entries", len(stays), len(call.entries))
    for stay, entry in zip(stays, sorted(call.entries, key=lambda e: e["entered_at"]), strict=False):
        verdict.near(call.who, "entered_at", stay.entered, _epoch(entry["entered_at"]))
        verdict.equal(call.who, "entry's agent", stay.agent, entry["agent_no"])
        verdict.equal(call.who, "rings unanswered", len(stay.not_answered), entry["rings_unanswered"])
        if entry["outcome"] == "waiting":
            verdict.differ(call.who, "entry's outcome", stay.end or "lost", "waiting")


def _recordings(verdict: Verdict, evidence: Evidence, call: Joined) -> None:
    answered = any(q.agent for q in call.told.queued)
    verdict.equal(call.who, "recordings", int(answered), len(call.recordings))
    talk = call.talk_range
    for recording in call.recordings:
        verdict.recordings[recording["state"]] += 1
        for what, expected, found in listen(recording, evidence.store, talk, may_be_lost=evidence.audio_may_be_lost):
            verdict.differ(call.who, what, expected, found)
        if call.told.ended is None and recording["state"] != "missing":
            verdict.equal(call.who, "recording repaired", True, recording["repaired"])


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
