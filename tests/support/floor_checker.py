"""Compares screens with the PBX many times a second, and tells every difference that lasts.

A screen may be late by a moment: it is right when it shows what the PBX says now, or said less than ``LASTS_S`` ago.
A difference begins when the PBX stopped saying what the screen shows, or when the screen began to show it, whichever
is later. It lasts as long as the screen shows the same wrong thing. Time for which our processes were ready and got no
processor (a machine shared with others) is taken off, but never more than ``EXCUSED_S`` of one difference.
"""

from __future__ import annotations

import asyncio
import os
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.ami_wire import ami_wire
from tests.support.floor_words import Key, Words, pbx_says
from tests.support.house import House
from tests.support.starvation import Starvation

LASTS_S = 1.0
EVERY_S = 0.2
NEAR_S = 2.0  # two times in whole seconds of different clocks' roundings are the same
EXCUSED_S = 4.0
_FORGET_S = 30.0


@dataclass(slots=True)
class Difference:
    """``began`` and ``seen``: seconds since the checker's first look."""

    screen: str
    key: Key
    shown: Any
    said: Any  # by the PBX, when it was last looked at
    began: float
    seen: float
    starved_s: float = 0.0  # of it

    @property
    def lasted_s(self) -> float:
        return self.seen - self.began

    @property
    def ours_s(self) -> float:
        return self.lasted_s - min(self.starved_s, EXCUSED_S)

    def __str__(self) -> str:
        what = " ".join(self.key)
        return (
            f"{self.screen:<12} {what:<34} shown {self.shown!s:<34} the PBX {self.said!s:<34}"
            f" from {self.began:7.2f} s for {self.lasted_s:.2f} s (starved {self.starved_s:.2f} s)"
        )


@dataclass(slots=True)
class FloorChecker:
    """Feed it with :meth:`look`; :attr:`lasting` is what it found."""

    lasts_s: float = LASTS_S
    looks: int = 0
    compared: int = 0
    longest_s: float = 0.0  # of all differences, also of those that did not last
    slowest_look_s: float = 0.0
    places: set[int] = field(default_factory=set)  # in the queue, that the PBX gave
    found: list[Difference] = field(default_factory=list)
    _said: dict[Key, list[tuple[Any, float]]] = field(default_factory=dict)  # value, until when it was said
    _running: dict[tuple[str, Key], Difference] = field(default_factory=dict)
    _starved: list[tuple[float, float]] = field(default_factory=list)
    _shown_before: dict[tuple[str, Key], Any] = field(default_factory=dict)

    @property
    def lasting(self) -> list[Difference]:
        return [d for d in self.found if d.ours_s > self.lasts_s]

    def look(self, at: float, said: Words, shown: Mapping[str, Words], starved_s: float = 0.0) -> None:
        """One look. ``at``: when the PBX answered; ``starved_s``: all until now, only grows."""
        self.looks += 1
        self._starved.append((at, starved_s))
        self.places |= {value for key, value in said.items() if key[0] == "place"}
        for key in {*said, *self._said}:
            self._remember(key, said.get(key), at)
        for screen, words in shown.items():
            running = {key for name, key in self._running if name == screen}
            for key in {*said, *words, *running}:
                self._compare(screen, key, words.get(key), said.get(key), at)
        self._shown_before = {(name, key): value for name, words in shown.items() for key, value in words.items()}

    def _remember(self, key: Key, value: Any, at: float) -> None:
        told = self._said.setdefault(key, [])
        if told and told[-1][0] == value:
            told[-1] = value, at
            if value is None and told[0][1] < at - _FORGET_S:
                del self._said[key]
        else:
            told[:] = [one for one in told if one[1] > at - _FORGET_S]
            if told:  # until now it may have said what it said before
                told[-1] = told[-1][0], at
            told.append((value, at))

    def _compare(self, screen: str, key: Key, shown: Any, said: Any, at: float) -> None:
        self.compared += 1
        if _same(key, shown, said):
            self._running.pop((screen, key), None)
            return
        run = self._running.get((screen, key))
        if run is None or (run.shown != shown and key[0] != "longest"):
            run = Difference(screen, key, shown, said, self._since(screen, key, shown, at), at)
            self._running[screen, key] = run
            self.found.append(run)
        run.said, run.seen, run.starved_s = said, at, self._starved[-1][1] - self._starved_until(run.began)
        self.longest_s = max(self.longest_s, run.lasted_s)

    def _since(self, screen: str, key: Key, shown: Any, at: float) -> float:
        """When the PBX had stopped saying what this screen showed already before."""
        if self._shown_before.get((screen, key)) != shown:
            return at
        times = [until for value, until in self._said.get(key, ()) if value == shown]
        return max(times, default=at)

    def _starved_until(self, at: float) -> float:
        place = bisect_right(self._starved, at, key=lambda one: one[0])
        return self._starved[max(0, place - 1)][1]

    def still(self) -> list[Difference]:
        """What differs at the last look."""
        return list(self._running.values())

    def told(self) -> str:
        head = (
            f"{self.looks} looks (the slowest {self.slowest_look_s:.2f} s), {self.compared} comparisons, "
            f"longest difference {self.longest_s:.2f} s, {len(self.lasting)} lasted over {self.lasts_s} s; "
            f"without a processor {self._starved[-1][1] - self._starved[0][1]:.1f} s"
        )
        return "\n".join([head, *map(str, self.lasting[:40])])


def _same(key: Key, shown: Any, said: Any) -> bool:
    if key[0] == "longest" and shown is not None and said is not None:
        return bool(abs(shown - said) < NEAR_S)
    return bool(shown == said)


def house_pids(house: House) -> list[int]:
    """What stands between the PBX and a screen: Asterisk, our processes, PostgreSQL, and this one, which looks."""
    postgres = int((house.cluster.data / "postmaster.pid").read_text().split()[0])
    ours = [p.pid for name, p in house.processes.items() if name in ("cti", "api", "worker")]
    return [*ours, postgres, house.pbx.process.pid or 0, os.getpid()]


async def keep_looking(
    house: House, checker: FloorChecker, screens: Callable[[], Mapping[str, Words]], until: asyncio.Event
) -> None:
    """Every 0.2 s: ask the PBX, then read the screens."""
    begun, starved = time.monotonic(), Starvation()
    with ami_wire(house.pbx.settings) as wire:
        while not until.is_set():
            asked = time.monotonic()
            said = await asyncio.to_thread(pbx_says, wire)
            now = time.monotonic()
            checker.slowest_look_s = max(checker.slowest_look_s, now - asked)
            checker.look(now - begun, said, screens(), starved.waited_s(house_pids(house)))
            await asyncio.sleep(max(0.0, EVERY_S - (now - asked)))
