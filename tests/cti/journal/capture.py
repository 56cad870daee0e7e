"""Captures the golden traces: real calls on a real Asterisk, its journal copied as it lies there.

    PYTHONPATH=. python -m tests.cti.journal.capture [NAME…]

Each scenario has a line of its own (127.0.12.x), SIP telephones that play citizen and seats, and writes
``traces/NAME/{cel.csv,queue_log,truth.json}``. truth.json is what the telephones did, told by them, not by the
journal. ``expected.json`` (the rows) is written by ``test_traces.py`` when it is missing, and then read by a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pbx_config.pbx import Pbx
from pbx_config.settings import QueueTuning
from tests.cti.journal.telephone import Telephone
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, running_pbx

TRACES = Path(__file__).parent / "traces"
AGENTS = {"8001": "1001", "8002": "1002"}


@dataclass
class Stage:
    """One line with its telephones; ``truth`` collects what they did, one dict a call."""

    pbx: Pbx
    number: int
    open: list[Telephone] = field(default_factory=list)
    truth: list[dict[str, Any]] = field(default_factory=list)

    async def seat(self, seat: str, *, sign_in: bool = True) -> Telephone:
        secret = next(s.telephone_secret for s in self.pbx.settings.seats if s.seat == seat)
        ip = f"127.0.12.{30 + 4 * self.number + int(seat[-1])}"
        phone = await Telephone(ip, self.pbx.settings.address, seat, secret).start()
        self.open.append(phone)
        await phone.register()
        if sign_in:
            queue_add(self.pbx, seat, AGENTS[seat])
        return phone

    async def citizen(self, number: str = "13912345678") -> Telephone:
        ip = f"127.0.12.{130 + 4 * self.number + len([p for p in self.open if len(p.user) > 4])}"
        phone = await Telephone(ip, self.pbx.settings.address, number).start()
        self.open.append(phone)
        return phone

    async def waiting(self, citizen: Telephone, number: str = "12345") -> None:
        """The citizen hears the notice to its end and stands in the queue."""
        before = self.milestones("LX_QUEUED")
        await citizen.dial(number)
        await citizen.next("answered")
        await eventually(lambda: self.milestones("LX_QUEUED") > before, within_s=30)

    def milestones(self, name: str) -> int:
        file = self.pbx.settings.cel_file
        return file.read_text().count(f'"{name}","1') if file.exists() else 0

    def tell(self, **facts: Any) -> None:
        self.truth.append(facts)


Scenario = Callable[[Stage], Awaitable[None]]
SCENARIOS: dict[str, tuple[Scenario, QueueTuning]] = {}


def scenario(**tuning: Any) -> Callable[[Scenario], Scenario]:
    def add(run: Scenario) -> Scenario:
        SCENARIOS[run.__name__] = (run, QueueTuning(**({"ring_s": 10} | tuning)))
        return run

    return add


@contextlib.asynccontextmanager
async def seconds() -> AsyncIterator[list[float]]:
    """A list whose one number is how long the block took."""
    began, took = time.monotonic(), [0.0]
    yield took
    took[0] = time.monotonic() - began


async def pick_up(seat: Telephone) -> None:
    await seat.next("rung")
    seat.answer()


@scenario()
async def answered(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(2)
        await citizen.hang_up()
    s.tell(outcome="answered", hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=0)
    await seat.next("bye")


@scenario()
async def agent_hangs_up_first(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen("02161234567")
    await s.waiting(citizen)
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(1)
        await seat.hang_up()
    s.tell(outcome="answered", hung_up_by="agent", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=0)
    await citizen.next("bye")


@scenario()
async def hold(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    held = 0.0
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(1)
        for length_s in (1.0, 0.5):
            async with seconds() as once:
                await seat.hold()
                await asyncio.sleep(length_s)
                await seat.unhold()
            held += once[0]
            await asyncio.sleep(0.3)
        await seat.hang_up()
    s.tell(outcome="answered", hung_up_by="agent", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=held)
    await citizen.next("bye")


@scenario()
async def gone_while_held(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(1)
        async with seconds() as held:
            await seat.hold()
            await asyncio.sleep(1)
            await citizen.hang_up()
    s.tell(outcome="answered", hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=held[0])
    await seat.next("bye")


@scenario()
async def held_by_the_citizen(s: Stage) -> None:
    """The citizen's own telephone holds: nobody made a citizen wait."""
    seat, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(1)
        await citizen.hold()
        await asyncio.sleep(1)
        await citizen.unhold()
        await citizen.hang_up()
    s.tell(outcome="answered", hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=0)
    await seat.next("bye")


@scenario()
async def abandoned(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen()
    s.pbx.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    await s.waiting(citizen)
    async with seconds() as waited:
        await asyncio.sleep(2)
        await citizen.hang_up()
    s.tell(outcome="abandoned", hung_up_by="citizen", agent_no=None, wait_s=waited[0])
    s.pbx.cli("queue unpause member PJSIP/8001 queue hotline")
    s.pbx.cli("queue remove member PJSIP/8001 from hotline")
    assert seat.dialog is None


@scenario()
async def left_in_notice(s: Stage) -> None:
    await s.seat("8001")
    citizen = await s.citizen()
    await citizen.dial("12345")
    await citizen.next("answered")
    await asyncio.sleep(1)
    await citizen.hang_up()
    s.tell(outcome="left_early", hung_up_by="citizen", agent_no=None)


@scenario(ring_s=3)
async def no_answer_then_next_seat(s: Stage) -> None:
    first, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    await first.next("rung")
    second = await s.seat("8002")
    await first.next("cancel")
    await pick_up(second)
    async with seconds() as talked:
        await asyncio.sleep(1)
        await citizen.hang_up()
    await second.next("bye")
    s.tell(
        outcome="answered", hung_up_by="citizen", agent_no="1002", seat="8002", talk_s=talked[0], hold_s=0,
        unanswered=["1001"],
    )  # fmt: skip


@scenario()
async def rejected_then_next_seat(s: Stage) -> None:
    first, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    await first.next("rung")
    first.reject()
    second = await s.seat("8002")
    await pick_up(second)
    async with seconds() as talked:
        await asyncio.sleep(1)
        await citizen.hang_up()
    await second.next("bye")
    s.tell(outcome="answered", hung_up_by="citizen", agent_no="1002", seat="8002", talk_s=talked[0], hold_s=0)


@scenario()
async def gone_while_ringing(s: Stage) -> None:
    seat, citizen = await s.seat("8001"), await s.citizen()
    await s.waiting(citizen)
    async with seconds() as waited:
        await seat.next("rung")
        await asyncio.sleep(1)
        await citizen.hang_up()
    s.tell(outcome="abandoned", hung_up_by="citizen", agent_no=None, wait_s=waited[0])
    await seat.next("cancel")


@scenario(max_waiting=1)
async def queue_full(s: Stage) -> None:
    await s.seat("8001")
    s.pbx.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    first, second = await s.citizen(), await s.citizen("13800000000")
    await s.waiting(first)
    await second.dial("12345")
    await second.next("bye", 30)
    await first.hang_up()
    s.tell(outcome="abandoned", hung_up_by="citizen", agent_no=None)
    s.tell(outcome="refused_full", hung_up_by="switch", agent_no=None)


@scenario()
async def no_agent(s: Stage) -> None:
    citizen = await s.citizen("anonymous")
    await citizen.dial("12345")
    await citizen.next("bye", 30)
    s.tell(outcome="refused_no_agent", hung_up_by="switch", agent_no=None)


@scenario(max_wait_s=3)
async def waited_too_long(s: Stage) -> None:
    await s.seat("8001")
    s.pbx.cli("queue pause member PJSIP/8001 queue hotline reason not-ready")
    citizen = await s.citizen()
    await s.waiting(citizen)
    await citizen.next("bye", 30)
    s.tell(outcome="timed_out", hung_up_by="switch", agent_no=None, wait_s=3)


@scenario()
async def killed_in_talk(s: Stage) -> None:
    """One talks, one waits; the switch is killed, started again, and takes the next call."""
    seat, talking, waits = await s.seat("8001"), await s.citizen(), await s.citizen("13800000000")
    await s.waiting(talking)
    await pick_up(seat)
    await s.waiting(waits)
    await asyncio.to_thread(s.pbx.process.kill)
    s.tell(outcome="lost", hung_up_by="switch", agent_no="1001", seat="8001", hold_s=0)
    s.tell(outcome="lost", hung_up_by="switch", agent_no=None)
    await asyncio.sleep(1)
    await asyncio.to_thread(s.pbx.start)
    seat.dialog = talking.dialog = None
    await seat.register()
    await s.waiting(talking)
    await pick_up(seat)
    async with seconds() as talked:
        await asyncio.sleep(1)
        await talking.hang_up()
    await seat.next("bye")
    s.tell(outcome="answered", hung_up_by="citizen", agent_no="1001", seat="8001", talk_s=talked[0], hold_s=0)


@scenario()
async def echo_test(s: Stage) -> None:
    seat = await s.seat("8001", sign_in=False)
    await seat.dial("9196")
    await seat.next("answered")
    await asyncio.sleep(1)
    await seat.hang_up()
    s.tell(outcome="internal", hung_up_by="agent", agent_no=None, seat="8001")


@scenario()
async def denied(s: Stage) -> None:
    """A seat dials abroad; the trunk dials a number that is not ours."""
    seat, citizen = await s.seat("8001", sign_in=False), await s.citizen()
    await seat.dial("0014155550100")
    await seat.next("rejected 403", 30)
    await citizen.dial("110")
    await citizen.next("rejected 404")
    s.tell(outcome="denied", hung_up_by="switch", agent_no=None, seat="8001")
    s.tell(outcome="denied", hung_up_by="switch", agent_no=None)


async def _play(name: str, number: int) -> None:
    run, tuning = SCENARIOS[name]
    with running_pbx(f"127.0.12.{1 + number}", queue=tuning) as pbx:
        stage = Stage(pbx, number)
        try:
            async with asyncio.timeout(90):
                await run(stage)
                await quiet(pbx)
        finally:
            for phone in stage.open:
                phone.close()
            if stage.truth == [] or sys.exc_info()[0]:
                print((pbx.settings.log / "messages.log").read_text()[-1500:])
                print(pbx.settings.cel_file.read_text() if pbx.settings.cel_file.exists() else "no cel")
        keep(name, stage)


def keep(name: str, stage: Stage) -> None:
    """Copy the journal as it lies there, and write down what was told."""
    folder = TRACES / name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(stage.pbx.settings.cel_file, folder / "cel.csv")
    shutil.copy(stage.pbx.settings.queue_log_file, folder / "queue_log")
    (folder / "truth.json").write_text(json.dumps(stage.truth, ensure_ascii=False, indent=1) + "\n")


async def quiet(pbx: Pbx) -> None:
    """Until the last channel is gone and its lines are written."""
    await eventually(lambda: "0 active channels" in pbx.cli("core show channels count"), within_s=30)
    cel = pbx.settings.cel_file
    await eventually(lambda: cel.read_text().count("CHAN_START") == cel.read_text().count("CHAN_END") + _killed(pbx))


def _killed(pbx: Pbx) -> int:
    """Channels that never ended because their switch was killed: three in ``killed_in_talk``, none else."""
    return 3 if pbx.settings.queue_log_file.read_text().count("QUEUESTART") > 1 else 0


def main(names: list[str]) -> None:
    for number, name in enumerate(SCENARIOS):
        if not names or name in names:
            print("──", name)
            asyncio.run(_play(name, number))


if __name__ == "__main__":
    main(sys.argv[1:])
