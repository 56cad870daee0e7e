"""When in a conference which part is heard: from the times at which its legs stood in which bridge. Pure.

On the right everybody outside, each by the own recording, whenever that leg was in a bridge. On the left the desk, as
it was heard: at each moment, of every bridge in which somebody talks with somebody, what the lowest part in it heard
(who else is in that room is there, too). A bridge with one leg in it is somebody alone with music, and is left out.
Both sides are silent in a pause of any part.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from pbx_config import contract
from recordings.legs import Bridged, Sign, leg_of, of_leg
from recordings.mixer import Piece

_SAME: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part that is in the store."""

    part: int
    duration_s: float
    pauses: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stay:
    uniqueid: str
    bridge: str
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """``pieces``: part → (left, right). Times in samples of the whole; ``pauses`` in its seconds."""

    began_at: datetime
    samples: int
    pieces: dict[int, tuple[list[Piece], list[Piece]]]
    pauses: list[dict[str, Any]]
    rate: int

    @property
    def mute(self) -> list[tuple[int, int]]:
        return [(round(p["from_s"] * self.rate), round(p["to_s"] * self.rate)) for p in self.pauses]


class _Leg:
    """A part's file against the clock. A file shorter than its bridges has lost its audio evenly."""

    def __init__(self, kept: KeptPart, uniqueid: str, bridged: Bridged) -> None:
        self.kept, self.uniqueid, self.bridged = kept, uniqueid, bridged
        self._held = min(1.0, kept.duration_s / bridged.seconds) if bridged.seconds else 1.0

    def second(self, at: datetime) -> float:
        return self.bridged.place(at) * self._held

    def when(self, second: float) -> datetime:
        """The clock's time of a second of the file."""
        left = second / self._held
        for stretch in self.bridged.stretches:
            if left <= stretch.seconds:
                return stretch.began_at + timedelta(seconds=left)
            left -= stretch.seconds
        return self.bridged.stretches[-1].ended_at

    def piece(self, began_at: datetime, ended_at: datetime, zero: datetime, rate: int) -> Piece:
        begin, end = round(self.second(began_at) * rate), round(self.second(ended_at) * rate)
        return begin, end - begin, round((began_at - zero).total_seconds() * rate)


def plan(signs: list[Sign], linkedid: str, parts: Sequence[KeptPart], ended_at: datetime, rate: int) -> Plan | None:
    """None: the journal knows of no bridge of any part."""
    legs = []
    for kept in sorted(parts, key=lambda p: p.part):
        uniqueid = leg_of(signs, linkedid, kept.part)
        bridged = of_leg(signs, uniqueid, ended_at)
        if bridged.stretches:
            legs.append(_Leg(kept, uniqueid, bridged))
    if not legs:
        return None
    zero = min(leg.bridged.stretches[0].began_at for leg in legs)
    end = max(leg.bridged.stretches[-1].ended_at for leg in legs)
    pieces: dict[int, tuple[list[Piece], list[Piece]]] = {leg.kept.part: ([], []) for leg in legs}
    for leg in legs:
        pieces[leg.kept.part][1].extend(leg.piece(s.began_at, s.ended_at, zero, rate) for s in leg.bridged.stretches)
    for leg, began, ended in _desk(legs, stays(signs, ended_at)):
        pieces[leg.kept.part][0].append(leg.piece(began, ended, zero, rate))
    samples = round((end - zero).total_seconds() * rate)
    return Plan(zero, samples, pieces, _pauses(legs, zero), rate)


def stays(signs: list[Sign], ended_at: datetime) -> list[Stay]:
    """Who stood in which bridge when: everybody of the call, recorded or not. Ears are nobody."""
    found: list[Stay] = []
    inside: dict[str, tuple[str, datetime]] = {}
    for sign in signs:
        if contract.ear_leg(sign.uniqueid) is not None:
            continue
        if sign.event == "BRIDGE_ENTER":
            inside.setdefault(sign.uniqueid, (_bridge(sign.extra), sign.at))
        elif sign.event in ("BRIDGE_EXIT", "CHAN_END") and sign.uniqueid in inside:
            bridge, entered = inside.pop(sign.uniqueid)
            found.append(Stay(sign.uniqueid, bridge, entered, sign.at))
    found += [Stay(uniqueid, bridge, entered, ended_at) for uniqueid, (bridge, entered) in inside.items()]
    return found


def _bridge(extra: str) -> str:
    try:
        told = json.loads(extra)
    except ValueError:
        return ""
    return str(told.get("bridge_id", "")) if isinstance(told, dict) else ""


def _desk(legs: Sequence[_Leg], all_stays: Sequence[Stay]) -> list[tuple[_Leg, datetime, datetime]]:
    """(whose left, from, to), one after the other for each part."""
    edges = sorted({edge for stay in all_stays for edge in (stay.began_at, stay.ended_at)})
    found: list[tuple[_Leg, datetime, datetime]] = []
    last: dict[int, int] = {}  # part → its newest place in ``found``
    for began, ended in pairwise(edges):
        present: dict[str, set[str]] = {}
        for stay in all_stays:
            if stay.began_at <= began and stay.ended_at >= ended:
                present.setdefault(stay.bridge, set()).add(stay.uniqueid)
        for members in present.values():
            leg = next((leg for leg in legs if leg.uniqueid in members), None)
            if leg is None or len(members) < 2:
                continue
            before = last.get(leg.kept.part)
            if before is not None and found[before][2] >= began - _SAME:
                found[before] = (leg, found[before][1], ended)
            else:
                last[leg.kept.part] = len(found)
                found.append((leg, began, ended))
    return [(leg, max(began, leg.bridged.stretches[0].began_at), ended) for leg, began, ended in found]


def _pauses(legs: Sequence[_Leg], zero: datetime) -> list[dict[str, Any]]:
    """Of all parts together, in seconds of the whole; those that overlap are one."""
    spans = sorted(
        ((leg.when(p["from_s"]) - zero).total_seconds(), (leg.when(p["to_s"]) - zero).total_seconds(), p["reason"])
        for leg in legs
        for p in leg.kept.pauses
    )
    found: list[dict[str, Any]] = []
    for begin, end, reason in spans:
        if found and begin <= found[-1]["to_s"]:
            found[-1]["to_s"] = max(found[-1]["to_s"], round(end, 2))
        else:
            found.append({"from_s": round(begin, 2), "to_s": round(end, 2), "reason": reason})
    return found
