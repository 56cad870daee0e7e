"""Erlang C and A against published figures, against their own limits, and against a queue that is played out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.erlang import Load, agents_needed, erlang_a, erlang_b, erlang_c
from tests.reports.played_queue import played

FIVE_MINUTES = 300.0
loads = st.builds(Load, st.floats(0.5, 4000), st.floats(20, 1200))
CLOSE = 1e-5  # integrals are compared with each other


@pytest.mark.parametrize(
    ("agents", "erlangs", "waits"),
    [(14, 10, 0.1741), (11, 10, 0.6821), (12, 10, 0.4494), (6, 4, 0.2848), (3, 2, 0.4444)],
)
def test_erlang_c_as_printed(agents: int, erlangs: float, waits: float) -> None:
    assert erlang_c(agents, Load(erlangs * 12, FIVE_MINUTES), 15).waits == pytest.approx(waits, abs=5e-5)


def test_erlang_a_as_printed() -> None:
    """N = 30, A = 26.7, patience 60 s. The printed .9085 is reached after 20 s; after 15 s it is .8897 (see below)."""
    load = Load(400, 240)
    found = erlang_a(30, load, 60, 20)
    assert (found.waits, found.abandons, found.within) == pytest.approx((0.2042, 0.0488, 0.9085), abs=5e-5)
    assert erlang_a(30, load, 60, 15).within == pytest.approx(0.8897, abs=5e-5)


def test_erlang_a_is_the_chain_of_births_and_deaths_added_up() -> None:
    """The textbook's way, which needs many terms: state by state."""
    arrivals, service, giving_up, agents = 400 / 3600, 1 / 240, 1 / 60, 30
    weights = [1.0]
    for k in range(1, 500):
        weights.append(weights[-1] * arrivals / (min(k, agents) * service + max(k - agents, 0) * giving_up))
    chance = [w / math.fsum(weights) for w in weights]
    waiting = math.fsum((k - agents) * p for k, p in enumerate(chance) if k > agents)
    found = erlang_a(agents, Load(400, 240), 60, 15)
    assert found.waits == pytest.approx(math.fsum(chance[agents:]), rel=1e-9)
    assert found.abandons == pytest.approx(giving_up * waiting / arrivals, rel=1e-9)


@pytest.mark.parametrize(("calls", "handling_s", "agents"), [(120, 300, 16), (180, 300, 22), (180, 420, 30)])
def test_how_many_for_95_percent_within_15_s(calls: float, handling_s: float, agents: int) -> None:
    load = Load(calls, handling_s)
    assert agents_needed(load, 0.95, 15) == agents
    assert erlang_c(agents, load, 15).within >= 0.95 > erlang_c(agents - 1, load, 15).within
    assert agents_needed(load, 0.95, 15, patience_s=90) <= agents


@given(load=loads, agents=st.integers(1, 400), patience_s=st.floats(2, 3600), within_s=st.floats(0, 120))
@settings(deadline=None)
def test_one_more_never_makes_it_worse(load: Load, agents: int, patience_s: float, within_s: float) -> None:
    for fewer, more in (
        (erlang_c(agents, load, within_s), erlang_c(agents + 1, load, within_s)),
        (erlang_a(agents, load, patience_s, within_s), erlang_a(agents + 1, load, patience_s, within_s)),
    ):
        assert more.within >= fewer.within - CLOSE
        assert more.waits <= fewer.waits + CLOSE
        assert more.abandons <= fewer.abandons + CLOSE


@given(load=loads, agents=st.integers(0, 400), patience_s=st.floats(0.5, 1e7), within_s=st.floats(0, 120))
@settings(deadline=None)
def test_shares_are_shares(load: Load, agents: int, patience_s: float, within_s: float) -> None:
    found = erlang_a(agents, load, patience_s, within_s)
    for share in (found.waits, found.abandons, found.within):
        assert 0 <= share <= 1
    assert found.within + found.abandons <= 1 + CLOSE
    # What is served is no more than the agents can serve.
    assert load.erlangs * (1 - found.abandons) <= agents + CLOSE * load.erlangs
    assert found.within >= erlang_c(agents, load, within_s).within - CLOSE or within_s > 0


@given(load=loads, spare=st.floats(1.02, 3), within_s=st.floats(0, 120))
@settings(deadline=None)
def test_endless_patience_is_erlang_c(load: Load, spare: float, within_s: float) -> None:
    agents = math.ceil(load.erlangs * spare) + 1
    calm, endless = erlang_c(agents, load, within_s), erlang_a(agents, load, 1e9, within_s)
    assert endless.waits == pytest.approx(calm.waits, abs=1e-5)
    assert endless.within == pytest.approx(calm.within, abs=1e-5)


def test_a_surge_and_a_dead_hour_are_numbers_too() -> None:
    nobody = Load(0, FIVE_MINUTES)
    assert erlang_a(0, nobody, 60, 15).within == erlang_c(0, nobody, 15).within == 1
    assert agents_needed(nobody, 0.95, 15) == 0
    surge = erlang_a(30, Load(50_000, FIVE_MINUTES), 86_400, 15)
    assert surge.abandons == pytest.approx(1 - 30 / Load(50_000, FIVE_MINUTES).erlangs, abs=1e-9)
    assert erlang_c(30, Load(50_000, FIVE_MINUTES), 15).within == 0
    assert erlang_b(3000, 10) == pytest.approx(0, abs=1e-300)
    assert erlang_a(3000, Load(120, FIVE_MINUTES), 60, 15).within == 1


@pytest.mark.parametrize(("agents", "calls", "patience_s"), [(30, 400, 60.0), (9, 150, 45.0), (14, 150, None)])
def test_a_queue_that_is_played_out_agrees(agents: int, calls: float, patience_s: float | None) -> None:
    """Mean of many independent hours in the steady state, within four of its own standard errors."""
    load = Load(calls, 240)
    said = erlang_c(agents, load, 15) if patience_s is None else erlang_a(agents, load, patience_s, 15)
    for share, error, expected in zip(*played(agents, load, patience_s, 15, hours=160), (
        said.waits, said.abandons, said.within,
    ), strict=True):  # fmt: skip
        assert abs(share - expected) <= 4 * error + 1e-9
