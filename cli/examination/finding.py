"""One result of an examination."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cli.language import say


class Grade(StrEnum):
    GOOD = "✓"
    HINT = "!"  # works, but look at it
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """``text`` says what was found; of a bad one also what to do."""

    grade: Grade
    text: str


def good(key: str, **fields: object) -> Finding:
    return Finding(Grade.GOOD, say(key, **fields))


def hint(key: str, **fields: object) -> Finding:
    return Finding(Grade.HINT, say(key, **fields))


def bad(key: str, **fields: object) -> Finding:
    return Finding(Grade.BAD, say(key, **fields))
