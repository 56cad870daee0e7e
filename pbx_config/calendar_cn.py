"""China's official days off and make-up workdays of a year, from the seed file beside it. Pure but for reading it.

A year's table is issued by the State Council in the November before. Years without a file have plain weekends, and
whoever shows them says that they are provisional.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from pbx_config.hours import DayKind

DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A day that is not what its weekday says, or that a holiday's name belongs to."""

    day: date
    kind: DayKind
    name_zh: str
    name_en: str
    source: str


def seeds(folder: Path = DATA) -> list[Path]:
    return sorted(folder.glob("calendar_cn_*.json"))


def official_days(file: Path) -> list[OfficialDay]:
    """The days of one year, in order."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return sorted(_days(told), key=lambda one: one.day)


def _days(told: dict[str, Any]) -> Iterator[OfficialDay]:
    for one in told["holidays"]:
        first, last = date.fromisoformat(one["first"]), date.fromisoformat(one["last"])
        for n in range((last - first).days + 1):
            yield OfficialDay(first + timedelta(days=n), DayKind.HOLIDAY, one["zh"], one["en"], told["source"])
        for text in one["worked"]:
            name_zh, name_en = f"{one['zh']}调休上班", f"Worked for {one['en']}"
            yield OfficialDay(date.fromisoformat(text), DayKind.MAKE_UP, name_zh, name_en, told["source"])
