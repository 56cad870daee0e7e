"""Every name that the PBX and Lianxin must agree on, each exactly once.

Templates, ``cti`` and ``recordings`` import it; nothing here does I/O. Asterisk's words keep Asterisk's spelling.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

# ── identity ─────────────────────────────────────────────────────────────────────────────────────────

CALL_NAMESPACE = uuid.UUID("6c69616e-7869-6e5f-6361-6c6c00000001")


def call_id(node: str, linkedid: str) -> uuid.UUID:
    """The id of the call that node's Asterisk knows as ``linkedid``.

    Live and record derive it without asking each other, and two PBXs with the same linkedid give two calls.
    """
    return uuid.uuid5(CALL_NAMESPACE, f"{node}/{linkedid}")


def leg_id(node: str, uniqueid: str) -> uuid.UUID:
    """The id of one leg (one Asterisk channel) of a call."""
    return uuid.uuid5(CALL_NAMESPACE, f"{node}/leg/{uniqueid}")


# ── dial plan ────────────────────────────────────────────────────────────────────────────────────────


class Context(StrEnum):
    """Dial plan contexts."""

    FROM_TRUNK = "from-trunk"  # citizens come in here, and nowhere else
    FROM_SEAT = "from-seat"  # what a seat's telephone may dial: class of service
    LINE = "line"  # notice, profile, queue; "back" is the way back into the queue, before everybody else
    DENIED = "denied"  # says "not allowed" and hangs up
    # Rooms: the extension is the room's name. See "rooms" below.
    ROOM_CITIZEN = "room-citizen"  # talks in the room; when the last seat or agency has left: AFTER_TALK
    ROOM_SEAT = "room-seat"  # a seat's telephone in the room, or in the consultation
    ROOM_OUTSIDE = "room-outside"  # somebody whom we called: recorded apart, then in the room
    ROOM_CALLED = "room-called"  # a citizen whom we called: hears the notice first, recorded as part 1
    ROOM_HOLD = "room-hold"  # put aside with music by the desk, as long as anybody is in the room
    ROOM_WAIT = "room-wait"  # waits with music for somebody who is being called or asked
    ABUSE_WARNING = "abuse-warning"  # the citizen hears the warning, then is in the room again
    ABUSE_END = "abuse-end"  # the citizen hears that the call ends, and it ends
    AFTER_TALK = "after-talk"  # the desk has hung up: satisfaction question, then the end
    HOURS = "hours"  # subroutine: the profile of this moment, its announcement, and its numbers into LX_ variables
    OVERFLOW = "overflow"  # subroutine (what, why): where a citizen goes whom the queue does not take; may return
    INCIDENT = "incident"  # subroutine: the announcement of a known incident, and the key that adds the caller to it
    # A supervisor's ear on a call: never a party of it. See "ears" below.
    EAR_LISTEN = "ear-listen"  # on the agent's channel: hears both, is heard by nobody
    EAR_WHISPER = "ear-whisper"  # … and is heard by that agent alone
    ROOM_LISTEN = "room-listen"  # muted in the room: where no seat is there to listen on
    ROOM_BARGE = "room-barge"  # heard by everybody in the room
    CALL_BACK = "call-back"  # the queue's exit: who waits has pressed CALL_BACK_KEY
    VOICEMAIL = "voicemail"  # who is sent away may leave a message
    TRUNK_TEST = "trunk-test"  # whoever answers a test call hears what it was, and it ends
    TELL = "tell"  # whoever answers hears what is said to all of an incident, twice, and it ends


QUEUE_MAIN = "hotline"
TRUNK = "trunk"  # the PJSIP endpoint of the carrier
NETWORK_OUT_OF_ORDER = 38  # Q.850
MAIN_TRUNK = "main"  # what people call that one; it stands in the settings
ECHO_TEST = "9196"  # a seat dials it to hear itself


def trunk_endpoint(name: str) -> str:
    """PJSIP endpoint of a trunk. Whatever its name, its channels begin with ``PJSIP/trunk-``."""
    return TRUNK if name == MAIN_TRUNK else f"{TRUNK}-{name}"


def endpoint_of_channel(channel: str) -> str:
    """ "trunk-b" of ``PJSIP/trunk-b-0000002a``."""
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


# A test call through one trunk, or a message to one of an incident's callers, is no call of the hotline's: neither live
# nor in the record. What became of it stands where it was asked.
_TEST = "trunktest."
_TOLD = "told."


def test_leg(leg_no: int) -> str:
    """The uniqueid (and linkedid) of the test call that a command places."""
    return f"{_TEST}{leg_no}"


def told_leg(told: int, attempt: int) -> str:
    """The uniqueid (and linkedid) of one attempt to tell somebody."""
    return f"{_TOLD}{told}.{attempt}"


def is_no_call(linkedid: str) -> bool:
    return linkedid.startswith((_TEST, _TOLD))


class Var(StrEnum):
    """Channel variables that the dial plan and ``cti`` share."""

    QUEUE = "LX_QUEUE"
    NO_SURVEY = "LX_NO_SURVEY"  # "1": set by cti on a citizen's channel whom nobody asks how it was (danger call)
    GIVEN_AWAY = "LX_GIVEN_AWAY"  # "1": set by cti on a citizen who was handed over to somebody without asking first
    AGENT = "LX_AGENT"  # agent_no: cti sets it with every Originate of a seat; no queue says who sits there
    SOUND = "LX_SOUND"  # checksum of the announcement that somebody is called to hear: cti sets it with the Originate
    SILENT = "LX_SILENT"  # "<seat>/<agent_no>": cti sets it on a citizen whose seat sent no sound
    EAR_ON = "LX_EAR_ON"  # the agent's channel that an ear is on: cti sets it on the ear's own channel


# What cti keeps in the PBX's global variables, again after each (re)connection: LX_FLAG_<digits of the number>.
FLAG_VARIABLE = "LX_FLAG_"


class CallerFlag(StrEnum):
    """What the line does with a caller who is flagged. Nobody is refused silently."""

    PATIENT = "patient"  # behind everybody else in the queue
    MESSAGE = "message"  # hears a message first, then as PATIENT


class QueuePriority:
    """QUEUE_PRIO: who comes first."""

    PATIENT = 0
    CITIZEN = 5
    POLICE = 8  # handed over by 110
    BACK = 10  # was already talking to us


class Milestone(StrEnum):
    """User events that the dial plan writes into CEL (``CELGenUserEvent(name,extra)``)."""

    NOTICE = "LX_NOTICE"  # the recording notice was played to its end; extra: language
    QUEUED = "LX_QUEUED"  # about to enter the queue; extra: queue
    FULL = "LX_FULL"  # refused, queue full; extra: queue
    NO_AGENT = "LX_NO_AGENT"  # refused or sent away, no agent signed in; extra: queue
    RECORDING = "LX_RECORDING"  # recording armed on this channel; extra: file stem
    RECORDING_FAILED = "LX_RECORDING_FAILED"  # extra: reason
    TIMEOUT = "LX_TIMEOUT"  # waited the longest time a citizen may wait, sent away politely; extra: queue
    DENIED = "LX_DENIED"  # a seat or trunk dialled what it may not; extra: number
    FROM_POLICE = "LX_FROM_POLICE"  # handed over by 110 on its own number; extra: number dialled
    FLAGGED = "LX_FLAGGED"  # a flagged caller; extra: a CallerFlag
    NO_SOUND = "LX_NO_SOUND"  # a seat answered and sent no sound, its citizen goes back; extra: "<seat>/<agent_no>"
    STRANDED = "LX_STRANDED"  # waited for somebody who never came, goes back into the queue; extra: room
    SURVEY = "LX_SURVEY"  # the satisfaction question was asked; extra: the key pressed, "" for none
    ABUSE = "LX_ABUSE"  # heard the spoken warning or its end; extra: "warning" or "end"
    AGENT = "LX_AGENT"  # on a seat's channel that we called, in its first room; extra: agent_no
    PROFILE = "LX_PROFILE"  # the profile that this call met; extra: a Profile
    OVERFLOW = "LX_OVERFLOW"  # sent elsewhere; extra: why, an OverflowKind, whereto ("" for a message)
    INCIDENT_HEARD = "LX_INCIDENT_HEARD"  # heard that we know of it; extra: the incident's number
    INCIDENT_JOINED = "LX_INCIDENT_JOINED"  # pressed the key and was let go; extra: the incident's number
    EAR = "LX_EAR"  # on an ear's channel, each time it begins to hear; extra: EarMode, ":", agent_no of the supervisor
    ASKED_BACK = "LX_ASKED_BACK"  # left the queue to be called back, the place kept; extra: "<entered, ms>/<place>"
    TOLD = "LX_TOLD"  # heard to its end what is said to all of an incident
    VOICEMAIL = "LX_VOICEMAIL"  # begins to speak a message; extra: file stem of its recording


# cti writes it into queue_log, of a call that goes on: this seat sends no sound, nor did those before; data: seat
DESK_SILENT = "LX_DESK_SILENT"

# Keys that a citizen presses, and which recording of a call is what.
SURVEY_KEYS = "123"
INCIDENT_KEY = "1"
SURVEY_BACK = "0"
CALL_BACK_KEY = "1"
VOICEMAIL_KEY = "1"
VOICEMAIL_PART = 2  # of the citizen's own recordings; 1 is the talk's
WHOLE_PART = 0  # of no file in the spool: a conference in one recording, made of the others


# ── hours and incidents ──────────────────────────────────────────────────────────────────────────────
# What the line does now stands in small files that the dial plan reads with each call (ADR 0009): they outlive all of
# us and Asterisk's restart. Only line_files.py writes them. Without them the line has its plain hours and numbers.


class Profile(StrEnum):
    """What the line is like now. The files know it by its first letter."""

    DAY = "day"
    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    SURGE = "surge"

    @property
    def letter(self) -> str:
        return self.value[0]


class OverflowKind(StrEnum):
    """Where a citizen goes whom the queue does not take."""

    MESSAGE = "message"  # hears why, and the call ends
    DUTY = "duty"  # a telephone outside, through the trunk
    QUEUE = "queue"  # another queue
    VOICEMAIL = "voicemail"  # where the site has it
    CALLBACK = "callback"  # the offer to be called back, where the site has it


LINE_PLAN = "plan"  # ten digits of epoch seconds, then a profile's letter for each slot from there on
LINE_OVERRIDE = "override"  # ten digits of epoch seconds until when, then a profile's letter
LINE_PROFILE = "profile-"  # + letter: LINE_SETS, separated by LINE_SEPARATOR
LINE_INCIDENTS = "incidents"  # numbers of those that are on, in the order in which they are tried
LINE_INCIDENT = "incident-"  # + number, a folder: "sound" (the name of one), "area/" (none: all callers)
LINE_WAYS = "ways"  # endpoints of the trunks, in the order in which the line itself tries them; none: the first one
LINE_SOUNDS = "sounds"  # a folder, file names are the content's checksum
LINE_SURVEY = "survey"  # "0": nobody is asked how it was
LINE_PROMPTS = "prompts"  # a folder, <language>/<prompt>.wav: versions that an administrator chose
LINE_SEPARATOR = "|"
LINE_SETS = ("most", "longest_s", "sound", "on_full", "on_no_agent", "on_too_long")
PLAN_SLOT_S = 900
LINE_QUEUES = "queues"  # a folder of the queues (ADR 0012): QUEUES_FILE, included by queues.conf
QUEUES_FILE = "queues.conf"
QUEUE_SOUNDS = "sounds"  # a folder in it, file names are the id of a line_sound: what a queue says in its own words
WELCOME_FILE = "welcome-"  # + queue, in the same folder: the name of the sound that each of its callers hears once
NUMBER_FILE = "number-"  # + digits, in the same folder: the name of the queue that this number of ours leads into
# The folder area/ has a file for the first four digits of a national number (no 0 before it): a thousand signs, "1" for
# each next three digits that belong to the area. 1390631… is sign 631 of file 1390.
AREA_HEAD, AREA_TAIL = 4, 3


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────────
# A call that moves does so between rooms (ConfBridge), by Redirect. Its own room has the call's linkedid as name; the
# consultation is a second one. Whoever we call gets a uniqueid that says everything: of which call, which leg, whom.
# It never shares the call's linkedid (nothing in Asterisk ties the two), so the name is the tie: in AMI, in CEL, in a
# snapshot, and in the file name of its recording.

CONSULTATION = "consult-"
ROOM_MOST = 20  # parties in one room
# Whom we called in, who answered and hung up sooner than this: "hung up on us", a refusal of that agency's ledger. A
# constant, not a setting: the journal must give the same rows whenever it is read again, and what the live roster had.
HUNG_UP_ON_US_S = 10


def consultation(call_ref: str) -> str:
    """The room in which an agent asks somebody while the citizen waits."""
    return CONSULTATION + call_ref


def call_of_room(room: str) -> str:
    """The call_ref a room belongs to."""
    return room.removeprefix(CONSULTATION)


@dataclass(frozen=True, slots=True)
class CalledLeg:
    """Somebody whom we called into a call. ``leg_no`` is 2 or more, unique in the call, and the recording's part."""

    call_ref: str  # the call's linkedid
    leg_no: int
    number: str  # digits: a seat, an agency, a citizen

    @property
    def uniqueid(self) -> str:
        """What Originate gives the channel as its id."""
        return f"{self.call_ref}+{self.leg_no}-{self.number}"


def called_leg(uniqueid: str) -> CalledLeg | None:
    """What a uniqueid (or the linkedid that equals it) says; None where it is not of a leg that we called."""
    call_ref, plus, rest = uniqueid.partition("+")
    leg_no, _, number = rest.partition("-")
    return CalledLeg(call_ref, int(leg_no), number) if plus and leg_no.isdigit() else None


def call_ref(linkedid: str) -> str:
    """The linkedid of the call to which a channel with this linkedid (or uniqueid) belongs."""
    return linkedid.partition("+")[0]


# ── ears ─────────────────────────────────────────────────────────────────────────────────────────────
# A supervisor who listens is in no roster: the leg is named after its call too, but as an ear, so that the live state,
# a snapshot and the journal know it for what it is, whoever called it and whatever died since (docs/decisions/0007).


class EarMode(StrEnum):
    """What a supervisor's ear does. A room tells the same by the context."""

    LISTEN = "listen"
    WHISPER = "whisper"  # the agent hears the supervisor
    BARGE = "barge"  # everybody does


EAR_CONTEXTS = {
    Context.EAR_LISTEN.value: EarMode.LISTEN,
    Context.EAR_WHISPER.value: EarMode.WHISPER,
    Context.ROOM_LISTEN.value: EarMode.LISTEN,
    Context.ROOM_BARGE.value: EarMode.BARGE,
}
_EAR = "+ear"


@dataclass(frozen=True, slots=True)
class EarLeg:
    """A supervisor's ear on a call; ``leg_no`` is that of the command that called it."""

    call_ref: str
    leg_no: int
    seat: str

    @property
    def uniqueid(self) -> str:
        return f"{self.call_ref}{_EAR}{self.leg_no}-{self.seat}"


def ear_leg(uniqueid: str) -> EarLeg | None:
    """What a uniqueid says of an ear; None where it is none. An ear is no :func:`called_leg`."""
    call_ref, ear, rest = uniqueid.partition(_EAR)
    leg_no, _, seat = rest.partition("-")
    return EarLeg(call_ref, int(leg_no), seat) if ear and leg_no.isdigit() else None


# ── seats ────────────────────────────────────────────────────────────────────────────────────────────


class Phone(StrEnum):
    """What a seat answers with. Each has its own PJSIP endpoint: a browser speaks DTLS-SRTP, a SIP telephone RTP."""

    BROWSER = "browser"
    TELEPHONE = "telephone"


_WEB_SUFFIX = "-web"


def endpoint(seat: str, phone: Phone) -> str:
    """PJSIP endpoint name: ``8001-web`` for the browser phone of seat 8001, ``8001`` for its SIP telephone."""
    return seat + _WEB_SUFFIX if phone is Phone.BROWSER else seat


def interface(seat: str, phone: Phone) -> str:
    """Queue member interface (also the state interface)."""
    return f"PJSIP/{endpoint(seat, phone)}"


def seat_of_interface(value: str) -> tuple[str, Phone] | None:
    """(seat, phone) of an interface, an endpoint or a channel (``PJSIP/8001-web-0000002a``); None if no seat's."""
    name = value.removeprefix("PJSIP/")
    seat, _, rest = name.partition("-")
    if not (seat.isdigit() and len(seat) == 4 and seat.startswith("8")):
        return None
    return seat, Phone.BROWSER if rest.split("-", 1)[0] == "web" else Phone.TELEPHONE


# The queue member's PausedReason carries ALL reasons, joined, so that a restarted cti reads them back from the PBX.
REASON_SEPARATOR = "+"
REASON_WRAP_UP = "wrap-up"
REASON_NOT_READY = "not-ready"  # signed in, has not pressed ready yet
REASON_AUTO = "Auto-Pause"  # Asterisk's own word after a ring that was not answered
REASON_NO_SOUND = "no-sound"  # answered, and the telephone sent nothing; until the agent presses ready
REASON_PHONE = "phone"  # telephone or microphone not usable; detail after a colon, "phone:microphone"


def split_reasons(paused_reason: str) -> frozenset[str]:
    return frozenset(r for r in paused_reason.split(REASON_SEPARATOR) if r)


def join_reasons(reasons: frozenset[str]) -> str:
    return REASON_SEPARATOR.join(sorted(reasons))


# ── journal ──────────────────────────────────────────────────────────────────────────────────────────

CEL_FILE = PurePosixPath("cel-custom/cel.csv")  # under Asterisk's log directory
QUEUE_LOG_FILE = PurePosixPath("queue_log")

# Order of the columns of one line of cel.csv: (our name, Asterisk's expression); cel_custom.conf is rendered from it.
# Every value is CSV-quoted. event_time is epoch seconds with microseconds. extra is JSON.
CEL_FIELDS: tuple[tuple[str, str], ...] = (
    ("event", "eventtype"),
    ("event_time", "eventtime"),
    ("caller", "CALLERID(num)"),
    ("exten", "CHANNEL(exten)"),
    ("context", "CHANNEL(context)"),
    ("channel", "CHANNEL(channame)"),  # CHANNEL(name) is the caller's name here
    ("app", "CHANNEL(appname)"),
    ("app_data", "CHANNEL(appdata)"),
    ("uniqueid", "CHANNEL(uniqueid)"),
    ("linkedid", "CHANNEL(linkedid)"),
    ("peer", "BRIDGEPEER"),
    ("user_event", "userdeftype"),
    ("extra", "eventextra"),
)

CEL_EVENTS: tuple[str, ...] = (
    "CHAN_START",
    "CHAN_END",
    "ANSWER",
    "HANGUP",
    "APP_START",
    "APP_END",
    "BRIDGE_ENTER",
    "BRIDGE_EXIT",
    "BLINDTRANSFER",
    "ATTENDEDTRANSFER",
    "PICKUP",
    "FORWARD",
    "LINKEDID_END",
    "LOCAL_OPTIMIZE",
    "USER_DEFINED",
    "STREAM_BEGIN",  # with STREAM_END: music on hold on a bridged citizen is how the journal tells hold
    "STREAM_END",
)  # no DTMF: every digit a citizen presses is private
CEL_APPS: tuple[str, ...] = ("queue", "confbridge", "dial")

# What carriers and Asterisk write where a number is withheld.
WITHHELD = frozenset({"anonymous", "unavailable", "restricted", "private", "unknown", "<unknown>", "s"})


def caller_number(text: str) -> str:
    """The number as the trunk gave it; "" when it is withheld."""
    return "" if text.lower() in WITHHELD else text


# ── recordings ───────────────────────────────────────────────────────────────────────────────────────

SPOOL_SUFFIX_RECEIVE = "-r.wav"  # what the PBX received from the channel: the citizen's voice
SPOOL_SUFFIX_TRANSMIT = "-t.wav"  # what was sent to it: the agent's voice, prompts, music
SPOOL_SAMPLE_RATE = 8000


def recording_stem(linkedid: str, part: int = 1) -> str:
    """File name in the spool without suffix: ``<linkedid>_<part>``."""
    return f"{linkedid}_{part}"


def parse_recording_stem(stem: str) -> tuple[str, int]:
    """(linkedid, part) of a stem.

    Raises:
        ValueError: the stem was not made by :func:`recording_stem`.
    """
    linkedid, _, part = stem.rpartition("_")
    if not linkedid:
        raise ValueError(f"not a recording of ours: {stem!r}")
    return linkedid, int(part)


# ── AMI ──────────────────────────────────────────────────────────────────────────────────────────────


class AmiUser(StrEnum):
    """Manager users, one per role, loopback only."""

    CTI = "cti"  # watches and carries out commands
    DOCTOR = "doctor"  # read-only


AMI_CLASSES_READ = "call,agent,cdr,reporting,system,security"  # security: telephones that are refused
AMI_CLASSES_WRITE = "call,agent,reporting,originate"  # no command, config; no system (reload, load modules)
AMI_WRITE_TIMEOUT_MS = 60000
# Filtered by name in manager.conf, before Asterisk formats them: nobody of ours reads these.
AMI_EVENTS_EXCLUDED: tuple[str, ...] = (
    "RTCPSent",
    "RTCPReceived",
    "TestEvent",
    "VarSet",
    "Newexten",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "ChannelTalkingStart",
    "ChannelTalkingStop",
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeVideoSourceUpdate",
    "MixMonitorStart",
    "MixMonitorMute",
    "PeerStatus",
    "NewConnectedLine",
    "ChallengeSent",
    "SuccessfulAuth",
    "InvalidAccountID",  # strangers; security.log has them
)
