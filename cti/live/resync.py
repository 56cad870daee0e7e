"""Laying a snapshot over the floor: only what differs becomes a change, and what is gone is removed. No I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cti.facts import CallState, Topic
from cti.live import agent as agents
from cti.live import call as calls
from cti.live.call import Call
from cti.live.floor import Floor, Released
from cti.live.rebuild import rebuild_calls
from cti.live.rebuild_legs import without_channel
from cti.live.roster import agents_in
from cti.live.snapshot import Seen
from pbx_config import contract


def resync(floor: Floor, seen: Seen) -> None:
    """Make the floor agree with the snapshot."""
    was_talking = _talking(floor)
    found = rebuild_calls(floor.node, seen, floor.calls)
    for ref, call in list(floor.calls.items()):
        if ref not in found and call.live.state is not CallState.ENDED:
            found[ref] = _not_seen(call, seen.at)
    for ref, call in found.items():
        before = floor.calls.get(ref)
        floor.calls[ref] = call
        if before is None or before.live != call.live:
            floor.changed(Topic.CALL, call.live.call_id, call.live, seen.at)
    _resync_indexes(floor, seen)
    for ref in floor.ears.resync(seen):
        floor.tell_ears(ref, seen.at)
    floor.forget_tries()
    _resync_agents(floor, seen)
    for agent_no, call_id in was_talking.items():
        if agent_no not in floor.in_call:  # who is in the next call already has the wrap-up after that one
            _released(floor, Released(agent_no, call_id, seen.at))
    floor.unsettled = True


def _released(floor: Floor, released: Released) -> None:
    call = floor.call_by_id(released.call_id)
    if call is not None and call.live.queue is not None:
        floor.last_queue[released.agent_no] = call.live.queue
    floor.on_released(released)


def _talking(floor: Floor) -> dict[str, str]:
    """agent_no → call_id of those who talk."""
    held = (agents_in(call) for call in floor.calls.values())
    return {agent_no: in_call.call_id for of_call in held for agent_no, in_call in of_call.items() if in_call.talking}


def _not_seen(call: Call, at: datetime) -> Call:
    """None of its channels is there. A call whose first leg we have just asked for may have none yet."""
    legs = tuple(without_channel(leg, at) for leg in call.legs)
    if any(leg.open for leg in legs):
        return calls.settled(calls.with_legs(call, *legs), at)
    return calls.ended(replace(call, legs=legs), at, call.asked_by)


def _resync_indexes(floor: Floor, seen: Seen) -> None:
    floor.channels = {channel.uniqueid: channel.channel for channel in seen.channels}
    floor.devices = dict(seen.devices)
    for name in [name for name in floor.queues if name not in seen.queues]:
        del floor.queues[name]
        if floor.queue_bodies.pop(name, None) is not None:
            floor.changed(Topic.QUEUE, name, None, seen.at)
    linkedids = {call.citizen: ref for ref, call in floor.calls.items() if call.waiting}
    for name in seen.queues:
        entries = sorted((e for e in seen.entries if e.queue == name), key=lambda entry: entry.position)
        floor.queue(name).order = [linkedids[e.uniqueid] for e in entries if e.uniqueid in linkedids]
    floor.in_call = {}
    for call in floor.calls.values():
        for agent_no, in_call in agents_in(call).items():
            if in_call.talking or agent_no not in floor.in_call:
                floor.in_call[agent_no] = in_call


def _resync_agents(floor: Floor, seen: Seen) -> None:
    floor.members = {}
    for member in seen.members:
        floor.members.setdefault(member.agent_no, {})[member.queue] = member
    for agent_no in [*floor.agents.keys() - floor.members.keys(), *floor.members]:
        previous = floor.agents.get(agent_no)
        members = floor.members.get(agent_no, {}).values()
        if contract.REASON_WRAP_UP in agents.reasons_of(members):
            floor.wrapping.discard(agent_no)
        in_call = floor.in_call.get(agent_no)
        at = seen.at if previous is not None else _agent_since(floor, seen, agent_no)
        wrapping = agent_no in floor.wrapping
        limit_s = floor.wrap_up_limit_s(agent_no)
        body = agents.derive(floor.node, members, in_call, previous, at, wrap_up_s=limit_s, wrapping=wrapping)
        floor.put_agent(agent_no, body, seen.at)


def _agent_since(floor: Floor, seen: Seen, agent_no: str) -> datetime:
    in_call = floor.in_call.get(agent_no)
    call = floor.call_by_id(in_call.call_id) if in_call is not None else None
    if call is None:
        return agents.began(floor.members[agent_no].values(), seen.at)
    leg = call.leg_of_agent(agent_no)
    return leg.party.since if leg is not None else call.live.since
