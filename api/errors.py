"""Errors that only the edge raises. The status of each error of the whole house is in ``api.problems``.

LianxinError
├── Refused
│   ├── SessionRequired, BadCredentials, LockedOut, TooManyRequests
│   ├── RightMissing, CsrfMissing, OriginRefused, HostRefused
│   ├── NoSeat, NoAgentNumber, SeatNotYours, NotSignedIn
│   ├── CommandReused, CommandNotFound, CallNotYours
│   ├── TargetNotFound, DailyCapReached
│   ├── CallTaken, OwnCall, DayInFuture
│   ├── AgentAway, HandNotFound, HandNotYours, MessageNotFound, AlarmNotFound
│   ├── DangerNotYours, BadReviewer, BadExpiry
│   ├── CallNotFound, RecordingNotFound, RecordingNotYours, RecordingMissing, RangeRefused
│   ├── AccountRefused, AccountNotFound, LoginTaken, AgentNumberTaken, AgentNumberNeeded, AgentNumberNotForRole
│   ├── SeatUnknown, OwnAccount, AgentSignedIn, PolicyFixed
│   └── BadRequest (broken UTF-8, not JSON), BadField, NotFound, MethodRefused, BodyTooLarge
└── Unavailable
    └── Busy
"""

from __future__ import annotations

from models.errors import Refused, Unavailable


class SessionRequired(Refused):
    code = "session.required"


class BadCredentials(Refused):
    """One answer for an unknown login, a wrong password and a closed account."""

    code = "session.bad_credentials"


class LockedOut(Refused):
    """``fields["retry_after_s"]``."""

    code = "session.locked"


class RightMissing(Refused):
    code = "right.missing"


class CsrfMissing(Refused):
    code = "csrf.missing"


class OriginRefused(Refused):
    code = "origin.refused"


class HostRefused(Refused):
    code = "host.refused"


class NoSeat(Refused):
    code = "agent.no_seat"


class NoAgentNumber(Refused):
    code = "agent.no_number"


class SeatNotYours(Refused):
    code = "agent.seat_not_yours"


class CommandReused(Refused):
    """The id belongs to another command, of this account or of another."""

    code = "command.id_taken"


class CommandNotFound(Refused):
    code = "command.not_found"


class CallNotYours(Refused):
    code = "call.not_yours"


class TargetNotFound(Refused):
    """No such number in the address book (any more)."""

    code = "target.not_found"


class DailyCapReached(Refused):
    """This account has called outside often enough today; ``fields["cap"]``."""

    code = "number.daily_cap"


class CallTaken(Refused):
    """Another supervisor takes it over, or has it by now; ``fields["holder"]``: who."""

    code = "call.taken"


class OwnCall(Refused):
    """Nobody listens to a call that they are in."""

    code = "call.own"


class DayInFuture(Refused):
    code = "capacity.in_future"


class DangerNotYours(Refused):
    code = "danger.not_yours"


class BadReviewer(Refused):
    """Who reviews a flag is an active account that may lift it, and another one than who sets it."""

    code = "flag.reviewer"


class BadExpiry(Refused):
    """``fields["days"]``: the longest a flag may last."""

    code = "flag.expiry"


class AgentAway(Refused):
    """Who is to be paused, made ready or signed out is not signed in."""

    code = "agent.away"


class HandNotFound(Refused):
    """Nobody's hand, or not up any more."""

    code = "hand.not_found"


class HandNotYours(Refused):
    code = "hand.not_yours"


class MessageNotFound(Refused):
    """No such message, or none to this agent."""

    code = "message.not_found"


class AlarmNotFound(Refused):
    code = "alarm.not_found"


class CallNotFound(Refused):
    code = "call.not_found"


class RecordingNotFound(Refused):
    code = "recording.not_found"


class RecordingNotYours(Refused):
    code = "recording.not_yours"


class RecordingMissing(Refused):
    """The row is there and says why its audio is not."""

    code = "recording.missing"


class RangeRefused(Refused):
    code = "recording.bad_range"


class AccountRefused(Refused):
    """An account that cannot be made or changed so."""

    code = "account.refused"


class AccountNotFound(Refused):
    code = "account.not_found"


class LoginTaken(Refused):
    code = "account.login_taken"


class AgentNumberTaken(Refused):
    """It is, or was, somebody else's: the record names that person by it."""

    code = "account.number_taken"


class AgentNumberNeeded(Refused):
    """Who answers calls has an agent number and a seat."""

    code = "account.number_needed"


class AgentNumberNotForRole(Refused):
    """Agent number, seat or queues for a role that has no telephone or supervises nothing."""

    code = "account.number_not_for_role"


class SeatUnknown(Refused):
    code = "account.seat_unknown"


class OwnAccount(Refused):
    """Nobody locks or demotes himself: a slip of the hand would shut the door behind him."""

    code = "account.own"


class AgentSignedIn(Refused):
    """Role, number and seat are not changed under somebody who answers calls with them."""

    code = "account.signed_in"


class PolicyFixed(Refused):
    """The installation has it switched off: there is nothing that could be switched on."""

    code = "policy.fixed"


class BadRequest(Refused):
    code = "request.unreadable"


class NotSignedIn(Refused):
    """As cti says it; where the picture knows already, nothing is asked of cti."""

    code = "agent.not_signed_in"


class BadField(Refused):
    code = "request.invalid"


class NotFound(Refused):
    code = "request.not_found"


class MethodRefused(Refused):
    code = "request.bad_method"


class BodyTooLarge(Refused):
    code = "request.too_large"


class Busy(Unavailable):
    code = "server.busy"
