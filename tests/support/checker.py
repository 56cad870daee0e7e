"""Compares what the witnesses say with the rows in PostgreSQL and the audio in the store, and prints the differences.

"Right" is tests/faults/README.md's: the set of calls equal, every outcome, seat, wait and talk within a second, every
answered call's recording complete, short or missing as its length says, nothing twice, no dead letters, what was
repaired marked. Trusts none of our code: witnesses read the outside on their own, rows come by plain SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.support.call_witness import Joined, compare
from tests.support.moved_witness import compare_moved, read_moved
from tests.support.verdict import Evidence, Verdict
from tests.support.witnesses import Inside, Outside, read_pbx, read_sipp


@dataclass(frozen=True, slots=True)
class Rows:
    calls: list[dict[str, Any]]
    legs: dict[Any, list[dict[str, Any]]]
    entries: dict[Any, list[dict[str, Any]]]
    recordings: dict[Any, list[dict[str, Any]]]
    dead_letters: list[dict[str, Any]]


async def read_rows(dsn: str) -> Rows:
    conn = await asyncpg.connect(dsn)
    try:
        tables = {
            name: [dict(r) for r in await conn.fetch(f'SELECT * FROM "{name}"')]
            for name in ("call", "leg", "queue_entry", "recording", "dead_letter")
        }
    finally:
        await conn.close()
    grouped: dict[str, dict[Any, list[dict[str, Any]]]] = {n: {} for n in ("leg", "queue_entry", "recording")}
    for name, groups in grouped.items():
        for row in tables[name]:
            groups.setdefault(row["call_id"], []).append(row)
    return Rows(tables["call"], grouped["leg"], grouped["queue_entry"], grouped["recording"], tables["dead_letter"])


async def check(dsn: str, evidence: Evidence) -> Verdict:
    """Read everything and compare. Call it after everything has come to rest."""
    rows = await read_rows(dsn)
    verdict = Verdict()
    outside = read_sipp(evidence.sipp_logs)
    inside = read_pbx(evidence.cel, evidence.queue_log)
    moved = {ref: call for ref, call in read_moved(evidence.cel).items() if call.has_moved}
    by_caller = set_of_calls(verdict, outside, inside, rows)
    for caller, (call, row) in by_caller.items():
        if call.linkedid in moved:  # two telephones cannot tell how long such a call was talked
            verdict.outcomes[row["outcome"]] += 1
            verdict.equal(caller, "caller", caller, row["caller"])
            compare_moved(verdict, moved[call.linkedid], row, rows.legs.get(row["id"], []), evidence.agent_of_seat)
            continue
        joined = Joined(
            outside[caller], call, row, rows.legs.get(row["id"], []), rows.entries.get(row["id"], []),
            rows.recordings.get(row["id"], []),
        )  # fmt: skip
        compare(verdict, evidence, joined)
    verdict.equal("-", "dead letters", evidence.dead_letters, len(rows.dead_letters))
    for letter in rows.dead_letters[evidence.dead_letters :]:
        verdict.differ("-", "dead letter", "none", f"{letter['source']} {letter['position']}: {letter['reason']}")
    left = sorted(p.name for p in evidence.spool.glob("*.wav"))
    verdict.equal("-", "files left in the spool", [], left[:5])
    return verdict


def set_of_calls(
    verdict: Verdict, outside: dict[str, Outside], inside: dict[str, Inside], rows: Rows
) -> dict[str, tuple[Inside, dict[str, Any]]]:
    """Every citizen answered by the PBX is one call in CEL and one row, and no other."""
    of_caller: dict[str, list[Inside]] = {}
    for call in inside.values():
        of_caller.setdefault(call.caller, []).append(call)
    of_linkedid: dict[str, list[dict[str, Any]]] = {}
    for row in rows.calls:
        of_linkedid.setdefault(row["linkedid"], []).append(row)
        if row["linkedid"] not in inside:
            verdict.differ(row["linkedid"], "row without a call", "none", row["caller"])
    joined = {}
    for caller, seen in outside.items():
        told = of_caller.get(caller, [])
        verdict.equal(caller, "calls in CEL", 1 if seen.answered else len(told), len(told))
        for call in told[:1]:
            found = of_linkedid.get(call.linkedid, [])
            verdict.equal(caller, "rows of this call", 1, len(found))
            if found:
                joined[caller] = (call, found[0])
    return joined
