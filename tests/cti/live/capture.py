"""Capture the golden traces anew: real calls through a real Asterisk, watched by one manager session per call.

    python -m tests.cti.live.capture [NAME …]

Writes traces/<name>.ami. What a person does is in SCENARIOS; the expected bodies beside each trace are reviewed by eye.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cti.ami import ActionRefused, Event, Headers, Response
from cti.ami.message import parse_event, response_of
from cti.live.snapshot import fetch
from pbx_config import contract
from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.live.traces import FOLDER, action_id
from tests.support.eventually import eventually
from tests.support.pbx import running_pbx
from tests.support.sip_phone import Dialog, SipPhone

ADDRESS, CITIZEN = "127.0.11.1", "127.0.11.200"
NUMBER, NAME = "13912345678", "张先生"


class Session:
    """One manager session that records all it reads, and can be asked for snapshots (cti.live.snapshot.Asker)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.recorded: list[bytes] = []
        self.events: list[Event] = []
        self._asked: dict[str, tuple[asyncio.Future[Response], list[Event]]] = {}
        self.snapshots = 0

    async def read(self) -> None:
        while True:
            block = (await self._reader.readuntil(b"\r\n\r\n"))[:-4]
            event = parse_event(block)
            self.recorded.append(block)
            self.events.append(event)
            asked = self._asked.get(event.get("ActionID") or "")
            if asked is not None and not asked[0].done():  # OriginateResponse carries its action's id, too
                self._answered(event, *asked)

    def _answered(self, event: Event, future: asyncio.Future[Response], kept: list[Event]) -> None:
        kept.append(event)
        first = response_of(kept[0])
        if kept[0].get("EventList") != "start":
            future.set_result(first)
        elif event.get("EventList") == "Complete":
            future.set_result(Response(True, first.message, kept[0], events=tuple(kept[1:-1])))

    async def tell(self, name: str, headers: Headers | None = None, action: str = "") -> Response:
        action = action or f"told-{len(self._asked)}"
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._asked[action] = (future, [])
        lines = {"Action": name, "ActionID": action, **(headers or {})}
        self._writer.write(("".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode())
        return await asyncio.wait_for(future, 10)

    async def action(self, name: str, headers: Headers | None = None, timeout_s: float = 5.0) -> Response:
        return await self.tell(name, headers, action_id(self.snapshots, name, headers))

    async def list_action(self, name: str, headers: Headers | None = None, timeout_s: float = 10.0) -> Response:
        response = await self.action(name, headers)
        if not response.ok:
            raise ActionRefused(response.message)
        return response

    async def snapshot(self) -> None:
        await asyncio.sleep(0.3)  # so that what the person did has come to its end
        self.snapshots += 1
        await fetch(self)

    async def saw(self, name: str, count: int = 1) -> None:
        await eventually(lambda: sum(e.get("Event") == name for e in self.events) >= count, within_s=30)


@dataclass
class Stage:
    pbx: Pbx
    session: Session
    seats: list[SipPhone]
    citizen: SipPhone

    async def arrive(self, caller: str = NUMBER) -> Dialog:
        dialog = self.citizen.call("12345", caller, NAME)
        await self.session.saw("Newchannel")
        await self.session.snapshot()
        return dialog

    async def ringing(self, seat: int = 0) -> Dialog:
        await eventually(lambda: self.seats[seat].active, within_s=30)
        await self.session.snapshot()
        return self.seats[seat].active[0]

    async def answer(self, seat: int = 0) -> Dialog:
        dialog = await self.ringing(seat)
        self.seats[seat].answer(dialog)
        await self.session.saw("BridgeEnter", 2)
        await self.session.snapshot()
        return dialog

    async def over(self) -> None:
        await eventually(lambda: not self.citizen.active and not any(s.active for s in self.seats))
        await self.session.snapshot()

    async def pause(self, seat: int, reason: str | None) -> None:
        headers = {"Interface": f"PJSIP/{8001 + seat}", "Paused": "true" if reason else "false"}
        await self.session.tell("QueuePause", {**headers, **({"Reason": reason} if reason else {})})


async def answered(s: Stage) -> None:
    citizen = await s.arrive()
    await s.answer()
    s.citizen.hang_up(citizen)
    await s.over()


async def agent_hangs_up_first(s: Stage) -> None:
    await s.arrive()
    s.seats[0].hang_up(await s.answer())
    await s.over()


async def abandoned(s: Stage) -> None:
    await s.pause(0, "not-ready")
    await s.pause(1, "not-ready")
    citizen = await s.arrive()
    await s.session.saw("QueueCallerJoin")
    await s.session.snapshot()
    s.citizen.hang_up(citizen)
    await s.over()


async def no_answer_then_next(s: Stage) -> None:
    citizen = await s.arrive()
    await eventually(lambda: any(seat.active for seat in s.seats), within_s=30)
    first = 0 if s.seats[0].active else 1
    await s.session.snapshot()
    await s.answer(1 - first)
    s.citizen.hang_up(citizen)
    await s.over()


async def rejected_then_next(s: Stage) -> None:
    citizen = await s.arrive()
    await eventually(lambda: any(seat.active for seat in s.seats), within_s=30)
    first = 0 if s.seats[0].active else 1
    s.seats[first].reject(s.seats[first].active[0])
    await s.answer(1 - first)
    s.citizen.hang_up(citizen)
    await s.over()


async def hold(s: Stage) -> None:
    citizen = await s.arrive()
    seat = await s.answer()
    s.seats[0].hold(seat)
    await s.session.saw("Hold")
    await s.session.snapshot()
    s.seats[0].hold(seat, on=False)
    await s.session.saw("Unhold")
    await s.session.snapshot()
    s.citizen.hang_up(citizen)
    await s.over()


async def hangs_up_while_ringing(s: Stage) -> None:
    citizen = await s.arrive()
    await s.ringing()
    s.citizen.hang_up(citizen)
    await s.over()


async def hung_up_by_command(s: Stage) -> None:
    await s.arrive()
    await s.answer()
    channel = next(e["DestChannel"] for e in s.session.events if e.get("Event") == "AgentConnect")
    await s.session.tell("Hangup", {"Channel": channel, "Cause": "16"})
    await s.over()


async def agent_comes_and_goes(s: Stage) -> None:
    await s.session.snapshot()
    await s.pause(0, "not-ready+wrap-up")
    await s.session.snapshot()
    await s.pause(0, None)
    s.seats[0].register(0)
    await s.session.saw("QueueMemberStatus")
    await s.session.snapshot()
    s.seats[0].register()
    await s.session.saw("QueueMemberStatus", 2)
    await s.session.tell("QueueRemove", {"Queue": contract.QUEUE_MAIN, "Interface": "PJSIP/8001"})
    await s.session.snapshot()


Scenario = Callable[[Stage], Awaitable[None]]
SCENARIOS: dict[str, tuple[Scenario, int]] = {  # and how many agents are signed in
    "answered": (answered, 1),
    "agent_hangs_up_first": (agent_hangs_up_first, 1),
    "abandoned": (abandoned, 2),
    "no_answer_then_next": (no_answer_then_next, 2),
    "rejected_then_next": (rejected_then_next, 2),
    "hold": (hold, 1),
    "hangs_up_while_ringing": (hangs_up_while_ringing, 1),
    "hung_up_by_command": (hung_up_by_command, 1),
    "agent_comes_and_goes": (agent_comes_and_goes, 1),
}


@asynccontextmanager
async def stage(pbx: Pbx, agents: int) -> AsyncIterator[Stage]:
    server = (pbx.settings.address, pbx.settings.sip_port)
    secrets = [seat.telephone_secret for seat in pbx.settings.seats]
    seats = [await SipPhone.open("127.0.11.10", server, str(8001 + n), secrets[n]) for n in range(agents)]
    for seat in seats:
        seat.register()
    await eventually(lambda: all(seat.registered == 200 for seat in seats))
    citizen = await SipPhone.open(CITIZEN, server, "citizen")
    reader, writer = await asyncio.open_connection(pbx.settings.address, pbx.settings.ami_port)
    session = Session(reader, writer)
    await reader.readuntil(b"\r\n")
    reading = asyncio.create_task(session.read())
    secret = pbx.settings.ami_secrets[contract.AmiUser.CTI]
    await session.tell("Login", {"Username": "cti", "Secret": secret})
    session.recorded.clear()
    for n in range(agents):
        member = {"Interface": f"PJSIP/{8001 + n}", "MemberName": str(1001 + n), "StateInterface": f"PJSIP/{8001 + n}"}
        await session.tell("QueueAdd", {"Queue": contract.QUEUE_MAIN, **member})
    try:
        yield Stage(pbx, session, seats, citizen)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        for phone in [*seats, citizen]:
            phone.close()


async def capture(pbx: Pbx, name: str) -> None:
    scenario, agents = SCENARIOS[name]
    async with stage(pbx, agents) as s:
        await scenario(s)
        FOLDER.mkdir(exist_ok=True)
        text = b"\n\n".join(block.replace(b"\r\n", b"\n") for block in s.session.recorded) + b"\n"
        (FOLDER / f"{name}.ami").write_bytes(text)


def main(names: list[str]) -> None:
    for name in names or SCENARIOS:
        with running_pbx(ADDRESS, queue=QueueTuning(ring_s=4)) as pbx:
            asyncio.run(capture(pbx, name))
        print("captured", name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
