"""A leg that goes out: through the next trunk where one fails, whichever of Asterisk's two words comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cti.facts import PartyKind, PartyState
from cti.live import pbx_facts as f
from cti.live.floor import Floor
from cti.live.ways import Try, Way, channel, free
from pbx_config.contract import CalledLeg

NUMBER, REF = "13912345678", "n-1.0"
LEG = CalledLeg(REF, 2, NUMBER).uniqueid
CITIZEN = ("PJSIP/trunk-00000001", REF, REF)
NO_LINE, BUSY = 34, 17


def at(second: int) -> datetime:
    return datetime(2026, 11, 29, tzinfo=UTC) + timedelta(seconds=second)


def on(endpoint: str) -> tuple[str, str, str]:
    return (f"PJSIP/{endpoint}-0000000{endpoint[-1]}", LEG, REF)


@pytest.fixture
def floor() -> Floor:
    """A citizen's call, and a leg to a number outside, asked for through "trunk-1", with "trunk-2" behind it."""
    floor = Floor("n", ways=(Way("trunk-1"), Way("trunk-2")))
    floor.apply(f.ChannelOpened(at(0), *CITIZEN, "13900000000", "12345"))
    floor.apply(f.LegAsked(at(1), REF, LEG, PartyKind.OUTSIDE, NUMBER, REF, None))
    floor.tries[LEG] = Try(NUMBER, "trunk-1", ("trunk-2",), {"Channel": channel(NUMBER, "trunk-1")})
    floor.sent = []  # type: ignore[attr-defined]
    floor.on_next_way = floor.sent.append  # type: ignore[attr-defined]
    return floor


def asked(floor: Floor) -> list[str]:
    return [one.headers["Channel"] for one in floor.sent]  # type: ignore[attr-defined]


def state(floor: Floor) -> PartyState:
    leg = floor.calls[REF].leg(LEG)
    assert leg is not None
    return leg.party.state


def refused_by(endpoint: str, answered_first: bool) -> list[f.Fact]:
    """Asterisk tells the channel's end and its answer to Originate from two threads."""
    told = [
        f.ChannelClosed(at(3), *on(endpoint), cause=NO_LINE, sip=503),
        f.OriginateFailed(at(3), LEG, channel(NUMBER, endpoint)),
    ]
    return told[::-1] if answered_first else told


@pytest.mark.parametrize("answered_first", [False, True])
def test_the_next_trunk_carries_it_and_a_late_answer_ends_nothing(floor: Floor, answered_first: bool) -> None:
    floor.apply(f.ChannelOpened(at(2), *on("trunk-1"), "", NUMBER))
    for fact in refused_by("trunk-1", answered_first):
        floor.apply(fact)
    assert asked(floor) == [channel(NUMBER, "trunk-2")]
    assert state(floor) is PartyState.DIALLING
    floor.apply(f.ChannelOpened(at(4), *on("trunk-2"), "", NUMBER))
    floor.apply(f.LegRinging(at(5), *on("trunk-2")))
    assert state(floor) is PartyState.RINGING
    assert (set(floor.trunk_faults), floor.tries) == ({"trunk-1"}, {})


@pytest.mark.parametrize("answered_first", [False, True])
def test_when_the_last_one_fails_too_the_leg_has_failed(floor: Floor, answered_first: bool) -> None:
    for endpoint in ("trunk-1", "trunk-2"):
        floor.apply(f.ChannelOpened(at(2), *on(endpoint), "", NUMBER))
        for fact in refused_by(endpoint, answered_first):
            floor.apply(fact)
    assert (asked(floor), state(floor)) == ([channel(NUMBER, "trunk-2")], PartyState.FAILED)
    assert floor.tries == {}


def test_a_trunk_that_makes_no_channel_is_left_for_the_next_one(floor: Floor) -> None:
    floor.apply(f.OriginateFailed(at(2), LEG, channel(NUMBER, "trunk-1")))
    assert (asked(floor), state(floor)) == ([channel(NUMBER, "trunk-2")], PartyState.DIALLING)
    floor.apply(f.OriginateFailed(at(3), LEG, channel(NUMBER, "trunk-2")))
    assert state(floor) is PartyState.FAILED


def test_who_is_busy_is_busy_through_every_trunk(floor: Floor) -> None:
    floor.apply(f.ChannelOpened(at(2), *on("trunk-1"), "", NUMBER))
    floor.apply(f.ChannelClosed(at(3), *on("trunk-1"), cause=BUSY, sip=486))
    assert (asked(floor), state(floor)) == ([], PartyState.BUSY)


def test_what_is_asked_for_counts_before_its_channel_is_there() -> None:
    ways = (Way("trunk-1", limit=1), Way("trunk-2", active=False), Way("trunk-3"))
    tries = {LEG: Try(NUMBER, "trunk-1", (), {})}
    assert free(ways, [], {}, {}, []) == ["trunk-1", "trunk-3"]
    assert free(ways, [], {}, tries, []) == ["trunk-3"]
    assert free(ways, ["PJSIP/trunk-1-00000001"], {}, {}, [LEG]) == ["trunk-3"]
    assert free(ways, [], {"PJSIP/trunk-3": "UNAVAILABLE"}, {}, []) == ["trunk-1"]
