"""A queue: the order of those who wait, and the numbers screens see. Pure.

The order comes from Asterisk's own joins and leaves; positions are computed from it, because Asterisk tells nobody
when those behind move up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cti.facts import AgentLive, AgentState, QueueLive
from cti.live.call import Call


@dataclass
class Queue:
    name: str
    order: list[str] = field(default_factory=list)  # linkedids, the next one first

    def join(self, linkedid: str, position: int | None) -> None:
        if linkedid not in self.order:
            at = len(self.order) if position is None else min(max(position - 1, 0), len(self.order))
            self.order.insert(at, linkedid)

    def leave(self, linkedid: str) -> None:
        if linkedid in self.order:
            self.order.remove(linkedid)


def reposition(queue: Queue, calls: Mapping[str, Call]) -> Iterator[Call]:
    """The calls whose position moved, with the new one."""
    for place, linkedid in enumerate(queue.order, start=1):
        call = calls.get(linkedid)
        if call is not None and call.waiting and call.live.position != place:
            yield replace(call, live=replace(call.live, position=place))


def queue_body(node: str, queue: Queue, calls: Mapping[str, Call], agents: Iterable[AgentLive]) -> QueueLive:
    waiting = [calls[linkedid] for linkedid in queue.order if linkedid in calls and calls[linkedid].waiting]
    states = [agent.state for agent in agents if queue.name in agent.queues]
    return QueueLive(
        queue=queue.name,
        node=node,
        waiting=len(waiting),
        longest_since=min((call.live.queued_at for call in waiting if call.live.queued_at), default=None),
        agents=len(states),
        ready=states.count(AgentState.READY),
        talking=states.count(AgentState.TALKING),
    )
