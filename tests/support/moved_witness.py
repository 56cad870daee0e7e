"""What CEL says of calls that move, read on its own: who was in which bridge when, and what follows from that.

No module of the house is imported, not even for the names in the dial plan. Where the house folds line by line, this
lays out every channel's stays in bridges first and asks afterwards. ``compare_moved`` judges the rows of one call.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.verdict import Verdict
from tests.support.witnesses import whole

_EVENT, _TIME, _CALLER, _CONTEXT, _CHANNEL, _UNIQUEID, _LINKEDID, _USER, _EXTRA = 0, 1, 2, 4, 5, 8, 9, 11, 12
_COLUMNS = 13
_SEAT = re.compile(r"PJSIP/(8\d{3})(-web)?-[0-9a-f]+")
_TRUNK = "PJSIP/trunk-"
_LEG = re.compile(r"(?P<ref>[^+]+)\+(?P<no>\d+)-(?P<number>\d+)")
_ON_US_S = 10.0
_CAUSES = {17: "busy", 21: "refused", 18: "no_answer", 19: "no_answer"}
_ALONE_S = 0.5  # two who are moved at once do not arrive at once

Span = tuple[float, float]


@dataclass(slots=True)
class Channel:
    uniqueid: str
    name: str
    begun: float
    answered: float | None = None
    ended: float | None = None
    cause: int = 0
    by: str | None = None  # hangupsource
    ended_in: str = ""
    stays: list[tuple[str, float, float]] = field(default_factory=list)  # bridge, from, to
    music: list[Span] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    contexts: set[str] = field(default_factory=set)
    silent: bool = False  # a seat that answered without sound

    @property
    def seat(self) -> str | None:
        found = _SEAT.fullmatch(self.name)
        return found[1] if found else None

    @property
    def called(self) -> re.Match[str] | None:
        return _LEG.fullmatch(self.uniqueid)


@dataclass(slots=True)
class Moved:
    """One call of a PBX with everybody who was called into it."""

    ref: str
    channels: dict[str, Channel] = field(default_factory=dict)
    shown: str = ""
    keys: list[str] = field(default_factory=list)
    stranded: int = 0
    police: bool = False
    open: dict[tuple[str, str], float] = field(default_factory=dict)  # what has begun and not ended

    @property
    def main(self) -> Channel | None:
        return self.channels.get(self.ref)

    @property
    def has_moved(self) -> bool:
        """Into a room, or on from a seat that was not heard."""
        return any(
            c.called or c.silent or any(x.startswith("room-") for x in c.contexts) for c in self.channels.values()
        )

    @property
    def outbound(self) -> bool:
        return bool(self.main and self.main.seat and any(c.called and not c.seat for c in self.channels.values()))

    @property
    def citizen(self) -> Channel | None:
        """Of a call that we placed: whom we talked to for; else the one whom we tried last."""
        if not self.outbound:
            return self.main if self.main and self.main.name.startswith(_TRUNK) else None
        tried = [c for c in self.channels.values() if self.party(c) == "citizen"]
        return min(tried, key=lambda c: (not c.stays, c.stays[0][1] if c.stays else -c.begun))

    def party(self, channel: Channel) -> str:
        if channel.seat:
            return "agent"
        if channel.called is None or channel.contexts & {"room-called", "room-citizen"}:
            return "citizen"
        outside = [c for c in self.channels.values() if c.called and not c.seat]
        first = min(outside, key=lambda c: c.begun).called
        same = first is not None and first["number"] == channel.called["number"]
        return "citizen" if self.outbound and same and "room-outside" not in channel.contexts else "outside"

    def shared(self, one: Channel, other: Channel) -> list[Span]:
        """When the two could hear each other."""
        both = [
            (max(a, c), min(b, d)) for x, a, b in one.stays for y, c, d in other.stays if x == y and other is not one
        ]
        return sorted((a, b) for a, b in both if b > a)

    def with_seats(self) -> list[tuple[float, float, str]]:
        """The citizen's talks with seats that were heard: from, to, the seat's uniqueid."""
        citizen = self.citizen
        seats = [c for c in self.channels.values() if c.seat and not c.silent] if citizen else []
        return sorted((a, b, c.uniqueid) for c in seats if citizen for a, b in self.shared(citizen, c))

    def talk_s(self) -> float | None:
        """From the first word with a seat to the last bridge's end, without the times back in the queue."""
        talks, citizen = self.with_seats(), self.citizen
        if not talks or citizen is None:
            return None
        unheard = {bridge for c in self.channels.values() if c.silent for bridge, _, _ in c.stays}
        stays = [stay for stay in citizen.stays if stay[0] not in unheard]
        begun, ended = talks[0][0], max(b for _, _, b in stays)
        away = 0.0
        before = begun
        for _, entered, left in stays:
            if any(before <= at <= entered for at in citizen.queued) and entered > begun:
                away += entered - before
            before = left
        return ended - begun - away

    def hold_s(self) -> float:
        """The citizen in a bridge and hearing music, which is: alone in a room, or held by a telephone."""
        citizen = self.citizen
        spans = [(a, b) for _, a, b in citizen.stays] if citizen else []
        return sum(max(0.0, min(b, d) - max(a, c)) for a, b in spans for c, d in (citizen.music if citizen else []))

    def outcome_of(self, channel: Channel) -> set[str | None]:
        """What a leg's row may say."""
        if channel is self.main and not self.outbound:
            return {None}
        if channel.answered:
            brief = channel.ended is not None and channel.ended - channel.answered < _ON_US_S
            on_us = brief and channel.called and channel.by == channel.name and self.party(channel) != "citizen"
            return {"hung_up_on_us" if on_us else "answered"}
        if channel.by is None:
            return {None}
        if channel.cause in _CAUSES:
            return {_CAUSES[channel.cause]}
        if channel.cause in (0, 16):
            return {"cancelled"} if channel.called else {"cancelled", "no_answer"}
        return {"failed"}

    def ended_by(self, channel: Channel) -> set[str]:
        """Who may be said to have hung up; from the channel that HANGUP names, or the desk's hand."""
        after_talk = channel is self.citizen and channel.ended_in == "after-talk" and bool(channel.stays)
        if channel.by is None:
            return {"switch", "unknown"}
        if after_talk:
            return {"agent", "outside", "switch"}
        named = next((c for c in self.channels.values() if channel.by and c.name == channel.by), None)
        if named is not None:
            return {self.party(named)}
        if channel.by:
            return {"agent"} if channel.ended_in == "abuse-end" else {"switch"}
        others = [c for c in self.channels.values() if c is not channel and c.answered]
        alone = channel.ended is not None and all(c.ended is not None and c.ended <= channel.ended for c in others)
        if channel.answered and alone and len(self.channels) > 1:
            return {"agent", "citizen", "outside", "switch"} - ({"citizen"} if channel is self.citizen else set())
        return {"agent"} if channel.cause == 16 and (channel.answered or channel.called) else {"switch"}


def read_moved(paths: Iterable[Path]) -> dict[str, Moved]:
    """Every call of some CEL files (oldest first), by its own linkedid; also those that never moved."""
    calls: dict[str, Moved] = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            for row in csv.reader(whole(lines)):
                if len(row) == _COLUMNS and row[_CHANNEL].startswith("PJSIP/") and _is_sound(row):
                    ref = row[_LINKEDID].partition("+")[0]
                    _line(calls.setdefault(ref, Moved(ref)), row)
    for call in calls.values():
        _close(call)
    return calls


def _is_sound(row: list[str]) -> bool:
    """A fault test writes other lines among Asterisk's."""
    try:
        return float(row[_TIME]) > 0 and (not row[_EXTRA] or isinstance(json.loads(row[_EXTRA]), dict))
    except ValueError:
        return False


def _line(call: Moved, row: list[str]) -> None:
    event, at, uniqueid = row[_EVENT], float(row[_TIME]), row[_UNIQUEID]
    channel = call.channels.setdefault(uniqueid, Channel(uniqueid, row[_CHANNEL], at))
    channel.contexts.add(row[_CONTEXT])
    extra = json.loads(row[_EXTRA]) if row[_EXTRA] else {}
    if channel.called and not channel.seat and row[_CALLER]:
        call.shown = call.shown or row[_CALLER]
    if event == "ANSWER":
        channel.answered = channel.answered or at
    elif event == "BRIDGE_ENTER":
        call.open[uniqueid, "bridge " + extra["bridge_id"]] = at
    elif event == "BRIDGE_EXIT":
        begun = call.open.pop((uniqueid, "bridge " + extra["bridge_id"]), at)
        channel.stays.append((extra["bridge_id"], begun, at))
    elif event == "STREAM_BEGIN" and row[_USER] == "MOH_STREAM_BEGIN":
        call.open.setdefault((uniqueid, "music"), at)
    elif event == "STREAM_END" and row[_USER] == "MOH_STREAM_END":
        channel.music.append((call.open.pop((uniqueid, "music"), at), at))
    elif event == "HANGUP" and channel.by is None:
        channel.cause, channel.by, channel.ended_in = extra["hangupcause"], extra["hangupsource"], row[_CONTEXT]
    elif event == "CHAN_END":
        channel.ended = at
    elif event.startswith("LX_"):
        _milestone(call, channel, event, at, extra.get("extra", ""))


def _milestone(call: Moved, channel: Channel, event: str, at: float, extra: str) -> None:
    if event == "LX_QUEUED":
        channel.queued.append(at)
    elif event == "LX_SURVEY":
        call.keys.append(extra)
    elif event == "LX_STRANDED":
        call.stranded += 1
    elif event == "LX_NO_SOUND":
        seat = extra.partition("/")[0]
        max((c for c in call.channels.values() if c.seat == seat), key=lambda c: c.begun).silent = True
    elif event == "LX_FROM_POLICE":
        call.police = True


def _close(call: Moved) -> None:
    """What was never told to end, ended with its channel (or goes on)."""
    for (uniqueid, what), begun in call.open.items():
        channel = call.channels[uniqueid]
        end = channel.ended or float("inf")
        if what == "music":
            channel.music.append((begun, end))
        else:
            channel.stays.append((what.removeprefix("bridge "), begun, end))
    for channel in call.channels.values():
        channel.stays.sort(key=lambda s: s[1])


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────


def compare_moved(
    verdict: Verdict, call: Moved, row: dict[str, Any], legs: list[dict[str, Any]], agents: dict[str, str]
) -> None:
    """Everything in the row and the legs of one ended call that CEL can tell. ``agents``: seat → agent_no."""
    citizen, who = call.citizen, f"{row['caller']} {call.ref}"
    verdict.equal(who, "direction", "outbound" if call.outbound else "inbound", row["direction"])
    if call.outbound and citizen is not None and citizen.called is not None:
        verdict.equal(who, "called", citizen.called["number"], row["called"])
        verdict.equal(who, "number shown", call.shown, row["caller"])
    ends = [c.ended for c in call.channels.values() if c.ended is not None]
    if len(ends) == len(call.channels):
        verdict.near(who, "end of the last leg", max(ends), _epoch(row["ended_at"]))
        _talk(verdict, who, call, row, agents)
        if citizen is not None:
            _one_of(verdict, who, "hung up by", call.ended_by(citizen), row["hung_up_by"])
    key = next((int(k) for k in reversed(call.keys) if k in ("1", "2", "3")), None)
    verdict.equal(who, "satisfaction", key, row["satisfaction"])
    last = max(call.with_seats(), key=lambda t: (t[1], t[0]), default=None)
    expected = agents[call.channels[last[2]].seat or ""] if key and last else None
    verdict.equal(who, "satisfaction's agent", expected, row["satisfaction_agent_no"])
    verdict.equal(who, "stranded", call.stranded, row["stranded"])
    verdict.equal(who, "from the police", call.police, row["from_police"])
    _legs(verdict, who, call, legs, agents)


def _talk(verdict: Verdict, who: str, call: Moved, row: dict[str, Any], agents: dict[str, str]) -> None:
    talks = call.with_seats()
    verdict.near(who, "answered_at", talks[0][0] if talks else None, _epoch(row["answered_at"]))
    if talks:
        verdict.equal(who, "outcome", "answered", row["outcome"])
        verdict.equal(who, "first agent", agents[call.channels[talks[0][2]].seat or ""], row["agent_no"])
        verdict.equal(who, "first seat", call.channels[talks[0][2]].seat, row["seat"])
        verdict.near(who, "talk through all moves", call.talk_s(), row["talk_s"], 0.1)
        verdict.near(who, "hold through all moves", call.hold_s(), row["hold_s"], 0.1 + _ALONE_S * 0.2)
    elif row["outcome"] == "answered":
        verdict.differ(who, "outcome", "not answered", "answered")


def _legs(verdict: Verdict, who: str, call: Moved, legs: list[dict[str, Any]], agents: dict[str, str]) -> None:
    verdict.equal(who, "legs", sorted(call.channels), sorted(leg["uniqueid"] for leg in legs))
    for leg in legs:
        channel = call.channels.get(leg["uniqueid"])
        if channel is None:
            continue
        name = f"of leg {channel.uniqueid}"
        called = channel.called
        verdict.equal(who, f"party {name}", call.party(channel), leg["party"])
        _one_of(verdict, who, f"outcome {name}", call.outcome_of(channel), leg["outcome"])
        verdict.equal(who, f"seat {name}", channel.seat, leg["seat"])
        no = int(called["no"]) if called else 1 if channel is call.main else None
        verdict.equal(who, f"leg_no {name}", no, leg["leg_no"])
        if called:
            verdict.equal(who, f"number {name}", called["number"], leg["number"])
        if channel.seat and channel.answered and channel.stays:
            verdict.equal(who, f"agent {name}", agents[channel.seat], leg["agent_no"])
        if channel.ended is not None:
            verdict.near(who, f"end {name}", channel.ended, _epoch(leg["ended_at"]))
            _one_of(verdict, who, f"hung up by, {name}", call.ended_by(channel), leg["hung_up_by"])
        entered = channel.stays[0][1] if channel.stays else None
        verdict.near(who, f"bridged {name}", entered, _epoch(leg["bridged_at"]))


def _one_of(verdict: Verdict, who: str, what: str, expected: set[Any], found: Any) -> None:
    if found not in expected:
        verdict.differ(who, what, sorted(map(str, expected)), found)


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
