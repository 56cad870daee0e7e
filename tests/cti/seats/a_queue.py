"""The members of app_queue without an Asterisk: an action's events come a moment later, and its answer after them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from cti.ami import AmiTimeout, Response
from cti.live import pbx_facts as f
from cti.live.floor import Floor
from cti.live.snapshot import ChannelSeen, Seen
from cti.live.watch import Live
from pbx_config import contract

IDLE = 1
AGENT, INTERFACE = "1001", "PJSIP/8001-web"
LATE_S = 0.002
Key = tuple[str, str]  # (interface, queue)


def a_member(queue: str, reasons: frozenset[str] = frozenset()) -> f.MemberSeen:
    return f.MemberSeen(datetime.now(UTC), queue, AGENT, INTERFACE, bool(reasons), reasons, IDLE, False, None, None)


class Members:
    """What the PBX itself holds is :attr:`members`.

    ``lose``: actions whose events never come; ``deaf``: such as are not carried out.
    """

    def __init__(self, *members: f.MemberSeen) -> None:
        self.members: dict[Key, f.MemberSeen] = {(m.interface, m.queue): m for m in members}
        self.asked: list[str] = []
        self.lose: set[str] = set()
        self.deaf: set[str] = set()
        self.link = SimpleNamespace(live=True, since=datetime.now(UTC), reason=None, epoch=1)
        self.on_event = self.on_link = self.snapshot = None
        self.floor = Floor("t11", wrap_up_s=0.05)
        self.live = Live(cast(Any, self), self.floor, lambda _: cast(Any, SimpleNamespace(wake=lambda: None)))
        self.floor.devices = {INTERFACE: "NOT_INUSE"}
        for member in members:
            self.floor.apply(member)

    def seen(self, *channels: ChannelSeen) -> Seen:
        """What a snapshot would bring."""
        members = tuple(self.members.values())
        queues = tuple(dict.fromkeys(member.queue for member in members))
        return Seen(datetime.now(UTC), channels, (), members, queues, dict(self.floor.devices), frozenset(), {})

    async def action(self, name: str, headers: Mapping[str, str]) -> Response:
        self.asked.append(f"{name} {headers.get('Queue', '')}".strip())
        if name in self.deaf:
            raise AmiTimeout(name)
        facts = {"QueueAdd": self._add, "QueueRemove": self._remove, "QueuePause": self._pause}[name](headers)
        if name not in self.lose:
            for fact in facts:
                asyncio.get_running_loop().call_later(LATE_S, self.live.tell, fact)
        await asyncio.sleep(2 * LATE_S)
        return Response(bool(facts), "" if facts else "Unable to do so")

    def _add(self, headers: Mapping[str, str]) -> list[f.Fact]:
        key = (headers["Interface"], headers["Queue"])
        if key in self.members:
            return []
        reasons = contract.split_reasons(headers.get("Reason", ""))
        self.members[key] = replace(a_member(headers["Queue"], reasons), penalty=int(headers["Penalty"]))
        return [self.members[key]]

    def _remove(self, headers: Mapping[str, str]) -> list[f.Fact]:
        gone = self.members.pop((headers["Interface"], headers["Queue"]), None)
        return [f.MemberGone(datetime.now(UTC), gone.queue, gone.agent_no, gone.interface)] if gone else []

    def _pause(self, headers: Mapping[str, str]) -> list[f.Fact]:
        reasons = contract.split_reasons(headers.get("Reason", ""))
        told: list[f.Fact] = []
        for key, member in self.members.items():
            self.members[key] = replace(member, at=datetime.now(UTC), paused=bool(reasons), reasons=reasons)
            told.append(self.members[key])
        return told
