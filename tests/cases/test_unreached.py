"""From calls to people: redials collapse, a later talk clears, and nothing depends on the order of reading."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.fair import Rules
from cases.unreached import Contact, Entry, Tried, Try, Work, entries, settle
from models.call import CallOutcome, WishKind
from models.unreached import UnreachedEnd, UnreachedKind, UnreachedState, UnreachedStep

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 28, 4, tzinfo=UTC)  # noon at the site
NUMBER = "13912345678"
RULES = Rules(tries=2, gaps=(timedelta(minutes=15),), expires_after=timedelta(days=7))


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def call(minute: float, outcome: str = "abandoned", **more: Any) -> Contact:
    ident = uuid.uuid5(uuid.NAMESPACE_OID, f"{minute}/{outcome}")
    facts = {"direction": "inbound", "started_at": at(minute), "answered_at": None, "outcome": outcome} | more
    return Contact(ident, **facts)


def answered(minute: float, **more: Any) -> Contact:
    return call(minute, "answered", answered_at=at(minute + 0.5), **more)


def one(*contacts: Contact, number: str = NUMBER) -> Entry:
    found = entries(number, contacts, ZONE)
    assert len(found) == 1
    return found[0]


def test_redials_of_a_day_are_one_person() -> None:
    calls = [call(0, waited_s=20), call(3, "refused_full"), call(9, waited_s=95, queue="hotline")]
    for order in itertools.permutations(calls):
        entry = one(*order)
        assert (entry.attempts, entry.first_at, entry.last_at, entry.waited_s) == (3, at(0), at(9), 95)
        assert (entry.kind, entry.call_ids, entry.queue) == ("refused", [c.id for c in calls], "hotline")
    assert entry == one(*calls, answered(-5)), "an answer before it changes nothing"


@pytest.mark.parametrize("outcome", [o for o in CallOutcome if o not in ("open", "answered")])
def test_which_ends_of_a_call_leave_somebody_unreached(outcome: CallOutcome) -> None:
    missed = outcome not in (CallOutcome.DENIED, CallOutcome.INTERNAL, CallOutcome.NOT_REACHED)
    assert bool(entries(NUMBER, [call(0, outcome)], ZONE)) is missed
    assert entries(NUMBER, [call(0, outcome, direction="outbound")], ZONE) == []


def test_who_was_lost_while_talking_had_been_reached() -> None:
    assert entries(NUMBER, [call(0, "lost", answered_at=at(0.2))], ZONE) == []
    assert one(call(0, "lost")).kind is UnreachedKind.REFUSED


def test_whom_an_incidents_key_let_go_is_owed_nothing() -> None:
    assert entries(NUMBER, [call(0, "left_early", settled=True)], ZONE) == []
    entry = one(call(0), call(3, "left_early", settled=True))
    assert (entry.attempts, entry.reached_at) == (1, None), "what was missed before may have been another matter"


def test_a_day_is_the_sites_day() -> None:
    late, early = call(719), call(721)  # 23:59 and 00:01
    assert [e.day for e in entries(NUMBER, [early, late], ZONE)] == [date(2026, 11, 28), date(2026, 11, 29)]


def test_a_later_talk_either_way_clears_every_day_before_it() -> None:
    calls = [call(-1440), call(0), answered(5, direction="outbound"), answered(9)]
    assert [(e.reached_at, e.reached_call_id) for e in entries(NUMBER, calls, ZONE)] == [(at(5.5), calls[2].id)] * 2
    assert entries(NUMBER, [*calls, call(20)], ZONE)[1].reached_at is None, "called again in vain after it"


def test_the_place_is_kept_from_the_first_time_it_was_asked_for() -> None:
    asked = {"wishes": frozenset({WishKind.CALL_BACK}), "since_at": at(-3), "place": 4}
    entry = one(call(0, "asked_back", **asked), call(2, "asked_back", **(asked | {"since_at": at(1), "place": 9})))
    assert (entry.kind, entry.since_at, entry.place) == (UnreachedKind.CALL_BACK, at(-3), 4)


def test_a_message_counts_also_where_the_call_was_refused() -> None:
    entry = one(call(0, "refused_no_agent", wishes=frozenset({WishKind.VOICEMAIL})), call(3))
    assert (entry.kind, entry.last_outcome, entry.since_at) == (UnreachedKind.VOICEMAIL, "abandoned", at(0))


def test_who_shows_no_number_is_counted_and_never_cleared_by_somebody_else() -> None:
    entry = one(call(0), call(1), answered(2), number="")
    assert (entry.attempts, entry.reached_at) == (2, None)


# ── what the facts make of it ───────────────────────────────────────────────────────────────────────

ENTRY = one(call(0))
TAKEN = Work(UnreachedState.TAKEN, "1001", at(11), uuid.UUID(int=7))
CALLED = answered(12, direction="outbound")


def settled(work: Work, entry: Entry = ENTRY, tried: Try | None = None, minute: float = 10) -> Any:
    return settle(work, entry, tried or Try(), at(minute), RULES)


def test_the_answer_of_the_call_back_closes_it_and_nothing_else_does() -> None:
    going_on = Try(Tried.GOING_ON, CALLED.id)
    work, steps = settled(TAKEN, tried=going_on)
    assert (work.state, steps) == ("taken", [])
    work, steps = settled(TAKEN, one(call(0), CALLED), going_on, 13)
    assert (work.state, work.end_reason, work.ended_at) == ("done", UnreachedEnd.REACHED, at(12.5))
    assert (work.taken_by, steps) == (None, [UnreachedStep.DONE])
    assert settled(work, one(call(0), CALLED), going_on, 14) == (work, []), "read again, the same"


@pytest.mark.parametrize("work", [Work(), TAKEN])
def test_any_other_talk_clears_it(work: Work) -> None:
    ended, steps = settled(work, one(call(0), answered(5)), Try(Tried.PENDING))
    assert (ended.state, ended.end_reason, ended.ended_at) == ("cleared", None, at(5.5))
    assert steps == [UnreachedStep.CLEARED]


def test_an_answer_that_the_record_takes_back_has_cleared_nothing() -> None:
    """A seat answered, was not heard, and the citizen gave up: the same call is an attempt more."""
    cleared, _ = settled(Work(tries=1), one(call(0), call(5, "open", answered_at=at(5.5))))
    assert cleared.state == "cleared"
    again, steps = settled(cleared, one(call(0), call(5)))
    assert (again, steps) == (Work(tries=1), [UnreachedStep.REOPENED])
    assert settled(again, one(call(0), call(5))) == (again, []), "read again, the same"


def test_a_vain_call_after_a_talk_is_owed_all_its_tries() -> None:
    cleared, _ = settled(Work(tries=1), one(call(0), answered(5)))
    assert (cleared.state, cleared.tries) == ("cleared", 1)
    again, steps = settled(cleared, one(call(0), answered(5), call(8)))
    assert (again, steps) == (Work(), [UnreachedStep.REOPENED])


def test_who_does_not_answer_is_tried_again_later_and_not_for_ever() -> None:
    silent = Try(Tried.NOT_ANSWERED, CALLED.id, at(12))
    once, steps = settled(TAKEN, tried=silent, minute=13)
    assert (once.state, once.tries, once.next_at, steps) == ("open", 1, at(27), [UnreachedStep.NO_ANSWER])
    again = Work(UnreachedState.TAKEN, "1002", at(40), uuid.UUID(int=8), tries=1)
    twice, steps = settled(again, tried=silent, minute=38)
    assert (twice.state, twice.end_reason, twice.tries) == ("done", UnreachedEnd.NO_ANSWER, 2)


@pytest.mark.parametrize(("tried", "minute"), [(Try(Tried.NOT_DIALLED), 10), (Try(Tried.PENDING), 11), (Try(), 12)])
def test_what_was_never_dialled_and_what_was_forgotten_goes_back(tried: Try, minute: float) -> None:
    work, steps = settled(TAKEN, tried=tried, minute=minute)
    assert (work.state, work.taken_by, work.tries, steps) == ("open", None, 0, [UnreachedStep.RELEASED])


def test_a_lease_lasts_while_the_telephone_rings() -> None:
    assert settled(TAKEN, tried=Try(Tried.PENDING))[0] == TAKEN
    work, steps = settled(TAKEN, tried=Try(Tried.GOING_ON, CALLED.id), minute=30)
    assert (work.state, work.taken_until, steps) == ("taken", at(31.5), [])


def test_it_expires_by_the_sites_rule_and_comes_back_with_the_next_vain_call() -> None:
    week = 7 * 24 * 60
    assert settled(Work(), minute=week)[1] == []
    gone, steps = settled(Work(), minute=week + 1)
    assert (gone.state, steps) == ("expired", [UnreachedStep.EXPIRED])
    done = Work(UnreachedState.DONE, end_reason=UnreachedEnd.NOT_WANTED, ended_at=at(1), tries=1)
    assert settled(done) == (done, [])
    back, steps = settled(done, one(call(0), call(2)))
    assert (back, steps) == (Work(), [UnreachedStep.REOPENED])
