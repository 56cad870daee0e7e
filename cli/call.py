"""`lianxin call`: a citizen of ours dials in through the trunk; what happens is printed as it happens."""

from __future__ import annotations

import asyncio
import fcntl
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from cli import database, health
from cli.call_watch import CallWatch
from cli.language import complain, say, tell
from cli.settings import Settings
from cti.facts import CallState
from models.db import AWAY
from models.errors import Refused, Unavailable
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CallKind, CarrierCall
from pbx_config.install import find_asterisk

ANSWERED, FAILED, USAGE, NOT_ANSWERED = 0, 1, 2, 3
_NUMBER = re.compile(r"\+?[0-9]{3,24}|anonymous")
_RECORD_S, _RECORDING_S, _CASE_S = 15.0, 20.0, 10.0
_LIVE_LAG_S = 10.0  # the carrier knows that it is over; so long we wait for the live path to say so too


class BadCall(Refused):
    code = "call.bad_argument"


class NotRunning(Unavailable):
    code = "call.not_running"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    caller: str
    called: str
    text: str | None
    wav: Path | None
    seconds: float
    keys: str
    case_s: float = _CASE_S

    def check(self) -> None:
        """Raises: BadCall."""
        for what, value in (("--from", self.caller), ("--to", self.called)):
            if not _NUMBER.fullmatch(value):
                raise BadCall(say("call_bad_number", what=what, value=value))
        if self.text and self.wav:
            raise BadCall(say("call_both"))
        if self.wav and not self.wav.is_file():
            raise BadCall(say("call_no_wav", path=self.wav))


async def call(settings: Settings, wish: Wish) -> int:
    """Exit code: 0 answered by a person, 3 not answered, 1 the hotline does not run, 2 a bad argument."""
    try:
        wish.check()
        async with AsyncExitStack() as stack:
            conn = await stack.enter_async_context(_connection(settings))
            carrier = await stack.enter_async_context(_carrier(settings))
            watch = CallWatch(conn, wish.caller)
            await watch.begin()
            placed = await carrier.place(
                wish.caller, say=wish.text, wav=wish.wav, seconds=wish.seconds, keys=wish.keys, to=wish.called
            )
            tell(say("call_dialling", at=_now(), caller=wish.caller, called=wish.called))
            try:
                return await Teller(watch, placed, wish).follow()
            finally:
                await placed.hang_up()
    except BadCall as exc:
        complain(str(exc))
        return USAGE


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Raises: NotRunning, when the database or cti is away."""
    try:
        dsn = database.dsn(settings)
        connected, why = await health.node_connected(dsn, settings.node)
        if not connected:
            raise NotRunning(say("call_not_running", why=why))
        conn = await asyncpg.connect(dsn, timeout=5)
    except AWAY as exc:
        raise NotRunning(say("call_not_running", why=str(exc) or type(exc).__name__)) from exc
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def _carrier(settings: Settings) -> AsyncIterator[Carrier]:
    """A carrier that runs. One starts at a time: it must have its address before the next looks for one."""
    carrier = Carrier(
        find_asterisk(settings.asterisk_root),
        target_address=settings.pbx_address,
        target_port=settings.pbx_sip_port,
        number=settings.number,
        addresses=_addresses(settings),
    )
    async with AsyncExitStack() as stack:
        with (settings.run_dir / "carrier.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            await stack.enter_async_context(carrier)
        yield carrier


def _addresses(settings: Settings) -> list[str]:
    """Where a citizen may call from. Not where the PBX calls to: the town answers there, or nobody."""
    taken = settings.trunk_contact.partition(":")[0]
    every = settings.carrier_list()
    return [address for address in every if address != taken] or every


class Teller:
    """Turns states and rows into printed lines."""

    def __init__(self, watch: CallWatch, placed: CarrierCall, wish: Wish) -> None:
        self._watch = watch
        self._placed = placed
        self._wish = wish
        self._before: dict[str, Any] = {}

    async def follow(self) -> int:
        """Until the call has ended and its rows are there, or time is up."""
        live = asyncio.create_task(self._live(), name="call-live")
        try:
            over = await self._until_over()
            if self._watch.call_id is None and not over.answered:
                tell(say("call_rejected", at=_now(), why=over.cause))
                return NOT_ANSWERED
            await asyncio.wait([live], timeout=_LIVE_LAG_S)
        finally:
            live.cancel()
            await asyncio.gather(live, return_exceptions=True)
        if live.done() and not live.cancelled() and (broken := live.exception()):
            raise broken
        return await self._rows()

    async def _until_over(self) -> Over:
        answered, cause = False, ""
        async for progress in self._placed.progress():
            if progress.kind is CallKind.ANSWERED:
                answered = True
                tell(say("call_connected", at=_time(progress.at)))
            elif progress.kind is CallKind.HUNG_UP:
                cause = progress.cause_text or str(progress.cause)
        return Over(answered, cause)

    async def _live(self) -> None:
        async for body in self._watch.states():
            await self._tell_change(body)
            self._before = body

    async def _tell_change(self, body: dict[str, Any]) -> None:
        before, state = self._before.get("state"), body["state"]
        at = _time(datetime.fromisoformat(body["since"]))
        place = body.get("position")
        if state == CallState.QUEUED and place and place != self._before.get("position"):
            tell(say("call_queued", at=at, position=place))
        elif body["queued_at"] and not self._before.get("queued_at"):
            tell(say("call_queued_first", at=_time(datetime.fromisoformat(body["queued_at"]))))
        if state == CallState.RINGING and body["ringing"] != self._before.get("ringing"):
            agents = ", ".join([await self._watch.agent(no) for no in body["ringing"]])
            tell(say("call_ringing", at=at, agents=agents))
        elif state == CallState.TALKING and before == CallState.HELD:
            tell(say("call_unheld", at=at))
        elif state == CallState.TALKING and before != state:
            tell(say("call_answered", at=at, agent=await self._watch.agent(body["agent_no"])))
        elif state == CallState.HELD and before != state:
            tell(say("call_held", at=at))

    async def _rows(self) -> int:
        row = await self._watch.record(_RECORD_S)
        if row is None or row["answered_at"] is None:
            outcome = row["outcome"] if row else "open"
            tell(say("call_gone", at=_now(), why=say(f"outcome_{outcome}")))
            return NOT_ANSWERED
        side = row["hung_up_by"] if row["hung_up_by"] in ("citizen", "agent", "outside", "switch") else "unknown_side"
        tell(say("call_ended", at=_time(row["ended_at"]), who=say(f"who_{side}"), talk_s=row["talk_s"] or 0))
        recording = await self._watch.recording(_RECORDING_S)
        if recording is None:
            tell(say("call_no_recording", at=_now()))
        else:
            state, length = recording["state"], recording["duration_s"] or 0
            tell(say("call_recording", at=_now(), state=say(f"recording_{state}"), duration_s=length))
        number = await self._watch.case_number(self._wish.case_s)
        tell(say("call_case", at=_now(), number=number) if number else say("call_no_case", at=_now()))
        return ANSWERED


@dataclass(frozen=True, slots=True)
class Over:
    """How the call ended, as the carrier saw it."""

    answered: bool
    cause: str


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")


def _now() -> str:
    return _time(datetime.now().astimezone())
