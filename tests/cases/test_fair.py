"""Who is called back next: the rule alone, and a seeded day at a desk that lives by it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from cases.fair import Floor, Owed, Rules, in_order, its_turn, may_offer
from models.unreached import UnreachedKind

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def owed(minute: float, *, keeps: bool = False, **more: object) -> Owed:
    kind = UnreachedKind.CALL_BACK if keeps else UnreachedKind.ABANDONED
    facts = {"number": f"139{minute:08.0f}", "kind": kind, "since_at": at(minute), "callable": True} | more
    return Owed(**facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "floor", "offered"),
    [
        (owed(0), Floor(0, None, 0), True),  # nobody waits
        (owed(0), Floor(1, at(5), 1), False),  # the one agent is the waiting citizen's
        (owed(0), Floor(1, at(5), 2), True),  # an agent to spare
        (owed(0), Floor(3, at(5), 3), False),
        (owed(0), Floor(1, at(5), 0), False),  # however old: an abandoned call keeps no place
        (owed(4, keeps=True), Floor(9, at(5), 0), True),  # its turn: before all who wait
        (owed(5, keeps=True), Floor(9, at(5), 0), True),
        (owed(6, keeps=True), Floor(9, at(5), 0), False),
        (owed(6, keeps=True), Floor(1, at(5), 2), True),
        (owed(0, callable=False), Floor(0, None, 9), False),
        (owed(0, next_at=at(11)), Floor(0, None, 9), False),
        (owed(0, keeps=True, next_at=at(9)), Floor(0, None, 9), True),
    ],
)
def test_whom_the_rule_offers(entry: Owed, floor: Floor, offered: bool) -> None:
    assert may_offer(entry, floor, at(10)) is offered


def test_a_kept_place_is_first_when_its_turn_has_come_and_else_the_oldest() -> None:
    old, asked, late = owed(1), owed(7, keeps=True), owed(9, keeps=True)
    assert in_order([old, late, asked], Floor(2, at(8), 1)) == [asked, old, late]
    assert in_order([asked, old], Floor(0, None, 1)) == [asked, old]


def test_the_gaps_between_tries_grow_and_the_last_one_repeats() -> None:
    rules = Rules(tries=5, gaps=(timedelta(minutes=15), timedelta(hours=2)))
    assert [rules.gap(n) for n in (1, 2, 3, 4)] == [timedelta(minutes=15), *[timedelta(hours=2)] * 3]


@dataclass
class Day:
    """A desk in steps of ten seconds. Free agents take who waits first, and then press *next callback* at once."""

    random: random.Random
    agents: int
    busy_until: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    called_back: list[Owed] = field(default_factory=list)
    longest_wait: float = 0

    @property
    def ready(self) -> int:
        return self.agents - len(self.busy_until)

    def floor(self) -> Floor:
        return Floor(len(self.waiting), at(min(self.waiting)) if self.waiting else None, self.ready)

    def serve(self, now: float) -> None:
        self.busy_until = [t for t in self.busy_until if t > now]
        while self.waiting and self.ready:
            self.longest_wait = max(self.longest_wait, now - self.waiting.pop(0))
            self.busy_until.append(now + self.random.expovariate(1 / 3))

    def call_back(self, now: float, checked: bool) -> None:
        for one in in_order(self.owed, self.floor()):
            if not self.ready:
                return
            floor = self.floor()
            if not may_offer(one, floor, at(now)):
                continue
            if checked and not its_turn(one, floor):
                assert self.ready - 1 >= len(self.waiting), "everybody who waits still has an agent"
            self.owed.remove(one)
            self.called_back.append(one)
            self.busy_until.append(now + self.random.expovariate(1 / 2))

    def step(self, now: float, rate: float, calls_back: bool) -> None:
        if self.random.random() < rate:
            self.waiting.append(now)
        for since in [w for w in self.waiting if self.random.random() < 0.04]:
            self.waiting.remove(since)
            self.owed.append(owed(since, keeps=self.random.random() < 0.5))
        # Both may be first at a free agent: who waits in the queue, and whose kept place is older than that.
        if calls_back and self.random.random() < 0.5:
            self.call_back(now, checked=True)
        self.serve(now)
        if calls_back:
            self.call_back(now, checked=True)


@pytest.mark.parametrize("seed", range(12))
def test_a_day_of_calls_back_starves_nobody_who_waits_and_nobody_who_is_owed(seed: int) -> None:
    day = Day(random.Random(seed), agents=4)
    for tick in range(6 * 60 * 6):  # a surge in the second hour, quiet after the fourth
        minute = tick / 6
        rate = 0.5 if 60 < minute < 120 else 0.02 if minute > 240 else 0.2
        day.step(minute, rate, calls_back=True)
        kept = [o for o in day.owed if its_turn(o, day.floor())]
        assert not (kept and day.ready), "whose turn it is does not wait for a free agent"
    assert not day.owed, "everybody was called back in the end"
    assert len(day.called_back) > 20
    assert not day.waiting


def test_without_the_rule_the_same_day_breaks_its_promise() -> None:
    """The assertion above is able to fail: a list that is worked off regardless takes agents from who waits."""
    day = Day(random.Random(3), agents=2)
    day.waiting, day.owed = [0.0, 0.5], [owed(-30)]
    taken = Floor(len(day.waiting), at(0), day.ready)
    assert not may_offer(day.owed[0], taken, at(1))
    assert day.ready - 1 < len(day.waiting)
