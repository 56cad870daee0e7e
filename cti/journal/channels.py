"""What cel.csv says of one call, folded line by line in the file's order. Pure.

Seen on Asterisk 22.10.1 (golden traces in tests/cti/journal/traces):
a user event's name stands in the event column itself; HANGUP's extra carries ``hangupcause`` (0 when a citizen leaves
the queue) and ``hangupsource``, the channel that hung up first, the same on every leg, ``dialplan/builtin`` for the
dial plan's own Hangup and empty for a leg that the queue cancelled. No event is called hold, yet hold is told:
``STREAM_BEGIN``/``STREAM_END`` with the user event ``MOH_STREAM_*`` are written for the channel that hears music,
and a *bridged* channel hears it only while the other side holds it. Without stream events (an older Asterisk)
``streams`` stays False, and hold is unknown, not zero. In a ConfBridge whoever is alone hears music, and it is told
just before BRIDGE_ENTER.

A call that moves: Redirect writes BRIDGE_EXIT with the context it goes to, and no HANGUP. Whoever we called has a
linkedid of its own, and LINKEDID_END comes for each; the call is over when all its channels are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cti.journal.lines import CelLine
from pbx_config.contract import Context, Milestone, seat_of_interface

_ZERO: Final = timedelta()
_AS_CITIZEN: Final = frozenset({Context.ROOM_CALLED.value, Context.ROOM_CITIZEN.value, Context.AFTER_TALK.value})
_STEPS: Final = frozenset({Milestone.PROFILE, Milestone.OVERFLOW, Milestone.INCIDENT_HEARD, Milestone.INCIDENT_JOINED})
_BRIDGE_ID: Final = slice(len('{"bridge_id":"'), len('{"bridge_id":"') + 36)  # parsing JSON would cost ten times more


class Stay:
    """One stay in a bridge; ``left_at`` None while it is there."""

    __slots__ = ("bridge", "entered_at", "left_at")

    def __init__(self, bridge: str, entered_at: datetime) -> None:
        self.bridge = bridge
        self.entered_at = entered_at
        self.left_at: datetime | None = None


class Leg:
    """One channel while its lines are read."""

    __slots__ = (
        "agent_no",
        "answered_at",
        "as_citizen",
        "as_outside",
        "bridged_at",
        "cause",
        "channel",
        "context",
        "ended_at",
        "ended_in",
        "exten",
        "group",
        "held",
        "held_since",
        "in_bridge",
        "moved",
        "music",
        "number",
        "seat",
        "shown",
        "silent",
        "source",
        "started_at",
        "stays",
        "turns",
        "unbridged_at",
        "uniqueid",
    )

    def __init__(self, line: CelLine) -> None:
        self.uniqueid = line.uniqueid
        self.group = line.linkedid
        self.channel = line.channel
        self.number = line.caller
        found = seat_of_interface(line.channel)
        self.seat = found[0] if found else None
        self.exten = line.exten
        self.context = line.context
        self.started_at = line.at
        self.answered_at: datetime | None = None
        self.bridged_at: datetime | None = None
        self.unbridged_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.in_bridge = False
        self.music = False
        self.held_since: datetime | None = None
        self.held = _ZERO
        self.cause: int | None = None
        self.source: str | None = None  # None: no HANGUP seen
        self.stays: list[Stay] = []
        self.turns: list[int] = []  # back into the queue, after so many stays
        self.moved = False  # was in a room
        self.as_citizen = False  # as one whom we talk for
        self.as_outside = False
        self.agent_no: str | None = None  # as it told itself
        self.ended_in = ""  # context
        self.shown = ""  # CALLERID(num) later on: of a leg that we called, the number it was shown
        self.silent = False  # a seat that answered and sent no sound

    def unhold(self, at: datetime) -> None:
        if self.held_since is not None:
            self.held += max(at - self.held_since, _ZERO)
            self.held_since = None


class Channels:
    """The fold: legs by uniqueid, milestones with their first stamp, and what was odd."""

    __slots__ = ("anomalies", "denied", "keys", "last_at", "legs", "milestones", "over", "silent", "steps", "stranded",
                 "streams")  # fmt: skip

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.milestones: dict[str, tuple[datetime, str]] = {}
        self.last_at: datetime | None = None
        self.over: dict[str, datetime] = {}  # by linkedid: LINKEDID_END
        self.keys: list[str] = []  # pressed at the satisfaction question, "" for none
        self.steps: list[tuple[datetime, str, str]] = []  # at, milestone, extra: what the line did before any person
        self.denied: list[tuple[datetime, Leg, str]] = []  # at, who dialled it, what
        self.silent: list[tuple[datetime, str]] = []  # at, "<seat>/<agent_no>" of a seat that sent no sound
        self.stranded = 0
        self.streams = False
        self.anomalies = 0

    def add(self, line: CelLine) -> None:
        """Take the next line of the file. Nothing is refused: what was not foreseen is counted."""
        if self.last_at is None or line.at > self.last_at:
            self.last_at = line.at
        if line.event == "CHAN_START" and line.uniqueid in self.legs:
            self._tried_again(self.legs[line.uniqueid], line)
        if line.uniqueid not in self.legs:
            self.legs[line.uniqueid] = Leg(line)
            self.anomalies += line.event != "CHAN_START"  # its start was lost
        on = _ON.get(line.event)
        if on is not None:
            on(self, self.legs[line.uniqueid], line)

    def _tried_again(self, before: Leg, line: CelLine) -> None:
        """cti called the same leg through another trunk: one leg, since its first try, and told by its last."""
        if before.ended_at is None or before.answered_at is not None:
            return  # nothing of ours does so: the line is one more of the same channel
        self.over.pop(before.group, None)
        self.legs[line.uniqueid] = again = Leg(line)
        again.started_at = before.started_at

    @property
    def ended_at(self) -> datetime | None:
        """When the last channel was gone; None while one is there."""
        last = None
        for leg in self.legs.values():
            end = self.over.get(leg.group) or leg.ended_at
            if end is None:
                return None
            last = end if last is None or end > last else last
        return last

    def _answer(self, leg: Leg, line: CelLine) -> None:
        leg.answered_at = leg.answered_at or line.at
        leg.shown = line.caller

    def _bridge_enter(self, leg: Leg, line: CelLine) -> None:
        leg.bridged_at = leg.bridged_at or line.at
        leg.in_bridge = True
        leg.stays.append(Stay(line.extra[_BRIDGE_ID], line.at))
        if leg.music:
            leg.held_since = line.at
        if line.context.startswith("room-"):
            leg.moved = True
            leg.as_citizen = leg.as_citizen or line.context in _AS_CITIZEN
            leg.as_outside = leg.as_outside or line.context == Context.ROOM_OUTSIDE

    def _bridge_exit(self, leg: Leg, line: CelLine) -> None:
        leg.unbridged_at = line.at
        leg.in_bridge = leg.music = False
        leg.unhold(line.at)
        if leg.stays:
            leg.stays[-1].left_at = line.at

    def _stream_begin(self, leg: Leg, line: CelLine) -> None:
        self.streams = True
        if line.user_event == "MOH_STREAM_BEGIN":
            leg.music = True
            if leg.in_bridge:
                leg.held_since = leg.held_since or line.at

    def _stream_end(self, leg: Leg, line: CelLine) -> None:
        if line.user_event == "MOH_STREAM_END":
            leg.music = False
            leg.unhold(line.at)

    def _hangup(self, leg: Leg, line: CelLine) -> None:
        if leg.source is not None:
            self.anomalies += 1
            return
        leg.ended_at = line.at
        leg.unhold(line.at)
        extra = line.extra_object()
        cause, source = extra.get("hangupcause"), extra.get("hangupsource")
        # 0 is Asterisk's "not defined"; Q.850 has seven bits.
        leg.cause = cause if isinstance(cause, int) and 0 < cause < 128 else None
        leg.source = source if isinstance(source, str) else ""
        leg.ended_in = line.context
        leg.shown = leg.shown or line.caller
        leg.as_citizen = leg.as_citizen or line.context in _AS_CITIZEN

    def _end(self, leg: Leg, line: CelLine) -> None:
        leg.ended_at = leg.ended_at or line.at

    def _over(self, _leg: Leg, line: CelLine) -> None:
        self.over[line.linkedid] = line.at

    def _milestone(self, leg: Leg, line: CelLine) -> None:
        told = line.extra_object().get("extra")
        extra = told if isinstance(told, str) else ""
        self.milestones.setdefault(line.event, (line.at, extra))
        if line.event == Milestone.QUEUED:
            leg.turns.append(len(leg.stays))
        elif line.event == Milestone.STRANDED:
            self.stranded += 1
        elif line.event == Milestone.NO_SOUND:
            self._no_sound(line.at, extra)
        elif line.event == Milestone.SURVEY:
            self.keys.append(extra)
        elif line.event in _STEPS:
            self.steps.append((line.at, line.event, extra))
        elif line.event == Milestone.DENIED:
            self.denied.append((line.at, leg, extra))
        elif line.event == Milestone.AGENT:
            leg.agent_no = extra or None

    def _no_sound(self, at: datetime, told: str) -> None:
        """The seat's newest answer is the one that was silent: the citizen came from it."""
        self.silent.append((at, told))
        seat = told.partition("/")[0]
        answers = [leg for leg in self.legs.values() if leg.seat == seat and leg.answered_at]
        if answers:
            answers[-1].silent = True


_ON: Final[dict[str, Callable[[Channels, Leg, CelLine], None]]] = {
    "ANSWER": Channels._answer,
    "BRIDGE_ENTER": Channels._bridge_enter,
    "BRIDGE_EXIT": Channels._bridge_exit,
    "STREAM_BEGIN": Channels._stream_begin,
    "STREAM_END": Channels._stream_end,
    "HANGUP": Channels._hangup,
    "CHAN_END": Channels._end,
    "LINKEDID_END": Channels._over,
    **{milestone.value: Channels._milestone for milestone in Milestone},
}
