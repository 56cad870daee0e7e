"""Which spool files failed, why, and when each is tried again. No I/O; the clock is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from recordings.health import Health


@dataclass(slots=True)
class _Entry:
    reason: str
    attempts: int
    not_before: float


class Retries:
    """Failures by stem. A reason is an alarm as long as any file fails for it."""

    def __init__(self, health: Health, first_s: float, most_s: float) -> None:
        self._health = health
        self._first_s = first_s
        self._most_s = most_s
        self._entries: dict[str, _Entry] = {}

    def failed(self, stem: str, reason: str, detail: str, now: float) -> int:
        """Note a failure; returns how many in a row this file has had for this reason."""
        old = self._entries.get(stem)
        attempts = old.attempts + 1 if old and old.reason == reason else 1
        wait_s = min(self._most_s, self._first_s * 2.0 ** min(attempts - 1, 16))
        self._entries[stem] = _Entry(reason, attempts, now + wait_s)
        self._health.failures += 1
        self._health.wrong(reason, detail)
        if old and old.reason != reason:
            self._clear(old.reason)
        return attempts

    def done(self, stem: str) -> None:
        old = self._entries.pop(stem, None)
        if old:
            self._clear(old.reason)

    def keep_only(self, stems: set[str]) -> None:
        """Forget files that somebody took out of the spool."""
        for stem in set(self._entries) - stems:
            self.done(stem)

    def due(self, stem: str, now: float) -> bool:
        entry = self._entries.get(stem)
        return entry is None or entry.not_before <= now

    def try_now(self, reason: str) -> None:
        """What was wrong is mended: do not wait out the pause."""
        for entry in self._entries.values():
            if entry.reason == reason:
                entry.not_before = 0.0

    def _clear(self, reason: str) -> None:
        if all(e.reason != reason for e in self._entries.values()):
            self._health.well(reason)
