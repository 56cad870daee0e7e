"""Patience and redials: estimated back from callers whose patience is known, and counted in small stories."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from reports.attempts import Attempt, Fate
from reports.patience import patience_of, redials_of

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = T0 + timedelta(days=1)


def attempt(minute: float, fate: Fate, caller: str = "a", wait_s: float | None = 10) -> Attempt:
    return Attempt(uuid.uuid4(), caller, "hotline", T0 + timedelta(minutes=minute), fate, wait_s)


@pytest.mark.parametrize("true_s", [20.0, 90.0, 400.0])
def test_patience_is_found_again_although_many_were_answered_before_it_ended(true_s: float) -> None:
    """Answered after a random wait: who would have left later is only known to have stayed until then."""
    rng, hits, alone = random.Random(5), 0, 0.0
    for _ in range(100):
        attempts = [_caller(rng, true_s) for _ in range(400)]
        found = patience_of(attempts)
        assert (found.waited, found.gave_up) == (400, sum(a.fate is Fate.ABANDONED for a in attempts))
        hits += (found.low_s or 0) < true_s < (found.high_s or 0)
        gone = [a.wait_s for a in attempts if a.fate is Fate.ABANDONED and a.wait_s is not None]
        alone += sum(gone) / len(gone) / 100
    assert hits >= 87  # 95 % are told; four standard errors less
    assert alone < true_s * 0.7  # those who gave up alone would have told another story


def _caller(rng: random.Random, patience_s: float) -> Attempt:
    patience, served = rng.expovariate(1 / patience_s), rng.expovariate(1 / 30)
    fate = Fate.ABANDONED if patience < served else Fate.ANSWERED
    return attempt(0, fate, wait_s=min(patience, served))


def test_without_anybody_who_gave_up_nothing_is_known() -> None:
    assert patience_of([attempt(0, Fate.ANSWERED)]).mean_s is None
    assert patience_of([]).mean_s is None
    assert patience_of([attempt(0, Fate.ABANDONED, wait_s=None)]).gave_up == 0


def test_who_was_not_answered_and_calls_again_within_the_hour() -> None:
    first, second, third = attempt(0, Fate.ABANDONED, wait_s=60), attempt(3, Fate.SHORT), attempt(20, Fate.ANSWERED)
    tomorrow = attempt(200, Fate.ABANDONED)
    others = [attempt(1, Fate.ABANDONED, "b"), attempt(2, Fate.ANSWERED, "c"), attempt(5, Fate.ABANDONED, "")]
    found = redials_of([tomorrow, third, *others, first, second], LATER)
    assert (found.again, found.unanswered) == (2, 4)
    assert found.share == 0.5
    assert found.mean_after_s == pytest.approx(((180 - 60) + (17 * 60 - 10)) / 2)
    assert second.call_id not in found.fresh
    assert third.call_id not in found.fresh
    assert {first.call_id, tomorrow.call_id, *(o.call_id for o in others)} == found.fresh


def test_an_attempt_whose_hour_is_not_over_is_not_judged_yet() -> None:
    young = attempt(0, Fate.ABANDONED)
    assert redials_of([young], T0 + timedelta(minutes=30)).unanswered == 0
    assert redials_of([young], T0 + timedelta(minutes=61)).share == 0
    assert redials_of([], T0).share is None
