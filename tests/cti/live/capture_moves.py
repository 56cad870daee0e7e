"""Capture the golden traces of calls that move: as :mod:`tests.cti.live.capture`, with agencies outside.

    python -m tests.cti.live.capture_moves [NAME …]

The hand that moves is here: redirects, hang-ups and Originates over the same manager session. What cti's commands
tell the live machines before they act stands in the trace as an event "Told".
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cti.ami.message import parse_event
from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.contract import CalledLeg, Context
from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.live.capture import ADDRESS, Stage, stage
from tests.cti.live.traces import FOLDER
from tests.support.eventually import eventually
from tests.support.pbx import running_carrier, running_pbx
from tests.support.sip_phone import Dialog

AGENCY, POLICE, CALLED = "05191234567", "110", "13800001111"
SHOWN = "12345"
Move = tuple[str, Context, str]


@dataclass
class Mover:
    """One call and the hand that moves it."""

    stage: Stage
    town: Carrier
    ref: str = ""
    agent: str = ""  # uniqueid of the agent's leg
    citizen: Dialog | None = None
    legs: int = 1
    parts: dict[str, str] = field(default_factory=dict)

    # ── what the session saw ────────────────────────────────────────────────────────────────────────

    async def saw(self, name: str, uniqueid: str, **headers: str) -> None:
        def there() -> bool:
            wanted = {"Event": name, "Uniqueid": uniqueid, **headers}
            return any(all(e.get(k) == v for k, v in wanted.items()) for e in self.stage.session.events)

        await eventually(there, within_s=12)

    def channel(self, uniqueid: str) -> str:
        events = self.stage.session.events
        return next(e["Channel"] for e in events if e.get("Event") == "Newchannel" and e["Uniqueid"] == uniqueid)

    async def look(self) -> None:
        await self.stage.session.snapshot()

    # ── what the hand does ──────────────────────────────────────────────────────────────────────────

    def told(self, fact: str, **fields: str) -> None:
        lines = {"Event": "Told", "Fact": fact, "Timestamp": f"{time.time():.6f}", "Ref": self.ref, **fields}
        block = "\r\n".join(f"{k}: {v}" for k, v in lines.items()).encode()
        self.stage.session.recorded.append(block)
        self.stage.session.events.append(parse_event(block))

    async def move(self, *moves: Move) -> None:
        """One Redirect of one or two; comes back when they are where they were sent."""
        before = len(self.stage.session.events)
        headers: dict[str, str] = {}
        for prefix, (uniqueid, context, room) in zip(("", "Extra"), moves, strict=False):
            headers |= {
                f"{prefix}Channel": self.channel(uniqueid), f"{prefix}Context": context.value,
                f"{prefix}Exten": room, f"{prefix}Priority": "1",
            }  # fmt: skip
        self.told("MoveAsked", Legs=",".join(m[0] for m in moves))
        assert (await self.stage.session.tell("Redirect", headers)).ok

        def there() -> bool:
            since = self.stage.session.events[before:]
            joined = {e["Uniqueid"] for e in since if e.get("Event") == "ConfbridgeJoin"}
            return {m[0] for m in moves} <= joined

        await eventually(there, within_s=10)

    async def call(
        self, number: str, context: Context, room: str, *, agent_no: str = "", ring_ms: int = 30_000, kind: str = ""
    ) -> str:
        self.legs += 1
        leg = CalledLeg(self.ref, self.legs, number).uniqueid
        await self.originate(leg, number, context, room, agent_no=agent_no, ring_ms=ring_ms, kind=kind)
        return leg

    async def originate(
        self, leg: str, number: str, context: Context, room: str, *, agent_no: str, ring_ms: int, kind: str, **more: str
    ) -> None:
        seat = bool(agent_no)
        self.told(
            "LegAsked", Uniqueid=leg, Kind=kind or ("seat" if seat else "outside"), Number=number, Room=room,
            AgentNo=agent_no, Shown=SHOWN, **more,
        )  # fmt: skip
        dialled = f"PJSIP/{number}" if seat else f"PJSIP/{number}@{contract.TRUNK}"
        headers = {
            "Channel": dialled, "ChannelId": leg, "Context": context.value, "Exten": room, "Priority": "1",
            "Timeout": str(ring_ms), "CallerID": SHOWN, "Async": "true",
        }  # fmt: skip
        assert (await self.stage.session.tell("Originate", headers)).ok

    async def hang_up(self, *legs: str, by: str = "") -> None:
        self.told("LetGoAsked", Legs=",".join(legs), By=by)
        for leg in legs:
            await self.stage.session.tell("Hangup", {"Channel": self.channel(leg), "Cause": "16"})
        for leg in legs:
            await self.saw("Hangup", leg)

    # ── ways that several stories begin or go on with ────────────────────────────────────────────────

    @property
    def asking(self) -> str:
        return contract.consultation(self.ref)

    async def talking(self) -> None:
        self.citizen = await self.stage.arrive()
        await self.stage.answer()
        events = self.stage.session.events
        connect = next(e for e in events if e.get("Event") == "AgentConnect")
        self.ref, self.agent = connect["Linkedid"], connect["DestUniqueid"]

    async def consult(self, **how: Any) -> str:
        """Citizen aside, agent in the consultation, the agency rung."""
        ring_ms = how.pop("ring_ms", 30_000)
        await self.town.subscriber(AGENCY, **({"answer_after_s": 0.5} | how))
        await self.talking()
        await self.move((self.ref, Context.ROOM_WAIT, self.ref), (self.agent, Context.ROOM_SEAT, self.asking))
        await self.look()
        return await self.call(AGENCY, Context.ROOM_OUTSIDE, self.asking, ring_ms=ring_ms)

    async def asked(self) -> str:
        agency = await self.consult()
        await self.in_room(agency, self.asking)
        return agency

    async def in_room(self, leg: str, room: str) -> None:
        await self.saw("ConfbridgeJoin", leg, Conference=room)
        await self.look()

    async def together(self) -> None:
        await self.move((self.ref, Context.ROOM_CITIZEN, self.ref), (self.agent, Context.ROOM_SEAT, self.ref))
        await self.look()

    async def citizen_goes(self) -> None:
        assert self.citizen is not None
        self.stage.citizen.hang_up(self.citizen)
        await self.saw("Hangup", self.ref)
        await self.look()

    async def over(self, *legs: str) -> None:
        """Everybody left."""
        for leg in legs:
            await self.saw("Hangup", leg)
        await self.stage.over()

    async def pick_up(self, seat: int) -> None:
        phone = self.stage.seats[seat]
        await eventually(lambda: phone.active, within_s=20)
        await self.look()
        phone.answer(phone.active[0])


# ── attended transfer ───────────────────────────────────────────────────────────────────────────────


async def attended_completed(m: Mover) -> None:
    agency = await m.asked()
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref), (agency, Context.ROOM_OUTSIDE, m.ref))
    await m.look()
    await m.hang_up(m.agent, by=m.agent)
    await m.look()
    await m.citizen_goes()
    await m.hang_up(agency)
    await m.over()


async def attended_to_a_seat(m: Mover) -> None:
    await m.stage.pause(1, "lunch")
    await m.talking()
    await m.move((m.ref, Context.ROOM_WAIT, m.ref), (m.agent, Context.ROOM_SEAT, m.asking))
    senior = await m.call("8002", Context.ROOM_SEAT, m.asking, agent_no="1002")
    await m.pick_up(1)
    await m.in_room(senior, m.asking)
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref), (senior, Context.ROOM_SEAT, m.ref))
    await m.hang_up(m.agent, by=m.agent)
    await m.look()
    m.stage.seats[1].hang_up(m.stage.seats[1].active[0])
    await m.over(senior, m.ref)


async def attended_cancelled(m: Mover) -> None:
    """Once while it rings, once after the answer."""
    agency = await m.consult(answer_after_s=None)
    await m.saw("Newstate", agency, ChannelState="5")
    await m.look()
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref), (m.agent, Context.ROOM_SEAT, m.ref))
    await m.hang_up(agency, by=m.agent)
    await m.look()
    await m.town.subscriber(AGENCY, answer_after_s=0.3)
    await m.move((m.ref, Context.ROOM_WAIT, m.ref), (m.agent, Context.ROOM_SEAT, m.asking))
    again = await m.call(AGENCY, Context.ROOM_OUTSIDE, m.asking)
    await m.in_room(again, m.asking)
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref), (m.agent, Context.ROOM_SEAT, m.ref))
    await m.hang_up(again, by=m.agent)
    await m.look()
    await m.citizen_goes()
    await m.hang_up(m.agent)
    await m.over()


async def attended_swapped(m: Mover) -> None:
    """To the citizen, back to the agency, to the citizen, and all together."""
    agency = await m.asked()
    for _ in range(2):
        await m.move((m.ref, Context.ROOM_CITIZEN, m.ref), (m.agent, Context.ROOM_SEAT, m.ref))
        await m.look()
        if _ == 0:
            await m.move((m.ref, Context.ROOM_WAIT, m.ref), (m.agent, Context.ROOM_SEAT, m.asking))
            await m.look()
    await m.move((agency, Context.ROOM_OUTSIDE, m.ref))
    await m.look()
    await m.hang_up(agency, by=m.agent)
    m.stage.seats[0].hang_up(m.stage.seats[0].active[0])
    await m.over(m.agent, m.ref)


async def _fails(m: Mover, **how: Any) -> None:
    agency = await m.consult(**how)
    await m.saw("Hangup", agency)
    await m.look()
    await m.together()
    await m.citizen_goes()
    await m.hang_up(m.agent)
    await m.over()


async def target_busy(m: Mover) -> None:
    await _fails(m, reject=True)


async def target_does_not_answer(m: Mover) -> None:
    await _fails(m, answer_after_s=None, ring_ms=2500)


async def target_refuses(m: Mover) -> None:
    await _fails(m, refuse=True)


async def target_hangs_up_on_us(m: Mover) -> None:
    await _fails(m, answer_after_s=0.3, seconds=1)


async def target_is_not_there(m: Mover) -> None:
    """A seat whose telephone is not registered: there is no channel at all."""
    await m.talking()
    await m.move((m.ref, Context.ROOM_WAIT, m.ref), (m.agent, Context.ROOM_SEAT, m.asking))
    await m.call("8005", Context.ROOM_SEAT, m.asking, agent_no="1005")
    await m.stage.session.saw("OriginateResponse")
    await m.look()
    await m.together()
    await m.citizen_goes()
    await m.hang_up(m.agent)
    await m.over()


# ── blind transfer ──────────────────────────────────────────────────────────────────────────────────


async def blind_to_a_number(m: Mover) -> None:
    await m.town.subscriber(AGENCY, answer_after_s=1.5)
    await m.talking()
    agency = await m.call(AGENCY, Context.ROOM_OUTSIDE, m.ref)
    await m.move((m.ref, Context.ROOM_WAIT, m.ref))
    await m.saw("Hangup", m.agent)
    await m.look()
    await m.in_room(agency, m.ref)
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref))
    await m.look()
    await m.hang_up(agency)
    await m.over(m.ref)


async def blind_to_a_seat(m: Mover) -> None:
    await m.stage.pause(1, "lunch")
    await m.talking()
    colleague = await m.call("8002", Context.ROOM_SEAT, m.ref, agent_no="1002")
    await m.move((m.ref, Context.ROOM_WAIT, m.ref))
    await m.saw("Hangup", m.agent)
    await m.pick_up(1)
    await m.in_room(colleague, m.ref)
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref))
    await m.look()
    await m.citizen_goes()
    await m.hang_up(colleague)
    await m.over()


async def blind_fails_and_the_agent_is_called_again(m: Mover) -> None:
    await m.town.subscriber(AGENCY, reject=True)
    await m.talking()
    agency = await m.call(AGENCY, Context.ROOM_OUTSIDE, m.ref)
    await m.move((m.ref, Context.ROOM_WAIT, m.ref))
    await m.saw("Hangup", agency)
    await m.saw("Hangup", m.agent)
    await m.look()
    again = await m.call("8001", Context.ROOM_SEAT, m.ref, agent_no="1001")
    await m.pick_up(0)
    await m.in_room(again, m.ref)
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref))
    await m.look()
    m.stage.seats[0].hang_up(m.stage.seats[0].active[0])
    await m.over(again, m.ref)


async def blind_fails_and_nobody_is_there(m: Mover) -> None:
    """The target is busy, the agent's seat does not answer: back into the queue, to another agent."""
    await m.stage.pause(1, "lunch")
    await m.town.subscriber(AGENCY, reject=True)
    await m.talking()
    agency = await m.call(AGENCY, Context.ROOM_OUTSIDE, m.ref)
    await m.move((m.ref, Context.ROOM_WAIT, m.ref))
    await m.saw("Hangup", agency)
    again = await m.call("8001", Context.ROOM_SEAT, m.ref, agent_no="1001", ring_ms=2000)
    await m.saw("Hangup", again)
    await m.look()
    await m.stage.pause(0, "wrap-up")
    await m.stage.pause(1, None)
    headers = {"Channel": m.channel(m.ref), "Context": Context.LINE.value, "Exten": "back", "Priority": "1"}
    await m.stage.session.tell("Redirect", headers)
    await m.stage.session.saw("QueueCallerJoin", 2)
    await m.pick_up(1)
    await m.stage.session.saw("AgentConnect", 2)
    await m.look()
    await m.citizen_goes()
    await m.over()


# ── conference, hold ────────────────────────────────────────────────────────────────────────────────


async def conference(m: Mover) -> None:
    """Agency and 110 come in; the agency is muted, heard again and dropped; the agent leaves."""
    await m.town.subscriber(AGENCY, answer_after_s=0.3)
    await m.town.subscriber(POLICE, answer_after_s=0.3)
    await m.talking()
    await m.together()
    agency = await m.call(AGENCY, Context.ROOM_OUTSIDE, m.ref)
    police = await m.call(POLICE, Context.ROOM_OUTSIDE, m.ref)
    await m.in_room(agency, m.ref)
    await m.in_room(police, m.ref)
    for action, event in (("ConfbridgeMute", "ConfbridgeMute"), ("ConfbridgeUnmute", "ConfbridgeUnmute")):
        await m.stage.session.tell(action, {"Conference": m.ref, "Channel": m.channel(agency)})
        await m.saw(event, agency)
        await m.look()
    await m.hang_up(agency, by=m.agent)
    await m.look()
    m.stage.seats[0].hang_up(m.stage.seats[0].active[0])
    await m.saw("Hangup", m.agent)
    await m.look()
    await m.citizen_goes()
    await m.hang_up(police)
    await m.over()


async def held_by_the_desk(m: Mover) -> None:
    await m.talking()
    await m.move((m.ref, Context.ROOM_HOLD, m.ref), (m.agent, Context.ROOM_SEAT, m.ref))
    await m.look()
    await m.move((m.ref, Context.ROOM_CITIZEN, m.ref))
    await m.look()
    await m.move((m.ref, Context.ROOM_HOLD, m.ref))
    await m.look()
    await m.citizen_goes()
    await m.hang_up(m.agent)
    await m.over()


# ── calling out ─────────────────────────────────────────────────────────────────────────────────────


async def _calls_out(m: Mover, **how: Any) -> str:
    await m.town.subscriber(CALLED, **({"answer_after_s": 0.5} | how))
    m.ref = m.agent = f"{m.stage.pbx.settings.node}-{int(time.time())}.900"
    await m.originate(
        m.ref, "8001", Context.ROOM_SEAT, m.ref, agent_no="1001", ring_ms=20_000, kind="seat", Citizen=CALLED
    )
    await m.pick_up(0)
    await m.in_room(m.ref, m.ref)
    return await m.call(CALLED, Context.ROOM_CALLED, m.ref, kind="citizen")


async def outbound(m: Mover) -> None:
    citizen = await _calls_out(m, seconds=16)  # from the answer; the notice takes its time
    await m.in_room(citizen, m.ref)
    await m.move((citizen, Context.ROOM_HOLD, m.ref))
    await m.look()
    await m.move((citizen, Context.ROOM_CITIZEN, m.ref))
    await m.look()
    await m.saw("Hangup", citizen)
    await m.look()
    await m.hang_up(m.agent)
    await m.over()


async def outbound_busy(m: Mover) -> None:
    citizen = await _calls_out(m, reject=True)
    await m.saw("Hangup", citizen)
    await m.look()
    await m.hang_up(m.agent)
    await m.over()


# ── after the talk ──────────────────────────────────────────────────────────────────────────────────


async def asked_how_it_was(m: Mover) -> None:
    """From the plain call, the agent hangs up first; the citizen hears the question."""
    await m.talking()
    m.stage.seats[0].hang_up(m.stage.seats[0].active[0])
    await m.saw("Hangup", m.agent)
    await m.look()
    await m.citizen_goes()
    await m.over()


async def asked_how_it_was_after_a_room(m: Mover) -> None:
    await m.talking()
    await m.together()
    m.stage.seats[0].hang_up(m.stage.seats[0].active[0])
    await m.saw("Hangup", m.agent)
    await m.look()
    await m.citizen_goes()
    await m.over()


Scenario = Callable[[Mover], Awaitable[None]]
ONE, TWO = 1, 2
SCENARIOS: dict[str, tuple[Scenario, int]] = {
    s.__name__: (s, agents)
    for s, agents in [
        (attended_completed, ONE),
        (attended_to_a_seat, TWO),
        (attended_cancelled, ONE),
        (attended_swapped, ONE),
        (target_busy, ONE),
        (target_does_not_answer, ONE),
        (target_refuses, ONE),
        (target_hangs_up_on_us, ONE),
        (target_is_not_there, ONE),
        (blind_to_a_number, ONE),
        (blind_to_a_seat, TWO),
        (blind_fails_and_the_agent_is_called_again, ONE),
        (blind_fails_and_nobody_is_there, TWO),
        (conference, ONE),
        (held_by_the_desk, ONE),
        (outbound, ONE),
        (outbound_busy, ONE),
        (asked_how_it_was, ONE),
        (asked_how_it_was_after_a_room, ONE),
    ]
}


async def capture(pbx: Pbx, name: str) -> None:
    scenario, agents = SCENARIOS[name]
    async with running_carrier(pbx) as town, stage(pbx, agents) as s:
        await scenario(Mover(s, town))
        text = b"\n\n".join(block.replace(b"\r\n", b"\n") for block in s.session.recorded) + b"\n"
        (FOLDER / f"{name}.ami").write_bytes(text)


def main(names: Sequence[str]) -> None:
    for name in names or SCENARIOS:
        with running_pbx(
            ADDRESS, quick_notice=True, queue=QueueTuning(ring_s=4), survey=name.startswith("asked_")
        ) as pbx:
            asyncio.run(capture(pbx, name))
        print("captured", name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
