"""Random shifts of one agent in whole seconds, and what the agent does at a moment, looked up the plain way."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reports.duty import Event, reason_that_counts
from reports.halfhours import Span
from reports.minutes import Activity, Busy

REASONS = ("meal", "break", "wrap-up", "wrap-up+meal", "phone:microphone", "not-ready", "Auto-Pause", "")


@dataclass
class Shift:
    until: datetime
    events: list[Event] = field(default_factory=list)
    busy: list[Busy] = field(default_factory=list)

    def signed_in_at(self, moment: datetime) -> bool:
        last = [e for e in self.events if e.at <= moment and e.kind in ("sign_in", "sign_out")]
        return moment < self.until and bool(last) and last[-1].kind == "sign_in"

    def doing_at(self, moment: datetime) -> tuple[str, str | None] | None:
        if not self.signed_in_at(moment):
            return None
        for activity in (Activity.HOLD, Activity.TALK, Activity.CALLBACKS):
            if any(b.activity is activity and b.span.begin <= moment < b.span.end for b in self.busy):
                return activity.value, None
        last = [e for e in self.events if e.at <= moment][-1]
        if last.kind == "pause" or (last.kind == "sign_in" and last.reason):
            reason = reason_that_counts(last.reason)
            return ("wrap_up", None) if reason == "wrap-up" else ("pause", reason)
        return "idle", None


def random_shift(rng: random.Random, begin: datetime) -> Shift:
    """A few hours: signing in and out, pausing and changing the reason, calls that overlap and reach outside."""
    length = rng.randrange(1800, 12_000)
    shift = Shift(begin + timedelta(seconds=length))
    second, signed_in, paused = 0, False, False
    while second < length + 600:
        second += rng.randrange(1, 400)
        kind, reason = _next(rng, signed_in, paused)
        shift.events.append(Event(begin + timedelta(seconds=second), "hotline", kind, reason))
        signed_in = kind != "sign_out"
        paused = kind == "pause" or (kind == "sign_in" and bool(reason))
    for _ in range(rng.randrange(30)):
        a, b = sorted(rng.randrange(-500, length + 500) for _ in range(2))
        a = max(a, b - 900)
        activity = rng.choice((Activity.TALK, Activity.TALK, Activity.HOLD, Activity.CALLBACKS))
        call_id = uuid.UUID(int=rng.getrandbits(128))
        shift.busy.append(Busy(Span(begin + timedelta(seconds=a), begin + timedelta(seconds=b)), activity, call_id))
    return shift


def _next(rng: random.Random, signed_in: bool, paused: bool) -> tuple[str, str]:
    if not signed_in:
        return "sign_in", rng.choice(("", "PAUSED"))
    if rng.random() < 0.1:
        return "sign_out", ""
    if paused and rng.random() < 0.6:
        return "unpause", ""
    return "pause", rng.choice(REASONS)
