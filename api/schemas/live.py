"""The live picture and the messages of the feed socket: the server sends one, or a JSON list of them in order.

They are in the OpenAPI document as schemas, though OpenAPI knows no sockets, so that the web's types come from here.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.schemas.danger import Danger
from api.schemas.floor import Hand, Message
from cti.facts import AgentLive, CallLive, CommandLive, DayLive, EarsLive, NodeLive, QueueLive, RecorderLive, TrunkLive
from models.alarm import AlarmCode


class Snapshot(Answer):
    """What the caller may see of the live state, exact at ``seq``."""

    seq: int
    server_time: datetime
    agents: list[AgentLive]
    calls: list[CallLive]
    queues: list[QueueLive]
    trunks: list[TrunkLive]
    nodes: list[NodeLive]
    days: list[DayLive] = Field(default_factory=list)
    recorders: list[RecorderLive] = Field(default_factory=list)
    ears: list[EarsLive] = Field(default_factory=list)


class _Row(Answer):
    type: Literal["row"]
    seq: int = Field(description="grows on every socket; rows that this caller may not see are left out")
    prev: int = Field(description="the seq sent before on this socket; anything else than yours means a gap: reconnect")
    key: str
    at: datetime


class AgentRow(_Row):
    topic: Literal["agent"]
    body: AgentLive | None


class CallRow(_Row):
    topic: Literal["call"]
    body: CallLive | None


class EarsRow(_Row):
    """Who listens to a call: for supervisors, and for its agent where the site says so."""

    topic: Literal["ears"]
    body: EarsLive | None


class QueueRow(_Row):
    topic: Literal["queue"]
    body: QueueLive | None


class TrunkRow(_Row):
    topic: Literal["trunk"]
    body: TrunkLive | None


class NodeRow(_Row):
    topic: Literal["node"]
    body: NodeLive | None


class RecorderRow(_Row):
    topic: Literal["recorder"]
    body: RecorderLive | None


class DayRow(_Row):
    """The day's numbers, for who may see the floor."""

    topic: Literal["day"]
    body: DayLive | None


class HandRow(_Row):
    """For supervisors and the agent whose hand it is. Ask GET /floor after every hello."""

    topic: Literal["hand"]
    body: Hand | None


class MessageRow(_Row):
    """For whom it is said to. Ask GET /messages after every hello."""

    topic: Literal["message"]
    body: Message | None


class CommandRow(_Row):
    topic: Literal["command"]
    body: CommandLive | None


class RecordBody(Answer):
    call_id: uuid.UUID


class RecordRow(_Row):
    """The journal wrote this call's rows: GET /calls/{key} is worth asking again."""

    topic: Literal["record"]
    body: RecordBody | None


class RecordingBody(Answer):
    recording_id: uuid.UUID
    call_id: uuid.UUID
    state: str


class RecordingRow(_Row):
    topic: Literal["recording"]
    body: RecordingBody | None


class CaseBody(Answer):
    case_id: uuid.UUID
    number: str
    state: str
    agent_no: str | None


class CaseRow(_Row):
    topic: Literal["case"]
    body: CaseBody | None


class DangerRow(_Row):
    """For supervisors and the agent who raised it. Ask GET /danger?open=1 after every hello."""

    topic: Literal["danger"]
    body: Danger | None


class AlarmBody(Answer):
    alarm_id: uuid.UUID
    code: AlarmCode
    who: str
    detail: str = Field(description="what was tried, as text")
    at: datetime
    acknowledged_by: str | None = Field(description="None: somebody has just tried it")


class AlarmRow(_Row):
    """For supervisors: an attempt, or its acknowledgement. A wake-up: GET /alarms?open=1 has all that are open."""

    topic: Literal["alarm"]
    body: AlarmBody | None


FeedRow = Annotated[
    AgentRow
    | CallRow
    | EarsRow
    | QueueRow
    | TrunkRow
    | NodeRow
    | RecorderRow
    | CommandRow
    | RecordRow
    | RecordingRow
    | CaseRow
    | DangerRow
    | DayRow
    | HandRow
    | MessageRow
    | AlarmRow,
    Field(discriminator="topic"),
]


class HelloMessage(Answer):
    """The first message, and the one after every resync."""

    type: Literal["hello"]
    seq: int
    server_time: datetime
    snapshot: Snapshot
    missed: list[FeedRow] = Field(
        default_factory=list,
        description="rows that are not live state (command, record, recording, case) between ?after= and seq",
    )
    complete: bool = Field(False, description="true: ``missed`` is all of them; false: ask again for what you show")


class ResyncMessage(Answer):
    """You read too slowly, or the picture was rebuilt: forget it, a hello follows."""

    type: Literal["resync"]


class PingMessage(Answer):
    """Every 5 s, and at once when ``feed`` changes."""

    type: Literal["ping"]
    server_time: datetime
    feed: Literal["ok", "away"] = Field("ok", description="away: the server cannot reach its database since feed_since")
    feed_since: datetime | None = None


class PhoneOwnerMessage(Answer):
    """Which of this agent's pages has the telephone now. Newer wins; the others fall silent."""

    type: Literal["phone"]
    owner: str | None


ServerMessage = Annotated[
    HelloMessage
    | AgentRow
    | CallRow
    | EarsRow
    | QueueRow
    | TrunkRow
    | NodeRow
    | RecorderRow
    | CommandRow
    | RecordRow
    | RecordingRow
    | CaseRow
    | DangerRow
    | DayRow
    | HandRow
    | MessageRow
    | AlarmRow
    | ResyncMessage
    | PingMessage
    | PhoneOwnerMessage,
    Field(),
]

PhoneTrouble = Literal["microphone", "second-tab", "network", "registration"]


class PhoneMessage(Ask):
    """A page tells whether its telephone works. ``lost`` stops calls to this agent until ``ok``."""

    type: Literal["phone"]
    tab: uuid.UUID
    state: Literal["ok", "lost"]
    reason: PhoneTrouble | None = None


class PongMessage(Ask):
    type: Literal["pong"]


ClientMessage = Annotated[PhoneMessage | PongMessage, Field(discriminator="type")]
