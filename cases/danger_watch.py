"""What became of a citizen in danger, from the live picture and the record. Pure.

The roster is the truth while the call lives: the citizen may be gone while the desk and 110 still talk. Afterwards the
record says who hung up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cti.facts import CallState, CommandEnd, PartyKind, PartyState
from models.danger import Danger, DangerState

GONE_STATES = frozenset(
    {
        PartyState.BUSY, PartyState.NO_ANSWER, PartyState.REFUSED, PartyState.FAILED, PartyState.CANCELLED,
        PartyState.LEFT, PartyState.HUNG_UP_ON_US,
    }
)  # fmt: skip
TALKING_STATES = frozenset({PartyState.JOINED, PartyState.CONSULTING, PartyState.ASIDE})
DESK_ENDED = frozenset({"agent", "outside"})
ENDING = timedelta(seconds=3)  # longer than a call's legs need to end
NO_NEWS = timedelta(seconds=90)  # a dialled call of which nobody ever heard: longer than any ring

Body = Mapping[str, Any]


class Citizen(StrEnum):
    """The citizen of the call in danger."""

    ON_THE_LINE = "on_the_line"
    GONE = "gone"
    LET_GO = "let_go"  # the desk ended it
    UNKNOWN = "unknown"  # neither picture nor record has the call just now, or it may be about to end


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the record has of a call, as far as it has it."""

    ended: bool
    hung_up_by: str | None
    reached: bool = False  # of a call back: the citizen answered


def citizen_of(live: Body | None, recorded: Recorded | None, now: datetime) -> Citizen:
    """Where the citizen is. A desk that ends its call lets one leg go after the other, the citizen's first, maybe."""
    if live is not None:
        ended = live["state"] == CallState.ENDED or live["ended_at"] is not None
        mine = [p for p in live["parties"] if p["kind"] == PartyKind.CITIZEN]
        left = bool(mine) and all(p["state"] in GONE_STATES for p in mine)
        if not (ended or left):
            return Citizen.ON_THE_LINE
        if not ended and any(now - datetime.fromisoformat(p["since"]) < ENDING for p in mine):
            return Citizen.UNKNOWN
        return Citizen.LET_GO if ended and live["hung_up_by"] in DESK_ENDED else Citizen.GONE
    if recorded is None or not recorded.ended:
        return Citizen.UNKNOWN
    return Citizen.LET_GO if recorded.hung_up_by in DESK_ENDED else Citizen.GONE


class TryState(StrEnum):
    """How the last call back stands."""

    RUNNING = "running"
    REACHED = "reached"
    IN_VAIN = "in_vain"


@dataclass(frozen=True, slots=True)
class CallBack:
    """The command that called back, and the call that it made, as far as somebody knows it."""

    state: str  # of the command
    asked_at: datetime
    ended_at: datetime | None
    live: Body | None
    recorded: Recorded | None


def try_of(back: CallBack, now: datetime) -> TryState:
    """Reached is: the citizen answered. An agent's own telephone that was not taken is a try in vain."""
    if back.state not in ("pending", "asked", CommandEnd.SUCCEEDED, CommandEnd.UNKNOWN):
        return TryState.IN_VAIN
    if back.recorded is not None and back.recorded.reached:
        return TryState.REACHED
    if back.live is not None:
        mine = [p for p in back.live["parties"] if p["kind"] == PartyKind.CITIZEN]
        if any(p["state"] in TALKING_STATES for p in mine):
            return TryState.REACHED
        over = back.live["state"] == CallState.ENDED or (mine and all(p["state"] in GONE_STATES for p in mine))
        return TryState.IN_VAIN if over else TryState.RUNNING
    if back.recorded is not None and back.recorded.ended:
        return TryState.IN_VAIN
    return TryState.RUNNING if now - back.asked_at < NO_NEWS else TryState.IN_VAIN


class Step(StrEnum):
    """What the house does now."""

    WAIT = "wait"
    GONE = "gone"
    OVER = "over"
    REACHED = "reached"
    GIVE_UP = "give_up"
    CALL_BACK = "call_back"


def step_of(
    danger: Danger, citizen: Citizen, last: CallBack | None, now: datetime, *, most: int, again_after: timedelta,
    callable_: bool,
) -> Step:  # fmt: skip
    """``callable_``: the number is known and may be dialled at all."""
    if danger.state == DangerState.OPEN:
        return {Citizen.GONE: Step.GONE, Citizen.LET_GO: Step.OVER}.get(citizen, Step.WAIT)
    if danger.state != DangerState.GONE:
        return Step.WAIT
    state = try_of(last, now) if last is not None else TryState.IN_VAIN
    if state is TryState.REACHED:
        return Step.REACHED
    if state is TryState.RUNNING:
        return Step.WAIT
    if danger.callbacks >= most or not callable_:
        return Step.GIVE_UP
    if last is not None and now - (last.ended_at or last.asked_at) < again_after:
        return Step.WAIT
    return Step.CALL_BACK
