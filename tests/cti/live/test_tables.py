"""The call's table, whole: every state × every fact, and what each does. And the agent's decision list."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from cti.facts import AgentState, CallState, PartyKind, Topic
from cti.live import pbx_facts as f
from cti.live.agent import InCall, derive
from cti.live.call import Call, opened
from cti.live.floor import Floor
from cti.live.table import TABLE, step
from pbx_config import contract

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CITIZEN = ("PJSIP/trunk-00000001", "n-1.0", "n-1.0")
SEAT = ("n-1.1", "1001", "PJSIP/8001-web", "hotline")
SEAT_LEG = ("PJSIP/8001-web-00000002", "n-1.1", "n-1.0")
REF = "n-1.0"
CALLED_LEG = ("PJSIP/trunk-00000003", "n-1.0+2-110", "n-1.0+2-110")
CALLED = ("n-1.0+2-110", PartyKind.OUTSIDE, "110", REF)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


OPENED = f.ChannelOpened(T0, *CITIZEN, "13912345678", "12345")
JOINED = f.CallerJoined(at(1), *CITIZEN, "hotline", 1)
RINGS = f.SeatRinging(at(2), *CITIZEN, *SEAT)
ANSWERED = f.SeatAnswered(at(3), *CITIZEN, *SEAT)
HELD = f.ChannelHeld(at(4), *SEAT_LEG)
CLOSED = f.ChannelClosed(at(5), *CITIZEN)
WAYS: dict[CallState, list[f.Fact]] = {
    CallState.ARRIVED: [],
    CallState.QUEUED: [JOINED],
    CallState.RINGING: [JOINED, RINGS],
    CallState.TALKING: [JOINED, RINGS, ANSWERED],
    CallState.HELD: [JOINED, RINGS, ANSWERED, HELD],
    CallState.ENDED: [JOINED, RINGS, ANSWERED, CLOSED],
}
FACTS: dict[str, f.Fact] = {
    "opened": OPENED,
    "joined": JOINED,
    "left": f.CallerLeft(at(9), *CITIZEN, "hotline"),
    "rings": RINGS,
    "missed": f.SeatMissed(at(9), *CITIZEN, *SEAT),
    "answered": ANSWERED,
    "done": f.SeatDone(at(9), *CITIZEN, *SEAT),
    "held": f.ChannelHeld(at(9), *SEAT_LEG),
    "unheld": f.ChannelUnheld(at(9), *SEAT_LEG),
    "asked": f.HangupAsked(at(9), *CITIZEN, by_switch=False),
    "closed": f.ChannelClosed(at(9), *CITIZEN),
    "seat-closed": f.ChannelClosed(at(9), *SEAT_LEG),
    "leg-asked": f.LegAsked(at(9), REF, *CALLED),
    "leg-rings": f.LegRinging(at(9), *CALLED_LEG),
    "leg-answers": f.LegAnswered(at(9), *CALLED_LEG),
    "leg-fails": f.OriginateFailed(at(9), CALLED_LEG[1]),
    "move-asked": f.MoveAsked(at(9), REF, (CITIZEN[1], SEAT_LEG[1])),
    "let-go": f.LetGoAsked(at(9), REF, (SEAT_LEG[1],), SEAT_LEG[1]),
    "agent-entered": f.RoomEntered(at(9), *SEAT_LEG, REF, "room-seat"),
    "put-aside": f.RoomEntered(at(9), *CITIZEN, f"aside-{REF}", "room-wait"),
    "left-room": f.RoomLeft(at(9), *CITIZEN, REF),
    "muted": f.RoomMuted(at(9), *SEAT_LEG, REF),
    "unmuted": f.RoomUnmuted(at(9), *SEAT_LEG, REF),
    "paused": f.RecordingPaused(at(9), REF),
    "resumed": f.RecordingResumed(at(9), REF),
}
# state after each fact; "!" is an anomaly
EXPECTED = """
             arrived  queued   ringing  talking  held     ended
opened       arrived  queued   ringing  talking  held     ended
joined       queued   queued   ringing  !        !        ended
left         arrived  arrived  ringing  talking  held     ended
rings        !        ringing  ringing  !        !        ended
missed       arrived  queued   queued   talking  held     ended
answered     !        !        talking  talking  held     ended
done         arrived  queued   ringing  talking  held     ended
held         arrived  queued   ringing  held     held     ended
unheld       arrived  queued   ringing  talking  talking  ended
asked        arrived  queued   ringing  talking  held     ended
closed       ended    ended    ended    ended    ended    ended
seat-closed  arrived  queued   queued   arrived  arrived  ended
leg-asked     arrived  queued   ringing  talking  held     ended
leg-rings     arrived  queued   ringing  talking  held     ended
leg-answers   arrived  queued   ringing  talking  held     ended
leg-fails     arrived  queued   ringing  talking  held     ended
move-asked    arrived  queued   ringing  talking  held     ended
let-go        arrived  queued   ringing  talking  held     ended
agent-entered arrived  queued   ringing  held     held     ended
put-aside     held     queued   ringing  held     held     ended
left-room     arrived  queued   ringing  talking  held     ended
muted         arrived  queued   ringing  talking  held     ended
unmuted       arrived  queued   ringing  talking  held     ended
paused        arrived  queued   ringing  talking  held     ended
resumed       arrived  queued   ringing  talking  held     ended
"""
_head, *_lines = [line.split() for line in EXPECTED.strip().splitlines()]
CASES = [(state, name, after) for name, *row in _lines for state, after in zip(_head, row, strict=True)]


def call_in(state: CallState) -> Call:
    call: Call | None = opened("n", OPENED)
    for fact in WAYS[state]:
        assert call is not None
        call = step(call, fact)
    assert call is not None
    assert call.live.state is state
    return call


def test_the_table_here_is_whole() -> None:
    assert {(CallState(s), n) for s, n, _ in CASES} == set(itertools.product(CallState, FACTS))
    assert {type(fact) for fact in FACTS.values()} == set(TABLE)


@pytest.mark.parametrize(("state", "name", "after"), CASES, ids=[f"{s}-{n}" for s, n, _ in CASES])
def test_every_state_and_every_fact(state: str, name: str, after: str) -> None:
    became = step(call_in(CallState(state)), FACTS[name])
    assert (became.live.state if became is not None else "!") == after


def test_an_anomaly_is_counted_changes_nothing_and_asks_for_a_resync() -> None:
    floor = Floor("n")
    for fact in [OPENED, RINGS]:
        floor.apply(fact)
    assert (floor.anomalies, floor.doubtful) == (1, True)
    assert floor.calls["n-1.0"].live.state is CallState.ARRIVED


def test_a_queued_call_whose_beginning_was_not_seen_is_doubtful() -> None:
    floor = Floor("n")
    floor.apply(JOINED)
    assert floor.doubtful
    assert floor.calls == {}


def test_a_seat_that_dials_is_no_call_of_a_citizen() -> None:
    floor = Floor("n")
    floor.apply(f.ChannelOpened(T0, "PJSIP/8001-00000009", "n-9.0", "n-9.0", "8001", "9196"))
    floor.apply(f.HangupAsked(T0, "PJSIP/8001-00000009", "n-9.0", "n-9.0", by_switch=False))
    floor.apply(f.ChannelClosed(T0, "PJSIP/8001-00000009", "n-9.0", "n-9.0"))
    assert (floor.calls, floor.doubtful) == ({}, False)


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ([CITIZEN], "citizen"),
        ([SEAT_LEG], "agent"),
        ([SEAT_LEG, CITIZEN], "agent"),
        ([CITIZEN, SEAT_LEG], "citizen"),
        ([], "switch"),
    ],
)
def test_the_first_who_asks_hung_up(asked: list[tuple[str, str, str]], by: str) -> None:
    call: Call | None = call_in(CallState.TALKING)
    for n, leg in enumerate(asked):
        assert call is not None
        call = step(call, f.HangupAsked(at(10 + n), *leg, by_switch=False))
    assert call is not None
    call = step(call, f.ChannelClosed(at(20), *CITIZEN))
    assert call is not None
    assert (call.live.hung_up_by, call.live.ended_at, call.live.since) == (by, at(20), at(20))


def test_a_seat_that_rejects_its_ring_did_not_hang_up_the_call() -> None:
    call = step(call_in(CallState.RINGING), f.HangupAsked(at(10), *SEAT_LEG, by_switch=False))
    assert call is not None
    assert call.asked_by is None


def test_since_moves_with_the_state_only() -> None:
    call = call_in(CallState.RINGING)
    second = f.SeatRinging(at(30), *CITIZEN, "n-1.7", "1002", "PJSIP/8002", "hotline")
    both = step(call, second)
    assert both is not None
    assert (both.live.ringing, both.live.since) == (("1001", "1002"), at(2))
    one = step(both, f.ChannelClosed(at(40), *SEAT_LEG))
    assert one is not None
    assert (one.live.ringing, one.live.since) == (("1002",), at(2))


def test_both_hold_and_both_must_let_go() -> None:
    call: Call | None = call_in(CallState.HELD)
    for fact in [f.ChannelHeld(at(6), *CITIZEN), f.ChannelUnheld(at(7), *SEAT_LEG)]:
        assert call is not None
        call = step(call, fact)
    assert call is not None
    assert (call.live.state, call.live.held_since) == (CallState.HELD, at(4))


def test_positions_follow_joins_and_leaves() -> None:
    floor = Floor("n")
    for n in range(1, 5):
        leg = (f"PJSIP/trunk-{n}", f"n-{n}.0", f"n-{n}.0")
        floor.apply(f.ChannelOpened(at(n), *leg, "", "12345"))
        floor.apply(f.CallerJoined(at(n), *leg, "hotline", n))
    floor.apply(f.CallerLeft(at(9), "PJSIP/trunk-2", "n-2.0", "n-2.0", "hotline"))
    floor.settle(at(9))
    places = {linkedid: call.live.position for linkedid, call in floor.calls.items()}
    assert places == {"n-1.0": 1, "n-2.0": None, "n-3.0": 2, "n-4.0": 3}
    assert (floor.queue_bodies["hotline"].waiting, floor.queue_bodies["hotline"].longest_since) == (3, at(1))


def test_a_queues_numbers_bear_the_stamp_of_the_first_fact_behind_them() -> None:
    floor = Floor("n")
    floor.apply(OPENED)
    floor.apply(JOINED)
    floor.settle(at(2))
    assert floor.take()[Topic.QUEUE, "hotline"].at == OPENED.at
    floor.apply(f.CallerLeft(at(5), *CITIZEN, "hotline"))
    floor.apply(f.ChannelClosed(at(6), *CITIZEN))
    floor.settle(at(7))
    assert floor.take()[Topic.QUEUE, "hotline"].at == at(5)


def test_the_trunk_remembers_its_last_fault_and_forgives_people() -> None:
    floor = Floor("n")
    leg = ("PJSIP/trunk-00000009", "n-9.0", "n-9.0")
    floor.apply(f.ChannelOpened(at(0), *leg, "", "12345"))
    floor.apply(f.ChannelClosed(at(1), *leg, cause=17))
    floor.settle(at(1))
    trunk = floor.trunks[contract.TRUNK]
    assert (trunk.channels, trunk.fault) == (0, None), "busy is a person's"
    floor.apply(f.ChannelClosed(at(2), "PJSIP/8001-web-1", "n-10.0", "n-9.0", cause=38))
    floor.apply(f.ChannelClosed(at(3), *leg, cause=38))
    floor.apply(f.ChannelClosed(at(9), *leg, cause=16))
    floor.apply(f.ChannelClosed(at(9), *leg, cause=21, sip=603))
    floor.settle(at(9))
    trunk = floor.trunks[contract.TRUNK]
    assert (trunk.fault, trunk.fault_at) == ("q850.38", at(3))
    after = Floor("n", trunks={contract.TRUNK: trunk})  # another cti, which read the live table
    after.settle(at(20))
    trunk = after.trunks[contract.TRUNK]
    assert (trunk.fault, trunk.fault_at) == ("q850.38", at(3))


def test_an_ended_call_is_shown_some_seconds_and_then_gone_once() -> None:
    floor = Floor("n")
    for fact in [OPENED, *WAYS[CallState.ENDED]]:
        floor.apply(fact)
    floor.take()
    floor.forget_ended(at(14))
    assert floor.take() == {}
    floor.forget_ended(at(15.1))
    assert [change.body for change in floor.take().values()] == [None]
    floor.forget_ended(at(100))
    assert floor.take() == {}


def member(*reasons: str, status: int = 1) -> f.MemberSeen:
    return f.MemberSeen(
        T0, "hotline", "1001", "PJSIP/8001-web", paused=bool(reasons), reasons=frozenset(reasons), status=status,
        in_call=False, last_pause=None, last_used=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "call", "state"),
    [
        (member(), None, AgentState.READY),
        (member(), InCall("c", talking=False), AgentState.RINGING),
        (member(), InCall("c", talking=True), AgentState.TALKING),
        (member("wrap-up", status=5), InCall("c", talking=True), AgentState.TALKING),
        (member(status=5), None, AgentState.UNREACHABLE),
        (member("wrap-up", status=5), None, AgentState.UNREACHABLE),
        (member("not-ready", "wrap-up"), None, AgentState.WRAP_UP),
        (member("not-ready"), None, AgentState.PAUSED),
        (member("phone:microphone"), None, AgentState.PAUSED),
        (member("Auto-Pause", status=3), None, AgentState.PAUSED),
        (member(status=3), None, AgentState.TALKING),  # hears himself on 9196
    ],
)
def test_the_agents_decision_list(seen: f.MemberSeen, call: InCall | None, state: AgentState) -> None:
    body = derive("n", [seen], call, None, T0, wrap_up_s=120)
    assert body is not None
    assert (body.state, body.seat, body.phone) == (state, "8001", "browser")
    assert (body.wrap_up_until is not None) is ("wrap-up" in seen.reasons)


def test_the_wrap_up_limit_counts_from_its_beginning() -> None:
    first = derive("n", [member("wrap-up")], None, None, T0, wrap_up_s=120)
    more = derive("n", [member("wrap-up", "lunch")], None, first, at(60), wrap_up_s=120)
    assert first is not None
    assert more is not None
    assert first.wrap_up_until == more.wrap_up_until == at(120)
