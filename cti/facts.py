"""The language cti publishes: the live state of agents, calls, queues and trunks.

One frozen dataclass per topic of the feed. A body on the feed is always the WHOLE state of its key, never a delta,
so that applying it twice or skipping an older one is harmless. No I/O and no clock here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

F = TypeVar("F")


class Topic(StrEnum):
    """Topics of the feed. The key of each is in brackets."""

    AGENT = "agent"  # [agent_no] AgentLive, None once signed out
    CALL = "call"  # [call_id] CallLive, None some seconds after its end
    EARS = "ears"  # [call_id] EarsLive, None when nobody listens and nobody takes it over
    QUEUE = "queue"  # [queue name] QueueLive
    TRUNK = "trunk"  # [endpoint] TrunkLive
    NODE = "node"  # [node name] NodeLive
    COMMAND = "command"  # [command_id] CommandLive
    RECORD = "record"  # [call_id] the journal wrote this call's rows; body {"call_id"}
    RECORDING = "recording"  # [recording_id] body {"recording_id","call_id","state"}
    RECORDER = "recorder"  # [node name] RecorderLive
    DANGER = "danger"  # [danger_id] the whole Danger as HTTP tells it, at each of its changes
    ALARM = "alarm"  # [alarm_id] what may not be was tried, or that was acknowledged; body {"alarm_id","code","who",…}
    DAY = "day"  # [queue, ALL_QUEUES] DayLive
    HAND = "hand"  # [hand_id] the whole hand-up as HTTP tells it, at each of its changes
    MESSAGE = "message"  # [message_id] a supervisor's words to one agent or to all, as HTTP tells it
    CASE = "case"  # [case_id] body {"case_id","number","state","agent_no"}
    RESYNC = "resync"  # [node name] drop what you know of this node and read the live table again


class AgentState(StrEnum):
    PAUSED = "paused"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    UNREACHABLE = "unreachable"  # signed in, but the telephone is not registered


@dataclass(frozen=True, slots=True)
class AgentLive:
    agent_no: str
    node: str
    seat: str
    phone: str  # contract.Phone
    state: AgentState
    reasons: tuple[str, ...]  # why paused, sorted; see contract.REASON_*
    since: datetime
    queues: tuple[str, ...]
    call_id: str | None = None
    wrap_up_until: datetime | None = None


class PartyKind(StrEnum):
    CITIZEN = "citizen"
    SEAT = "seat"  # an agent or a supervisor
    OUTSIDE = "outside"  # whom we called: an agency, 110, any number


class PartyState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    JOINED = "joined"  # talks in the call's room, or in the call before it had one
    CONSULTING = "consulting"  # talks in the consultation
    ASIDE = "aside"  # alone with music: held, or waiting
    BUSY = "busy"  # from here on: gone, and why
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FAILED = "failed"  # no such number, no line
    CANCELLED = "cancelled"  # by us, before it answered
    LEFT = "left"  # hung up, or was dropped, after having talked
    HUNG_UP_ON_US = "hung_up_on_us"  # answered, and hung up within a few seconds


@dataclass(frozen=True, slots=True)
class Party:
    """One leg of a call on the live roster. Those that are gone stay on it until the call ends."""

    leg: str  # uniqueid of its channel
    kind: PartyKind
    number: str  # the citizen's, a seat's, the one we dialled
    state: PartyState
    since: datetime
    agent_no: str | None = None
    muted: bool = False
    cause: int | None = None  # Q.850, of one that is gone


class CallState(StrEnum):
    ARRIVED = "arrived"  # hears the notice
    QUEUED = "queued"
    RINGING = "ringing"  # at least one seat rings
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallLive:
    call_id: str
    node: str
    linkedid: str
    state: CallState
    since: datetime
    started_at: datetime
    caller: str  # digits as the trunk gave them, "" when withheld
    called: str
    queue: str | None = None
    queued_at: datetime | None = None
    position: int | None = None
    ringing: tuple[str, ...] = ()  # agent_no of the seats that ring now
    agent_no: str | None = None
    seat: str | None = None
    answered_at: datetime | None = None
    held_since: datetime | None = None
    ended_at: datetime | None = None
    hung_up_by: str | None = None  # "citizen" | "agent" | "outside" | "switch"
    direction: str = "inbound"  # "outbound": an agent calls a citizen
    room: bool = False  # it has moved into a room: parties can be added, muted, dropped
    parties: tuple[Party, ...] = ()  # everybody who is or was in it, in order of appearance
    recording_paused_since: datetime | None = None


class EarState(StrEnum):
    CALLING = "calling"  # the supervisor's telephone rings, or does not yet
    ON = "on"


@dataclass(frozen=True, slots=True)
class Ear:
    """A supervisor on a call who is no party of it."""

    leg: str  # uniqueid of its channel
    seat: str
    agent_no: str | None  # the supervisor's
    mode: str  # contract.EarMode: "listen" | "whisper" | "barge"
    state: EarState
    since: datetime  # of this mode and state
    name: str = ""  # to be shown; "" where an earlier cti asked and its memory is gone


@dataclass(frozen=True, slots=True)
class EarsLive:
    """Who listens to one call now, and who is taking it over."""

    call_id: str
    node: str
    linkedid: str
    agent_no: str | None  # the agent whose call it is
    ears: tuple[Ear, ...] = ()
    taken_by: str | None = None  # agent_no of the supervisor whose seat is being called in
    taken_by_name: str = ""


@dataclass(frozen=True, slots=True)
class QueueLive:
    queue: str
    node: str
    waiting: int
    longest_since: datetime | None
    agents: int
    ready: int
    talking: int


@dataclass(frozen=True, slots=True)
class TrunkLive:
    endpoint: str
    node: str
    reachable: bool
    channels: int
    since: datetime
    fault: str | None = None  # "q850.38": the last one of the carrier's, not of a person who was busy or away
    fault_at: datetime | None = None


NODE_SILENT_S = 10.0


@dataclass(frozen=True, slots=True)
class NodeLive:
    """How cti is linked to its PBX. Published at every change and every few seconds: a killed one falls silent."""

    node: str
    connected: bool  # AMI is up and the snapshot was taken
    since: datetime
    reason: str | None = None  # code of what is wrong: "ami.refused", "ami.unreachable", "ami.silent", ...
    anomalies: int = 0  # facts that no machine had foreseen
    at: datetime | None = None  # of this body: older than NODE_SILENT_S, and cti does not run


@dataclass(frozen=True, slots=True)
class RecorderLive:
    """How the recorder of one node is. Published by ``recordings``, at every change of ``reasons`` and every 15 s."""

    node: str
    at: datetime  # of this body: older than a minute, and the recorder is not running
    since: datetime  # its start
    reasons: tuple[str, ...]  # what is wrong now: "disk_low", "recording.store_away", …; empty when all is well
    free_bytes: int  # of the spool's disk
    total_bytes: int
    waiting: int  # recordings in the spool that are finished and not yet kept
    oldest_s: float  # how long the oldest of them has waited
    stored: int  # since its start, as all below
    freed_empty: int  # files of calls that nobody answered
    set_aside: int
    missing: int
    failures: int  # attempts that will be repeated


ALL_QUEUES = "*"  # no queue is named so


@dataclass(frozen=True, slots=True)
class DayLive:
    """The site's day so far, of one queue or of all. Published by ``reports`` at every change, and now and then."""

    queue: str
    at: datetime  # of this body: older than a minute, and nobody counts
    day: str  # the site's date
    offered: int  # short abandons apart
    answered: int
    abandoned: int
    short: int  # hung up within five seconds in the queue
    refused: int
    lost: int
    waiting: int
    early: int  # hung up before the queue
    unreached: int  # people
    withheld: int  # unanswered calls without a number
    connect_rate: float | None
    service_s: float  # the queue's own; of all together 15, the standard's
    service_level: float | None  # answered within service_s ÷ offered
    worst_rate: float | None  # of any continuous 24 hours that ended today
    worst_until: datetime | None
    worst_of: int  # calls in it


class CommandEnd(StrEnum):
    """The five ends of a command. While none is reached it is pending (waiting) or asked (sent to the PBX)."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"  # we or the PBX said no before anything happened
    FAILED = "failed"  # tried, and did not work
    EXPIRED = "expired"  # its deadline passed before it was asked
    UNKNOWN = "unknown"  # asked, and nobody can tell what became of it


@dataclass(frozen=True, slots=True)
class CommandLive:
    command_id: str
    kind: str
    agent_no: str | None
    state: str  # "pending" | "asked" | a CommandEnd
    reason: str | None = None  # a stable code, "call.not_yours"


def body_of(fact: Any) -> dict[str, Any]:
    """The JSON body of a fact: datetimes as ISO 8601 in UTC, tuples as lists, enums as their text."""
    return {f.name: _plain(getattr(fact, f.name)) for f in dataclasses.fields(fact)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return body_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def fact_of_body(kind: type[F], body: dict[str, Any]) -> F:
    """The fact that :func:`body_of` made this body from. Fields that ``kind`` does not know are left out."""
    hints = _hints(kind)  # type: ignore[arg-type]  # a type is hashable
    return kind(**{name: _typed(hints[name], value) for name, value in body.items() if name in hints})


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    kinds = get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)
    if datetime in kinds:
        return datetime.fromisoformat(value)
    if isinstance(value, list):
        of = next((get_args(kind)[0] for kind in kinds if get_origin(kind) is tuple), None)
        return tuple(_typed(of, item) for item in value)
    if isinstance(value, dict):
        return fact_of_body(next(k for k in kinds if dataclasses.is_dataclass(k)), value)  # type: ignore[arg-type]
    enum = next((k for k in kinds if isinstance(k, type) and issubclass(k, StrEnum)), None)
    return enum(value) if enum is not None else value
