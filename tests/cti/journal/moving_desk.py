"""A stage with a town outside, and the hand that moves calls there: as cti does it, by none of its code.

Seats are SIP telephones; citizens, agencies and 110 are the carrier's. ``SCENARIOS`` are the moves that are captured.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall, Subscriber
from pbx_config.contract import CalledLeg, Context, Var
from tests.cti.journal.capture import AGENTS, Stage, pick_up
from tests.cti.journal.telephone import Telephone
from tests.support.ami_wire import AmiWire
from tests.support.eventually import eventually

AGENCY, OTHER, POLICE_IN = "05191234567", "05197654321", "12346"
CITIZEN = "13912345678"
PAUSE_S = 0.7  # long against Asterisk's milliseconds, so that a wrong reading shows


@dataclass
class Desk:
    """A stage with a town, and the hand that moves calls."""

    stage: Stage
    town: Carrier
    wire: AmiWire
    ref: str = ""  # the call that is moved
    legs: int = 1
    talked: dict[str, float] = field(default_factory=dict)

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    async def seat(self, seat: str, *, sign_in: bool = True) -> Telephone:
        return await self.stage.seat(seat, sign_in=sign_in)

    async def citizen(self, number: str = CITIZEN, to: str = "12345") -> CarrierCall:
        """Dials, and hears the notice to its end."""
        before = self.stage.milestones("LX_QUEUED")
        call = await self.town.place(number, to=to)
        await call.answered()
        await eventually(lambda: self.stage.milestones("LX_QUEUED") > before, within_s=30)
        self.ref = next(u for u, c in self._channels().items() if c["Channel"].startswith(f"PJSIP/{contract.TRUNK}-"))
        return call

    async def talking(self, seat: str = "8001") -> tuple[CarrierCall, Telephone]:
        """A citizen talks with an agent."""
        phone = await self.seat(seat)
        citizen = await self.citizen()
        await pick_up(phone)
        await self.in_bridge(self.ref, self.of_seat(seat))
        return citizen, phone

    async def agency(self, number: str = AGENCY, **manners: Any) -> Subscriber:
        return await self.town.subscriber(number, **({"answer_after_s": 0.3} | manners))

    # ── channels ────────────────────────────────────────────────────────────────────────────────────

    def _channels(self) -> dict[str, dict[str, str]]:
        return {c["Uniqueid"]: c for c in self.wire.list("CoreShowChannels", "CoreShowChannel")}

    def channel(self, uniqueid: str) -> str:
        return self._channels()[uniqueid]["Channel"]

    def of_seat(self, seat: str) -> str:
        """The uniqueid of that seat's channel."""
        return next(u for u, c in self._channels().items() if c["Channel"].startswith(f"PJSIP/{seat}-"))

    async def in_bridge(self, *uniqueids: str) -> None:
        await eventually(lambda: all(self._channels().get(u, {}).get("BridgeId") for u in uniqueids))

    async def asked(self) -> None:
        """The citizen hears the satisfaction question."""
        await eventually(lambda: any(c["Application"] == "Read" for c in self._channels().values()))

    async def gone(self, *uniqueids: str, within_s: float = 20) -> None:
        """Each was there and has ended: the journal says so (what is being called is not there at once)."""
        cel = self.stage.pbx.settings.cel_file
        ends = [re.compile(rf'^"CHAN_END".*"{re.escape(u)}","[^"]*","","",""$', re.M) for u in uniqueids]
        await eventually(lambda: all(end.search(cel.read_text()) for end in ends), within_s=within_s)

    async def apart(self, *uniqueids: str) -> None:
        """Each is alone in a room."""
        await eventually(lambda: len({self._channels().get(u, {}).get("BridgeId") for u in uniqueids} - {""}) > 1)

    # ── moves ───────────────────────────────────────────────────────────────────────────────────────

    async def move(self, *moves: tuple[str, Context, str]) -> None:
        """One Redirect of one or two channels: (uniqueid, context, room)."""
        channels, headers = self._channels(), {}
        for prefix, (uniqueid, context, room) in zip(("", "Extra"), moves, strict=False):
            headers |= {
                f"{prefix}Channel": channels[uniqueid]["Channel"], f"{prefix}Context": context.value,
                f"{prefix}Exten": room, f"{prefix}Priority": "1",
            }  # fmt: skip
        answer = self.wire.ask("Redirect", **headers)
        assert answer["Response"] == "Success", answer
        await asyncio.sleep(PAUSE_S)

    def call(self, number: str, context: Context, room: str, *, ring_ms: int = 30_000, **headers: str) -> str:
        """Originate a leg of the call; its uniqueid."""
        self.legs += 1
        leg = CalledLeg(self.ref, self.legs, number)
        self.originate(leg.uniqueid, number, context, room, ring_ms, **headers)
        return leg.uniqueid

    def originate(
        self, ident: str, number: str, context: Context, room: str, ring_ms: int = 30_000, **headers: str
    ) -> None:
        seat = number in AGENTS
        if seat:
            headers["Variable"] = f"{Var.AGENT.value}={AGENTS[number]}"
        answer = self.wire.ask(
            "Originate", Channel=f"PJSIP/{number}" if seat else f"PJSIP/{number}@{contract.TRUNK}", ChannelId=ident,
            Context=context.value, Exten=room, Priority="1", Timeout=str(ring_ms), Async="true", CallerID="12345",
            **headers,
        )  # fmt: skip
        assert answer["Response"] == "Success", answer

    async def hang_up(self, uniqueid: str) -> None:
        self.wire.ask("Hangup", Channel=self._channels()[uniqueid]["Channel"], Cause="16")
        await self.gone(uniqueid)

    async def consult(self, number: str, **how: Any) -> tuple[str, str]:
        """Citizen aside, agent in the consultation, the third rung; (agent's leg, the third's)."""
        agent = self.of_seat("8001")
        await self.move((self.ref, Context.ROOM_WAIT, self.ref), (agent, Context.ROOM_SEAT, self.asking))
        context = Context.ROOM_SEAT if number in AGENTS else Context.ROOM_OUTSIDE
        return agent, self.call(number, context, self.asking, **how)

    async def back_together(self, agent: str) -> None:
        await self.move((self.ref, Context.ROOM_CITIZEN, self.ref), (agent, Context.ROOM_SEAT, self.ref))

    @property
    def asking(self) -> str:
        return contract.consultation(self.ref)

    async def stay(self, seconds_: float = PAUSE_S) -> None:
        await asyncio.sleep(seconds_)

    def tell(self, outcome: str = "answered", **facts: Any) -> None:
        self.stage.tell(outcome=outcome, **facts)


Scenario = Callable[[Desk], Awaitable[None]]
SCENARIOS: dict[str, tuple[Scenario, dict[str, Any]]] = {}


def scenario(**changes: Any) -> Callable[[Scenario], Scenario]:
    """``changes`` replace fields of PbxSettings."""

    def add(run: Scenario) -> Scenario:
        SCENARIOS[run.__name__] = (run, changes)
        return run

    return add
