"""Who was signed in and who was paused why, from sign-ins, sign-outs and pauses of queue_log (``agent_event``). Pure.

*Signed in* (on duty, 在岗): member of at least one queue. *Paused*: paused in every queue that one is a member of; the
reasons are those of all of them. A sign-in over which Asterisk was restarted goes on (``persistentmembers``).

queue_log's stamps are whole seconds and its order within one second is not in the rows. Within a second the changes
must follow each other sensibly: who was in goes out before coming in again, who was not paused is paused before being
unpaused; of several pauses the one with the most reasons counts. No more than that second can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from pbx_config import contract
from reports.halfhours import Span

_EVERY_QUEUE: Final = "NONE"  # Asterisk's word in PAUSEALL
_OURS: Final = (contract.REASON_PHONE, contract.REASON_AUTO, contract.REASON_NOT_READY)
NO_REASON: Final = "none"  # paused by somebody at the console


class Event(NamedTuple):
    """A row of ``agent_event``."""

    at: datetime
    queue: str
    kind: str
    reason: str


class Paused(NamedTuple):
    span: Span
    reason: str  # the one that counts, see :func:`reason_that_counts`


@dataclass(slots=True)
class Duty:
    """One agent's spans, in order, none overlapping another of its kind; pauses lie within sign-ins."""

    signed_in: list[Span] = field(default_factory=list)
    paused: list[Paused] = field(default_factory=list)


def reason_that_counts(joined: str) -> str:
    """One of the joined reasons of a pause: wrap-up before all, then what the person said, then what the house set.

    Details after a colon are left out: ``phone:microphone`` is ``phone``.
    """
    words = sorted({word.split(":", 1)[0] for word in contract.split_reasons(joined)})
    if contract.REASON_WRAP_UP in words:
        return contract.REASON_WRAP_UP
    own = [word for word in words if word not in _OURS and word != _PAUSED_AT_SIGN_IN]
    if own:
        return own[0]
    if _PAUSED_AT_SIGN_IN in words:
        return contract.REASON_NOT_READY
    return next((word for word in _OURS if word in words), NO_REASON)


_PAUSED_AT_SIGN_IN: Final = "PAUSED"  # what ADDMEMBER says of who is added paused; only "not ready yet" is added so


def duty_of(events: Iterable[Event], until: datetime) -> Duty:
    """The duty of one agent; what has not ended lasts until ``until``. Events may come in any order."""
    duty, state = Duty(), _State()
    at: datetime | None = None
    for moment, together in groupby(sorted(events), key=lambda e: e.at):
        _pass(duty, state, at, min(moment, until))
        for queue, some in groupby(sorted(together, key=lambda e: e.queue != _EVERY_QUEUE), key=lambda e: e.queue):
            state.take(queue, list(some))
        at = moment
    _pass(duty, state, at, until)
    return duty


class _State:
    """By queue that one is a member of: the joined reasons of the pause, None where not paused."""

    def __init__(self) -> None:
        self.queues: dict[str, str | None] = {}

    def take(self, queue: str, events: Sequence[Event]) -> None:
        """All that one second says of one queue."""
        if queue == _EVERY_QUEUE:
            for known in self.queues:
                self._pause(known, events)
            return
        moves = sum(e.kind in ("sign_in", "sign_out") for e in events)
        came = [e for e in events if e.kind == "sign_in"]
        was_in = queue in self.queues
        if moves and (len(came) * 2 > moves if moves % 2 else was_in):
            if came:
                self.queues[queue] = came[0].reason or None
        elif moves:
            self.queues.pop(queue, None)
        if queue in self.queues:
            self._pause(queue, events)

    def _pause(self, queue: str, events: Sequence[Event]) -> None:
        pauses = [e.reason for e in events if e.kind == "pause"]
        unpauses = sum(e.kind == "unpause" for e in events)
        if not pauses and not unpauses:
            return
        paused = bool(pauses) and (not unpauses or self.queues[queue] is not None or len(pauses) > unpauses)
        self.queues[queue] = max(pauses, key=lambda r: (r.count(contract.REASON_SEPARATOR), r)) if paused else None

    @property
    def reason(self) -> str | None:
        """Why paused; None where not, or not signed in."""
        told = [reasons for reasons in self.queues.values() if reasons is not None]
        if not self.queues or len(told) < len(self.queues):
            return None
        return reason_that_counts(contract.REASON_SEPARATOR.join(told))


def _pass(duty: Duty, state: _State, begin: datetime | None, end: datetime) -> None:
    """Time passes while nothing changes."""
    if begin is None or begin >= end or not state.queues:
        return
    if duty.signed_in and duty.signed_in[-1].end == begin:
        duty.signed_in[-1] = Span(duty.signed_in[-1].begin, end)
    else:
        duty.signed_in.append(Span(begin, end))
    reason = state.reason
    if reason is None:
        return
    last = duty.paused[-1] if duty.paused else None
    if last is not None and last.span.end == begin and last.reason == reason:
        duty.paused[-1] = Paused(Span(last.span.begin, end), reason)
    else:
        duty.paused.append(Paused(Span(begin, end), reason))
