"""The calls whose lines are in memory, so that live reading does not read the table again. Bounded; never the truth.

A call that is not here is loaded from the raw rows when a line of it comes: after a restart, after eviction and after a
failed transaction the reading is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cti.journal.lines import CelLine, QueueLine
from cti.journal.reading import Reading
from cti.journal.rows import Rows
from pbx_config.contract import call_ref

_KEEP_ENDED: Final = 2_000  # late lines of queue_log come within a second; 2,000 calls are twenty at 100 calls/s
_KEEP_OPEN: Final = 20_000


class Calls:
    """Readings by the call's own linkedid, with what was last written of each."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._readings: dict[str, Reading] = {}  # in the order of their last change
        self._owner: dict[str, str] = {}  # uniqueid → the call's linkedid
        self._written: dict[str, Rows] = {}
        self._ended: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._readings)

    def __contains__(self, linkedid: str) -> bool:
        return linkedid in self._readings

    def open(self) -> list[str]:
        """The linkedids of calls that have no end yet, neither told nor inferred."""
        return [linkedid for linkedid in self._readings if linkedid not in self._ended]

    def get(self, linkedid: str) -> Reading:
        """The reading of a call, begun if there is none."""
        found = self._readings.get(linkedid)
        if found is None:
            found = self._readings[linkedid] = Reading(self._node, linkedid)
        return found

    def owner(self, uniqueid: str) -> str | None:
        return self._owner.get(uniqueid)

    def own(self, uniqueid: str, linkedid: str) -> None:
        self._owner[uniqueid] = linkedid

    def add_cel(self, line: CelLine) -> None:
        ref = call_ref(line.linkedid)
        self._owner[line.uniqueid] = ref
        self.get(ref).add_cel(line)

    def add_queue(self, line: QueueLine) -> str | None:
        """Give a line to its call; the call's linkedid, or None while no call is known to own that channel."""
        linkedid = self._owner.get(line.uniqueid)
        if linkedid is not None:
            self.get(linkedid).add_queue(line)
        return linkedid

    def written(self, linkedid: str) -> Rows | None:
        return self._written.get(linkedid)

    def keep(self, rows: Iterable[Rows]) -> None:
        """Remember what a committed transaction wrote, and let the oldest ended calls go."""
        for one in rows:
            linkedid = one.call.linkedid
            self._written[linkedid] = one
            self._readings[linkedid].stale = False
            self._readings[linkedid] = self._readings.pop(linkedid)
            self._ended.pop(linkedid, None)
            if one.call.ended_at is not None:
                self._ended[linkedid] = None
        while len(self._ended) > _KEEP_ENDED:
            self.forget((next(iter(self._ended)),))
        while len(self._readings) - len(self._ended) > _KEEP_OPEN:
            self.forget((next(linkedid for linkedid in self._readings if linkedid not in self._ended),))

    def forget(self, linkedids: Iterable[str]) -> None:
        """Drop calls; they are loaded again when they are needed."""
        for linkedid in linkedids:
            self._written.pop(linkedid, None)
            self._ended.pop(linkedid, None)
            reading = self._readings.pop(linkedid, None)
            for uniqueid in reading.uniqueids() if reading else ():
                self._owner.pop(uniqueid, None)

    def clear(self) -> None:
        self.forget(list(self._readings))
        self._owner.clear()
