"""Reading captured traces: the events of a manager's session, and the snapshots that were taken in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cti.ami import ActionRefused, Event, Headers, Response
from cti.ami.message import parse_event, response_of
from cti.facts import PartyKind
from cti.live import pbx_facts as f
from cti.live.translate import fact_of

FOLDER = Path(__file__).parent / "traces"
TOLD = "Told"  # an event of our own in a trace: what a command told the live machines before it acted
_ID = re.compile(rb"t11-(\d{10})\.")  # of a call, and in the names of its rooms
NAMES = sorted(path.stem for path in FOLDER.glob("*.ami"))


def action_id(snapshot: int, name: str, headers: Headers | None) -> str:
    asked = headers or {}
    return f"s{snapshot}/{name}/{asked.get('Channel') or asked.get('Conference', '')}/{asked.get('Variable', '')}"


@dataclass(frozen=True)
class Recorded:
    """Answers a snapshot's actions with what Asterisk answered when the trace was captured."""

    number: int
    at: datetime
    blocks: dict[str, list[Event]]

    async def action(self, name: str, headers: Headers | None = None, timeout_s: float = 5.0) -> Response:
        return response_of(self.blocks[action_id(self.number, name, headers)][0])

    async def list_action(self, name: str, headers: Headers | None = None, timeout_s: float = 10.0) -> Response:
        first, *events = self.blocks[action_id(self.number, name, headers)]
        response = response_of(first)
        if not response.ok:
            raise ActionRefused(response.message)
        items = tuple(event for event in events if event.get("EventList") != "Complete")
        return Response(True, response.message, first, events=items)


def fact_in(event: Event) -> f.Fact | None:
    """The fact in an event of a trace: Asterisk's, or ours."""
    return told(event) if event["Event"] == TOLD else fact_of(event)


def told(e: Event) -> f.Fact:
    at, ref = datetime.fromtimestamp(float(e["Timestamp"]), UTC), e["Ref"]
    if e["Fact"] == "MoveAsked":
        return f.MoveAsked(at, ref, tuple(e["Legs"].split(",")))
    if e["Fact"] == "LetGoAsked":
        return f.LetGoAsked(at, ref, tuple(e["Legs"].split(",")), e["By"] or None)
    return f.LegAsked(
        at, ref, e["Uniqueid"], PartyKind(e["Kind"]), e["Number"], e["Room"], e["AgentNo"] or None,
        e.get("Citizen") or "", e["Shown"],
    )  # fmt: skip


def blocks_of(name: str, fresh: int = 0) -> list[Event]:
    text = (FOLDER / f"{name}.ami").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if fresh:
        text = _ID.sub(lambda found: b"t11-%d." % (int(found[1]) + fresh), text)
    return [parse_event(block) for block in text.split(b"\r\n\r\n") if block.strip()]


def replay(name: str, fresh: int = 0) -> Iterator[Event | Recorded]:
    """The trace in order. A snapshot comes where its last answer came, so events before it were before it.

    ``fresh``: another call, whose ids lie so many seconds later.
    """
    snapshots: dict[int, dict[str, list[Event]]] = {}
    last = datetime(2026, 1, 1, tzinfo=UTC)
    for event in blocks_of(name, fresh):
        asked = event.get("ActionID") or ""
        if not asked.startswith("s"):
            if "Timestamp" in event:
                last = datetime.fromtimestamp(float(event["Timestamp"]), UTC)
            if "Event" in event:
                yield event
            continue
        number = int(asked[1:].split("/", 1)[0])
        snapshots.setdefault(number, {}).setdefault(asked, []).append(event)
        if "/Ping/" in asked:
            yield Recorded(number, last, snapshots[number])
