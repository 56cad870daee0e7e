"""What Asterisk tells us, as small values: the input of the machines. Past tense, frozen, without AMI's spelling.

``at`` is Asterisk's own stamp of the event (timestampevents=yes), never the time of reading it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard

from cti.facts import PartyKind
from pbx_config import contract


@dataclass(frozen=True, slots=True)
class Fact:
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelFact(Fact):
    """Of one channel; ``linkedid`` names the call it belongs to."""

    channel: str
    uniqueid: str
    linkedid: str


@dataclass(frozen=True, slots=True)
class ChannelOpened(ChannelFact):
    caller: str
    called: str


@dataclass(frozen=True, slots=True)
class ChannelClosed(ChannelFact):
    cause: int | None = None  # Q.850
    sip: int | None = None  # status of the answer that refused it


@dataclass(frozen=True, slots=True)
class HangupAsked(ChannelFact):
    """The far end of this channel hung up (``by_switch``: Asterisk itself ends it)."""

    by_switch: bool


@dataclass(frozen=True, slots=True)
class ChannelHeld(ChannelFact):
    """The far end of this channel put the other one on hold."""


@dataclass(frozen=True, slots=True)
class ChannelUnheld(ChannelFact):
    pass


@dataclass(frozen=True, slots=True)
class LegRinging(ChannelFact):
    """The far end of a channel that we called rings."""


@dataclass(frozen=True, slots=True)
class LegAnswered(ChannelFact):
    """The far end of a channel that we called answered; it is on its way to its room."""


@dataclass(frozen=True, slots=True)
class RoomFact(ChannelFact):
    """Of one channel and a room (a ConfBridge). The room's name tells the call, the consultation, or "alone"."""

    room: str
    context: str = ""  # where in the dial plan it is in that room: tells a deliberate hold from a wait


@dataclass(frozen=True, slots=True)
class RoomEntered(RoomFact):
    pass


@dataclass(frozen=True, slots=True)
class RoomLeft(RoomFact):
    pass


@dataclass(frozen=True, slots=True)
class RoomMuted(RoomFact):
    pass


@dataclass(frozen=True, slots=True)
class RoomUnmuted(RoomFact):
    pass


@dataclass(frozen=True, slots=True)
class EarBegan(ChannelFact):
    """An ear hears an agent's channel. Where in the dial plan it is tells the mode."""

    context: str


@dataclass(frozen=True, slots=True)
class CallerJoined(ChannelFact):
    queue: str
    position: int


@dataclass(frozen=True, slots=True)
class CallerLeft(ChannelFact):
    queue: str


@dataclass(frozen=True, slots=True)
class SeatFact(ChannelFact):
    """Of a seat's leg in a call; channel, uniqueid and linkedid are the citizen's."""

    seat_uniqueid: str
    agent_no: str
    interface: str
    queue: str


@dataclass(frozen=True, slots=True)
class SeatRinging(SeatFact):
    pass


@dataclass(frozen=True, slots=True)
class SeatMissed(SeatFact):
    """It rang and was not answered."""


@dataclass(frozen=True, slots=True)
class SeatAnswered(SeatFact):
    pass


@dataclass(frozen=True, slots=True)
class SeatDone(SeatFact):
    """The queue is done with this seat. ``moved``: because the citizen was redirected; nobody hung up."""

    moved: bool = False


@dataclass(frozen=True, slots=True)
class MemberFact(Fact):
    queue: str
    agent_no: str
    interface: str


@dataclass(frozen=True, slots=True)
class MemberSeen(MemberFact):
    """A queue member as it is now. ``status`` is Asterisk's device state number (5: unavailable)."""

    paused: bool
    reasons: frozenset[str]
    status: int
    in_call: bool
    last_pause: datetime | None
    last_used: datetime | None  # signed in or last call, whichever is later
    penalty: int = 0  # of its queue: who has less is rung first


@dataclass(frozen=True, slots=True)
class MemberGone(MemberFact):
    pass


def is_endpoint(device: str) -> bool:
    """A telephone or the trunk. Asterisk keeps a device of every room that ever was, by its name, while it runs."""
    return device.startswith("PJSIP/")


@dataclass(frozen=True, slots=True)
class DeviceChanged(Fact):
    device: str
    state: str


@dataclass(frozen=True, slots=True)
class PhoneRefused(Fact):
    """A registration or call with a wrong secret."""

    endpoint: str  # as it called itself
    address: str


@dataclass(frozen=True, slots=True)
class EndpointTold(Fact):
    """A telephone registered, went, or became (un)reachable, or a trunk's registration changed: look again."""


# ── told by us, not by Asterisk: what we are about to do, so that what follows is read right ──────────


@dataclass(frozen=True, slots=True)
class AskedFact(Fact):
    """Told just BEFORE the action is sent. ``ref`` is the call's linkedid."""

    ref: str


@dataclass(frozen=True, slots=True)
class MoveAsked(AskedFact):
    """These channels are about to be redirected into a room: that they leave their bridge is no parting.

    Lapses for each of them when it enters a room or the queue, when it is closed, and with the next snapshot. A
    channel that goes elsewhere (a spoken warning, the end) is not among them; the agent beside it is, into the room.
    """

    legs: tuple[str, ...]  # uniqueids


@dataclass(frozen=True, slots=True)
class LetGoAsked(AskedFact):
    """These channels are about to be hung up by us because ``by`` asked for it (an agent's leg, its own or another's).

    Before its answer such a leg is cancelled; after it, it was dropped, and did not hang up on us.
    """

    legs: tuple[str, ...]
    by: str | None  # None: the house tidies up, nobody hung up


@dataclass(frozen=True, slots=True)
class LegAsked(AskedFact):
    """We are about to call somebody (Originate with ChannelId ``uniqueid``) into ``room``.

    A leg whose uniqueid is the ``ref`` itself begins a call of its own: an agent calls out, to ``citizen``.
    """

    uniqueid: str
    kind: PartyKind
    number: str
    room: str
    agent_no: str | None = None  # of a seat
    citizen: str = ""
    shown: str = ""  # the number that is shown there


@dataclass(frozen=True, slots=True)
class OriginateFailed(Fact):
    """A leg that we asked for was not answered. Where it had a channel, that one's end tells more, and may come first.

    ``channel``: its name, or what was dialled where none was made; None where we tell it ourselves.
    """

    uniqueid: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingPaused(AskedFact):
    """Told once Asterisk confirmed it."""


@dataclass(frozen=True, slots=True)
class RecordingResumed(AskedFact):
    pass


@dataclass(frozen=True, slots=True)
class EarAsked(AskedFact):
    """We are about to call a supervisor who is to listen (Originate with ChannelId ``uniqueid``)."""

    uniqueid: str
    seat: str
    agent_no: str
    mode: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class TakeOverAsked(AskedFact):
    """A supervisor's seat is about to be called in, and the agent will be let go; ``by`` None: no longer."""

    by: str | None
    name: str = ""


EarFact = EarAsked | TakeOverAsked
CallFact = ChannelFact | AskedFact | OriginateFailed


def is_of_an_ear(fact: Fact) -> TypeGuard[ChannelFact | EarFact | OriginateFailed]:
    """Of a supervisor who listens, or is about to: no machine of a call is told."""
    if isinstance(fact, (ChannelFact, OriginateFailed)):
        return contract.ear_leg(fact.uniqueid) is not None
    return isinstance(fact, EarFact)


def is_of_no_call(fact: Fact) -> TypeGuard[ChannelFact | OriginateFailed]:
    """Of a test of a trunk, or of a message to one of an incident's callers."""
    return isinstance(fact, (ChannelFact, OriginateFailed)) and contract.is_no_call(fact.uniqueid)


def ref_of(fact: CallFact) -> str:
    """The linkedid of the call that the fact is about."""
    if isinstance(fact, AskedFact):
        return fact.ref
    return contract.call_ref(fact.uniqueid if isinstance(fact, OriginateFailed) else fact.linkedid)
