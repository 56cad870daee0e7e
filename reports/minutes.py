"""Where the minutes of people on duty went: each moment of each agent's duty belongs to exactly one activity. Pure.

The first that holds, in this order:

* ``hold``: the agent's telephone is in a citizen's call, and the citizen hears music (保持)
* ``talk``: the agent's telephone is connected in a call that came in, whoever is in it (通话)
* ``callbacks``: the agent's telephone is in a call that we placed, from its own answer on, ringing at the other end and
  hold included (外呼回访)
* ``wrap_up``: paused, wrap-up among the reasons (话后整理)
* ``pause``: paused, by the reason that counts (see ``reports.duty``) (小休)
* ``idle``: none of these: ready, or ringing (空闲)

So activities add up to the time signed in, exactly. What an agent does while not signed in is not counted.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pbx_config import contract
from reports.duty import Duty
from reports.halfhours import Span


class Activity(StrEnum):
    HOLD = "hold"
    TALK = "talk"
    CALLBACKS = "callbacks"
    WRAP_UP = "wrap_up"
    PAUSE = "pause"
    IDLE = "idle"


class Busy(NamedTuple):
    """An agent in a call: TALK, HOLD or CALLBACKS."""

    span: Span
    activity: Activity
    call_id: uuid.UUID


class Piece(NamedTuple):
    """One agent, one activity, without a break. ``reason``: of a pause; ``call_id``: of a call."""

    agent_no: str
    span: Span
    activity: Activity
    reason: str | None = None
    call_id: uuid.UUID | None = None


_Key = tuple[Activity, str | None, uuid.UUID | None]
_RANK: Final = {activity: n for n, activity in enumerate(Activity)}
_IDLE: Final[_Key] = (Activity.IDLE, None, None)


def pieces_of(agent_no: str, duty: Duty, busy: Iterable[Busy]) -> list[Piece]:
    """The duty of one agent cut into pieces, in order; together they are the spans signed in."""
    layers = [(span, _IDLE) for span in duty.signed_in]
    layers += [(paused.span, _pause(paused.reason)) for paused in duty.paused]
    layers += [(b.span, (b.activity, None, b.call_id)) for b in busy]
    found: list[Piece] = []
    for span, key in _topmost(layers):
        last = found[-1] if found else None
        if last is not None and last.span.end == span.begin and last[2:] == key:
            found[-1] = last._replace(span=Span(last.span.begin, span.end))
        else:
            found.append(Piece(agent_no, span, *key))
    return found


def _pause(reason: str) -> _Key:
    if reason == contract.REASON_WRAP_UP:
        return Activity.WRAP_UP, None, None
    return Activity.PAUSE, reason, None


def _topmost(layers: Iterable[tuple[Span, _Key]]) -> Iterator[tuple[Span, _Key]]:
    """Between two changes the first activity that holds, as long as somebody is signed in."""
    steps: list[tuple[datetime, int, _Key]] = []
    for span, key in layers:
        if span.begin < span.end:
            steps += [(span.begin, 1, key), (span.end, -1, key)]
    steps.sort(key=lambda step: step[0])
    now: Counter[_Key] = Counter()
    before: datetime | None = None
    for at, change, key in steps:
        if before is not None and before < at and now[_IDLE] > 0:
            yield Span(before, at), min((k for k, n in now.items() if n > 0), key=_order)
        now[key] += change
        if not now[key]:
            del now[key]
        before = at


def _order(key: _Key) -> tuple[int, str, str]:
    return _RANK[key[0]], key[1] or "", str(key[2] or "")
