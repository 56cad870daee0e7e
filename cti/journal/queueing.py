"""What queue_log says: of one caller's stays in queues, of agents coming, going and pausing, of starts, and of seats
without sound (cti's own line). Pure.

queue_log's stamps are whole seconds, its columns differ by event (Asterisk's doc: "Queue Logs"). The agent column is
the member's name, which is the agent_no (queues.conf: log_membername_as_agent).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from cti.journal.lines import QueueLine
from cti.journal.rows import AgentEventRow, QueueEntryRow, RingAttemptRow
from pbx_config.contract import CALL_NAMESPACE, DESK_SILENT

STARTED: Final = "QUEUESTART"  # Asterisk started; a reload or a rotation writes CONFIGRELOAD instead
_NOBODY: Final = "NONE"

AGENT_EVENTS: Final = {
    "ADDMEMBER": "sign_in",
    "REMOVEMEMBER": "sign_out",
    "PAUSE": "pause",
    "UNPAUSE": "unpause",
    "PAUSEALL": "pause",
    "UNPAUSEALL": "unpause",
}


def agent_event(node: str, line: QueueLine, file: str, offset: int) -> AgentEventRow | None:
    """The row of a line about an agent; its id comes from the line's place, so reading it again gives the same row."""
    kind = AGENT_EVENTS.get(line.event)
    if kind is None or line.agent == _NOBODY:
        return None
    row_id = uuid5(CALL_NAMESPACE, f"{node}/agent_event/{file}/{offset}")
    return AgentEventRow(row_id, node, line.at, line.agent, line.queue, kind, line.data[0] if line.data else "")


class Stay:
    """One stay in a queue while its lines are read."""

    __slots__ = ("agent_no", "entered_at", "left_at", "outcome", "position", "queue", "rings", "talk_s", "wait_s")

    def __init__(self, queue: str, entered_at: datetime, position: int | None) -> None:
        self.queue = queue
        self.entered_at = entered_at
        self.left_at: datetime | None = None
        self.position = position
        self.outcome = "waiting"
        self.agent_no: str | None = None
        self.wait_s: float | None = None
        self.talk_s: float | None = None
        self.rings: list[tuple[str, datetime, int]] = []

    def leave(self, outcome: str, line: QueueLine, position: int | None, wait_s: int | None) -> None:
        self.outcome = outcome
        self.left_at = line.at
        self.wait_s = wait_s
        self.position = self.position if position is None else position


class Queueing:
    """The fold of one caller's lines (one uniqueid)."""

    __slots__ = ("anomalies", "connected", "last_at", "silent", "stays")

    def __init__(self) -> None:
        self.stays: list[Stay] = []
        self.connected: list[tuple[datetime, str, str]] = []  # at, agent_no, uniqueid of the agent's channel
        self.silent: list[tuple[datetime, str]] = []  # at, a seat without sound that kept its call
        self.last_at: datetime | None = None
        self.anomalies = 0

    def add(self, line: QueueLine) -> None:
        if self.last_at is None or line.at > self.last_at:
            self.last_at = line.at
        on = _ON.get(line.event)
        if on is not None:
            on(self, line)

    def rows(self, call_id: UUID, lost_at: datetime | None) -> tuple[list[QueueEntryRow], list[RingAttemptRow]]:
        """Entries and unanswered rings; ``lost_at`` ends a stay that the switch took with it."""
        entries, rings = [], []
        for n, stay in enumerate(self.stays):
            lost = lost_at is not None and stay.outcome == "waiting"
            entry_id = uuid5(call_id, f"queue_entry/{stay.queue}/{n}")
            entries.append(
                QueueEntryRow(
                    entry_id, call_id, stay.queue, stay.entered_at, lost_at if lost else stay.left_at, stay.position,
                    "lost" if lost else stay.outcome, stay.agent_no, stay.wait_s, stay.talk_s, len(stay.rings),
                )
            )  # fmt: skip
            for m, (agent_no, at, ring_ms) in enumerate(stay.rings):
                rings.append(RingAttemptRow(uuid5(entry_id, f"ring/{m}"), call_id, agent_no, at, ring_ms))
        return entries, rings

    def _stay(self, line: QueueLine) -> Stay:
        """The stay that ``line`` belongs to: the newest in its queue."""
        for stay in reversed(self.stays):
            if stay.queue == line.queue:
                return stay
        self.anomalies += 1  # its ENTERQUEUE was lost
        return self._open(line, None)

    def _open(self, line: QueueLine, position: int | None) -> Stay:
        entered_at = line.at
        while any(s.queue == line.queue and s.entered_at == entered_at for s in self.stays):
            entered_at += timedelta(microseconds=1)  # back in the same second: (call, queue, entered_at) is a key
        stay = Stay(line.queue, entered_at, position)
        self.stays.append(stay)
        return stay

    def _enter(self, line: QueueLine) -> None:  # url, caller, position
        self._open(line, line.number(2))

    def _connect(self, line: QueueLine) -> None:  # holdtime, the agent's channel, ringtime
        stay = self._stay(line)
        stay.leave("connected", line, None, line.number(0))
        stay.agent_no = line.agent
        self.connected.append((line.at, line.agent, line.data[1] if len(line.data) > 1 else ""))

    def _complete(self, line: QueueLine) -> None:  # holdtime, calltime, original position
        self._stay(line).talk_s = line.number(1)

    def _abandon(self, line: QueueLine) -> None:  # position, original position, waited
        self._stay(line).leave("abandoned", line, line.number(0), line.number(2))

    def _timeout(self, line: QueueLine) -> None:
        self._stay(line).leave("timeout", line, line.number(0), line.number(2))

    def _empty(self, line: QueueLine) -> None:
        self._stay(line).leave("empty", line, line.number(0), line.number(2))

    def _key(self, line: QueueLine) -> None:  # key, position, original position, waited
        self._stay(line).leave("key", line, line.number(1), line.number(3))

    def _no_answer(self, line: QueueLine) -> None:  # milliseconds
        self._stay(line).rings.append((line.agent, line.at, line.number(0) or 0))

    def _silent(self, line: QueueLine) -> None:  # seat
        self.silent.append((line.at, line.data[0] if line.data else ""))


_ON: Final[dict[str, Callable[[Queueing, QueueLine], None]]] = {
    "ENTERQUEUE": Queueing._enter,
    "CONNECT": Queueing._connect,
    "COMPLETEAGENT": Queueing._complete,
    "COMPLETECALLER": Queueing._complete,
    "ABANDON": Queueing._abandon,
    "EXITWITHTIMEOUT": Queueing._timeout,
    "EXITEMPTY": Queueing._empty,
    "EXITWITHKEY": Queueing._key,
    "RINGNOANSWER": Queueing._no_answer,
    DESK_SILENT: Queueing._silent,
}
