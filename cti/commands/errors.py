"""Why a command is refused before anything happened, or failed. Stable codes; sentences for people are made in api.

Refused
├── BadArgument         command.bad_argument
├── UnknownKind         command.unknown_kind
├── AlreadySignedIn     agent.already_signed_in
├── SeatTaken           agent.seat_taken
├── PhoneNotRegistered  agent.phone_not_registered
├── PhoneBlocked        agent.phone_blocked
├── AgentInCall         agent.in_call
├── AgentBusy           call.agent_busy
├── CallNotFound        call.not_found
├── CallNotYours        call.not_yours
├── NotTalking          call.not_talking
├── LegNotFound         call.leg_not_found
├── RoomFull            call.room_full
├── CallTaken           call.taken
├── NobodyListens       call.nobody_listens
├── SupervisorBusy      agent.in_call_already
├── NoConsultation      call.no_consultation
├── ConsultationOpen    call.consultation_open
├── TargetNotFound      target.not_found
├── TargetBusy          target.busy
├── TrunkNotFound       trunk.not_found
├── NoTrunk             trunk.none_free
└── QueueEmpty          queue.empty
Failed
├── CallEnded           call.ended
├── PbxSaidNo           pbx.refused
├── TestFailed          trunk.unreachable, trunk.no_ring, leg.busy, leg.no_answer, sip.403, …
└── LegFailed           leg.busy, leg.no_answer, leg.refused, leg.failed, leg.cancelled, leg.hung_up_on_us
"""

from __future__ import annotations

from cti.facts import PartyState
from models.errors import LianxinError, Refused


class BadArgument(Refused):
    code = "command.bad_argument"


class UnknownKind(Refused):
    code = "command.unknown_kind"


class AlreadySignedIn(Refused):
    code = "agent.already_signed_in"


class SeatTaken(Refused):
    code = "agent.seat_taken"


class PhoneNotRegistered(Refused):
    code = "agent.phone_not_registered"


class PhoneBlocked(Refused):
    """Ready is impossible while microphone, network or tab are not usable."""

    code = "agent.phone_blocked"


class AgentInCall(Refused):
    code = "agent.in_call"


class AgentBusy(Refused):
    """Calling out needs a seat that is not in a call."""

    code = "call.agent_busy"


class CallNotFound(Refused):
    """There is no such call, or it has ended."""

    code = "call.not_found"


class CallNotYours(Refused):
    code = "call.not_yours"


class NotTalking(Refused):
    """Nobody talks yet (or any more), so there is nothing to move."""

    code = "call.not_talking"


class LegNotFound(Refused):
    code = "call.leg_not_found"


class RoomFull(Refused):
    code = "call.room_full"


class CallTaken(Refused):
    """Another supervisor takes it over, or it is no longer the agent's from whom it was to be taken."""

    code = "call.taken"


class NobodyListens(Refused):
    """This seat has no ear on that call."""

    code = "call.nobody_listens"


class SupervisorBusy(Refused):
    """This seat is in a call, or listens to another one."""

    code = "agent.in_call_already"


class NoConsultation(Refused):
    code = "call.no_consultation"


class ConsultationOpen(Refused):
    """First the consultation is ended, one way or another."""

    code = "call.consultation_open"


class TargetNotFound(Refused):
    code = "target.not_found"


class TargetBusy(Refused):
    """The seat is not free."""

    code = "target.busy"


class QueueEmpty(Refused):
    """Nobody is signed in there who could ever answer."""

    code = "queue.empty"


class TrunkNotFound(Refused):
    """The PBX has no such trunk (yet)."""

    code = "trunk.not_found"


class NoTrunk(Refused):
    """Every trunk is out of service or carries as many calls as it may."""

    code = "trunk.none_free"


class Failed(LianxinError):
    """Something was sent, and what was wanted did not come about. The roster says how things are now."""

    code = "failed"


class CallEnded(Failed):
    """The citizen or the agent hung up while we were at it."""

    code = "call.ended"


class PbxSaidNo(Failed):
    """Asterisk refused a later step of several."""

    code = "pbx.refused"


class LegFailed(Failed):
    """Whom we called did not come; the code says why."""

    def __init__(self, outcome: PartyState) -> None:
        super().__init__(outcome.value)
        self.code = f"leg.{outcome.value}"  # type: ignore[misc]  # an instance refines its class


class TestFailed(Failed):
    """Nobody answered a test call; the code says why."""

    code = "trunk.test_failed"

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # type: ignore[misc]  # an instance refines its class
