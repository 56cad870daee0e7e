"""What goes wrong and when: a timetable of faults drawn from a seed, carried out on a house while calls run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

Act = Callable[[], Awaitable[None] | None]


@dataclass(slots=True)
class Nemesis:
    """Acts at their times (seconds from :meth:`run`'s call); ``done`` tells what was done when."""

    dice: Random
    acts: list[tuple[float, str, Act]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def plan(self, name: str, between_s: tuple[float, float], act: Act) -> float:
        """Do ``act`` at a random moment of the span; returns that moment."""
        at = self.dice.uniform(*between_s)
        self.acts.append((at, name, act))
        return at

    async def run(self) -> None:
        begun = time.monotonic()
        for at, name, act in sorted(self.acts, key=lambda a: a[0]):
            # The timetable is the fault, not a wait for something to become true.
            await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
            outcome = act()
            if outcome is not None:
                await outcome
            self.done.append(f"{time.monotonic() - begun:5.1f} s {name}")
