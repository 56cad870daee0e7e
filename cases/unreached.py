"""From the record's calls to the people whom nobody reached: one entry for each number and day. Pure.

An attempt is a call that came in and that nobody answered, or one in which the citizen asked to be called back or left
a message; whoever was let go by an incident's key has been served by the line. Whoever was answered after the last
attempt, calling or called, is owed nothing any more. The entries depend on nothing but the calls: read twice, or in any
order, they are the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cases.fair import Rules
from models.call import CallOutcome, Direction, WishKind
from models.unreached import UnreachedEnd, UnreachedKind, UnreachedState, UnreachedStep

_NAMESPACE: Final = uuid.UUID("6c69616e-7869-6e5f-756e-726561636864")
_KINDS: Final = {
    CallOutcome.ABANDONED: UnreachedKind.ABANDONED,
    CallOutcome.LEFT_EARLY: UnreachedKind.ABANDONED,
    CallOutcome.REFUSED_FULL: UnreachedKind.REFUSED,
    CallOutcome.REFUSED_NO_AGENT: UnreachedKind.REFUSED,
    CallOutcome.TIMED_OUT: UnreachedKind.REFUSED,
    CallOutcome.LOST: UnreachedKind.REFUSED,
    CallOutcome.ASKED_BACK: UnreachedKind.CALL_BACK,
}  # fmt: skip
MISSED: Final = tuple(outcome.value for outcome in _KINDS)
_STRENGTH: Final = list(UnreachedKind)
_OPEN: Final = (UnreachedState.OPEN, UnreachedState.TAKEN)


@dataclass(frozen=True, slots=True)
class Contact:
    """One call of a number, as far as it matters here. ``since_at`` and ``place`` where a place is kept.

    ``settled``: an incident's key let it go.
    """

    id: uuid.UUID
    direction: str
    started_at: datetime
    answered_at: datetime | None
    outcome: str
    waited_s: float | None = None
    queue: str | None = None
    wishes: frozenset[str] = frozenset()
    since_at: datetime | None = None
    place: int | None = None
    settled: bool = False

    @property
    def kind(self) -> UnreachedKind | None:
        """As what it is missed; None where it is not."""
        if self.outcome == CallOutcome.OPEN or self.settled:
            return None
        if WishKind.CALL_BACK in self.wishes:
            return UnreachedKind.CALL_BACK
        if WishKind.VOICEMAIL in self.wishes:
            return UnreachedKind.VOICEMAIL
        if self.direction != Direction.INBOUND or self.answered_at is not None:
            return None
        return _KINDS.get(CallOutcome(self.outcome))


@dataclass(frozen=True, slots=True)
class Entry:
    """The derived half of a row."""

    id: uuid.UUID
    number: str
    day: date
    kind: UnreachedKind
    attempts: int
    first_at: datetime
    last_at: datetime
    since_at: datetime
    place: int | None
    waited_s: float | None
    queue: str | None
    call_ids: list[uuid.UUID]
    last_outcome: str
    reached_at: datetime | None = None  # by the first success after the last attempt
    reached_call_id: uuid.UUID | None = None


def entry_id(number: str, day: date) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{number}/{day.isoformat()}")


def entries(number: str, contacts: Iterable[Contact], zone: ZoneInfo) -> list[Entry]:
    """One for each day with an attempt, oldest first. ``number``: canonical, "" for all who showed none."""
    found = sorted(contacts, key=lambda c: (c.started_at, c.id))
    days: dict[date, list[Contact]] = {}
    for one in found:
        if one.kind is not None:
            days.setdefault(one.started_at.astimezone(zone).date(), []).append(one)
    successes = [c for c in found if c.answered_at is not None] if number else []
    return [_entry(number, day, missed, successes) for day, missed in sorted(days.items())]


def _entry(number: str, day: date, missed: Sequence[Contact], successes: Sequence[Contact]) -> Entry:
    first, last = missed[0], missed[-1]
    asked = [c for c in missed if c.kind is UnreachedKind.CALL_BACK]
    place = min(asked, key=lambda c: c.since_at or c.started_at) if asked else None
    waits = [c.waited_s for c in missed if c.waited_s is not None]
    after = [c for c in successes if c.id != last.id and (c.answered_at or c.started_at) > last.started_at]
    reached = min(after, key=lambda c: (c.answered_at or c.started_at, c.id), default=None)
    return Entry(
        entry_id(number, day), number, day, max((c.kind for c in missed if c.kind), key=_STRENGTH.index), len(missed),
        first.started_at, last.started_at, (place.since_at or place.started_at) if place else first.started_at,
        place.place if place else None, max(waits, default=None), last.queue or first.queue,
        [c.id for c in missed], last.outcome,
        reached.answered_at if reached else None, reached.id if reached else None,
    )  # fmt: skip


# ── work: what the facts make of an entry that somebody may have in hand ─────────────────────────────


class Tried(StrEnum):
    """How the call back stands that an agent asked for."""

    NONE = "none"
    PENDING = "pending"  # nothing is known of it yet
    GOING_ON = "going_on"
    NOT_DIALLED = "not_dialled"  # no try: the citizen's telephone never rang
    NOT_ANSWERED = "not_answered"


@dataclass(frozen=True, slots=True)
class Try:
    state: Tried = Tried.NONE
    call_id: uuid.UUID | None = None
    at: datetime | None = None  # its end


@dataclass(frozen=True, slots=True)
class Work:
    """The second half of a row."""

    state: str = UnreachedState.OPEN
    taken_by: str | None = None
    taken_until: datetime | None = None
    command_id: uuid.UUID | None = None
    tries: int = 0
    next_at: datetime | None = None
    end_reason: str | None = None
    ended_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.state not in _OPEN


def settle(work: Work, entry: Entry, tried: Try, now: datetime, rules: Rules) -> tuple[Work, list[UnreachedStep]]:
    """What has become of it, and the steps to write down; the same again where nothing changed.

    A fact closes it, never a click: the answer of the call back, or any talk after the last attempt. A talk that the
    record takes back (the seat that answered was not heard) has cleared nothing.
    """
    steps: list[UnreachedStep] = []
    if work.over:
        again = work.ended_at is not None and entry.last_at > work.ended_at
        withdrawn = not again and work.state == UnreachedState.CLEARED and entry.reached_at is None
        if not again and not withdrawn:
            return work, steps
        work, tried = Work(tries=work.tries if withdrawn else 0), Try()
        steps.append(UnreachedStep.REOPENED)
    if entry.reached_at is not None:
        return _reached(work, entry, tried, steps)
    if work.state == UnreachedState.TAKEN:
        work, step = _taken(work, tried, now, rules)
        steps += [step] if step else []
    if work.state == UnreachedState.OPEN and now - entry.last_at > rules.expires_after:
        work = replace(work, state=UnreachedState.EXPIRED, next_at=None, ended_at=now)
        steps.append(UnreachedStep.EXPIRED)
    return work, steps


def _reached(work: Work, entry: Entry, tried: Try, steps: list[UnreachedStep]) -> tuple[Work, list[UnreachedStep]]:
    ours = tried.call_id is not None and tried.call_id == entry.reached_call_id
    ended = replace(work, taken_by=None, taken_until=None, next_at=None, ended_at=entry.reached_at)
    if ours:
        done = replace(ended, state=UnreachedState.DONE, end_reason=UnreachedEnd.REACHED)
        return done, [*steps, UnreachedStep.DONE]
    return replace(ended, state=UnreachedState.CLEARED, end_reason=None), [*steps, UnreachedStep.CLEARED]


def _taken(work: Work, tried: Try, now: datetime, rules: Rules) -> tuple[Work, UnreachedStep | None]:
    free = replace(work, state=UnreachedState.OPEN, taken_by=None, taken_until=None)
    if tried.state is Tried.GOING_ON:  # as long as it lasts
        soon = work.taken_until is None or work.taken_until < now + rules.lease / 2
        return replace(work, taken_until=now + rules.lease) if soon else work, None
    if tried.state is Tried.NOT_ANSWERED:
        tries, at = work.tries + 1, tried.at or now
        if tries >= rules.tries:
            ended = replace(free, state=UnreachedState.DONE, tries=tries, next_at=None, ended_at=at)
            return replace(ended, end_reason=UnreachedEnd.NO_ANSWER), UnreachedStep.NO_ANSWER
        return replace(free, tries=tries, next_at=at + rules.gap(tries)), UnreachedStep.NO_ANSWER
    over = work.taken_until is None or work.taken_until <= now
    if tried.state is Tried.NOT_DIALLED or over:
        return free, UnreachedStep.RELEASED
    return work, None
