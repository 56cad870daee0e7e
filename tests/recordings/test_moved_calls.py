"""Calls that move: every leg's own recording, its own length, its own pauses; the real recorder, a real database."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_config import contract
from pbx_config.contract import CalledLeg, Milestone
from recordings.legs import Bridged, Sign, Stretch, of_leg
from recordings.pauses import PAUSE, RESUME, Asked, pauses
from tests.recordings.patience import eventually
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, NODE, RATE, Desk, closed, recorder, tone

AGENCY_HZ = 1300.0
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Journal:
    """Writes what cti's journal writes: raw lines of CEL, legs, and commands that were carried out."""

    def __init__(self, desk: Desk, ref: str, began: datetime) -> None:
        self._pool, self._ref, self._began = desk.pool, ref, began
        self.call_id = contract.call_id(NODE, ref)
        self._offset = 0

    async def line(
        self, event: str, uniqueid: str, after_s: float, extra: str = "", *, bridge: str = "", linkedid: str = ""
    ) -> None:
        self._offset += 1
        told = {"bridge_id": bridge} if bridge else {"extra": extra} if extra else None
        fields = {"extra": json.dumps(told) if told else ""}
        await self._pool.execute(
            'INSERT INTO cel_event (node, file, "offset", linkedid, uniqueid, event, at, fields) '
            "VALUES ($1, 'f', $2, $3, $4, $5, $6, $7)",
            NODE, self._offset + hash(self._ref) % 10**9 * 1000, linkedid or uniqueid, uniqueid, event,
            self._began + timedelta(seconds=after_s), json.dumps(fields),
        )  # fmt: skip

    async def armed(self, uniqueid: str, part: int) -> None:
        await self.line(Milestone.RECORDING, uniqueid, 0, contract.recording_stem(self._ref, part))

    async def bridged(self, uniqueid: str, *stretches: tuple[float, float], part: int = 1) -> None:
        await self.armed(uniqueid, part)
        for enter, leave in stretches:
            await self.line("BRIDGE_ENTER", uniqueid, enter)
            await self.line("BRIDGE_EXIT", uniqueid, leave)

    async def leg(self, leg: CalledLeg, answered_s: float, ended_s: float, party: str = "outside") -> None:
        times = (self._began + timedelta(seconds=s) for s in (answered_s, answered_s, answered_s, ended_s))
        await self._pool.execute(
            "INSERT INTO leg (id, call_id, uniqueid, channel, party, number, leg_no, outcome, "
            "started_at, answered_at, bridged_at, ended_at) "
            "VALUES ($1, $2, $3, 'PJSIP/trunk-1', $4, $5, $6, 'answered', $7, $8, $9, $10)",
            uuid.uuid4(), self.call_id, leg.uniqueid, party, leg.number, leg.leg_no, *times,
        )  # fmt: skip

    async def command(self, kind: str, after_s: float, state: str = "succeeded", **args: str) -> None:
        when = self._began + timedelta(seconds=after_s)
        await self._pool.execute(
            "INSERT INTO command (id, node, kind, args, agent_no, state, asked_at, deadline_at, ended_at) "
            "VALUES ($1, $2, $3, $4, '1001', $5, $6, $6, $6)",
            uuid.uuid4(), NODE, kind, json.dumps({"call_id": str(self.call_id), **args}), state, when,
        )  # fmt: skip


async def a_moved_call(desk: Desk, ref: str, talk_s: float, ended_ago_s: float = 30) -> Journal:
    """``talk_s`` by the call's row; the journal's clock begins at the answer."""
    await desk.call(ref, talk_s, ended_ago_s=ended_ago_s)
    answered = await desk.pool.fetchval("SELECT answered_at FROM call WHERE linkedid = $1", ref)
    return Journal(desk, ref, answered)


async def rows_of(desk: Desk, count: int) -> list[asyncpg.Record]:
    rows = await desk.rows()
    return rows if len(rows) == count else []


@pytest.mark.db
async def test_each_leg_is_judged_by_its_own_time_in_bridges(desk: Desk) -> None:
    """The citizen was told off between two stretches; an agency came late; its part is in the millions."""
    ref = "mov-1795000000.1"
    journal = await a_moved_call(desk, ref, 20.0)
    agency = CalledLeg(ref, 11_259_377, "05191234567")
    await journal.bridged(ref, (0, 3), (9, 14))
    await journal.bridged(agency.uniqueid, (10, 14), part=agency.leg_no)
    await journal.leg(agency, 10, 14)
    desk.put(ref, closed(tone(CITIZEN_HZ, 8)), closed(tone(AGENT_HZ, 8)))
    desk.put(ref, closed(tone(AGENCY_HZ, 2)), closed(tone(CITIZEN_HZ, 2)), part=agency.leg_no)
    async with recorder(desk.settings):
        first, second = await eventually(lambda: rows_of(desk, 2))
        await eventually(lambda: not desk.in_spool())
    assert {first["call_id"], second["call_id"]} == {journal.call_id}
    assert (first["part"], first["state"], first["reason"], first["talk_s"]) == (1, "complete", None, 8.0)
    assert (second["part"], second["state"], second["reason"]) == (agency.leg_no, "short", "shorter_than_talk")
    assert (second["talk_s"], second["duration_s"]) == (4.0, 2.0)
    assert second["started_at"] == first["started_at"] + timedelta(seconds=10)
    assert second["store_key"].endswith(f"{journal.call_id}-{agency.leg_no}.ogg")


@pytest.mark.db
async def test_an_agencys_part_is_kept_while_its_call_goes_on(desk: Desk) -> None:
    ref = "mov-1795000000.2"
    await desk.call(ref, 60.0, ended_ago_s=None)
    began = await desk.pool.fetchval("SELECT answered_at FROM call WHERE linkedid = $1", ref)
    journal = Journal(desk, ref, began)
    agency = CalledLeg(ref, 7, "110")
    await journal.bridged(agency.uniqueid, (10, 13), part=7)
    await journal.leg(agency, 10, 13)
    desk.put(ref, closed(tone(AGENCY_HZ, 3)), closed(tone(CITIZEN_HZ, 3)), part=7)
    async with recorder(desk.changed(call_wait_s=3600).settings):
        row = await eventually(lambda: desk.row(ref))
    assert (row["part"], row["state"], row["talk_s"]) == (7, "complete", 3.0)


@pytest.mark.db
async def test_whom_we_called_is_part_1_of_a_call_out(desk: Desk) -> None:
    """The call's own linkedid is the agent's seat there."""
    ref = "mov-1795000000.3"
    journal = await a_moved_call(desk, ref, 9.0)
    citizen = CalledLeg(ref, 5, "13812345678")
    await journal.line("BRIDGE_ENTER", ref, -20)
    await journal.line("BRIDGE_EXIT", ref, 9)
    await journal.bridged(citizen.uniqueid, (4, 9))
    desk.put(ref, closed(tone(CITIZEN_HZ, 5)), closed(tone(AGENT_HZ, 5)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(ref))
    assert (row["part"], row["state"], row["reason"], row["talk_s"]) == (1, "complete", None, 5.0)


@pytest.mark.db
async def test_a_pause_is_marked_and_is_neither_silent_nor_short(desk: Desk) -> None:
    """Twice paused; a third silence, of a line that was dead, is none; a command that did not work makes none."""
    ref = "mov-1795000000.4"
    journal = await a_moved_call(desk, ref, 60.0)
    await journal.bridged(ref, (0, 60))
    await journal.command(PAUSE, 5, reason="id-card")
    await journal.command(RESUME, 9.1)
    await journal.command(PAUSE, 20, state="failed", reason="no")
    await journal.command(PAUSE, 50, state="unknown", reason="bank-card")
    gaps = [(5.2, 9.0), (30.0, 33.0), (50.1, 60.0)]
    sides = []
    for hertz in (CITIZEN_HZ, AGENT_HZ):
        audio = bytearray(tone(hertz, 60))
        for begin, end in gaps:
            audio[round(begin * RATE) * 2 : round(end * RATE) * 2] = bytes(round((end - begin) * RATE) * 2)
        sides.append(closed(bytes(audio)))
    desk.put(ref, *sides)
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(ref))
    assert (row["state"], row["reason"], row["silent_left"], row["silent_right"]) == ("complete", None, False, False)
    told = json.loads(row["pauses"])
    assert [(p["reason"], round(p["from_s"], 1), round(p["to_s"], 1)) for p in told] == [
        ("id-card", 5.2, 9.0),
        ("bank-card", 50.1, 60.0),
    ]


@pytest.mark.db
async def test_a_call_that_was_paused_all_along_is_not_silent(desk: Desk) -> None:
    ref = "mov-1795000000.5"
    journal = await a_moved_call(desk, ref, 6.0)
    await journal.bridged(ref, (0, 6))
    await journal.command(PAUSE, 0.1, reason="id-card")
    desk.put(ref, closed(bytes(6 * RATE * 2)), closed(bytes(6 * RATE * 2)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(ref))
    assert (row["state"], row["reason"], row["silent_left"], row["silent_right"]) == ("complete", None, False, False)
    assert json.loads(row["pauses"]) == [{"from_s": 0.0, "to_s": 6.0, "reason": "id-card"}]


@pytest.mark.db
async def test_an_agency_that_talked_and_has_no_file_is_missing_and_one_that_hung_up_is_not(desk: Desk) -> None:
    ref = "mov-1795000000.6"
    journal = await a_moved_call(desk, ref, 20.0)
    await journal.leg(CalledLeg(ref, 4, "05191234567"), 3, 9)
    await journal.leg(CalledLeg(ref, 5, "05191234567"), 10, 10.4)
    await journal.leg(CalledLeg(ref, 6, "8002"), 10, 20, party="agent")
    desk.put(ref, closed(tone(CITIZEN_HZ, 20)), closed(tone(AGENT_HZ, 20)))
    async with recorder(desk.settings):
        rows = await eventually(lambda: rows_of(desk, 2))
    assert [(r["part"], r["state"], r["reason"]) for r in rows] == [(1, "complete", None), (4, "missing", "no_file")]


@pytest.mark.db
async def test_evidence_is_not_removed_and_stays_evidence_when_it_is_kept_again(desk: Desk) -> None:
    ref = "mov-1795000000.7"
    await desk.call(ref, 3.0)
    desk.put(ref, closed(tone(CITIZEN_HZ, 2)), closed(tone(AGENT_HZ, 2)))
    async with recorder(desk.settings):
        row = await eventually(lambda: desk.row(ref))
        await eventually(lambda: not desk.in_spool())
        await desk.pool.execute("UPDATE recording SET undeletable = true WHERE id = $1", row["id"])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.pool.execute("DELETE FROM recording WHERE id = $1", row["id"])
        desk.put(ref, closed(tone(CITIZEN_HZ, 3)), closed(tone(AGENT_HZ, 3)))  # a longer one turns up
        await eventually(lambda: not desk.in_spool())
    again = await desk.row(ref)
    assert again is not None
    assert (again["undeletable"], again["duration_s"]) == (True, 3.0)


def test_a_bridge_that_nobody_saw_end_ended_with_the_call() -> None:
    """The switch was killed."""
    signs = [Sign("BRIDGE_ENTER", at(1), "a", ""), Sign("BRIDGE_ENTER", at(2), "b", "")]
    assert of_leg(signs, "a", at(7)).seconds == 6
    assert of_leg(signs, "c", at(7)).seconds is None


def test_places_of_a_file_that_lost_audio_move_with_it() -> None:
    """An hour in bridges, 54 minutes on the disk: the pause at minute 30 lies at minute 27."""
    bridged = Bridged((Stretch(at(0), at(3600)),))
    asked = [Asked(at(1800), "id-card"), Asked(at(1830), None)]
    (found,) = pauses(asked, [(600.0, 630.0), (1620.0, 1647.0)], bridged, 3240)
    assert (found.from_s, found.to_s) == (1620.0, 1647.0)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), max_size=5), st.floats(0, 300))
def test_a_place_never_lies_outside_the_file(spans: list[tuple[float, float]], when: float) -> None:
    edges = sorted(edge for span in spans for edge in span)
    bridged = Bridged(tuple(Stretch(at(a), at(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)))
    assert 0 <= bridged.place(at(when)) <= (bridged.seconds or 0) + 1e-6
