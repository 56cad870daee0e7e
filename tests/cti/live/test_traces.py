"""Real calls, captured: the bodies they lead to, and state₀ + events = state refetched.

``python -m tests.cti.live.capture`` captures the calls again; LIANXIN_WRITE_BODIES=1 writes the expected bodies anew,
to be reviewed line by line in the diff.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cti.ami import Event
from cti.facts import AgentState, CallState, Party, PartyKind, Topic, body_of
from cti.live.floor import ENDED_SHOWN_S, Floor
from cti.live.leg import HERE, ON_THE_WAY
from cti.live.resync import resync
from cti.live.snapshot import Seen, fetch
from tests.cti.live.traces import FOLDER, NAMES, Recorded, fact_in, replay

NODE = "t11"
SECONDS_ONLY = timedelta(seconds=2.1)  # what the PBX remembers in whole seconds (Duration, Wait, LastPause)


def seen_of(recorded: Recorded) -> Seen:
    return dataclasses.replace(asyncio.run(fetch(recorded)), at=recorded.at)


def feed(floor: Floor, event: Event) -> None:
    fact = fact_in(event)
    if fact is not None:
        floor.apply(fact)
        floor.settle(fact.at)


def line(topic: str, key: str, body: Any) -> str:
    plain = body_of(body) if body is not None else None
    return f"{topic} {key} {json.dumps(plain, ensure_ascii=False, sort_keys=True)}"


def bodies_of(name: str) -> list[str]:
    floor, lines = Floor(NODE), []
    for item in replay(name):
        if isinstance(item, Event):
            feed(floor, item)
            lines += [line(topic, key, change.body) for (topic, key), change in floor.take().items()]
    floor.forget_ended(datetime.now(UTC) + timedelta(seconds=ENDED_SHOWN_S))
    return lines + [line(topic, key, change.body) for (topic, key), change in floor.take().items()]


def test_there_are_traces() -> None:
    assert {"answered", "abandoned", "no_answer_then_next", "hold", "agent_hangs_up_first"} <= set(NAMES)
    assert "hangs_up_while_ringing" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_bodies_are_as_expected(name: str) -> None:
    path = FOLDER / f"{name}.bodies"
    got = bodies_of(name)
    if os.environ.get("LIANXIN_WRITE_BODIES"):
        path.write_text("\n".join(got) + "\n", encoding="utf-8")
    assert got == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_no_event_of_a_real_call_is_an_anomaly(name: str) -> None:
    floor = Floor(NODE)
    for item in replay(name):
        if isinstance(item, Event):
            feed(floor, item)
            assert floor.anomalies == 0, item


@pytest.mark.parametrize("name", NAMES)
def test_a_snapshot_changes_nothing_that_events_had_told(name: str) -> None:
    floor, snapshots = Floor(NODE), 0
    for item in replay(name):
        if isinstance(item, Event):
            feed(floor, item)
            continue
        snapshots += 1
        floor.take()
        seen = seen_of(item)
        floor.devices = dict(seen.devices)  # devices that never changed are told by no event
        resync(floor, seen)
        floor.settle(seen.at)
        assert floor.take() == {}
    assert snapshots >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_cti_that_starts_at_any_snapshot_sees_the_same(name: str) -> None:
    watched = Floor(NODE)
    for item in replay(name):
        if isinstance(item, Event):
            feed(watched, item)
            continue
        started, seen = Floor(NODE), seen_of(item)
        resync(started, seen)
        started.settle(seen.at)
        watched.settle(seen.at)
        ours, theirs = open_bodies(started), open_bodies(watched)
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert_same(ours[key], theirs[key])


@pytest.mark.parametrize("name", NAMES)
def test_a_cti_that_starts_at_any_snapshot_goes_on_to_the_same_end(name: str) -> None:
    """From every snapshot on: the snapshot's state plus the events after it is the state of one who saw all."""
    watched = Floor(NODE)
    followers: list[Floor] = []
    for item in replay(name):
        if isinstance(item, Event):
            for floor in [watched, *followers]:
                feed(floor, item)
        else:
            follower, seen = Floor(NODE), seen_of(item)
            resync(follower, seen)
            followers.append(follower)
    for follower in followers:
        assert follower.anomalies == 0
        for floor in (watched, follower):
            floor.settle(item.at if isinstance(item, Recorded) else datetime.now(UTC))
        ours, theirs = open_bodies(follower), open_bodies(watched)
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert_same(ours[key], theirs[key])


@pytest.mark.parametrize("name", NAMES)
def test_f6_every_event_twice_changes_nothing(name: str) -> None:
    once, twice = Floor(NODE), Floor(NODE)
    for item in replay(name):
        if isinstance(item, Event):
            feed(once, item)
            feed(twice, item)
            after_one = copy.deepcopy(dict(twice.bodies()))
            feed(twice, item)
            assert dict(twice.bodies()) == after_one == dict(once.bodies())
    assert twice.anomalies == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_f6_dropped_events_are_put_right_by_a_snapshot(name: str, every: int) -> None:
    """Whatever was lost: nothing raises, and after the next snapshot the open state is the one of who saw all."""
    watched, lossy, n = Floor(NODE), Floor(NODE), 0
    for item in replay(name):
        if isinstance(item, Event):
            n += 1
            feed(watched, item)
            if n % every:
                feed(lossy, item)
            continue
        seen = seen_of(item)
        resync(lossy, seen)
        resync(lossy, seen)  # a leg that was asked for may have no channel yet: only the second time it is gone
        lossy.settle(seen.at)
        watched.settle(seen.at)
        ours, theirs = open_bodies(lossy), open_bodies(watched)
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert_same(ours[key], theirs[key], times=False)


def open_bodies(floor: Floor) -> dict[tuple[str, str], dict[str, Any]]:
    bodies = {key: {f.name: getattr(body, f.name) for f in dataclasses.fields(body)} for key, body in floor.bodies()}
    return {
        (topic, key): body
        for (topic, key), body in bodies.items()
        if topic != Topic.TRUNK and not (topic == Topic.CALL and body["ended_at"])
    }


def forgotten(field: str, body: dict[str, Any]) -> bool:
    """What the PBX does not remember, so that only the memory in the live table can tell it to a cti that starts."""
    talked = body.get("answered_at") is not None
    state = body.get("state")
    moved, whose = bool(body.get("room")), field in ("agent_no", "seat") and not _owner_is_there(body)
    after_talk = talked and state is CallState.ARRIVED
    citizen_gone = not any(p.kind is PartyKind.CITIZEN and p.state in HERE for p in body.get("parties", ()))
    nobody_called = body.get("direction") == "outbound" and (citizen_gone or not talked)
    return (
        (talked and (whose or field in ("answered_at", "queued_at")))
        or (state is AgentState.READY and field == "since")
        or (moved and field in ("since", "held_since", "queue"))
        or (moved and citizen_gone and field in ("caller", "called", "started_at"))
        or (after_talk and field in ("since", "queue", "room"))
        or (nobody_called and field in ("called", "state", "since"))
    )


def _owner_is_there(body: dict[str, Any]) -> bool:
    parties = body.get("parties", ())
    return any(p.agent_no == body["agent_no"] and p.state in HERE for p in parties)


def assert_same(ours: dict[str, Any], theirs: dict[str, Any], *, times: bool = True) -> None:
    for field, value in ours.items():
        other = theirs[field]
        if field == "parties":
            assert roster(value) == roster(other), (ours, theirs)
        elif isinstance(value, datetime) and isinstance(other, datetime):
            if times and not forgotten(field, theirs):
                assert value - other <= SECONDS_ONLY, (field, value, other)
                # Who was paused all along is paused again after a call: the PBX tells since when in all.
                assert ours.get("state") is AgentState.PAUSED or other - value <= SECONDS_ONLY, (field, value, other)
        elif not forgotten(field, theirs):
            assert value == other, (field, ours, theirs)


def roster(parties: tuple[Party, ...]) -> set[tuple[Any, ...]]:
    """Who is in the call now; those who are gone, and why, are remembered by nobody else."""
    return {(p.leg, p.kind, p.number, p.state, p.agent_no, p.muted) for p in parties if p.state in HERE | ON_THE_WAY}
