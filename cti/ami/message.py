"""What AMI says and what may be said to it: events, responses, and the check of outgoing headers. Pure.

Asterisk's header names keep Asterisk's spelling. A header that is not there is None, never "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cti.ami.errors import AmiHeaderRefused

Headers = Mapping[str, str | Sequence[str]]

EOL = "\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_FORBIDDEN = re.compile(r"[\r\n\x00]")
LINE_LIMIT_BYTES = 1000  # manager.c reads a line into char inbuf[1025] and drops a longer one


class Event(Mapping[str, str]):
    """One event, read-only. ``event.get("X")`` is None for a header that was not sent.

    A header is looked for in the text when it is asked for: a fact needs eight of an event's thirty headers, and to
    find eight is cheaper than to keep thirty (bench/ami.py). A header sent more than once reads as its first value;
    :meth:`every` gives all.
    """

    __slots__ = ("_text", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name = name  # "" for a response
        self._text = EOL + text  # so that the first header is found like the others

    def get(self, header: str, default: Any = None) -> Any:
        text = self._text
        at = text.find(EOL + header + ": ")
        if at >= 0:
            at += len(header) + 4
        else:
            at = text.find(EOL + header + ":")  # ragged: no blank behind the colon
            if at < 0:
                return default
            at += len(header) + 3
        end = text.find(EOL, at)
        return text[at:] if end < 0 else text[at:end]

    def __getitem__(self, header: str) -> str:
        value: str | None = self.get(header)
        if value is None:
            raise KeyError(header)
        return value

    def __contains__(self, header: object) -> bool:
        return f"{EOL}{header}:" in self._text

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self.pairs()))

    def __len__(self) -> int:
        return len(dict(self.pairs()))

    def __repr__(self) -> str:
        return f"Event({dict(self)!r})"

    def pairs(self) -> list[tuple[str, str]]:
        """All headers in the order of the wire."""
        parts = (line.partition(":") for line in self._text.split(EOL))
        return [(name, value.removeprefix(" ")) for name, colon, value in parts if colon]

    def every(self, header: str) -> list[str]:
        """All values of a header, in the order of the wire."""
        return [value for name, value in self.pairs() if name == header]


def parse_event(block: bytes, name: bytes | None = None) -> Event:
    """The event (or response) in one block of the stream, without the blank line behind it.

    Bytes that are no UTF-8 become U+FFFD: visible, and never a reason to lose the rest.
    """
    text = block.decode("utf-8", "replace")
    if name is not None:
        return Event(name.decode("utf-8", "replace"), text)
    return Event(text[7:].partition(EOL)[0] if text.startswith("Event: ") else "", text)


@dataclass(frozen=True, slots=True)
class Response:
    """Asterisk's answer to one action, and for a list action the events that belong to it."""

    ok: bool
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    output: tuple[str, ...] = ()  # lines of a CLI command
    events: tuple[Event, ...] = ()

    def get(self, header: str) -> str | None:
        return self.headers.get(header)


def response_of(event: Event) -> Response:
    """The response whose headers were read like an event's."""
    said = event.get("Response")
    return Response(
        ok=said in ("Success", "Follows", "Goodbye", "Pong"),
        message=event.get("Message") or "",
        headers=event,
        output=tuple(event.every("Output")),
    )


def check_headers(headers: Headers) -> None:
    """Refuse what would inject or break lines on the wire.

    Raises:
        AmiHeaderRefused: CR, LF or NUL in a name or value, a name that is no word, a line too long for Asterisk.
    """
    for name, given in headers.items():
        if not _NAME.match(name):
            raise AmiHeaderRefused(f"not a header name: {name!r}", header=name)
        for value in [given] if isinstance(given, str) else given:
            if not isinstance(value, str) or _FORBIDDEN.search(value):
                raise AmiHeaderRefused(f"CR, LF, NUL or no text in the value of {name}", header=name)
            if len(name) + 2 + len(value.encode("utf-8", "surrogatepass")) > LINE_LIMIT_BYTES:
                raise AmiHeaderRefused(f"the value of {name} is longer than a line of AMI", header=name)
