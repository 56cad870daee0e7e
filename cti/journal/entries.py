"""One line on its way from file to table: its place, and either what it says or why it says nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from cti.journal.errors import BadLine
from cti.journal.lines import CelLine, CelParser, QueueLine, parse_cel, parse_queue_log
from cti.journal.tail import RawLine


class Stream(StrEnum):
    CEL = "cel"
    QUEUE_LOG = "queue_log"


class Entry(NamedTuple):
    """``line`` is None where ``reason`` says why."""

    stream: Stream
    raw: RawLine
    line: CelLine | QueueLine | None
    reason: str | None = None

    def set_aside(self, reason: str) -> Entry:
        return self._replace(line=None, reason=reason)


def entries_of(stream: Stream, raws: Sequence[RawLine]) -> list[Entry]:
    """Parse lines; a bad one becomes an entry with its reason. Empty lines say nothing and are passed over."""
    parse = CelParser().parse if stream is Stream.CEL else parse_queue_log
    found = []
    for raw in raws:
        try:
            if raw.flaw:
                raise BadLine(raw.flaw)
            found.append(Entry(stream, raw, parse(raw.raw)) if raw.raw else Entry(stream, raw, None))
        except BadLine as exc:
            found.append(Entry(stream, raw, None, exc.detail))
    return found


def first_time(stream: Stream, line: bytes) -> float | None:
    """The time that a file's first line tells, to put files in order; None if it tells none."""
    try:
        parsed = parse_cel(line) if stream is Stream.CEL else parse_queue_log(line)
    except BadLine:
        return None
    return parsed.at.timestamp()
