"""A seat that refuses, is busy, rings out, is gone, has no sound (F23): the next rings at once, it is paused."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial

import pytest

from pbx_config import contract
from pbx_config.settings import QueueTuning
from tests.faults.settling import hung_up
from tests.support.eventually import eventually
from tests.support.floor_checker import house_pids
from tests.support.house import House, house
from tests.support.sipp import FOREVER_MS, Plan, Sipp
from tests.support.starvation import Starvation
from tests.support.witnesses import Outside, read_sipp

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(240)]
PBX = "127.0.16.1"
RING_S = 4
NEXT_S = 1.0
GOOD = "8005"
FIRST = 13_900_000_000


@dataclass(frozen=True, slots=True)
class Bad:
    seat: str
    what: str
    rings_s: float  # how long the PBX tries it


BAD = [
    Bad("8001", "486 Busy Here", 0.0), Bad("8002", "480 Temporarily Unavailable", 0.0),
    Bad("8003", "rings out", RING_S), Bad("8004", "answers no packet", RING_S),
]  # fmt: skip


def member(h: House, seat: str, command: str, *more: str) -> None:
    name = contract.interface(seat, contract.Phone.TELEPHONE)
    queue = h.pbx.settings.queue.name
    where = {"add": ("to", queue), "remove": ("from", queue), "unpause": ("queue", queue)}[command]
    h.pbx.cli(" ".join(["queue", command, "member", name, *where, *more]))


def sign_in(h: House, seat: str, penalty: int) -> None:
    """The lower penalty rings first."""
    member(h, seat, "add", "penalty", str(penalty), "as", h.agent_of_seat[seat])


async def test_the_next_seat_rings_at_once_and_the_bad_one_is_paused() -> None:
    async with house(PBX, seats=5, media=False, queue=QueueTuning(ring_s=RING_S, wrap_up_s=0)) as h:
        for name in ("cti", "worker"):
            h.start(name)
        await h.connected()
        plans = [Plan(str(FIRST + n), FOREVER_MS, 200, 500) for n in range(len(BAD))]
        going = await asyncio.to_thread(_install, h, plans)
        for plan, bad in zip(plans, BAD, strict=True):
            await _one_call(h, plan, bad, going if bad is BAD[-1] else None)


def _install(h: House, plans: list[Plan]) -> Sipp:
    """The telephone that will be switched off: its registration stands, and the PBX believes that it is there."""
    busy, away, asleep, gone = (bad.seat for bad in BAD)
    h.town.refusers([busy], BAD[0].what, host=11)
    h.town.refusers([away], BAD[1].what, host=12)
    h.town.telephones([Plan(p.caller, FOREVER_MS, FOREVER_MS, 0) for p in plans], [asleep], name="asleep", host=13)
    going = h.town.refusers([gone], "200 OK", host=14)
    h.town.telephones(plans, [GOOD], host=10)
    sign_in(h, GOOD, 5)
    return going


async def _one_call(h: House, plan: Plan, bad: Bad, going: Sipp | None) -> None:
    agent_no, starved = h.agent_of_seat[bad.seat], Starvation()
    sign_in(h, bad.seat, 0)
    for free in (agent_no, h.agent_of_seat[GOOD]):
        await eventually(partial(_agent_is, h, free, {"ready"}), 20)
    if going is not None:
        going.stop()
    before = starved.waited_s([h.pbx.process.pid or 0])
    citizens = h.town.call([plan], 1, name=f"citizen{bad.seat}")
    await hung_up(citizens, 60)
    late = starved.waited_s([h.pbx.process.pid or 0]) - before
    seen = read_sipp(h.town.logs)[plan.caller]
    assert seen.ended_by == "pbx", "the good seat talked and put down"
    _next_rang_at_once(h, seen, bad, late)
    # One that answers no packet is soon known to be gone, too, which the floor shows first.
    await eventually(lambda: _agent_is(h, agent_no, {"paused", "unreachable"}, contract.REASON_AUTO), 15)
    assert f"paused:{contract.REASON_AUTO}" in next(line for line in h.members().splitlines() if f"/{bad.seat}" in line)

    async def counted() -> bool:
        rows = await h.fetch(
            "SELECT q.rings_unanswered, q.agent_no FROM queue_entry q JOIN call c ON c.id = q.call_id"
            " WHERE c.caller = $1", plan.caller,
        )  # fmt: skip
        return [tuple(r) for r in rows] == [(1, h.agent_of_seat[GOOD])]

    await eventually(counted, 20)
    member(h, bad.seat, "remove")


def _next_rang_at_once(h: House, seen: Outside, bad: Bad, late_s: float) -> None:
    """From when the bad seat was given up to the good one's ring."""
    good = next(ring for ring in seen.rings if ring.seat == GOOD)
    tried = [ring for ring in seen.rings if ring.seat == bad.seat]
    given_up = tried[0].ended or tried[0].at if tried else _asked_at(h, seen) + bad.rings_s
    took = good.at - given_up
    print(f"{bad.what}: the next seat rang {took:.2f} s later (the PBX waited {late_s:.2f} s for a processor)")
    assert took <= NEXT_S + late_s, bad


def _asked_at(h: House, seen: Outside) -> float:
    """When the PBX began to call a telephone that never saw it, by the PBX's own CEL."""
    lines = [line.strip('"\n').split('","') for line in h.pbx.settings.cel_file.read_text().splitlines()]
    link = next(line[9] for line in lines if line[0] == "CHAN_START" and line[2] == seen.caller)
    return min(float(line[1]) for line in lines if line[0] == "CHAN_START" and line[9] == link and line[8] != link)


async def _agent_is(h: House, agent_no: str, states: set[str], *reasons: str) -> bool:
    rows = await h.fetch("SELECT body FROM live WHERE topic = 'agent' AND key = $1", agent_no)
    bodies = [json.loads(row["body"]) for row in rows]
    return len(bodies) == 1 and bodies[0]["state"] in states and bodies[0]["reasons"] == list(reasons)


async def test_a_whole_desk_without_sound_is_not_paused() -> None:
    """It is not the seats then. Who is heard again says that seats are to blame once more."""
    silent = ["8001", "8002", "8003"]
    plans = plan, heard, later = [Plan(str(FIRST + n), FOREVER_MS, 200, 6000) for n in range(3)]
    env = {"LIANXIN_SEAT_SOUND_S": "2.0"}
    async with house(PBX, seats=5, queue=QueueTuning(ring_s=RING_S, wrap_up_s=0), env=env) as h:
        for name in ("cti", "worker"):
            h.start(name)
        await h.connected()
        await asyncio.to_thread(lambda: h.town.telephones(plans, silent, name="silent", host=13, silent=True))
        await asyncio.to_thread(lambda: h.town.telephones(plans, [GOOD], host=10))
        for penalty, seat in enumerate(silent):
            sign_in(h, seat, penalty)
            await eventually(partial(_agent_is, h, h.agent_of_seat[seat], {"ready"}), 20)
        await hung_up(h.town.call([plan], 1), 90)
        seen = read_sipp(h.town.logs)[plan.caller]
        assert [ring.seat for ring in seen.rings] == silent, "the third one kept the call"
        for seat in silent[:2]:
            assert await _agent_is(h, h.agent_of_seat[seat], {"paused"}, contract.REASON_NO_SOUND)
        third = silent[2]
        await eventually(partial(_agent_is, h, h.agent_of_seat[third], {"ready"}), 20)
        node = (await h.fetch("SELECT node FROM call"))[0]["node"]
        alarms = [("line.seat_silent", seat, h.agent_of_seat[seat]) for seat in silent[:2]]
        alarms.append(("line.desk_silent", node, third))

        async def alarmed() -> bool:
            return {tuple(r) for r in await h.fetch("SELECT code, who, detail FROM alarm")} == set(alarms)

        await eventually(alarmed, 20)

        member(h, third, "remove")
        sign_in(h, GOOD, 5)
        await eventually(partial(_agent_is, h, h.agent_of_seat[GOOD], {"ready"}), 20)
        await hung_up(h.town.call([heard], 1, name="heard"), 60)
        sign_in(h, third, 0)
        await eventually(partial(_agent_is, h, h.agent_of_seat[third], {"ready"}), 20)
        await hung_up(h.town.call([later], 1, name="later"), 60)
        rings = read_sipp(h.town.logs)
        assert [ring.seat for ring in rings[heard.caller].rings] == [GOOD]
        assert [ring.seat for ring in rings[later.caller].rings] == [third, GOOD], "since one was heard it is the seat"


async def test_a_seat_that_answers_without_sound_loses_the_call_to_the_next() -> None:
    silent, sound_s = "8001", 2.0
    plan = Plan(str(FIRST), FOREVER_MS, 200, 6000)
    gives_up = Plan(str(FIRST + 1), 20_000, 200, FOREVER_MS)
    env = {"LIANXIN_SEAT_SOUND_S": str(sound_s)}
    async with house(PBX, seats=5, queue=QueueTuning(ring_s=RING_S, wrap_up_s=0), env=env) as h:
        for name in ("cti", "worker"):
            h.start(name)
        await h.connected()
        await asyncio.to_thread(
            lambda: h.town.telephones([plan, gives_up], [silent], name="silent", host=13, silent=True)
        )
        await asyncio.to_thread(lambda: h.town.telephones([plan], [GOOD], host=10))
        sign_in(h, GOOD, 5)
        sign_in(h, silent, 0)
        for seat in (silent, GOOD):
            await eventually(partial(_agent_is, h, h.agent_of_seat[seat], {"ready"}), 20)
        citizens, starved = h.town.call([plan], 1), Starvation()
        waited = starved.waited_s(house_pids(h))
        await eventually(partial(_agent_is, h, h.agent_of_seat[silent], {"paused"}, contract.REASON_NO_SOUND), 30)
        await hung_up(citizens, 60)
        late_s = starved.waited_s(house_pids(h)) - waited
        seen = read_sipp(h.town.logs)[plan.caller]
        first, second = seen.rings
        assert (first.seat, second.seat, seen.ended_by) == (silent, GOOD, "pbx"), "the good seat talked and put down"
        took = second.at - (first.picked_up or first.at)
        print(f"no sound for {sound_s} s: the next seat rang {took:.2f} s after the answer (starved {late_s:.1f} s)")
        assert sound_s <= took <= sound_s + NEXT_S + late_s

        async def recorded() -> bool:
            rows = await h.fetch(
                "SELECT q.agent_no, q.outcome FROM queue_entry q JOIN call c ON c.id = q.call_id"
                " WHERE c.caller = $1 AND c.outcome = 'answered' ORDER BY q.entered_at", plan.caller,
            )  # fmt: skip
            return [tuple(r) for r in rows] == [(h.agent_of_seat[s], "connected") for s in (silent, GOOD)]

        await eventually(recorded, 20)
        (call,) = await h.fetch("SELECT agent_no, wait_s, talk_s FROM call WHERE caller = $1", plan.caller)
        assert call["agent_no"] == h.agent_of_seat[GOOD], "the first who was heard"
        assert call["wait_s"] >= took
        assert abs(call["talk_s"] - plan.talk_ms / 1000) < 1 + late_s
        alarms = await h.fetch("SELECT code, who, detail FROM alarm")
        assert [tuple(r) for r in alarms] == [("line.seat_silent", silent, h.agent_of_seat[silent])]

        # The same with nobody else there: the citizen gives up, and is owed a call back.
        member(h, GOOD, "remove")
        member(h, silent, "remove")
        sign_in(h, silent, 0)
        await eventually(partial(_agent_is, h, h.agent_of_seat[silent], {"ready"}), 20)
        await hung_up(h.town.call([gives_up], 1, name="gives-up"), 60)
        assert [ring.seat for ring in read_sipp(h.town.logs)[gives_up.caller].rings] == [silent]

        async def owed() -> bool:
            outcome = await h.fetch("SELECT outcome, answered_at FROM call WHERE caller = $1", gives_up.caller)
            rows = await h.fetch("SELECT number, kind, state FROM unreached")
            return [tuple(r) for r in outcome] == [("abandoned", None)] and [tuple(r) for r in rows] == [
                (gives_up.caller, "abandoned", "open")
            ]

        await eventually(owed, 30)
