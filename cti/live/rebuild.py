"""From a snapshot to the calls in progress: ``(what was seen, what was known) -> what is``. Pure.

What the PBX does not remember (when exactly a state began, who hung up first, who has left and why) is kept from what
was known where the call is still the same; without it, Asterisk's own durations are taken, to the second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cti.facts import CallLive, CallState, PartyKind
from cti.live import call as calls
from cti.live.call import INBOUND, OUTBOUND, Call
from cti.live.rebuild_legs import leg_of, without_channel
from cti.live.roster import interface_of
from cti.live.snapshot import TRUNK_CHANNEL, ChannelSeen, EntrySeen, Seen, seat_of_channel
from pbx_config import contract
from pbx_config.contract import Context

_ROOMS = frozenset(
    {Context.ROOM_CITIZEN, Context.ROOM_SEAT, Context.ROOM_OUTSIDE, Context.ROOM_HOLD, Context.ROOM_WAIT}
)


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of one call, and what the queue says of it."""

    ref: str
    citizen: ChannelSeen | None
    seats: tuple[ChannelSeen, ...]  # as the queue rang them
    called: tuple[ChannelSeen, ...]  # as we called them
    entry: EntrySeen | None

    @property
    def everybody(self) -> tuple[ChannelSeen, ...]:
        return (*([self.citizen] if self.citizen else []), *self.seats, *self.called)

    @property
    def talking(self) -> ChannelSeen | None:
        """The seat that the queue connected, while nobody has moved them."""
        bridge = self.citizen.bridge if self.citizen is not None and not self.citizen.room else ""
        return next((c for c in self.seats if c.bridge and c.bridge == bridge), None)

    @property
    def calls_out(self) -> bool:
        return any(c.uniqueid == self.ref for c in self.called)


def rebuild_calls(node: str, seen: Seen, known: Mapping[str, Call]) -> dict[str, Call]:
    """The calls in progress, by linkedid."""
    by_call: dict[str, list[ChannelSeen]] = defaultdict(list)
    for channel in seen.channels:
        if contract.ear_leg(channel.uniqueid) is not None or contract.is_no_call(channel.linkedid):
            continue  # a supervisor who listens is no party of it, and a test of a trunk is no call
        by_call[contract.call_ref(channel.linkedid)].append(channel)
    entries = {entry.uniqueid: entry for entry in seen.entries}
    agent_of = {member.interface: member.agent_no for member in seen.members}
    found: dict[str, Call] = {}
    for ref, channels in by_call.items():
        base = known.get(ref)
        if base is not None and base.live.ended_at is not None:
            base = None  # we had taken it for ended, and it lives
        sorted_out = _sorted_out(ref, channels, entries, base)
        if _is_call(sorted_out, base):
            found[ref] = _call(node, seen, sorted_out, agent_of, base)
    return found


def _sorted_out(ref: str, channels: list[ChannelSeen], entries: Mapping[str, EntrySeen], base: Call | None) -> Channels:
    citizen = next((c for c in channels if c.uniqueid == ref and c.channel.startswith(TRUNK_CHANNEL)), None)
    out = base is not None and base.live.direction == OUTBOUND
    called = tuple(c for c in channels if contract.called_leg(c.uniqueid) or (c.uniqueid == ref and _dials(c, out)))
    seats = tuple(c for c in channels if c not in called and c is not citizen and seat_of_channel(c) is not None)
    return Channels(ref, citizen, seats, called, entries.get(citizen.uniqueid) if citizen is not None else None)


def _dials(channel: ChannelSeen, out: bool) -> bool:
    """The first channel of a call out is a seat's that we called: nobody else calls a seat, but for the queue."""
    ours = out or channel.rings or channel.context == Context.ROOM_SEAT
    return seat_of_channel(channel) is not None and ours


def _is_call(channels: Channels, base: Call | None) -> bool:
    """A citizen is in it, or was: the others may go on talking without."""
    stays = any(channel.room or base is not None for channel in channels.seats)
    return channels.citizen is not None or bool(channels.called) or stays


def _call(node: str, seen: Seen, channels: Channels, agent_of: Mapping[str, str], known: Call | None) -> Call:
    base = known if known is not None else _unknown(node, seen, channels)
    talking, entry = channels.talking, channels.entry
    base = _with_legs(seen, channels, base, agent_of)
    waiting = entry is not None and talking is None
    moved = not waiting and talking is None and any(leg.room for leg in base.legs)
    rings = () if talking or moved else tuple((c.uniqueid, _agent_no(c, agent_of)) for c in channels.seats if not c.up)
    call = replace(
        base,
        waiting=waiting,
        ringing=rings,
        talking=_connected(channels, base),
        parted=base.parted and base.talking is not None and base.talking == _connected(channels, base),
        holders=_holders(seen, channels) if talking else frozenset(),
        moving=_between_rooms(channels, base),
    )
    changes: dict[str, object] = {"position": None, "room": moved or (base.live.room and not waiting and not talking)}
    changes["queue"] = (channels.citizen.queue if channels.citizen is not None else None) or base.live.queue
    if base.live.direction == OUTBOUND and base.citizen_leg is not None:
        changes["called"] = base.live.called or base.citizen_leg.party.number
    if waiting and entry is not None:
        changes |= {"queue": entry.queue, "position": entry.position}
        changes |= {"queued_at": base.live.queued_at or seen.at - entry.wait}
    changes |= _owner(seen, channels, agent_of, base)
    return calls.settled(call, _began(seen, channels, call) if known is None else seen.at, **changes)


def _connected(channels: Channels, base: Call) -> str | None:
    """The seat's channel that the queue connected, as long as it is there."""
    connected = channels.talking or next((c for c in channels.seats if c.up), None)
    return connected.uniqueid if connected is not None else None


def _holders(seen: Seen, channels: Channels) -> frozenset[str]:
    return seen.holders & {channel.uniqueid for channel in channels.everybody}


def _between_rooms(channels: Channels, base: Call) -> frozenset[str]:
    on_the_way = {c.uniqueid for c in channels.everybody if not c.room and c.context in _ROOMS}
    return base.moving & on_the_way


def _with_legs(seen: Seen, channels: Channels, base: Call, agent_of: Mapping[str, str]) -> Call:
    talking = channels.talking
    there = {c.uniqueid: c for c in (*([channels.citizen] if channels.citizen else []), *channels.called)}
    there |= {c.uniqueid: c for c in channels.seats if c.up}
    legs = [without_channel(leg, seen.at) for leg in base.legs if leg.uniqueid not in there]
    found = []
    for channel in sorted(there.values(), key=lambda c: -c.age):
        interface = interface_of(channel.channel)
        agent_no = _agent_no(channel, agent_of) if interface is not None else None
        found.append(leg_of(base, channel, seen, agent_no, together=talking is not None))
    citizen = next((leg for leg in reversed(found) if leg.party.kind is PartyKind.CITIZEN), None)
    after = calls.with_legs(base, *legs, *found)
    return replace(after, citizen=citizen.uniqueid) if citizen is not None else after


def _unknown(node: str, seen: Seen, channels: Channels) -> Call:
    first = channels.citizen or max(channels.everybody, key=lambda c: c.age)
    started_at = seen.at - first.age
    out = channels.citizen is None and channels.calls_out
    dialled = [leg.number for leg in (contract.called_leg(c.uniqueid) for c in channels.called) if leg is not None]
    live = CallLive(
        call_id=str(contract.call_id(node, channels.ref)),
        node=node,
        linkedid=channels.ref,
        state=CallState.ARRIVED,
        since=started_at,
        started_at=started_at,
        caller=first.caller,
        called=(dialled[0] if dialled else "") if out else seen.dialled.get(first.uniqueid, ""),
        direction=OUTBOUND if out else INBOUND,
    )
    return Call(live, "" if out else channels.ref)


def _owner(seen: Seen, channels: Channels, agent_of: Mapping[str, str], base: Call) -> dict[str, object]:
    """Whose call it is, where we did not know; and since when they talk."""
    seat = channels.talking or next((c for c in channels.seats if c.up), None)
    if seat is None and channels.calls_out and base.live.agent_no is None:
        seat = next(c for c in channels.called if c.uniqueid == channels.ref)
    if seat is None:
        return {}
    place = seat_of_channel(seat)
    if base.live.agent_no is not None and (base.live.answered_at is not None or base.live.direction == OUTBOUND):
        still = base.live.room or (place is not None and base.live.seat == place[0])
        if still:
            return {}
    owner = {"agent_no": _agent_no(seat, agent_of), "seat": place[0] if place else None}
    answered = channels.citizen is not None or _citizen_is_there(base)
    return owner | ({"answered_at": seen.at - seat.age} if answered else {})


def _citizen_is_there(base: Call) -> bool:
    leg = base.citizen_leg
    return leg is not None and bool(leg.room)


def _began(seen: Seen, channels: Channels, call: Call) -> datetime:
    if channels.talking is not None:
        return seen.at - channels.talking.age
    if call.live.room or any(leg.room for leg in call.legs):
        return seen.at - max(
            c.age for c in channels.everybody if c is not channels.citizen or len(channels.everybody) == 1
        )
    if channels.seats:
        return seen.at - max(seat.age for seat in channels.seats)
    if channels.entry is not None:
        return seen.at - channels.entry.wait
    return seen.at - max(c.age for c in channels.everybody)


def _agent_no(channel: ChannelSeen, agent_of: Mapping[str, str]) -> str:
    """The member at this seat; the seat's own number where nobody is signed in there any more."""
    seat, phone = seat_of_channel(channel) or (channel.channel, contract.Phone.TELEPHONE)
    return agent_of.get(contract.interface(seat, phone), seat)
