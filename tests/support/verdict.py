"""What a check found, and where it looked: differences that print readably, and the places of the outside truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    call: str
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.call:<28} {self.what:<24} expected {self.expected!s:<30} found {self.found}"


@dataclass(slots=True)
class Verdict:
    """``differences`` empty means right; ``outcomes`` says what the run was made of."""

    differences: list[Difference] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    recordings: Counter[str] = field(default_factory=Counter)
    witnesses_apart: int = 0  # times that telephones and PBX themselves disagreed by over a second: a starved machine

    def differ(self, call: str, what: str, expected: object, found: object) -> None:
        self.differences.append(Difference(call, what, expected, found))

    def equal(self, call: str, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.differ(call, what, expected, found)

    def near(self, call: str, what: str, expected: float | None, found: float | None, within: float = WITHIN_S) -> None:
        if (expected is None) != (found is None) or (
            expected is not None and found is not None and abs(expected - found) > within
        ):
            self.differ(call, what, expected, found)

    def between(self, call: str, what: str, telephones: float | None, pbx: float | None, found: float | None) -> None:
        """Within a second of what the telephones or the PBX measured, or of anything between the two."""
        known = [v for v in (telephones, pbx) if v is not None]
        if not known or found is None:
            self.equal(call, what, known or None, found)
            return
        if max(known) - min(known) > WITHIN_S:
            self.witnesses_apart += 1
        if not min(known) - WITHIN_S <= found <= max(known) + WITHIN_S:
            self.differ(call, what, " … ".join(f"{v:.2f}" for v in known), f"{found:.2f}")

    def __str__(self) -> str:
        head = (
            f"calls {dict(self.outcomes)}  recordings {dict(self.recordings)}  differences {len(self.differences)}"
            f"  telephones and PBX apart {self.witnesses_apart}"
        )
        return "\n".join([head, *map(str, self.differences[:60])])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the outside can be read. ``died`` are the times at which the switch was killed (epoch seconds)."""

    sipp_logs: list[Path]
    cel: list[Path]
    queue_log: list[Path]
    agent_of_seat: dict[str, str]
    spool: Path
    store: Path
    died: list[float] = field(default_factory=list)
    dead_letters: int = 0  # how many the test put there itself
    audio_may_be_lost: bool = False  # the test took the disk away: a long talk may be without a recording
