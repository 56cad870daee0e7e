"""From AMI events to facts: the one place that knows AMI's header names. Pure.

Raises nothing of its own: a missing or damaged header is a KeyError or ValueError, which the guard keeps aside with
the event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cti.ami.message import Event
from cti.live import pbx_facts as f
from pbx_config import contract

_RINGING, _UP = "5", "6"  # ChannelState


def stamp(event: Event) -> datetime:
    return datetime.fromtimestamp(float(event["Timestamp"]), UTC)


def epoch(text: str | None) -> datetime | None:
    """Asterisk's whole seconds; 0 and absent mean never."""
    return datetime.fromtimestamp(int(text), UTC) if text and text != "0" else None


def _channel(e: Event) -> tuple[datetime, str, str, str]:
    return stamp(e), e["Channel"], e["Uniqueid"], e["Linkedid"]


def _seat(e: Event) -> tuple[datetime, str, str, str, str, str, str, str]:
    # AgentComplete comes without the seat's channel where that channel was hung up first
    return (*_channel(e), e.get("DestUniqueid") or "", e["MemberName"], e["Interface"], e["Queue"])


def member(e: Event, at: datetime) -> f.MemberSeen:
    """A member from its event, or from an item of QueueStatus (which spells two headers differently)."""
    reasons = contract.split_reasons(e.get("PausedReason") or "")
    paused = e["Paused"] == "1"
    used = [t for t in (epoch(e.get("LoginTime")), epoch(e.get("LastCall"))) if t is not None]
    return f.MemberSeen(
        at=at,
        queue=e["Queue"],
        agent_no=e["MemberName"] if "MemberName" in e else e["Name"],
        interface=e["Interface"] if "Interface" in e else e["Location"],
        paused=paused,
        reasons=reasons if paused else frozenset(),
        status=int(e["Status"]),
        in_call=e.get("InCall") == "1",
        last_pause=epoch(e.get("LastPause")),
        last_used=max(used, default=None),
        penalty=int(e.get("Penalty") or 0),
    )


def _opened(e: Event) -> f.Fact:
    return f.ChannelOpened(*_channel(e), contract.caller_number(e.get("CallerIDNum") or ""), e.get("Exten") or "")


def _removed(e: Event) -> f.Fact:
    return f.MemberGone(stamp(e), e["Queue"], e["MemberName"], e["Interface"])


def _member(e: Event) -> f.Fact:
    return member(e, stamp(e))


def _closed(e: Event) -> f.Fact:
    cause, sip = e.get("Cause") or "", e.get("TechCause") or ""
    return f.ChannelClosed(*_channel(e), int(cause) if cause.isdigit() else None, int(sip) if sip.isdigit() else None)


def _newstate(e: Event) -> f.Fact | None:
    state = {_RINGING: f.LegRinging, _UP: f.LegAnswered}.get(e["ChannelState"])
    return state(*_channel(e)) if state is not None else None


def _done(e: Event) -> f.Fact | None:
    if "Channel" not in e:  # both had hung up before Asterisk wrote it: their channels' ends have told everything
        return None
    # The citizen's place in the dial plan: still in the queue, or where a Redirect has sent the call.
    return f.SeatDone(*_seat(e), moved=(e.get("Context") or contract.Context.LINE) != contract.Context.LINE)


def _originated(e: Event) -> f.Fact | None:
    """Asterisk names our ChannelId here even where no channel was ever made."""
    failed = e.get("Response") == "Failure" and contract.call_ref(e["Uniqueid"]) != ""
    return f.OriginateFailed(stamp(e), e["Uniqueid"], e.get("Channel")) if failed else None


def _room(e: Event) -> tuple[datetime, str, str, str, str, str]:
    return (*_channel(e), e["Conference"], e.get("Context") or "")


def _ear(e: Event) -> f.Fact:
    spyer = (e["SpyerChannel"], e["SpyerUniqueid"], e["SpyerLinkedid"])
    return f.EarBegan(stamp(e), *spyer, context=e.get("SpyerContext") or "")


def _refused(e: Event) -> f.Fact | None:
    """Somebody who is not who they say they are. The account may be none of ours: then it is no telephone's fault."""
    if e.get("Service") != "PJSIP":
        return None
    return f.PhoneRefused(
        stamp(e), e["AccountID"], (e.get("RemoteAddress") or "").rpartition("/")[0].rpartition("/")[2]
    )


TRANSLATORS: dict[str, Callable[[Event], f.Fact | None]] = {
    "Newchannel": _opened,
    "Hangup": _closed,
    "Newstate": _newstate,
    "OriginateResponse": _originated,
    "ConfbridgeJoin": lambda e: f.RoomEntered(*_room(e)),
    "ConfbridgeLeave": lambda e: f.RoomLeft(*_room(e)),
    "ConfbridgeMute": lambda e: f.RoomMuted(*_room(e)),
    "ConfbridgeUnmute": lambda e: f.RoomUnmuted(*_room(e)),
    "ChanSpyStart": _ear,
    "HangupRequest": lambda e: f.HangupAsked(*_channel(e), by_switch=False),
    "SoftHangupRequest": lambda e: f.HangupAsked(*_channel(e), by_switch=True),
    "Hold": lambda e: f.ChannelHeld(*_channel(e)),
    "Unhold": lambda e: f.ChannelUnheld(*_channel(e)),
    "QueueCallerJoin": lambda e: f.CallerJoined(*_channel(e), e["Queue"], int(e["Position"])),
    "QueueCallerLeave": lambda e: f.CallerLeft(*_channel(e), e["Queue"]),
    "AgentCalled": lambda e: f.SeatRinging(*_seat(e)),
    "AgentRingNoAnswer": lambda e: f.SeatMissed(*_seat(e)),
    "AgentConnect": lambda e: f.SeatAnswered(*_seat(e)),
    "AgentComplete": _done,
    "QueueMemberAdded": _member,
    "QueueMemberStatus": _member,
    "QueueMemberPause": _member,
    "QueueMemberPenalty": _member,
    "QueueMemberRemoved": _removed,
    "ChallengeResponseFailed": _refused,
    "ContactStatus": lambda e: f.EndpointTold(stamp(e)),
    "Registry": lambda e: f.EndpointTold(stamp(e)),
    "DeviceStateChange": lambda e: f.DeviceChanged(stamp(e), e["Device"], e["State"]),
}
RELOADED = "Reload"
WANTED = frozenset(TRANSLATORS) | {RELOADED}


def fact_of(event: Event) -> f.Fact | None:
    """The fact in an event; None for events that carry none."""
    translate = TRANSLATORS.get(event.name)
    return translate(event) if translate is not None else None
