"""One line of cel.csv or queue_log ⇄ one immutable value. Pure; bytes in, because a journal may hold anything.

Bad input is a normal event: :class:`BadLine` carries the reason and the caller sets the line aside. The values are
NamedTuples, not dataclasses: 30 lines a call, and a tuple is made in C (0.4 µs against 1.9 µs for a frozen dataclass).
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from cti.journal.errors import BadLine
from pbx_config import contract

MAX_LINE_BYTES: Final = 64 * 1024
MAX_KEY_CHARS: Final = 256  # uniqueid, linkedid: longer ones do not fit an index and are no ids of Asterisk's
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 4102444800  # 2100-01-01: a later stamp is a broken line, not a call
_COLUMNS: Final = len(contract.CEL_FIELDS)


class CelLine(NamedTuple):
    """One channel event. The columns of ``contract.CEL_FIELDS`` in their order; texts as Asterisk wrote them."""

    event: str  # a user event stands here under its own name ("LX_QUEUED")
    at: datetime
    caller: str
    exten: str
    context: str
    channel: str
    app: str
    app_data: str
    uniqueid: str
    linkedid: str
    peer: str
    user_event: str
    extra: str  # JSON or ""

    def extra_object(self) -> dict[str, Any]:
        """What ``extra`` says; empty where it is no JSON object."""
        try:
            found = json.loads(self.extra) if self.extra else None
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class QueueLine(NamedTuple):
    """One line of queue_log: stamp in whole seconds, then callid, queue, agent, event and what belongs to it."""

    at: datetime
    uniqueid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]

    def number(self, index: int) -> int | None:
        """``data[index]`` as a number; None where there is none."""
        text = self.data[index] if index < len(self.data) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


if CelLine._fields != tuple("at" if name == "event_time" else name for name, _ in contract.CEL_FIELDS):
    raise RuntimeError("contract.CEL_FIELDS and CelLine do not name the same columns")


class _OneText:
    """What the csv.reader reads: one text, then the end, so that an open quote is an error of its own line.

    An object of its own: a parser that its own reader reads from would be a cycle, left to the collector with the
    reader's buffer of 16 kB, four times a second.
    """

    __slots__ = ("text",)

    def __init__(self) -> None:
        self.text: str | None = None

    def __iter__(self) -> _OneText:
        return self

    def __next__(self) -> str:
        text, self.text = self.text, None
        if text is None:
            raise StopIteration
        return text


class CelParser:
    """``parse_cel`` with one csv.reader for many lines: making a reader costs as much as reading a line with it."""

    __slots__ = ("_reader", "_source")

    def __init__(self) -> None:
        self._source = _OneText()
        self._reader = csv.reader(self._source, strict=True)

    def _columns(self, text: str) -> list[Any]:
        self._source.text = text
        try:
            columns = next(self._reader, [])
        except csv.Error as exc:
            raise BadLine(f"csv: {exc}") from exc
        if len(columns) != _COLUMNS:
            raise BadLine(f"{len(columns)} columns instead of {_COLUMNS}")
        return columns

    def parse(self, raw: bytes) -> CelLine:
        text = _decode(raw)
        if not text.endswith('"'):  # every column is quoted: a line cut behind a comma would else look whole
            raise BadLine("no columns, or cut off")
        columns: list[Any] = text[1:-1].split('","')
        # As many quotes as the columns themselves have: none is inside, and the split was right.
        if len(columns) != _COLUMNS or text.count('"') != 2 * _COLUMNS or text[0] != '"':
            columns = self._columns(text)
        columns[1] = _micros(columns[1])
        line = CelLine._make(columns)
        if not (0 < len(line.uniqueid) <= MAX_KEY_CHARS and 0 < len(line.linkedid) <= MAX_KEY_CHARS and line.event):
            raise BadLine("no event, uniqueid or linkedid, or one too long")
        return line


def parse_cel(raw: bytes) -> CelLine:
    """Read one line (with or without its line end).

    Raises:
        BadLine: not UTF-8, a NUL, broken quotes, a wrong number of columns, no time, no ids.
    """
    return CelParser().parse(raw)


def format_cel(line: CelLine) -> bytes:
    """The line as Asterisk writes it: ``parse_cel(format_cel(x)) == x``."""
    texts = [_cel_stamp(v) if isinstance(v, datetime) else v for v in line]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(texts)
    return out.getvalue().encode()


def parse_queue_log(raw: bytes) -> QueueLine:
    """Read one line (with or without its line end).

    Raises:
        BadLine: not UTF-8, a NUL, fewer than five columns, no time, no event.
    """
    columns = _decode(raw).split("|")
    if len(columns) < 5:
        raise BadLine(f"{len(columns)} columns, at least 5 expected")
    stamp, uniqueid, queue, agent, event, *data = columns
    if not event or len(uniqueid) > MAX_KEY_CHARS:
        raise BadLine("no event, or a callid too long")
    while data and not data[-1]:
        data.pop()  # Asterisk writes as many bars as it likes
    return QueueLine(_seconds(stamp), uniqueid, queue, agent, event, tuple(data))


def format_queue_log(line: QueueLine) -> bytes:
    """The line as Asterisk writes it: ``parse_queue_log(format_queue_log(x)) == x``."""
    stamp = (line.at - _EPOCH) // timedelta(seconds=1)
    return "|".join((str(stamp), line.uniqueid, line.queue, line.agent, line.event, *line.data)).encode() + b"\n"


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise BadLine("longer than a line can be")
    if b"\0" in raw:
        raise BadLine("a NUL byte")
    try:
        return raw.rstrip(b"\r\n").decode()
    except UnicodeDecodeError as exc:
        raise BadLine("not UTF-8") from exc


def _micros(text: str) -> datetime:
    # A double at 4.1e9 is exact to 0.24 µs: rounding to microseconds gives back the six digits that were written.
    if len(text) == 17 and text[10] == "." and text.isascii() and text.replace(".", "").isdigit():
        stamp = float(text)
        if stamp < _LAST_SECOND:
            return datetime.fromtimestamp(stamp, UTC)
    raise BadLine("no time with microseconds")


def _seconds(text: str) -> datetime:
    if not (text.isascii() and text.isdigit()) or not 0 < (stamp := int(text[:12])) < _LAST_SECOND or len(text) > 12:
        raise BadLine("no time, or one outside this century")
    return datetime.fromtimestamp(stamp, UTC)


def _cel_stamp(at: datetime) -> str:
    whole, rest = divmod(at - _EPOCH, timedelta(seconds=1))
    return f"{whole}.{rest.microseconds:06d}"
