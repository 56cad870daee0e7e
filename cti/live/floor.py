"""The floor: all calls, agents, queues and the trunk of one PBX, moved by facts. No clock, no I/O.

Routes each fact to the machine it belongs to, keeps the indexes between them, and collects which bodies changed. It
never raises for a fact: what no machine foresaw is counted and asks for a resync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cti.facts import AgentLive, CallState, QueueLive, Topic, TrunkLive
from cti.live import call as calls
from cti.live import pbx_facts as f
from cti.live.agent import InCall, derive
from cti.live.call import Call
from cti.live.ears import Ears
from cti.live.queue import Queue, queue_body, reposition
from cti.live.roster import agents_in, asked_before
from cti.live.snapshot import TRUNK_CHANNEL
from cti.live.table import step
from cti.live.trial import Trial, tested
from cti.live.trunk import Fault, fault_of, is_the_trunks, trunk_body
from cti.live.ways import Try, Way, free, never_made
from pbx_config import contract

Key = tuple[Topic, str]
ENDED_SHOWN_S = 10.0


@dataclass(frozen=True, slots=True)
class Released:
    """An agent's conversation is over."""

    agent_no: str
    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The newest body of a key (None: gone) and Asterisk's stamp of the event behind it."""

    body: Any
    at: datetime


@dataclass
class Floor:
    """State plus indexes. :meth:`apply` takes facts; :meth:`take` hands out what changed."""

    node: str
    wrap_up_s: float = 120.0
    wrap_up_by_queue: Mapping[str, float] = field(default_factory=dict)  # as the admin has them
    last_queue: dict[str, str] = field(default_factory=dict)  # agent_no → the queue of the last call talked
    calls: dict[str, Call] = field(default_factory=dict)  # by linkedid
    channels: dict[str, str] = field(default_factory=dict)  # open channels: uniqueid → channel name
    members: dict[str, dict[str, f.MemberSeen]] = field(default_factory=dict)  # agent_no → queue → member
    agents: dict[str, AgentLive] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    queue_bodies: dict[str, QueueLive] = field(default_factory=dict)
    ways: tuple[Way, ...] = (Way(contract.TRUNK),)  # the trunks, in the order in which they are tried
    tries: dict[str, Try] = field(default_factory=dict)  # legs that no trunk has carried so far as to ring, by uniqueid
    trunks: dict[str, TrunkLive] = field(default_factory=dict)
    trunk_faults: dict[str, Fault] = field(default_factory=dict)  # since this cti began
    trials: dict[str, Trial] = field(default_factory=dict)  # of trunks, by uniqueid, while somebody waits for them
    refusals: dict[str, Fault] = field(default_factory=dict)  # telephones that were refused, since this cti began
    endpoints_moved: bool = True  # ask the PBX who is registered
    devices: dict[str, str] = field(default_factory=dict)  # telephones and the trunk
    wrapping: set[str] = field(default_factory=set)  # a wrap-up pause is being asked for
    ears: Ears = field(default_factory=Ears)
    in_call: dict[str, InCall] = field(default_factory=dict)  # agent_no → the call
    changes: dict[Key, Change] = field(default_factory=dict)
    unsettled: bool = True  # a queue's numbers or positions may have moved
    unsettled_since: datetime | None = None  # stamp of the first fact that did it, where one did
    anomalies: int = 0
    doubtful: bool = False  # ask for a resync
    on_next_way: Callable[[Try], None] = lambda one: None  # send this Originate
    on_released: Callable[[Released], None] = lambda released: None

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────

    def apply(self, fact: f.Fact) -> None:
        if f.is_of_no_call(fact):
            self._trial_fact(fact)
        elif isinstance(fact, (f.ChannelFact, f.OriginateFailed)) and fact.uniqueid in self.tries:
            self._try_fact(fact)
        else:
            self._apply(fact)
        if self.unsettled and self.unsettled_since is None:
            self.unsettled_since = fact.at

    def _apply(self, fact: f.Fact) -> None:
        if f.is_of_an_ear(fact):
            self._ear_fact(fact)
        elif isinstance(fact, f.ChannelFact):
            self._channel_fact(fact)
        elif isinstance(fact, (f.AskedFact, f.OriginateFailed)):
            self._call_fact(fact)
        elif isinstance(fact, f.MemberFact):
            self._member_fact(fact)
        elif isinstance(fact, f.DeviceChanged):
            if f.is_endpoint(fact.device):
                self.devices[fact.device] = fact.state
            self.unsettled = True
        elif isinstance(fact, f.PhoneRefused):
            if contract.seat_of_interface(fact.endpoint) is not None:  # what a stranger calls himself is kept nowhere
                self.refusals[fact.endpoint] = (f"secret {fact.address}", fact.at)
                self.endpoints_moved = True
        elif isinstance(fact, f.EndpointTold):
            self.endpoints_moved = True

    def _channel_fact(self, fact: f.ChannelFact) -> None:
        call = self.calls.get(f.ref_of(fact))
        if isinstance(fact, f.ChannelOpened):
            self.channels[fact.uniqueid] = fact.channel
            self.unsettled = True
            if call is None and fact.uniqueid == fact.linkedid and fact.channel.startswith(TRUNK_CHANNEL):
                self._put(calls.opened(self.node, fact), fact.at)
                return
        elif isinstance(fact, f.ChannelClosed):
            self.channels.pop(fact.uniqueid, None)
            self._trunk_fault(fact)
            self.unsettled = True
        if isinstance(fact, (f.ChannelOpened, f.RoomEntered)):
            asked = asked_before(call, fact, self.agent_at)
            if asked is not None:
                self._call_fact(asked)
        self._call_fact(fact)

    def _trial_fact(self, fact: f.ChannelFact | f.OriginateFailed) -> None:
        """A test, or a message to an incident's callers: takes a channel of its trunk, and is no call of ours."""
        if isinstance(fact, f.ChannelOpened):
            self.channels[fact.uniqueid] = fact.channel
            self.unsettled = True
        elif isinstance(fact, f.ChannelClosed):
            self.channels.pop(fact.uniqueid, None)
            self._trunk_fault(fact)
            self.unsettled = True
        waited = self.trials.get(fact.uniqueid)
        if waited is not None:
            self.trials[fact.uniqueid] = tested(waited, fact)

    def _try_fact(self, fact: f.ChannelFact | f.OriginateFailed) -> None:
        """Of a leg that goes out through a trunk: where that one fails, the next one carries it."""
        one = self.tries[fact.uniqueid]
        if isinstance(fact, f.ChannelOpened):
            self.tries[fact.uniqueid] = replace(one, made=True)
        elif isinstance(fact, (f.LegRinging, f.LegAnswered)):
            del self.tries[fact.uniqueid]
        elif isinstance(fact, f.OriginateFailed):
            if not one.is_told_of_by(fact.channel):
                return  # of the trunk before, whose end sent this leg on already
            if fact.uniqueid in self.channels or self._goes_on(fact.uniqueid):
                return  # its channel's end tells more
            del self.tries[fact.uniqueid]
            self._apply(never_made(one, fact) if one.made else fact)
            return
        elif isinstance(fact, f.ChannelClosed):
            if is_the_trunks(fact.cause, fact.sip) and self._goes_on(fact.uniqueid):
                self.channels.pop(fact.uniqueid, None)
                self._trunk_fault(fact)
                self.unsettled = True
                return
            del self.tries[fact.uniqueid]
        self._apply(fact)

    def _goes_on(self, uniqueid: str) -> bool:
        """Through the next trunk, as long as anybody waits for it."""
        call, after = self.calls.get(contract.call_ref(uniqueid)), self.tries[uniqueid].next
        leg = call.leg(uniqueid) if call is not None and call.live.ended_at is None else None
        if leg is None or not leg.on_the_way or leg.dropped or after is None:
            return False
        self.tries[uniqueid] = after
        self.on_next_way(after)
        return True

    def forget_tries(self) -> None:
        """Of legs that nobody waits for any more: after a snapshot."""
        for uniqueid in list(self.tries):
            call = self.calls.get(contract.call_ref(uniqueid))
            leg = call.leg(uniqueid) if call is not None else None
            if leg is None or not leg.on_the_way:
                del self.tries[uniqueid]

    def free_ways(self) -> list[str]:
        """The trunks that could carry one more call, in the order in which they are tried."""
        return free(self.ways, self.channels.values(), self.devices, self.tries, self.channels)

    @property
    def trunk_names(self) -> tuple[str, ...]:
        return tuple(way.endpoint for way in self.ways)

    def _trunk_fault(self, fact: f.ChannelClosed) -> None:
        found = fault_of(fact.channel, fact.cause, fact.sip, fact.at)
        if found is not None:
            self.trunk_faults[found[0]] = found[1]
            self.endpoints_moved = True

    def _ear_fact(self, fact: f.ChannelFact | f.EarFact | f.OriginateFailed) -> None:
        """Of a supervisor who listens: no party of the call, whatever its channel does."""
        if isinstance(fact, f.ChannelOpened):
            self.channels[fact.uniqueid] = fact.channel
        elif isinstance(fact, f.ChannelClosed):
            self.channels.pop(fact.uniqueid, None)
        if self.ears.apply(fact):
            self.tell_ears(f.ref_of(fact), fact.at)

    def tell_ears(self, ref: str, at: datetime) -> None:
        call = self.calls.get(ref)
        body = self.ears.body(call) if call is not None else None
        self.changed(Topic.EARS, str(contract.call_id(self.node, ref)), body, at)

    def _call_fact(self, fact: f.CallFact) -> None:
        ref = f.ref_of(fact)
        call = self.calls.get(ref)
        if call is None:
            if isinstance(fact, f.LegAsked) and fact.uniqueid == ref:
                self._put(calls.opened_out(self.node, fact), fact.at)
            elif isinstance(fact, (f.CallerJoined, f.SeatFact)):
                self._anomaly()  # a queued call whose beginning we did not see
            return
        after = step(call, fact)
        if after is None:
            self._anomaly()
        elif after is not call:
            self._put(after, fact.at, before=call)

    def agent_at(self, interface: str) -> str | None:
        """Who is signed in at this interface."""
        members = (m for of_agent in self.members.values() for m in of_agent.values())
        return next((member.agent_no for member in members if member.interface == interface), None)

    def _member_fact(self, fact: f.MemberFact) -> None:
        of_agent = self.members.setdefault(fact.agent_no, {})
        if isinstance(fact, f.MemberSeen):
            of_agent[fact.queue] = fact
            self.queue(fact.queue)
            if contract.REASON_WRAP_UP in fact.reasons:
                self.wrapping.discard(fact.agent_no)
        else:
            of_agent.pop(fact.queue, None)
        self.derive_agent(fact.agent_no, fact.at)

    def _anomaly(self) -> None:
        self.anomalies += 1
        self.doubtful = True

    # ── what follows from them ───────────────────────────────────────────────────────────────────────

    def _put(self, call: Call, at: datetime, before: Call | None = None) -> None:
        self.calls[call.live.linkedid] = call
        if before is None or call.live != before.live:
            self.changed(Topic.CALL, call.live.call_id, call.live, at)
            self.unsettled = True
        self._index_queue(call, before)
        self._index_agents(call, before, at)

    def _index_queue(self, call: Call, before: Call | None) -> None:
        if before is not None and before.waiting and not call.waiting and before.live.queue:
            self.queue(before.live.queue).leave(call.live.linkedid)
        elif call.waiting and (before is None or not before.waiting) and call.live.queue:
            self.queue(call.live.queue).join(call.live.linkedid, call.live.position)

    def _index_agents(self, call: Call, before: Call | None, at: datetime) -> None:
        was = agents_in(before) if before is not None else {}
        now = agents_in(call)
        for agent_no in was.keys() | now.keys():
            if was.get(agent_no) == now.get(agent_no):
                continue
            if agent_no in now:
                self.in_call[agent_no] = now[agent_no]
            elif self.in_call.get(agent_no) == was[agent_no]:
                del self.in_call[agent_no]
            if was.get(agent_no) is not None and was[agent_no].talking and agent_no not in now:
                if call.live.queue is not None:
                    self.last_queue[agent_no] = call.live.queue
                self.on_released(Released(agent_no, call.live.call_id, at))
            self.derive_agent(agent_no, at)

    def derive_agent(self, agent_no: str, at: datetime) -> None:
        previous = self.agents.get(agent_no)
        members = self.members.get(agent_no, {}).values()
        in_call, wrapping = self.in_call.get(agent_no), agent_no in self.wrapping
        limit_s = self.wrap_up_limit_s(agent_no)
        body = derive(self.node, members, in_call, previous, at, wrap_up_s=limit_s, wrapping=wrapping)
        self.put_agent(agent_no, body, at)

    def wrap_up_limit_s(self, agent_no: str) -> float:
        """The longest wrap-up, by the queue of the call before it; of the first queue where that is not known."""
        queue = self.last_queue.get(agent_no, contract.QUEUE_MAIN)
        return self.wrap_up_by_queue.get(queue, self.wrap_up_s)

    def put_agent(self, agent_no: str, body: AgentLive | None, at: datetime) -> None:
        if body == self.agents.get(agent_no):
            return
        self.unsettled = True
        if body is None:
            self.agents.pop(agent_no, None)
            self.members.pop(agent_no, None)
            self.wrapping.discard(agent_no)
        else:
            self.agents[agent_no] = body
        self.changed(Topic.AGENT, agent_no, body, at)

    def queue(self, name: str) -> Queue:
        return self.queues.setdefault(name, Queue(name))

    def changed(self, topic: Topic, key: str, body: Any, at: datetime) -> None:
        self.changes[topic, key] = Change(body, at)

    # ── at the pace of the publisher ─────────────────────────────────────────────────────────────────

    def settle(self, at: datetime) -> None:
        """Bring positions and the queues' numbers up to date: a few times a second, not at every event."""
        if not self.unsettled:
            return
        since, self.unsettled_since = self.unsettled_since or at, None
        self.unsettled = False
        self._settle_trunks(at)
        for queue in self.queues.values():
            for call in reposition(queue, self.calls):
                self.calls[call.live.linkedid] = call
                self.changed(Topic.CALL, call.live.call_id, call.live, at)
            body = queue_body(self.node, queue, self.calls, self.agents.values())
            if body != self.queue_bodies.get(queue.name):
                self.queue_bodies[queue.name] = body
                self.changed(Topic.QUEUE, queue.name, body, since)

    def _settle_trunks(self, at: datetime) -> None:
        for name in [name for name in self.trunks if name not in self.trunk_names]:
            del self.trunks[name]
            self.changed(Topic.TRUNK, name, None, at)
        for name in self.trunk_names:
            previous, fault = self.trunks.get(name), self.trunk_faults.get(name)
            body = trunk_body(self.node, name, self.channels.values(), self.devices, previous, at=at, fault=fault)
            if body != previous:
                self.trunks[name] = body
                self.changed(Topic.TRUNK, name, body, at)

    def forget_ended(self, now: datetime) -> None:
        """Calls that ended some seconds ago leave the floor."""
        before = now - timedelta(seconds=ENDED_SHOWN_S)
        over = [c for c in self.calls.values() if c.live.state is CallState.ENDED and c.live.since <= before]
        for call in over:
            del self.calls[call.live.linkedid]
            self.changed(Topic.CALL, call.live.call_id, None, now)

    def take(self) -> dict[Key, Change]:
        taken, self.changes = self.changes, {}
        return taken

    def bodies(self) -> Iterable[tuple[Key, Any]]:
        """Everything live, whole."""
        for call in self.calls.values():
            yield (Topic.CALL, call.live.call_id), call.live
        for call in self.calls.values():
            ears = self.ears.body(call)
            if ears is not None:
                yield (Topic.EARS, call.live.call_id), ears
        for agent_no, body in self.agents.items():
            yield (Topic.AGENT, agent_no), body
        for name, queue in self.queue_bodies.items():
            yield (Topic.QUEUE, name), queue
        for name, trunk in self.trunks.items():
            yield (Topic.TRUNK, name), trunk

    def call_by_id(self, call_id: str) -> Call | None:
        return next((c for c in self.calls.values() if c.live.call_id == call_id), None)
