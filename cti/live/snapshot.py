"""What the PBX says when asked: the lists behind a resync, as one frozen value.

Owns which AMI actions make a snapshot and how their items read. What it means is decided in cti.live.rebuild.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cti.ami import ActionRefused, Event, Headers, Response
from cti.live.leg import ASIDE
from cti.live.pbx_facts import MemberSeen, is_endpoint
from cti.live.translate import member
from pbx_config import contract

TRUNK_CHANNEL = f"PJSIP/{contract.TRUNK}-"
DIALLED_VARIABLE = "CALLERID(dnid)"
CONFBRIDGE = "ConfBridge"  # the application of who stands in a room; its data begins with the room's name
HOLD_VARIABLE = "CHANNEL(rtp,hold)"  # chan_pjsip: "1" where the far end of this channel holds


class Asker(Protocol):
    """The part of the AMI client that a snapshot needs."""

    async def action(self, name: str, headers: Headers | None = None, timeout_s: float = 5.0) -> Response: ...

    async def list_action(self, name: str, headers: Headers | None = None, timeout_s: float = 10.0) -> Response: ...


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    channel: str
    uniqueid: str
    linkedid: str
    up: bool
    bridge: str  # "" when in none
    caller: str
    age: timedelta
    queue: str | None  # the queue it is in as a caller, waiting or connected
    context: str = ""
    room: str = ""  # the room it stands in
    rings: bool = False  # its far end rings


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One who waits in a queue."""

    uniqueid: str
    queue: str
    position: int
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Seen:
    at: datetime
    channels: tuple[ChannelSeen, ...]
    entries: tuple[EntrySeen, ...]
    members: tuple[MemberSeen, ...]
    queues: tuple[str, ...]
    devices: dict[str, str]
    holders: frozenset[str]  # uniqueids of channels whose far end holds
    dialled: dict[str, str]  # uniqueid of a trunk channel → the number it dialled
    muted: frozenset[str] = frozenset()  # uniqueids of those who are not heard in their room


async def fetch(asker: Asker) -> Seen:
    """Ask for everything. Events must already be flowing; those that come meanwhile are applied on top, in order.

    The Ping at the end is a barrier: Asterisk writes the events it had queued before it reads the next action, so
    what comes after the Pong is newer than the lists.

    Raises:
        LianxinError: an action was refused or not answered.
    """
    queues = await asker.list_action("QueueStatus")
    channels, devices = await asyncio.gather(
        asker.list_action("CoreShowChannels"), asker.list_action("DeviceStateList")
    )
    at = datetime.now(UTC)
    seen = tuple(_channel(event) for event in channels.events)
    bridged = [channel for channel in seen if channel.bridge]
    trunk = [channel for channel in seen if channel.channel.startswith(TRUNK_CHANNEL)]
    held, dialled, muted = await asyncio.gather(
        _variable(asker, bridged, HOLD_VARIABLE), _variable(asker, trunk, DIALLED_VARIABLE), _muted(asker, seen)
    )
    await asker.action("Ping")
    return Seen(
        at=at,
        channels=seen,
        entries=tuple(_entry(event) for event in queues.events if event.name == "QueueEntry"),
        members=tuple(member(event, at) for event in queues.events if event.name == "QueueMember"),
        queues=tuple(event["Queue"] for event in queues.events if event.name == "QueueParams"),
        devices={event["Device"]: event["State"] for event in devices.events if is_endpoint(event["Device"])},
        holders=frozenset(uniqueid for uniqueid, value in held.items() if value in ("1", "yes")),
        dialled=dialled,
        muted=muted,
    )


async def _muted(asker: Asker, channels: tuple[ChannelSeen, ...]) -> frozenset[str]:
    """Who stands in which room is told by the channels themselves; only the rooms know who is muted."""
    rooms = sorted({c.room for c in channels if c.room and not c.room.startswith(ASIDE)})
    listed = await asyncio.gather(*(_members(asker, room) for room in rooms))
    names = {e["Channel"] for events in listed for e in events if e.get("Muted") == "Yes"}
    return frozenset(channel.uniqueid for channel in channels if channel.channel in names)


async def _members(asker: Asker, room: str) -> tuple[Event, ...]:
    try:
        listed = await asker.list_action("ConfbridgeList", {"Conference": room})
    except ActionRefused:  # the last one left meanwhile
        return ()
    return tuple(event for event in listed.events if event.name == "ConfbridgeList")


async def _variable(asker: Asker, channels: list[ChannelSeen], variable: str) -> dict[str, str]:
    """uniqueid → value. A channel that went away meanwhile has none."""
    asked = [{"Channel": channel.channel, "Variable": variable} for channel in channels]
    answers = await asyncio.gather(*(asker.action("Getvar", headers) for headers in asked))
    return {c.uniqueid: a.get("Value") or "" for c, a in zip(channels, answers, strict=True) if a.ok}


def _channel(e: Event) -> ChannelSeen:
    app, data = e.get("Application"), (e.get("ApplicationData") or "").split(",", 1)[0]
    bridge = e.get("BridgeId") or ""
    return ChannelSeen(
        channel=e["Channel"],
        uniqueid=e["Uniqueid"],
        linkedid=e["Linkedid"],
        up=e.get("ChannelStateDesc") == "Up",
        bridge=bridge,
        caller=contract.caller_number(e.get("CallerIDNum") or ""),
        age=_duration(e.get("Duration") or "00:00:00"),
        queue=data or None if app == "Queue" else None,
        context=e.get("Context") or "",
        room=data if app == CONFBRIDGE and bridge else "",
        rings=e.get("ChannelStateDesc") == "Ringing",
    )


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _entry(e: Event) -> EntrySeen:
    return EntrySeen(e["Uniqueid"], e["Queue"], int(e["Position"]), timedelta(seconds=int(e["Wait"])))


def seat_of_channel(channel: ChannelSeen) -> tuple[str, contract.Phone] | None:
    return contract.seat_of_interface(channel.channel)
