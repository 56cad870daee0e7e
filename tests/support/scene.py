"""A call that moves, in the words of the trade: citizens, agents and agencies on a real line.

``given_…`` and ``when_…`` do what people do; ``assert_…`` ask the PBX (CoreShowChannels, ConfbridgeList), never our
cache: who shares a bridge with whom is the only truth about who hears whom. Commands are rows, as the API writes them.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import Subscriber
from tests.cti.stage import Stage
from tests.support.ami_wire import AmiWire, ami_wire
from tests.support.eventually import eventually
from tests.support.pbx import running_carrier
from tests.support.sip_phone import Dialog, SipPhone

CITIZEN = "citizen"
HOTLINE, CALLER = "12345", "13912345678"
AGENCY, OTHER_AGENCY = "05191234567", "05197654321"
Seen = dict[str, str]


@dataclass
class Scene:
    """One call and everybody around it. Roles are "citizen", a seat ("8001") or the number that was called."""

    on: Stage
    carrier: Carrier
    wire: AmiWire
    ref: str = ""
    call_id: str = ""
    citizen: Dialog | None = None
    phones: dict[str, SipPhone] = field(default_factory=dict)
    agencies: dict[str, Subscriber] = field(default_factory=dict)
    _dialled_before: int = 0

    # ── given ────────────────────────────────────────────────────────────────────────────────────────

    async def given_an_agent(self, agent_no: str = "1001", seat: str = "8001", *, ready: bool = True) -> SipPhone:
        """Signed in at a telephone that is picked up whenever it rings."""
        phone = self.phones[seat] = await self.on.sign_in(agent_no, seat)
        phone.on_invite = phone.answer
        if ready:
            assert await self.on.do("agent.ready", agent_no) == ("succeeded", None)
            await self.on.agent_is(agent_no, "ready")
        return phone

    async def given_a_queued_call(self, caller: str = CALLER) -> None:
        """A citizen waits for an agent; nobody is free."""
        self.citizen = self.on.citizen.call(HOTLINE, caller)
        self._is(await self.on.call_is("queued", 20))

    async def given_a_call_is_answered(self, agent_no: str = "1001", seat: str = "8001", caller: str = CALLER) -> None:
        """A citizen talks with the agent, in the queue's own bridge."""
        if seat not in self.phones:
            await self.given_an_agent(agent_no, seat)
        self.citizen = self.on.citizen.call(HOTLINE, caller)
        self._is(await self.on.call_is("talking", 20))
        await self.assert_talking_together(CITIZEN, seat)

    def _is(self, live: dict[str, Any]) -> None:
        self.call_id, self.ref = live["call_id"], live["linkedid"]

    async def given_an_agency(self, number: str = AGENCY, **manners: Any) -> Subscriber:
        """It answers after half a second, unless told otherwise (``pbx_config.carrier_call.Subscriber.behave``)."""
        self.agencies[number] = await self.carrier.subscriber(number, **{"answer_after_s": 0.5} | manners)
        return self.agencies[number]

    async def given_the_agency_answers(self, number: str = AGENCY) -> Subscriber:
        return await self.given_an_agency(number)

    async def given_the_agency_is_busy(self, number: str = AGENCY) -> Subscriber:
        return await self.given_an_agency(number, reject=True)

    async def given_the_agency_refuses(self, number: str = AGENCY) -> Subscriber:
        return await self.given_an_agency(number, refuse=True)

    async def given_the_agency_never_answers(self, number: str = AGENCY) -> Subscriber:
        return await self.given_an_agency(number, answer_after_s=None)

    async def given_the_agency_listens_and_hangs_up(self, number: str = AGENCY, after_s: float = 2) -> Subscriber:
        return await self.given_an_agency(number, seconds=after_s)

    # ── when ─────────────────────────────────────────────────────────────────────────────────────────

    async def when(self, kind: str, *, by: str = "1001", **args: Any) -> tuple[str, str | None]:
        """The agent asks; (state, reason) of the command's end."""
        return await self.on.do(kind, by, call_id=self.call_id, **args)

    async def asks(self, kind: str, *, by: str = "1001", **args: Any) -> None:
        """The agent asks, and it is done."""
        end = await self.when(kind, by=by, **args)
        assert end == ("succeeded", None), (kind, args, end)

    async def when_the_agent_asks(self, number: str = AGENCY) -> None:
        """Ask first: the citizen waits with music."""
        await self.asks("call.consult", target=to_number(number))

    async def when_the_agent_hands_over_to(self, number: str = AGENCY) -> None:
        """Blind: without asking."""
        await self.asks("call.transfer", target=to_number(number))

    async def when_the_agent_adds(self, number: str = AGENCY) -> None:
        await self.asks("call.add", target=to_number(number))

    def when_the_citizen_hangs_up(self) -> None:
        assert self.citizen is not None
        self.on.citizen.hang_up(self.citizen)

    def when_the_agent_hangs_up(self, seat: str = "8001") -> None:
        phone = self.phones[seat]
        phone.hang_up(phone.active[0])

    async def ask_twice(self, kind: str, *, by: str = "1001", **args: Any) -> tuple[str, str | None]:
        """One id, written once and woken for twice, as a client does that had no answer."""
        command_id = await self.on.ask(kind, by, call_id=self.call_id, **args)
        again = await self.on.conn.execute(
            "INSERT INTO command (id, node, kind, args, agent_no, deadline_at) "
            "SELECT id, node, kind, args, agent_no, deadline_at FROM command WHERE id = $1 ON CONFLICT DO NOTHING",
            command_id,
        )
        assert again == "INSERT 0 0"
        await self.on.conn.execute("SELECT pg_notify('lianxin_command', '')")
        return await self.on.end_of(command_id)

    async def everybody_goes_home(self) -> None:
        """Hang up all that is left on this PBX, and sign everybody out."""
        self.wire.ask("Hangup", Channel="/^PJSIP/", Cause="16")
        for member in self.wire.list("QueueStatus", "QueueMember"):
            self.wire.ask("QueueRemove", Queue=member["Queue"], Interface=member["Location"])
        await eventually(lambda: not self.wire.list("CoreShowChannels", "CoreShowChannel"), 20)

    # ── the PBX's own word ───────────────────────────────────────────────────────────────────────────

    def channels(self) -> dict[str, Seen]:
        """Role → channel, of this call and nobody else's."""
        shown = self.wire.list("CoreShowChannels", "CoreShowChannel")
        return {role: c for c in shown if (role := self._role(c)) is not None}

    def _role(self, channel: Seen) -> str | None:
        if channel["Uniqueid"] == self.ref and channel["Channel"].startswith(f"PJSIP/{contract.TRUNK}-"):
            return CITIZEN
        if contract.call_ref(channel["Linkedid"]) != self.ref:
            return None
        seat = contract.seat_of_interface(channel["Channel"])
        if seat is not None:
            return seat[0]
        called = contract.called_leg(channel["Uniqueid"])
        return called.number if called is not None else channel["Channel"]

    def together(self) -> set[frozenset[str]]:
        """Who hears whom: the roles in each bridge."""
        bridges: dict[str, set[str]] = {}
        for role, channel in self.channels().items():
            if channel.get("BridgeId"):
                bridges.setdefault(channel["BridgeId"], set()).add(role)
        return {frozenset(roles) for roles in bridges.values()}

    def in_room(self, room: str) -> dict[str, Seen]:
        """Role → ConfbridgeList's entry, of one room."""
        names = {c["Channel"]: role for role, c in self.channels().items()}
        entries = self.wire.list("ConfbridgeList", "ConfbridgeList", Conference=room)
        return {names.get(e["Channel"], e["Channel"]): e for e in entries}

    def variable(self, name: str, role: str | None = None) -> str:
        """A channel's variable, or a global one."""
        of = {"Channel": self.channels()[role]["Channel"]} if role is not None else {}
        return self.wire.ask("Getvar", Variable=name, **of).get("Value", "")

    def called_outside(self) -> list[str]:
        """Every number that was dialled through the trunk since the scene began, by the PBX's own file."""
        return _dialled(self.on)[self._dialled_before :]

    # ── then ─────────────────────────────────────────────────────────────────────────────────────────

    async def assert_talking_together(self, *roles: str, within_s: float = 15) -> None:
        """Exactly these hear each other."""
        await self._eventually(lambda: frozenset(roles) in self.together(), f"together {roles}", within_s)

    async def assert_alone_with_music(self, role: str, within_s: float = 15) -> None:
        await self._eventually(lambda: frozenset([role]) in self.together(), f"{role} alone", within_s)

    async def assert_citizen_is_back_with_the_agent(self, seat: str = "8001", within_s: float = 15) -> None:
        await self.assert_talking_together(CITIZEN, seat, within_s=within_s)

    async def assert_gone(self, role: str, within_s: float = 15) -> None:
        await self._eventually(lambda: role not in self.channels(), f"{role} gone", within_s)

    async def assert_nobody_is_left(self, within_s: float = 20) -> None:
        """No channel and no room of this call."""

        def over() -> bool:
            rooms = self.wire.list("ConfbridgeListRooms", "ConfbridgeListRooms")
            return not self.channels() and not any(self.ref in r["Conference"] for r in rooms)

        await self._eventually(over, "nobody left", within_s)

    async def assert_waiting_in_the_queue(self, within_s: float = 15) -> None:
        def waits() -> bool:
            entries = self.wire.list("QueueStatus", "QueueEntry", Queue=self.on.pbx.settings.queue.name)
            return any(entry["Uniqueid"] == self.ref for entry in entries)

        await self._eventually(waits, "the citizen waits in the queue", within_s)

    async def _eventually(self, check: Any, what: str, within_s: float) -> None:
        try:
            await eventually(check, within_s)
        except AssertionError as exc:
            shown = {r: (c["Context"], c["Exten"], c["ChannelStateDesc"]) for r, c in self.channels().items()}
            raise AssertionError(f"not {what}: {self.together()} {shown}") from exc

    # ── the roster, as screens see it ────────────────────────────────────────────────────────────────

    async def parties(self) -> list[dict[str, Any]]:
        body = (await self.on.live("call")).get(self.call_id, {})
        return list(body.get("parties", []))

    async def leg_of(self, number: str, state: str | None = None, within_s: float = 15) -> dict[str, Any]:
        """The newest party with that number (in that state) on the live roster."""

        async def found() -> dict[str, Any] | None:
            of_number = [p for p in await self.parties() if p["number"] == number]
            newest = of_number[-1] if of_number else None
            return newest if newest and state in (None, newest["state"]) else None

        try:
            leg: dict[str, Any] = await eventually(found, within_s)
        except AssertionError as exc:
            raise AssertionError(f"no party {number} {state}: {await self.parties()}") from exc
        return leg

    async def assert_outcome_is_kept(self, number: str, state: str, within_s: float = 15) -> None:
        """The agency's outcome stands on the roster as long as the call does."""
        await self.leg_of(number, state, within_s)


def to_number(number: str) -> dict[str, str]:
    return {"kind": "number", "value": number}


def to_seat(seat: str) -> dict[str, str]:
    return {"kind": "seat", "value": seat}


def to_queue(queue: str = contract.QUEUE_MAIN) -> dict[str, str]:
    return {"kind": "queue", "value": queue}


@asynccontextmanager
async def scene(on: Stage) -> AsyncIterator[Scene]:
    """A stage with a carrier that plays the town, and a line of its own to the PBX's manager. Leaves the line empty."""
    async with running_carrier(on.pbx) as carrier:
        with ami_wire(on.pbx.settings) as wire:
            town = Scene(on, carrier, wire, _dialled_before=len(_dialled(on)))
            try:
                yield town
            finally:
                await town.everybody_goes_home()


def _dialled(on: Stage) -> list[str]:
    """A channel of the trunk that begins without a number dialled from outside is one that we began."""
    found: list[str] = []
    path = on.pbx.settings.cel_file
    if not path.exists():  # nobody has called yet
        return found
    with path.open(newline="") as lines:
        for row in csv.reader(lines):
            seen = dict(zip([name for name, _ in contract.CEL_FIELDS], row, strict=True))
            through_trunk = seen["channel"].startswith(f"PJSIP/{contract.TRUNK}-")
            if seen["event"] == "CHAN_START" and through_trunk and not seen["exten"].isdigit():
                called = contract.called_leg(seen["uniqueid"])
                found.append(called.number if called is not None else seen["channel"])
    return found
