"""What handlers act with: the PBX's manager link, the live floor, and the waiting for facts.

Owns how something is sent and confirmed. It knows no kind of command.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from cti.ami import ActionRefused, AmiClient, AmiNotConnected, Headers
from cti.commands.errors import CallEnded, NoTrunk, PbxSaidNo
from cti.commands.flags import Flags
from cti.facts import PartyKind
from cti.live import pbx_facts as f
from cti.live.floor import Floor
from cti.live.watch import Live
from cti.live.ways import Try, channel
from cti.seats.keeper import AgentNotSignedIn, NotConfirmed, SeatKeeper
from cti.seats.skills import SkillKeeper
from models.errors import LianxinError
from pbx_config import contract
from pbx_config.tuning import penalty

UNREACHABLE = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
CONFIRM_S = 5.0
Confirmed = Callable[[Floor], bool]
FollowUp = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One action. ``needed`` False: a no of Asterisk changes nothing (it hung up before we asked for it)."""

    action: str
    headers: Headers
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who is called into a room. ``agent_no``: who sits at the seat."""

    leg: str  # the channel's uniqueid
    kind: PartyKind
    number: str
    channel: str  # what Originate dials
    context: contract.Context
    room: str
    agent_no: str | None = None


@dataclass(frozen=True)
class Desk:
    client: AmiClient
    floor: Floor
    live: Live
    seats: SeatKeeper
    flags: Flags
    skills: SkillKeeper
    queue: str = contract.QUEUE_MAIN
    number: str = "12345"  # what everybody sees whom we call
    site_numbers: Collection[str] = ("12345",)  # ours by the settings
    follow_ups: asyncio.Queue[FollowUp] = field(default_factory=asyncio.Queue)  # done after a command, by the runner

    def __post_init__(self) -> None:
        self.floor.on_next_way = lambda one: self.follow_ups.put_nowait(partial(self.ask, "Originate", one.headers))

    @property
    def own_numbers(self) -> frozenset[str]:
        """Nobody calls the hotline through the hotline: also not by a number that an admin leads into a queue."""
        return frozenset((*self.site_numbers, *self.skills.wanted.numbers))

    async def act(self, name: str, headers: Headers, confirmed: Confirmed) -> None:
        """Send one action and wait for the fact.

        Raises:
            ActionRefused, AmiNotConnected: nothing happened.
            NotConfirmed, AmiTimeout, AmiLost: unknown.
        """
        await self.carry([Step(name, headers)], confirmed)

    async def carry(self, steps: Sequence[Step], confirmed: Confirmed, ref: str | None = None) -> None:
        """Send actions one after the other, each once, and wait for the fact; ``ref``: the call that must go on.

        Raises:
            ActionRefused, AmiNotConnected: nothing happened.
            PbxSaidNo: something had happened already.
            CallEnded: the call ended before the fact came.
            NotConfirmed, AmiTimeout, AmiLost: unknown.
        """
        sent = False
        with self.live.expecting(lambda floor: confirmed(floor) or self.over(ref)) as fact:
            for step in steps:
                response = await self.client.action(step.action, step.headers)
                if not response.ok and step.needed:
                    if sent:
                        raise PbxSaidNo(response.message, action=step.action)
                    raise ActionRefused(response.message, action=step.action)
                sent = sent or response.ok
            await self._told(fact, steps[-1].action)
        if not confirmed(self.floor):
            raise CallEnded(ref or "")

    @staticmethod
    async def _told(fact: asyncio.Future[None], name: str) -> None:
        try:
            await asyncio.wait_for(fact, CONFIRM_S)
        except TimeoutError as exc:
            raise NotConfirmed(name) from exc

    async def ask(self, name: str, headers: Headers) -> None:
        """An action whose answer is the fact.

        Raises:
            ActionRefused, AmiNotConnected: nothing happened.
            AmiTimeout, AmiLost: unknown.
        """
        response = await self.client.action(name, headers)
        if not response.ok:
            raise ActionRefused(response.message, action=name)

    # ── what the live machines are told before it is sent ────────────────────────────────────────────

    def tell_moving(self, ref: str, legs: Sequence[str]) -> None:
        """That these leave their bridge is no parting."""
        if legs:
            self.live.tell(f.MoveAsked(self.now(), ref, tuple(legs)))

    def tell_calling(self, ref: str, called: Called, citizen: str = "") -> None:
        """``citizen``: whom a call that this leg begins is for."""
        c = called
        asked = f.LegAsked(self.now(), ref, c.leg, c.kind, c.number, c.room, c.agent_no, citizen, self.number)
        self.live.tell(asked)

    def way_out(self, number: str) -> str:
        """What Originate dials: the first trunk that could carry one more call.

        Raises:
            NoTrunk: none could.
        """
        found = self.floor.free_ways()
        if not found:
            raise NoTrunk(number)
        return channel(number, found[0])

    @contextlib.contextmanager
    def going_out(self, called: Called, headers: Headers) -> Iterator[None]:
        """Around the sending of that Originate: where its trunk fails, the next one carries it."""
        endpoint = called.channel.rpartition("@")[2]
        rest = tuple(name for name in self.floor.free_ways() if name != endpoint)
        self.floor.tries[called.leg] = Try(called.number, endpoint, rest, headers)
        try:
            yield
        except LianxinError:
            if called.leg not in self.floor.channels:  # refused before anything was made
                self.floor.tries.pop(called.leg, None)
            raise

    def tell_letting_go(self, ref: str, legs: Sequence[str], by: str) -> None:
        """``by``: the leg of the agent who asked for it. Asterisk itself only sees a manager ending channels."""
        self.live.tell(f.LetGoAsked(self.now(), ref, tuple(legs), by))

    def tell_recording(self, ref: str, *, paused: bool) -> None:
        self.live.tell((f.RecordingPaused if paused else f.RecordingResumed)(self.now(), ref))

    # ── what is known ────────────────────────────────────────────────────────────────────────────────

    def over(self, ref: str | None) -> bool:
        """The call ended."""
        if ref is None:
            return False
        call = self.floor.calls.get(ref)
        return call is None or call.live.ended_at is not None

    def must_be_linked(self) -> None:
        """Before the live machines are told what will be done: it must be possible to do it.

        Raises:
            AmiNotConnected
        """
        if not self.client.link.live:
            raise AmiNotConnected("no AMI link")

    def member(self, agent_no: str) -> str:
        """The interface of a signed-in agent."""
        for member in self.floor.members.get(agent_no, {}).values():
            return member.interface
        raise AgentNotSignedIn(agent_no)

    def queues_of(self, agent_no: str) -> Mapping[str, int]:
        """Queue → penalty with which this agent signs in; where no admin tuned anything: the one queue of the line."""
        levels = self.skills.wanted.levels(agent_no)
        return {queue: penalty(level) for queue, level in levels.items()} or {self.queue: 0}

    def registered(self, interface: str) -> bool:
        return self.floor.devices.get(interface, "UNKNOWN") not in UNREACHABLE

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)
