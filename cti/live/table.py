"""The machine of a call: ``(call, fact) -> call``, over a table. No clock, no I/O.

The table says which fact is foreseen in which state. A pair that is not in it is an anomaly: the call stays as it is,
and the caller asks for a resync. Repeated facts change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cti.facts import CallState
from cti.live import moving as m
from cti.live import pbx_facts as f
from cti.live import queueing as q
from cti.live.call import Call

Action = Callable[[Call, Any], Call | None]
_S = CallState
_OPEN = (_S.ARRIVED, _S.QUEUED, _S.RINGING, _S.TALKING, _S.HELD)
_TALK = (_S.TALKING, _S.HELD)
_BEFORE = (_S.ARRIVED, _S.QUEUED, _S.RINGING)


def _row(*entries: tuple[Action, tuple[CallState, ...]]) -> dict[CallState, Action]:
    row: dict[CallState, Action] = {_S.ENDED: m.keep}  # what is told late about an ended call is no news
    for action, states in entries:
        row.update(dict.fromkeys(states, action))
    return row


TABLE: dict[type[f.Fact], dict[CallState, Action]] = {
    f.ChannelOpened: _row((m.channel_opened, _OPEN)),
    f.ChannelClosed: _row((m.channel_closed, _OPEN)),
    f.HangupAsked: _row((m.hangup_asked, _OPEN)),
    f.ChannelHeld: _row((q.held, _TALK), (m.keep, _BEFORE)),
    f.ChannelUnheld: _row((q.unheld, _TALK), (m.keep, _BEFORE)),
    f.CallerJoined: _row((q.joined, (_S.ARRIVED,)), (m.keep, (_S.QUEUED, _S.RINGING)), (q.came_back, _TALK)),
    f.CallerLeft: _row((q.left, (_S.QUEUED, _S.RINGING)), (m.keep, (_S.ARRIVED, *_TALK))),
    f.SeatRinging: _row((q.rings, (_S.QUEUED, _S.RINGING))),
    f.SeatMissed: _row((q.missed, (_S.RINGING,)), (m.keep, (_S.ARRIVED, _S.QUEUED, *_TALK))),
    f.SeatAnswered: _row((q.answered, (_S.RINGING,)), (m.keep, _TALK)),
    f.SeatDone: _row((q.done, _OPEN)),
    f.LegRinging: _row((m.leg_ringing, _OPEN)),
    f.LegAnswered: _row((m.leg_answered, _OPEN)),
    f.RoomEntered: _row((m.room_entered, _OPEN)),
    f.RoomLeft: _row((m.room_left, _OPEN)),
    f.RoomMuted: _row((m.muted, _OPEN)),
    f.RoomUnmuted: _row((m.unmuted, _OPEN)),
    f.MoveAsked: _row((m.move_asked, _OPEN)),
    f.LegAsked: _row((m.leg_asked, _OPEN)),
    f.LetGoAsked: _row((m.let_go_asked, _OPEN)),
    f.OriginateFailed: _row((m.originate_failed, _OPEN)),
    f.RecordingPaused: _row((m.paused, _OPEN)),
    f.RecordingResumed: _row((m.resumed, _OPEN)),
}


def step(call: Call, fact: f.Fact) -> Call | None:
    """The call after the fact; None for a pair that nobody foresaw."""
    action = TABLE[type(fact)].get(call.live.state)
    return action(call, fact) if action is not None else None
