"""The live picture in memory: the newest body of every live key, as an object to look into and as text to pass on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cti.facts import NODE_SILENT_S, Topic

LIVE_TOPICS = frozenset(
    {Topic.AGENT, Topic.CALL, Topic.EARS, Topic.QUEUE, Topic.TRUNK, Topic.NODE, Topic.RECORDER, Topic.DAY}
)


@dataclass(frozen=True, slots=True)
class Entry:
    body: dict[str, Any]
    text: str


class Picture:
    """Exact at :attr:`seq`. Bodies are whole states, so putting one twice is harmless."""

    def __init__(self) -> None:
        self.seq = 0
        self._topics: dict[str, dict[str, Entry]] = {topic: {} for topic in LIVE_TOPICS}

    def load(self, seq: int, rows: Iterable[tuple[str, str, str]]) -> None:
        """Forget everything and begin at this snapshot: (topic, key, body as JSON text)."""
        self.seq = seq
        self._topics = {topic: {} for topic in LIVE_TOPICS}
        for topic, key, text in rows:
            if topic in self._topics:
                self._topics[topic][key] = Entry(json.loads(text), text)

    def put(self, seq: int, topic: str, key: str, entry: Entry | None) -> None:
        self.seq = seq
        if topic not in self._topics:
            return
        if entry is None:
            self._topics[topic].pop(key, None)
        else:
            self._topics[topic][key] = entry

    def get(self, topic: Topic, key: str) -> dict[str, Any] | None:
        entry = self._topics[topic].get(key)
        return entry.body if entry else None

    def entries(self, topic: Topic) -> list[Entry]:
        return list(self._topics[topic].values())

    def of_topic(self, topic: Topic) -> list[dict[str, Any]]:
        return [entry.body for entry in self._topics[topic].values()]


def node_silent(node: dict[str, Any], now: datetime) -> bool:
    """Its cti has said nothing for a while: it does not run, whatever its last words were."""
    told = node.get("at")
    return told is not None and (now - datetime.fromisoformat(told)).total_seconds() > NODE_SILENT_S
