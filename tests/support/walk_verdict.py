"""Judges a walk: what the PBX's CEL and the town's log say, against the rows, the store, the live table and the PBX.

Reads CEL and SIPp's log on its own, like the other witnesses; trusts none of our code but the shape of a called leg's
uniqueid (``<call>+<leg>-<number>``), which is written out here again.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ami_wire import ami_wire
from tests.support.house import House
from tests.support.moved_witness import compare_moved, read_moved
from tests.support.verdict import Verdict

_EVENT, _TIME, _CALLER, _CONTEXT, _CHANNEL, _UNIQUEID, _LINKEDID = 0, 1, 2, 4, 5, 8, 9
_COLUMNS = 13
_TRUNK = "PJSIP/trunk-"
_NORMAL_ENDS = ("leg.", "call.ended")  # what becomes of a leg is an end; so is a citizen who hangs up meanwhile
SHORT_TALK_S = 1.0  # a leg that was there for less may be without a recording


@dataclass(slots=True)
class Leg:
    uniqueid: str
    channel: str
    started: float
    answered: float | None = None
    bridged_s: float = 0.0
    ended: float | None = None
    _entered: float | None = None

    def add(self, event: str, at: float) -> None:
        if event == "ANSWER":
            self.answered = self.answered or at
        elif event == "BRIDGE_ENTER":
            self._entered = at
        elif event == "BRIDGE_EXIT" and self._entered is not None:
            self.bridged_s += at - self._entered
            self._entered = None
        elif event == "CHAN_END":
            self.ended = at

    @property
    def number(self) -> str:
        """Whom we called; "" for a leg that came to us or that the queue rang."""
        return self.uniqueid.partition("+")[2].partition("-")[2]


@dataclass(slots=True)
class Call:
    linkedid: str
    caller: str
    legs: dict[str, Leg] = field(default_factory=dict)


def read_cel(paths: Iterable[Path]) -> dict[str, Call]:
    """Citizens' calls by linkedid, each with every leg, the called ones too."""
    calls: dict[str, Call] = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            for row in csv.reader(lines):
                if len(row) != _COLUMNS or not row[_CHANNEL].startswith("PJSIP/"):
                    continue
                ref = row[_LINKEDID].partition("+")[0]
                begins = row[_EVENT] == "CHAN_START"
                if begins and row[_UNIQUEID] == ref and row[_CHANNEL].startswith(_TRUNK):
                    calls[ref] = Call(ref, row[_CALLER])
                if ref in calls:
                    at = float(row[_TIME])
                    new = Leg(row[_UNIQUEID], row[_CHANNEL], at)
                    calls[ref].legs.setdefault(row[_UNIQUEID], new).add(row[_EVENT], at)
    return calls


def read_outside(log: Path) -> dict[str, set[str]]:
    """What each number of the town saw: number → events."""
    seen: dict[str, set[str]] = {}
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        parts = line.split("|")
        if len(parts) == 4:
            seen.setdefault(parts[1], set()).add(f"{parts[0]} {parts[3]}".strip())
    return seen


def expected_outcome(seen: set[str], joined: bool) -> set[str]:
    """What a leg's row may say, from what that number's telephone saw."""
    if "was_busy" in seen:
        return {"busy"}
    if "refused_us" in seen:
        return {"refused"}
    if joined and "joined" in seen:
        return {"answered", "hung_up_on_us"} if "parted outside" in seen else {"answered"}
    return {"no_answer", "cancelled", "failed"}


async def judge_walk(house: House, citizens: int) -> Verdict:
    """Everything that differs, once all has come to rest; ask again while something is still on its way."""
    verdict = Verdict()
    calls = read_cel([house.pbx.settings.cel_file])
    told = read_moved([house.pbx.settings.cel_file])
    outside = read_outside(house.town.outside_log)
    rows = {r["linkedid"]: dict(r) for r in await house.fetch("SELECT * FROM call")}
    verdict.equal("-", "citizens' calls in CEL", citizens, len(calls))
    for linkedid in rows.keys() - calls.keys():
        verdict.differ(linkedid, "row without a call", "none", rows[linkedid]["caller"])
    legs = await _grouped(house, "leg")
    recordings = await _grouped(house, "recording")
    for ref, call in calls.items():
        row = rows.get(ref)
        if row is None:
            verdict.differ(ref, "row", "one", "none")
            continue
        verdict.outcomes[row["outcome"]] += 1
        _call(verdict, call, row, legs.get(row["id"], []), outside)
        compare_moved(verdict, told[ref], row, legs.get(row["id"], []), house.agent_of_seat)
        _recordings(verdict, call, recordings.get(row["id"], []))
    await _at_rest(verdict, house)
    return verdict


def _call(verdict: Verdict, call: Call, row: dict[str, Any], legs: list[dict[str, Any]], outside: Any) -> None:
    who = f"{call.caller} {call.linkedid}"
    verdict.equal(who, "caller", call.caller, row["caller"])
    verdict.equal(who, "direction", "inbound", row["direction"])
    if row["ended_at"] is None:
        verdict.differ(who, "ended_at", "a time", None)
    verdict.equal(who, "legs", sorted(call.legs), sorted(leg["uniqueid"] for leg in legs))
    for leg in legs:
        told = call.legs.get(leg["uniqueid"])
        if told is None:
            continue
        if leg["ended_at"] is None:
            verdict.differ(who, f"end of leg {told.uniqueid}", told.ended, None)
        if told.number.startswith("0"):
            may_be = expected_outcome(outside.get(told.number, set()), told.answered is not None)
            if leg["outcome"] not in may_be:
                verdict.differ(who, f"outcome of {told.number}", sorted(may_be), leg["outcome"])


def _recordings(verdict: Verdict, call: Call, found: list[dict[str, Any]]) -> None:
    """The citizen's, and one of every outside leg that talked; nothing twice."""
    parts = [r["part"] for r in found]
    verdict.equal(call.linkedid, "parts twice", sorted(set(parts)), sorted(parts))
    for recording in found:
        verdict.recordings[recording["state"]] += 1
    for leg in call.legs.values():
        outside = leg.number.startswith("0")
        if leg.bridged_s < SHORT_TALK_S or not (outside or leg.uniqueid == call.linkedid):
            continue
        part = int(leg.uniqueid.partition("+")[2].partition("-")[0]) if outside else 1
        if part not in parts and (outside or _talked(call)):
            verdict.differ(call.linkedid, f"recording of {leg.number or 'the citizen'}", f"part {part}", parts)


def _talked(call: Call) -> bool:
    return any(leg.bridged_s > SHORT_TALK_S for leg in call.legs.values() if leg.uniqueid != call.linkedid)


async def _grouped(house: House, table: str) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in await house.fetch(f'SELECT * FROM "{table}"'):
        found.setdefault(row["call_id"], []).append(dict(row))
    return found


async def _at_rest(verdict: Verdict, house: House) -> None:
    """Nothing is left over anywhere: no channel, room, live call, busy agent, open command, dead letter, spool file."""
    with ami_wire(house.pbx.settings) as wire:
        channels = wire.list("CoreShowChannels", "CoreShowChannel")
        rooms = wire.list("ConfbridgeListRooms", "ConfbridgeListRooms")
    verdict.equal("-", "channels left", [], [c["Channel"] for c in channels])
    verdict.equal("-", "rooms left", [], [r["Conference"] for r in rooms])
    for row in await house.fetch("SELECT topic, key, body FROM live WHERE topic IN ('call', 'agent')"):
        state = json.loads(row["body"])["state"]
        if row["topic"] == "call" and state != "ended":
            verdict.differ(row["key"], "live call left", "none", state)
        if row["topic"] == "agent" and state in ("talking", "ringing"):
            verdict.differ(row["key"], "agent's state at rest", "ready", state)
    for row in await house.fetch("SELECT id, kind, state, reason FROM command"):
        if row["state"] in ("pending", "asked", "failed") and not (row["reason"] or "").startswith(_NORMAL_ENDS):
            verdict.differ(str(row["id"]), f"command {row['kind']}", "an end", f"{row['state']} {row['reason']}")
    for row in await house.fetch("SELECT source, position, reason FROM dead_letter"):
        verdict.differ("-", "dead letter", "none", f"{row['source']} {row['position']}: {row['reason']}")
    verdict.equal(
        "-", "files left in the spool", [], sorted(p.name for p in house.pbx.settings.spool.glob("*.wav"))[:5]
    )
