"""Every table of the house, so that metadata is complete wherever this module is imported."""

from models.account import Account, AgentNumber, Audit, LoginSession, Seat, SignInFailure
from models.agency import Agency, AgencyNumber
from models.alarm import Alarm
from models.base import Base
from models.call import (
    AgentEvent,
    Call,
    CelEvent,
    DeadLetter,
    JournalPosition,
    Leg,
    QueueEntry,
    QueueLogEvent,
    RingAttempt,
    Wish,
)
from models.case import Case, CaseCall, CaseDay, CaseEvent, Category, District, Draft
from models.command import Command
from models.conference import Conference, Promise
from models.danger import Danger
from models.ear import Ear
from models.feed import FeedRow, LiveRow
from models.floor import DeskMessage, HandUp, MessageRead
from models.hours import (
    CalendarDay,
    CallStep,
    Incident,
    LineHours,
    LineOverride,
    LineProfile,
    LineSound,
    PromptHeard,
    PromptVersion,
)
from models.policy import SitePolicy
from models.quality import RecordingExport, Score, ScoreAppeal, ScoreForm, ShelfItem
from models.recording import Recording, RecordingAccess
from models.shield import AbuseReport, NumberFlag
from models.target import CallTarget
from models.telephony import ClassOfService, EndpointState, Telephony, TelephonyApplied, Trunk, TrunkVersion
from models.telling import Telling, Told
from models.tuning import Tuning, TuningInForce
from models.unreached import Unreached, UnreachedEvent

__all__ = [
    "AbuseReport",
    "Account",
    "Agency",
    "AgencyNumber",
    "AgentEvent",
    "AgentNumber",
    "Alarm",
    "Audit",
    "Base",
    "CalendarDay",
    "Call",
    "CallStep",
    "CallTarget",
    "Case",
    "CaseCall",
    "CaseDay",
    "CaseEvent",
    "Category",
    "CelEvent",
    "ClassOfService",
    "Command",
    "Conference",
    "Danger",
    "DeadLetter",
    "DeskMessage",
    "District",
    "Draft",
    "Ear",
    "EndpointState",
    "FeedRow",
    "HandUp",
    "Incident",
    "JournalPosition",
    "Leg",
    "LineHours",
    "LineOverride",
    "LineProfile",
    "LineSound",
    "LiveRow",
    "LoginSession",
    "MessageRead",
    "NumberFlag",
    "Promise",
    "PromptHeard",
    "PromptVersion",
    "QueueEntry",
    "QueueLogEvent",
    "Recording",
    "RecordingAccess",
    "RecordingExport",
    "RingAttempt",
    "Score",
    "ScoreAppeal",
    "ScoreForm",
    "Seat",
    "ShelfItem",
    "SignInFailure",
    "SitePolicy",
    "Telephony",
    "TelephonyApplied",
    "Telling",
    "Told",
    "Trunk",
    "TrunkVersion",
    "Tuning",
    "TuningInForce",
    "Unreached",
    "UnreachedEvent",
    "Wish",
]
