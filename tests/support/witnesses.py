"""What really happened, from those who were there: SIPp's log, Asterisk's queue_log and CEL file.

Reads the three on its own: no module of the house is imported, not even for the order of columns, so that a mistake
there cannot hide here. One key joins them: every caller's number is used once.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

# Positions in a line of cel.csv.
_EVENT, _TIME, _CALLER, _CONTEXT, _CHANNEL, _UNIQUEID, _LINKEDID, _EXTRA = 0, 1, 2, 4, 5, 8, 9, 12
_CEL_COLUMNS = 13


@dataclass(slots=True)
class Ring:
    """One telephone rung for a citizen, as that telephone saw it (epoch seconds)."""

    seat: str
    at: float
    picked_up: float | None = None
    ended: float | None = None
    ended_by: str = ""  # "agent" | "pbx" | "cancelled" | "declined" | "crossed"


@dataclass(slots=True)
class Outside:
    """One call as SIPp saw it."""

    caller: str
    dialled: float
    answered: float | None = None  # by the PBX
    ended: float | None = None
    ended_by: str = ""  # "citizen" | "pbx" | "refused" | "unanswered"
    rings: list[Ring] = field(default_factory=list)


@dataclass(slots=True)
class Queued:
    """One stay in the queue as queue_log tells it (whole seconds)."""

    entered: int
    agent: str | None = None
    connected: int | None = None
    wait_s: int | None = None
    end: str = ""  # "COMPLETEAGENT" | "COMPLETECALLER" | "ABANDON" | "EXIT…" | ""
    talk_s: int | None = None
    not_answered: list[str] = field(default_factory=list)
    silent: bool = False  # the seat that was connected sent no sound, says CEL


@dataclass(slots=True)
class Inside:
    """One call as CEL and queue_log tell it."""

    linkedid: str
    caller: str
    started: float
    milestones: dict[str, float] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)  # uniqueid → channel name
    second_channel_at: float = 0.0  # the first telephone was rung
    bridged: float | None = None  # the citizen's channel first entered a bridge
    ended: float | None = None  # LINKEDID_END; None: the switch died under it
    last: float = 0.0  # newest line about it
    queued: list[Queued] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # agents whose seat answered without sound, one for each time

    @property
    def heard(self) -> list[Queued]:
        """The stays that ended with somebody who was heard."""
        return [stay for stay in self.queued if stay.connected is not None and not stay.silent]


def read_sipp(logs: Iterable[Path]) -> dict[str, Outside]:
    """All calls of some SIPp logs, by the caller's number."""
    lines = [line for path in logs if path.exists() for line in path.read_text(errors="replace").splitlines()]
    told = sorted((_stamp(parts[2]), parts) for line in lines if len(parts := line.split("|")) == 4)
    calls: dict[str, Outside] = {}
    for at, (event, caller, _, detail) in told:
        if event == "dialled":
            assert caller not in calls, f"{caller} dialled twice: the key of this check must be unique"
            calls[caller] = Outside(caller, at)
        elif detail in ("citizen", "pbx") and event == "ended":
            if not calls[caller].ended_by:  # who said BYE first; the other's may cross it
                calls[caller].ended, calls[caller].ended_by = at, detail
        elif event in ("refused", "unanswered"):
            calls[caller].ended, calls[caller].ended_by = at, event
        elif event == "answered":
            calls[caller].answered = at
        else:
            _ring(calls[caller], event, at, detail)
    return calls


def _ring(call: Outside, event: str, at: float, detail: str) -> None:
    seat, _, by = detail.partition(" ")
    if event in ("ringing", "declined"):
        call.rings.append(Ring(seat, at) if event == "ringing" else Ring(seat, at, ended=at, ended_by="declined"))
        return
    ring = next(r for r in reversed(call.rings) if r.seat == seat)
    if event == "picked_up":
        ring.picked_up = at
    elif event == "ended" and not ring.ended_by:  # who said BYE first; the other's may cross it
        ring.ended, ring.ended_by = at, by
    elif event == "cancelled":
        # A CANCEL that met the telephone's 200: picked up too late.
        ring.ended, ring.ended_by = at, "crossed" if ring.picked_up else "cancelled"


def _stamp(text: str) -> float:
    """SIPp's [timestamp]: date, tab, time, tab, epoch seconds with microseconds."""
    return float(text.rsplit("\t", maxsplit=1)[-1])


def read_pbx(cel: Iterable[Path], queue_log: Iterable[Path]) -> dict[str, Inside]:
    """All citizens' calls of one PBX, by linkedid. Files oldest first; what is no whole line of either is left out."""
    calls: dict[str, Inside] = {}
    for path in cel:
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            for row in csv.reader(whole(lines)):
                _cel(calls, row)
    for path in queue_log:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            parts = line.split("|")
            if len(parts) >= 5 and parts[0].isdigit() and parts[1] in calls:
                _queue(calls[parts[1]].queued, int(parts[0]), parts[3], parts[4], parts[5:])
    for call in calls.values():
        _silence(call)
    return calls


def _silence(call: Inside) -> None:
    """Each silent answer is one of that agent's, the first ones first: who was heard is not sent on."""
    for agent in call.silent:
        for stay in [s for s in call.queued if s.agent == agent and not s.silent][:1]:
            stay.silent = True


def whole(lines: Iterable[str]) -> Iterable[str]:
    """Only lines that look like Asterisk's: a fault test writes others among them."""
    return (line for line in lines if line.startswith('"') and line.endswith('"\n') and line.count('","') >= 12)


def _cel(calls: dict[str, Inside], row: list[str]) -> None:
    if len(row) != _CEL_COLUMNS or not row[_TIME].replace(".", "", 1).isdigit():
        return
    event, at, linkedid, uniqueid = row[_EVENT], float(row[_TIME]), row[_LINKEDID], row[_UNIQUEID]
    if event == "CHAN_START" and uniqueid == linkedid and row[_CONTEXT] == "from-trunk":
        calls[linkedid] = Inside(linkedid, row[_CALLER], at)
    call = calls.get(linkedid)
    if call is None:
        return
    call.last = max(call.last, at)
    if event == "CHAN_START":
        call.channels[uniqueid] = row[_CHANNEL]
        if uniqueid != linkedid and not call.second_channel_at:
            call.second_channel_at = at
    elif event == "BRIDGE_ENTER" and uniqueid == linkedid and call.bridged is None:
        call.bridged = at
    elif event == "LINKEDID_END":
        call.ended = at
    elif event.startswith("LX_"):
        call.milestones[event] = at
        if event == "LX_NO_SOUND":
            call.silent.append(json.loads(row[_EXTRA])["extra"].partition("/")[2])


def _queue(stays: list[Queued], at: int, agent: str, event: str, data: list[str]) -> None:
    if event == "ENTERQUEUE":
        stays.append(Queued(at))
    elif event == "CONNECT":
        stays[-1].agent, stays[-1].connected, stays[-1].wait_s = agent, at, int(data[0])
    elif event in ("COMPLETEAGENT", "COMPLETECALLER"):
        stays[-1].end, stays[-1].wait_s, stays[-1].talk_s = event, int(data[0]), int(data[1])
    elif event == "ABANDON":
        stays[-1].end, stays[-1].wait_s = event, int(data[2])
    elif event == "RINGNOANSWER":
        stays[-1].not_answered.append(agent)
    elif event.startswith("EXIT"):
        stays[-1].end = event
