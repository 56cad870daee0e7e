"""Commands: one model per kind, so that arguments are checked before anything is stored.

Not here, because nobody may ask for them alone: ``call.abuse_warn`` and ``call.abuse_end`` (POST /abuse counts the
steps), ``call.no_survey`` (POST /danger), ``caller.flag`` (POST /number-flags).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.base import Answer, Ask
from cases.texts import ShortLine
from pbx_config.contract import Phone

# They travel inside the queue member's PausedReason: no separator of the contract, no line break, no comma.
ReasonWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
AgentNo = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
SeatNo = Annotated[str, StringConstraints(pattern=r"^8\d{3}$")]
QueueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
LegId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,79}$")]


class CommandState(StrEnum):
    PENDING = "pending"
    ASKED = "asked"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class NoArgs(Ask):
    pass


class SignInArgs(Ask):
    seat: SeatNo = Field(examples=["8001"])
    phone: Phone


class ReasonArgs(Ask):
    reason: ReasonWord = Field(examples=["meal"])


class CallArgs(Ask):
    call_id: uuid.UUID


class HoldArgs(CallArgs):
    leg: LegId | None = Field(None, description="absent: the citizen")


class LegArgs(CallArgs):
    leg: LegId = Field(description="of the live roster", examples=["1764.1+5-05191234567"])


class PauseArgs(CallArgs):
    reason: ReasonWord = Field(examples=["id-card"])


class SeatTarget(Ask):
    kind: Literal["seat"]
    value: SeatNo


class QueueTarget(Ask):
    kind: Literal["queue"]
    value: QueueName = Field(examples=["hotline"])


class NumberTarget(Ask):
    kind: Literal["number"]
    value: ShortLine = Field(examples=["05191234567"])


class AgencyTarget(Ask):
    """A number of the address book; the record keeps which agency was meant."""

    kind: Literal["agency"]
    value: uuid.UUID = Field(description="id of an item of GET /targets")


class PoliceTarget(Ask):
    """110, as this site has it."""

    kind: Literal["police"]
    value: Literal[""] = ""


Target = Annotated[SeatTarget | QueueTarget | NumberTarget | AgencyTarget | PoliceTarget, Field(discriminator="kind")]


class MoveArgs(CallArgs):
    target: Target
    case_id: uuid.UUID | None = Field(None, description="the matter it is about; kept with the leg")


class DialArgs(Ask):
    """Calling out: a number of an open matter, of the address book, or what one's class of service allows."""

    number: ShortLine = Field(examples=["13912345678"])
    case_id: uuid.UUID | None = Field(None, description="the case it is about: the call will be on its timeline")


class _Asked(Ask):
    id: uuid.UUID = Field(description="made by the client; the same id again gives the same command")


class AgentSignIn(_Asked):
    kind: Literal["agent.sign_in"]
    args: SignInArgs


class _Ordered(_Asked):
    """For oneself; with ``agent_no``, and the right to supervise, for somebody else."""

    agent_no: AgentNo | None = Field(None, description="absent: oneself", examples=["1002"])


class AgentOrder(_Ordered):
    kind: Literal["agent.sign_out", "agent.ready", "agent.wrap_up_end"]
    args: NoArgs = NoArgs()


class AgentPause(_Ordered):
    kind: Literal["agent.pause"]
    args: ReasonArgs


class AgentBlock(_Asked):
    kind: Literal["agent.block"]
    args: ReasonArgs


class AgentUnblock(_Asked):
    kind: Literal["agent.unblock"]
    args: NoArgs = NoArgs()


class CallCommand(_Asked):
    """``leave``: the others go on. ``end``: for everybody."""

    kind: Literal[
        "call.hangup",
        "call.leave",
        "call.end",
        "call.consult_swap",
        "call.consult_complete",
        "call.consult_cancel",
        "call.consult_merge",
        "call.record_resume",
    ]
    args: CallArgs


class CallHold(_Asked):
    kind: Literal["call.hold", "call.unhold"]
    args: HoldArgs


class CallMove(_Asked):
    """``transfer``: away, without asking. ``consult``: ask first, the citizen waits. ``add``: a conference."""

    kind: Literal["call.transfer", "call.consult", "call.add"]
    args: MoveArgs


class CallLeg(_Asked):
    kind: Literal["call.drop", "call.mute", "call.unmute"]
    args: LegArgs


class CallEar(_Asked):
    """A supervisor's ear on somebody else's call; the mode may change while it listens. My seat's telephone rings."""

    kind: Literal["call.listen", "call.whisper", "call.barge", "call.stop_listening"]
    args: CallArgs


class TakeOverArgs(CallArgs):
    from_agent: AgentNo = Field(description="whose call it is on my screen: nobody takes it from another one")


class CallTakeOver(_Asked):
    """My seat is called in; once it is there the agent is let go. One at a time."""

    kind: Literal["call.take_over"]
    args: TakeOverArgs


class CallDial(_Asked):
    kind: Literal["call.dial"]
    args: DialArgs


class CallRecordPause(_Asked):
    """Private data is read out: silence in the recording until resumed, at the most two minutes."""

    kind: Literal["call.record_pause"]
    args: PauseArgs


CommandRequest = Annotated[
    AgentSignIn
    | AgentOrder
    | AgentPause
    | AgentBlock
    | AgentUnblock
    | CallCommand
    | CallHold
    | CallMove
    | CallLeg
    | CallDial
    | CallRecordPause
    | CallEar
    | CallTakeOver,
    Field(discriminator="kind"),
]
EarCommand = CallEar | CallTakeOver
AnyOrder = AgentOrder | AgentPause
AnyCallCommand = CallCommand | CallHold | CallMove | CallLeg | CallRecordPause


class Command(Answer):
    id: uuid.UUID
    kind: str
    args: dict[str, Any] = Field(description="as the telephone system was asked: an agency has become a number")
    state: CommandState
    reason: str | None = Field(None, examples=["agent.phone_not_registered"])
    asked_at: datetime
    ended_at: datetime | None = None
    deadline_at: datetime
