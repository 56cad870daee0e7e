"""The cti process: one PBX, one process, named tasks. A task that ends by itself stops the process.

Owns the order of starting and stopping. It decides nothing about calls.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import structlog
import uvloop

from cti import preflight
from cti.ami import AmiClient
from cti.commands.desk import Desk
from cti.commands.flags import Flags
from cti.commands.recording import Pauses
from cti.commands.runner import CommandRunner
from cti.commands.silence import SilentSeats
from cti.exclusive import NodeLock
from cti.hours.keeper import HoursKeeper
from cti.journal import reader as journal
from cti.live.floor import Floor
from cti.live.memory import remember
from cti.live.publisher import Publisher
from cti.live.translate import WANTED
from cti.live.watch import Live
from cti.policies import PolicyKeeper
from cti.prompts import PromptKeeper
from cti.rooms.keeper import RoomKeeper
from cti.seats.keeper import SeatKeeper
from cti.seats.skills import SkillKeeper
from cti.telephony.keeper import TelephonyKeeper
from cti.telling import TellingKeeper
from cti.tuning.keeper import TuningKeeper
from models.db import TROUBLE, make_pool
from models.errors import Refused
from models.feed import REPEATABLE_WRITES, PostgresFeed
from pbx_config import contract
from pbx_config.prompt_files import PromptFiles

log = structlog.get_logger(__name__)

REPORT_EVERY_S = 60.0
CANCEL_AGAIN_S = 1.0
TOLD_S = 3.0  # for screens to be told why a start is refused
Part = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class CtiSettings:
    """``log_dir`` is Asterisk's log directory (the journal's files); None runs without the journal."""

    node: str
    dsn: str = field(repr=False)
    ami_secret: str = field(repr=False)
    log_dir: Path | None
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = contract.AmiUser.CTI
    queue: str = contract.QUEUE_MAIN
    wrap_up_s: float = 120.0
    number: str = "12345"  # whom we call sees this one
    own_numbers: tuple[str, ...] = ("12345",)  # the hotline's numbers: never called from here
    record_pause_most_s: float = 120.0
    seat_sound_s: float = 0.0  # a seat that sent no sound so long after its answer loses the call; 0: nobody looks
    line_dir: Path | None = None  # the PBX's folder of hours and incidents; None leaves it alone
    run_dir: Path | None = None  # where Asterisk's control socket is; None leaves telephones and trunks alone
    data_dir: Path | None = None  # the PBX's folder of sounds; None leaves the prompts alone
    timezone: str = "Asia/Shanghai"  # of the calendar and the hours
    flags_every_s: float = 60.0  # how often the PBX is compared with the table of flagged numbers


class TaskEnded(RuntimeError):
    """A task that must run as long as the process came to an end by itself."""


class Cti:
    """The parts of one running cti, put together."""

    def __init__(self, settings: CtiSettings, pool: asyncpg.Pool) -> None:
        self.settings = settings
        s = settings
        self.client = AmiClient(s.ami_host, s.ami_port, s.ami_user, s.ami_secret, WANTED)
        self.floor = Floor(s.node, s.wrap_up_s)
        self.live = Live(self.client, self.floor, lambda live: Publisher(s.dsn, self.floor, live.extra_bodies))
        self.seats = SeatKeeper(self.client, self.floor, self.live)
        self.rooms = RoomKeeper(self.client, self.floor, self.live, s.number)
        self.skills = SkillKeeper(self.live, self.seats)
        self.flags = Flags(pool, self.client, s.flags_every_s)
        desk = Desk(
            self.client, self.floor, self.live, self.seats, self.flags, self.skills, s.queue, s.number,
            frozenset(s.own_numbers),
        )  # fmt: skip
        self.commands = CommandRunner(s.dsn, pool, desk)
        self.desk = desk
        self.pauses = Pauses(desk, s.record_pause_most_s)
        self.silence = SilentSeats(desk, s.seat_sound_s)
        self.pool = pool
        self.telephony: TelephonyKeeper | None = None
        if s.line_dir is not None and s.run_dir is not None:
            self.telephony = TelephonyKeeper(pool, self.floor, s.line_dir, s.run_dir, s.number)
        self.client.snapshot = self.snapshot
        self._checked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def remember(self) -> None:
        """Take over what an earlier cti had published, if the database can be read now."""
        try:
            snapshot = await PostgresFeed(self.pool, self.settings.dsn).snapshot()
            conn = await asyncpg.connect(
                self.settings.dsn, timeout=5, command_timeout=10, server_settings=REPEATABLE_WRITES
            )
        except TROUBLE as exc:
            log.warning("nothing_remembered", error=type(exc).__name__)
            return
        remember(self.floor, snapshot.rows)
        self.live.publisher.resume(conn)

    async def snapshot(self) -> None:
        """At every login, before the link is live: what our manager user may do, then what there is.

        Raises:
            AmiTooMighty, AmiTooWeak: the link does not become live, screens are told why, and it is tried again.
            LianxinError: as :meth:`Live.snapshot`.
        """
        try:
            preflight.check_commands(await preflight.commands_of(self.client))
        except Refused as exc:
            self.client.not_live_because(exc.code)  # before the process ends of it: screens are to hear why
            if not self._checked.done():
                self._checked.set_exception(exc)
            raise
        await self.live.snapshot()
        if not self._checked.done():
            self._checked.set_result(None)

    async def check_rights(self) -> None:
        """Refuse to start with a manager user that may too much or too little, once screens have been told.

        Raises:
            AmiTooMighty, AmiTooWeak
        """
        try:
            await asyncio.shield(self._checked)
        except Refused:
            await self.live.publisher.written(TOLD_S)
            raise
        log.info("cti_working", node=self.settings.node)
        await asyncio.Event().wait()

    async def report(self) -> None:
        """A line of numbers now and then."""
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            d, floor = self.client.delivery, self.floor
            log.info(
                "cti_numbers", node=floor.node, epoch=self.client.link.epoch, calls=len(floor.calls),
                agents=len(floor.agents), received=d.received, delivered=d.delivered, raised=d.raised,
                dropped=d.dropped, anomalies=floor.anomalies, resyncs=self.live.resyncs,
                published=self.live.publisher.published,
            )  # fmt: skip


async def run(settings: CtiSettings, stop: asyncio.Event) -> None:
    """Work until ``stop``.

    Raises:
        AmiNotLoopback, AmiTooMighty, AmiTooWeak: start refused, with the reason.
        ExceptionGroup: a task died; the process must end and be started again.
    """
    preflight.check_address(settings.ami_host)
    lock = NodeLock(settings.dsn, settings.node)
    pool = await make_pool(settings.dsn, 8)  # a click does not wait for the keepers
    try:
        if not await _unless_stopped(lock.wait(), stop):
            return
        cti = Cti(settings, pool)
        await cti.remember()
        await _work(cti, lock, stop)
    finally:
        lock.release()
        pool.terminate()


async def _work(cti: Cti, lock: NodeLock, stop: asyncio.Event) -> None:
    settings = cti.settings
    parts: dict[str, Part] = {
        "ami": cti.client.run,
        "live": cti.live.run,
        "alive": cti.live.tell_alive,
        "publisher": cti.live.publisher.run,
        "seats": cti.seats.run,
        "rooms": cti.rooms.run,
        "commands": cti.commands.run,
        "flags": cti.flags.run,
        "recording-pauses": cti.pauses.run,
        "silent-seats": cti.silence.run,
        "node-lock": lock.keep,
        "rights": cti.check_rights,
        "report": cti.report,
    }
    if settings.log_dir is not None:
        told = journal.JournalSettings(settings.node, settings.log_dir, settings.dsn)
        parts["journal"] = partial(journal.run, told, stop)
    if settings.line_dir is not None:
        zone = ZoneInfo(settings.timezone)
        parts["hours"] = HoursKeeper(cti.pool, settings.line_dir, zone, lambda: cti.desk.own_numbers).run
        parts["policies"] = PolicyKeeper(cti.pool, settings.line_dir).run
        parts["telling"] = TellingKeeper(cti.pool, cti.desk, settings.line_dir, zone).run
        folder = settings.line_dir / contract.LINE_QUEUES
        parts["tuning"] = TuningKeeper(cti.pool, cti.live, cti.skills, folder).run
        if settings.data_dir is not None:
            chosen = settings.line_dir / contract.LINE_PROMPTS
            parts["prompts"] = PromptKeeper(cti.pool, settings.node, PromptFiles(settings.data_dir, chosen)).run
    if cti.telephony is not None:
        parts["telephony"] = cti.telephony.run
    started_at = datetime.now(UTC)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_must_run(name, part, stop), name=name) for name, part in parts.items()]
        await stop.wait()
        await end(tasks)
    log.info("cti_stopped", node=settings.node, ran_s=round((datetime.now(UTC) - started_at).total_seconds()))


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until all are gone: ``asyncio.wait_for`` of Python 3.11 loses a cancellation that comes together with
    what it waits for (gh-86296), and the process would stay for ever."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=CANCEL_AGAIN_S)


async def _must_run(name: str, part: Part, stop: asyncio.Event) -> None:
    await part()
    if not stop.is_set():
        raise TaskEnded(name)


async def _unless_stopped(part: Coroutine[Any, Any, Any], stop: asyncio.Event) -> bool:
    """Await ``part``; False when ``stop`` came first."""
    tasks = {asyncio.ensure_future(part), asyncio.ensure_future(stop.wait())}
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()
    return not stop.is_set()


def run_process(settings: CtiSettings) -> None:
    """The process as ``lianxin cti`` starts it: uvloop, stopped by SIGTERM or SIGINT."""

    async def until_signalled() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await run(settings, stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_signalled())
