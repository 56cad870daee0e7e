"""The floor in one flat form, twice: as the PBX itself tells it, and as a screen shows it.

What the PBX says is asked over a manager connection of the checker's own (QueueStatus, CoreShowChannels) and read
here anew: nothing of cti is imported, so that a mistake there cannot hide here. ``Words`` maps a key to a value:

    ("agent", agent_no)  ready, ringing, talking, paused, wrap_up or unreachable; absent: signed out
    ("call", ref)        arrived, queued, ringing or talking; absent: over. ``ref``: linkedid of the citizen's channel
    ("place", ref)       place in the queue of a call that waits
    ("queue", name)      {waiting, agents, ready, talking}
    ("longest", name)    when the one who has waited longest came (epoch seconds)
    ("trunk", endpoint)  channels in use
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime
from typing import Any

from tests.support.ami_wire import AmiWire

Key = tuple[str, str]
Words = dict[Key, Any]
Message = dict[str, str]

TRUNK = "PJSIP/trunk-"
WRAP_UP = "wrap-up"
UNREACHABLE = {"4", "5"}  # AST_DEVICE_INVALID, AST_DEVICE_UNAVAILABLE
IDLE = "1"  # AST_DEVICE_NOT_INUSE


def pbx_says(wire: AmiWire) -> Words:
    """Blocks for the two answers."""
    listed = wire.list("QueueStatus", None)
    channels = wire.list("CoreShowChannels", "CoreShowChannel")
    now = time.time()
    entries = {m["Uniqueid"]: m for m in listed if m["Event"] == "QueueEntry"}
    members = [m for m in listed if m["Event"] == "QueueMember"]
    words: Words = {("trunk", "trunk"): sum(c["Channel"].startswith(TRUNK) for c in channels)}
    seats = {_seat(c["Channel"]): c for c in channels if not c["Channel"].startswith(TRUNK)}
    states = {m["Name"]: _agent(m, seats.get(m["Location"])) for m in members}
    words |= {("agent", name): state for name, state in states.items()}
    words |= _calls(channels, entries)
    for name in (m["Queue"] for m in listed if m["Event"] == "QueueParams"):
        own = [states[m["Name"]] for m in members if m["Queue"] == name]
        waits = [int(e["Wait"]) for e in entries.values() if e["Queue"] == name]
        words["queue", name] = numbers(len(waits), len(own), own.count("ready"), own.count("talking"))
        if waits:
            words["longest", name] = now - max(waits) - 0.5  # Asterisk's whole seconds, rounded down
    return words


def numbers(waiting: int, agents: int, ready: int, talking: int) -> dict[str, int]:
    return {"waiting": waiting, "agents": agents, "ready": ready, "talking": talking}


def _seat(channel: str) -> str:
    """``PJSIP/8001-0000002a`` → ``PJSIP/8001``."""
    return channel.rpartition("-")[0]


def _agent(member: Message, channel: Message | None) -> str:
    if channel is not None:
        return "talking" if channel["ChannelStateDesc"] == "Up" else "ringing"
    if member["Status"] in UNREACHABLE:
        return "unreachable"
    if member["Paused"] == "1":
        return "wrap_up" if WRAP_UP in member["PausedReason"].split("+") else "paused"
    return "ready" if member["Status"] == IDLE else f"device {member['Status']}"


def _calls(channels: list[Message], entries: dict[str, Message]) -> Words:
    of_call: dict[str, list[Message]] = defaultdict(list)
    for channel in channels:
        of_call[channel["Linkedid"].partition("+")[0]].append(channel)
    words: Words = {}
    for ref, legs in of_call.items():
        if not any(c["Uniqueid"] == ref and c["Channel"].startswith(TRUNK) for c in legs):
            continue
        others = [c for c in legs if c["Uniqueid"] != ref]
        if ref in entries:
            words["place", ref] = int(entries[ref]["Position"])
            words["call", ref] = "ringing" if others else "queued"
        else:
            words["call", ref] = "talking" if any(c["ChannelStateDesc"] == "Up" for c in others) else "arrived"
    return words


def screen_shows(picture: dict[str, dict[str, Any]]) -> Words:
    """The same of a screen's live picture (``agents``, ``calls``, ``queues``, ``trunks``, by key)."""
    words: Words = {("agent", no): a["state"] for no, a in picture["agents"].items()}
    for call in picture["calls"].values():
        if call["state"] == "ended":
            continue
        words["call", call["linkedid"]] = "talking" if call["state"] == "held" else call["state"]
        if call["state"] in ("queued", "ringing"):
            words["place", call["linkedid"]] = call["position"]
    for name, queue in picture["queues"].items():
        words["queue", name] = {k: queue[k] for k in ("waiting", "agents", "ready", "talking")}
        if queue["longest_since"]:
            words["longest", name] = _epoch(queue["longest_since"])
    return words | {("trunk", name): trunk["channels"] for name, trunk in picture["trunks"].items()}


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
