"""The day's counts once more, from the PBX's own files: queue_log for who waited, was connected or gave up, CEL for
who never came so far. Reads nothing of ours.

queue_log counts whole seconds: a stay that it says lasted five was one of four to six, and may be a short one or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.support.verdict import Verdict
from tests.support.witnesses import Inside, Queued

SHORT_S = 5
STANDARD_S = 15.0  # GB/T 33358-2016
REFUSED = {"LX_FULL", "LX_NO_AGENT", "LX_TIMEOUT"}
COUNTS = ("offered", "answered", "abandoned", "short", "refused", "lost", "waiting", "early")


def fate(call: Inside) -> str:
    if call.heard:
        return "answered"
    if "LX_INCIDENT_JOINED" in call.milestones and not call.queued:
        return "served"  # by the line itself: no attempt, and nobody who was missed
    if call.ended is None:
        return "waiting" if call.queued else "arriving"
    if call.milestones.keys() & REFUSED:
        return "refused"
    if not call.queued:
        return "early"
    wait_s = _waited_s(call, call.queued[-1])
    return "short" if wait_s < SHORT_S else "abandoned" if wait_s > SHORT_S else "about five seconds"


def _waited_s(call: Inside, until: Queued) -> int:
    """From the first stay on: a seat that was not heard ends no wait."""
    return until.entered - call.queued[0].entered + (until.wait_s or 0)


def judge_day(
    verdict: Verdict, who: str, day: dict[str, Any], calls: dict[str, Inside], own_s: Mapping[str, float] | None = None
) -> None:
    """``day``: a body of the feed or an item of GET /floor/day. ``own_s``: of queues that were tuned, their seconds."""
    told: Counter[str] = Counter(fate(call) for call in calls.values())
    for name in ("answered", "refused", "waiting", "early"):
        verdict.equal(who, name, told[name], day[name])
    gave_up = told["short"] + told["abandoned"] + told["about five seconds"]
    verdict.equal(who, "abandoned and short", gave_up, day["abandoned"] + day["short"])
    least, most = told["short"], told["short"] + told["about five seconds"]
    if not least <= day["short"] <= most:
        verdict.differ(who, "short", f"{least} … {most}", day["short"])
    offered = sum(told[n] for n in ("answered", "refused", "waiting")) + day["abandoned"] + day["lost"]
    verdict.equal(who, "offered", offered, day["offered"])
    verdict.equal(who, "lost", 0, day["lost"])
    rate = told["answered"] / (offered - told["waiting"]) if offered - told["waiting"] else None
    verdict.near(who, "connect_rate", rate, day["connect_rate"], 1e-9)
    _judge_people(verdict, who, day, calls)
    seconds = STANDARD_S if day["queue"] == "*" else (own_s or {}).get(day["queue"], STANDARD_S)
    verdict.equal(who, "service_s", seconds, day["service_s"])
    in_time = round((day["service_level"] or 0) * (offered - told["waiting"]))
    _judge_in_time(verdict, who, in_time, calls, seconds)


def _judge_people(verdict: Verdict, who: str, day: dict[str, Any], calls: dict[str, Inside]) -> None:
    """Distinct callers who were answered on no attempt."""
    over = [(call.caller, fate(call) == "answered") for call in calls.values() if call.ended and fate(call) != "served"]
    reached = {caller for caller, answered in over if answered}
    verdict.equal(who, "unreached", len({caller for caller, _ in over if caller} - reached), day["unreached"])
    verdict.equal(who, "withheld", sum(not caller and not answered for caller, answered in over), day["withheld"])


def _judge_in_time(verdict: Verdict, who: str, told: int, calls: dict[str, Inside], seconds: float) -> None:
    """Answered within ``seconds``, which are the judge's own, not what the day says of itself."""
    waits = [_waited_s(call, call.heard[0]) for call in calls.values() if fate(call) == "answered"]
    least, most = (sum(wait_s <= seconds + about for wait_s in waits) for about in (-1, 1))
    if not least <= told <= most:
        verdict.differ(who, "in time", f"{least} … {most}", told)
