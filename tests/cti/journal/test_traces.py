"""Captured journals of real calls give the rows that a person has checked, however they are cut and mixed."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import asyncpg
import pytest

from tests.cti.journal.capture import TRACES
from tests.cti.journal.conftest import DERIVED, MOVED, NAMES, Journal, empty, rows, trace
from tests.support.eventually import eventually

pytestmark = pytest.mark.db
# Moved calls have up to 150 lines: these few between them have everything; the others are cut at random below.
_LINE_BY_LINE = ("blind_fails_and_returns", "called_out_busy_then_an_agency", "stranded", "swapped")
_TOLD_OF_MOVES = (
    "direction", "caller", "called", "satisfaction", "satisfaction_agent_no", "from_police", "stranded",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_a_real_call_gives_its_rows(name: str, journal: Journal, pool: asyncpg.Pool) -> None:
    journal.write(name)
    reader = await journal.read()
    found = await rows(pool, *DERIVED)
    expected = TRACES / name / "expected.json"
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        pytest.fail(f"wrote {expected}: read it, then run again")
    assert found == json.loads(expected.read_text())
    assert reader.state.counts.dead_letters == 0


@pytest.mark.parametrize("name", NAMES)
async def test_the_rows_are_what_the_telephones_did(name: str, journal: Journal, pool: asyncpg.Pool) -> None:
    journal.write(name)
    await journal.read()
    truth = json.loads((TRACES / name / "truth.json").read_text())
    calls = await pool.fetch("SELECT * FROM call ORDER BY started_at")
    assert len(calls) == len(truth)
    for call, told in zip(calls, truth, strict=True):
        _agrees(call, told)
        if "legs" in told:
            assert await _legs(pool, call["id"]) == told["legs"]
        if "entries" in told:
            entries = await pool.fetchval("SELECT count(*) FROM queue_entry WHERE call_id = $1", call["id"])
            assert entries == told["entries"]
        assert call["ended_at"] is not None
        assert call["anomalies"] == 0
    rung = [r["agent_no"] for r in await pool.fetch("SELECT agent_no FROM ring_attempt ORDER BY ended_at")]
    if "unanswered" in truth[0]:
        assert rung == truth[0]["unanswered"]


async def _legs(pool: asyncpg.Pool, call_id: Any) -> dict[str, list[str]]:
    """Of whom we rang: number → party, outcome, who hung up. Once more: "again" (desk), "queue"."""
    found: dict[str, list[str]] = {}
    rung = "SELECT * FROM leg WHERE call_id = $1 AND outcome IS NOT NULL ORDER BY started_at"
    for leg in await pool.fetch(rung, call_id):
        key = leg["number"]
        if key in found:
            key += " again" if leg["leg_no"] else " queue"
        assert key not in found
        found[key] = [leg["party"], leg["outcome"], leg["hung_up_by"]]
    return found


def _agrees(call: asyncpg.Record, told: dict[str, Any]) -> None:
    for key in ("outcome", "hung_up_by", "agent_no", *_TOLD_OF_MOVES):
        if key in told or key not in _TOLD_OF_MOVES:
            assert call[key] == told[key], key
    assert call["seat"] == told.get("seat")
    assert call["repaired"] == (told["outcome"] == "lost")
    if call["repaired"]:  # nobody knows how long it lasted: unknown, not zero
        assert (call["talk_s"], call["hold_s"]) == (None, None)
        return
    for key in ("wait_s", "talk_s", "hold_s"):
        if told.get(key) is not None:
            assert call[key] == pytest.approx(told[key], abs=0.35 if key != "wait_s" else 1.0), key
        elif key in told:
            assert call[key] is None, key


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [n for n in NAMES if n not in MOVED or n in _LINE_BY_LINE])
async def test_every_prefix_then_the_rest(name: str, journal: Journal, pool: asyncpg.Pool) -> None:
    """A cti killed after any line of either file, started again: the same rows."""
    expected = json.loads((TRACES / name / "expected.json").read_text())
    for stream, other in (("cel", "queue_log"), ("queue_log", "cel")):
        lines = trace(name, stream).splitlines(keepends=True)
        for data, before in ((trace(name, other), True), (trace(name, other), False))[: 2 if stream == "cel" else 1]:
            for path in (journal.path("cel"), journal.path("queue_log")):
                path.unlink(missing_ok=True)
            await empty(pool)
            if before:
                journal.append(other, data)
            for line in lines:
                journal.append(stream, line)
                await journal.read()
            if not before:
                journal.append(other, data)
                await journal.read()
            assert await rows(pool, *DERIVED) == expected


async def test_a_cut_at_every_byte(journal: Journal, pool: asyncpg.Pool) -> None:
    """One running reader, fed one byte at a time: no half line is ever taken for a line."""
    name = "gone_while_ringing"
    reader, stop = journal.reader(), asyncio.Event()
    running = asyncio.create_task(reader.run(stop))
    for stream in ("cel", "queue_log"):
        data = trace(name, stream)
        with_pause = set(random.Random(1).sample(range(len(data)), 60))
        for at in range(len(data)):
            journal.append(stream, data[at : at + 1])
            if at in with_pause:
                looked = reader.state.looked_at
                await eventually(lambda looked=looked: reader.state.looked_at != looked, every_s=0)
    lines = sum(trace(name, s).count(b"\n") for s in ("cel", "queue_log"))
    await eventually(lambda: reader.state.counts.lines >= lines)
    stop.set()
    await running
    assert await rows(pool, *DERIVED) == json.loads((TRACES / name / "expected.json").read_text())
    assert await pool.fetchval("SELECT count(*) FROM dead_letter") == 0


@pytest.mark.parametrize("seed", range(4))
async def test_calls_mixed_line_by_line(seed: int, journal: Journal, pool: asyncpg.Pool) -> None:
    """All traces at once, their lines interleaved at random, in batches of any size: the rows of each alone."""
    names = [n for n in NAMES if n != "killed_in_talk"]  # a QUEUESTART closes what is open: one PBX, one life
    merged = {}
    rng = random.Random(seed)
    for stream in ("cel", "queue_log"):
        piles = [
            [line for line in trace(n, stream).splitlines(keepends=True) if b"QUEUESTART" not in line] for n in names
        ]
        merged[stream] = _shuffled(piles, rng)
    while any(merged.values()):
        for stream, lines in merged.items():
            n = rng.randrange(1, 40)
            journal.append(stream, b"".join(lines[:n]))
            del lines[:n]
        if rng.random() < 0.7:
            await journal.read()
    await journal.read()
    expected = [json.loads((TRACES / n / "expected.json").read_text()) for n in names]
    found = await rows(pool, "call", "leg", "queue_entry", "ring_attempt")
    for table, some in found.items():
        wanted = [r for e in expected for r in e[table]]
        assert sorted(map(repr, some)) == sorted(map(repr, wanted))


@pytest.mark.parametrize("name", MOVED)
async def test_legs_in_any_order_are_of_one_call(name: str, journal: Journal, pool: asyncpg.Pool) -> None:
    """The lines of a call and of everybody whom we called into it, mixed at random, read in bits by many readers."""
    expected = json.loads((TRACES / name / "expected.json").read_text())
    rng = random.Random(name)
    cel = trace(name, "cel").splitlines(keepends=True)
    piles: dict[bytes, list[bytes]] = {}
    for line in cel:
        piles.setdefault(line.split(b'","')[9], []).append(line)
    lines = {"cel": _shuffled(list(piles.values()), rng), "queue_log": trace(name, "queue_log").splitlines(True)}
    while any(lines.values()):
        for stream, some in lines.items():
            n = rng.randrange(0, 12)
            journal.append(stream, b"".join(some[:n]))
            del some[:n]
        await journal.read()
        refs = [r["linkedid"] for r in await pool.fetch("SELECT linkedid FROM call")]
        assert len(refs) <= 1, "whoever we called is no call"
        assert not any("+" in ref for ref in refs)
    found = await rows(pool, "call", "leg", "queue_entry", "ring_attempt")
    for table, some_rows in found.items():
        assert some_rows == expected[table], table


async def test_the_stand_in_of_a_failed_originate_is_no_call(journal: Journal, pool: asyncpg.Pool) -> None:
    name, refused = "third_refuses", b'"12345","failed","room-outside","OutgoingSpoolFailed","","","t12-9.9","t12-9.9",'
    lines = trace(name, "cel").splitlines(keepends=True)
    stamp = lines[-1].split(b'","')[1]
    for event in (b"CHAN_START", b"HANGUP", b"CHAN_END", b"LINKEDID_END"):
        lines.insert(-3, b'"' + event + b'","' + stamp + b'",' + refused + b'"","",""\n')
    journal.append("cel", b"".join(lines))
    journal.append("queue_log", trace(name, "queue_log"))
    await journal.read()
    expected = json.loads((TRACES / name / "expected.json").read_text())
    assert await rows(pool, "call", "leg") == {"call": expected["call"], "leg": expected["leg"]}
    assert await pool.fetchval("SELECT count(*) FROM cel_event WHERE linkedid = 't12-9.9'") == 4, "kept all the same"
    assert await pool.fetchval("SELECT count(*) FROM dead_letter") == 0


def _shuffled(piles: list[list[bytes]], rng: random.Random) -> list[bytes]:
    """One list that keeps the order within each pile."""
    order = [n for n, pile in enumerate(piles) for _ in pile]
    rng.shuffle(order)
    heads = [iter(pile) for pile in piles]
    return [next(heads[n]) for n in order]


async def test_replay_from_zero_gives_the_same_rows(journal: Journal, pool: asyncpg.Pool) -> None:
    for name in NAMES:
        journal.write(name)
        await journal.read()
    live = await rows(pool)
    await journal.reader().replay()
    assert await rows(pool) == live  # over what is there
    await pool.execute("TRUNCATE call, leg, queue_entry, ring_attempt, agent_event CASCADE")
    await journal.reader().replay()
    assert await rows(pool) == live  # derived rows gone, raw rows there
    await empty(pool)
    await journal.reader().replay()
    assert await rows(pool) == live  # nothing there


async def test_two_switches_with_the_same_ids_are_two_calls(journals: Any, pool: asyncpg.Pool) -> None:
    for node in ("one", "two"):
        journal = journals(node, folder=node)
        journal.write("answered")
        await journal.read()
    calls = await pool.fetch("SELECT id, node, linkedid FROM call")
    assert {c["node"] for c in calls} == {"one", "two"}
    assert len({c["linkedid"] for c in calls}) == 1
    assert len({c["id"] for c in calls}) == 2


async def test_the_feed_tells_of_a_call_when_it_comes_and_when_it_is_over(journal: Journal, pool: asyncpg.Pool) -> None:
    lines = trace("answered", "cel").splitlines(keepends=True)
    journal.append("queue_log", trace("answered", "queue_log"))
    for line in lines:
        journal.append("cel", line)
        await journal.read()
    call_id = str(await pool.fetchval("SELECT id FROM call"))
    feed = await pool.fetch("SELECT topic, key, body FROM feed ORDER BY seq")
    assert {(r["topic"], r["key"], r["body"]) for r in feed} == {("record", call_id, json.dumps({"call_id": call_id}))}
    assert len(feed) >= 2
