"""The rolling window against a naive computation, for arbitrary histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from reports.rolling import Worst, worst_window

T0 = datetime(2026, 11, 23, tzinfo=UTC)
SPAN = timedelta(hours=24)
Calls = list[tuple[datetime, bool]]


def m(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def rate_at(calls: Calls, moment: datetime) -> tuple[int, int]:
    """(answered, offered) of the window that ends at this moment, counted anew."""
    inside = [answered for at, answered in calls if moment - SPAN < at <= moment]
    return sum(inside), len(inside)


@given(
    calls=st.lists(st.tuples(st.integers(-1500, 1500).map(m), st.booleans()), max_size=40),
    length=st.integers(0, 1440),
    others=st.lists(st.floats(0, 1), max_size=20),
)
@example(calls=[(m(-1440), False), (m(-1439), False), (m(0), True)], length=1, others=[])  # leaves exactly at the first
@example(calls=[(m(5), True), (m(5), False)], length=1440, others=[0.5])  # both at one moment
def test_it_is_the_worst_of_every_moment(calls: Calls, length: int, others: list[float]) -> None:
    first, last = T0, m(length)
    worst = worst_window(calls, first, last)
    moments = {first, last, *(m(length * share) for share in others)}
    moments |= {at + add for at, _ in calls for add in (timedelta(0), SPAN) if first <= at + add <= last}
    seen = [(moment, *rate_at(calls, moment)) for moment in sorted(moments)]
    rates = [answered / offered for _, answered, offered in seen if offered]
    assert (worst.rate if worst else None) == min(rates, default=None)
    if worst is not None:
        assert first <= worst.until <= last
        assert rate_at(calls, worst.until) == (worst.answered, worst.offered)


def test_no_calls_no_rate() -> None:
    assert worst_window([], T0, m(10)) is None
    assert worst_window([(m(11), False)], T0, m(10)) is None


def test_an_old_success_that_leaves_makes_it_worse() -> None:
    calls = [(m(-1430), True), (m(-100), False)]
    assert worst_window(calls, T0, m(5)) == Worst(T0, 1, 2)
    assert worst_window(calls, T0, m(60)) == Worst(m(10), 0, 1), "nothing happened at that minute but the clock"
