"""What a test or a command holds of the carrier: a citizen's call, and a SIP telephone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from pbx_config.carrier_link import CarrierLink, Event
from pbx_config.errors import BadSettings, CommandFailed, PbxError

_KEYS: Final = re.compile(r"[0-9*#A-D]{0,64}")
_KEY_MS: Final = 160
_GAP_S: Final = 0.3
_REJECTED: Final = frozenset({"Rejected", "Stopped"})
Sound = Callable[..., Awaitable[str]]
Originate = Callable[..., Awaitable["CarrierCall"]]


class TelephoneRefused(PbxError):
    code = "pbx.telephone_refused"


class CallKind(StrEnum):
    """What can happen to a call, in this order; RINGING may be left out."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HUNG_UP = "hung_up"


@dataclass(frozen=True, slots=True)
class CallProgress:
    """One thing that happened.

    ``cause`` is Asterisk's hang-up cause (ISDN's), 0 before the end; ``by_line`` says that the line hung up or
    refused, not the caller.
    """

    kind: CallKind
    at: datetime
    cause: int = 0
    cause_text: str = ""
    by_line: bool = False


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What the caller will do once the line has answered."""

    seconds: float = 0
    keys: str = ""
    say: str | None = None
    wav: Path | None = None
    loop: bool = False


class CarrierCall:
    """One call placed by the carrier. ``heard`` is the WAV of what the caller heard, complete after the end."""

    def __init__(self, link: CarrierLink, ident: str, from_number: str, heard: Path, sound: Sound) -> None:
        self._link = link
        self._ident = ident
        self._sound = sound
        self._log: list[CallProgress] = []
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_line = False
        self.from_number = from_number
        self.heard = heard
        self.channel = ""
        self.keys_after_answer = ""

    @staticmethod
    def check_keys(keys: str) -> None:
        if not _KEYS.fullmatch(keys):
            raise BadSettings(f"not keys of a telephone: {keys!r}", field="keys")

    def on_event(self, event: Event) -> None:
        """Called by the carrier with every event of this channel."""
        name = event["Event"]
        if name == "Newchannel":
            self.channel = event["Channel"]
        elif name == "HangupRequest":
            self._by_line = True
        elif name == "Newstate" and event.get("ChannelStateDesc") == "Ringing":
            self._add(CallKind.RINGING)
        elif name == "Newstate" and event.get("ChannelStateDesc") == "Up":
            self._add(CallKind.ANSWERED)
            if self.keys_after_answer:
                self._start(self.press(self.keys_after_answer))
        elif name == "Hangup":
            self._add(CallKind.HUNG_UP, int(event.get("Cause", "0")), event.get("Cause-txt", ""))
        elif name == "OriginateResponse" and event.get("Response") == "Failure" and not self.channel:
            self._add(CallKind.HUNG_UP, 0, "could not be placed")  # with a channel its Hangup tells more

    def _add(self, kind: CallKind, cause: int = 0, text: str = "") -> None:
        if any(p.kind is kind for p in self._log):
            return
        by_line = kind is CallKind.HUNG_UP and (self._by_line or not self._was_answered())
        self._log.append(CallProgress(kind, datetime.now(UTC), cause, text, by_line))
        self._start(self._tell())

    def _start(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        task = asyncio.create_task(run(), name=f"carrier-call-{self._ident}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def progress(self) -> AsyncIterator[CallProgress]:
        """Everything that happened and happens, until the call has ended."""
        seen = 0
        while True:
            async with self._news:
                while len(self._log) == seen:
                    await self._news.wait()
            for item in self._log[seen:]:
                yield item
                seen += 1
                if item.kind is CallKind.HUNG_UP:
                    return

    async def until(self, kind: CallKind, timeout_s: float = 30) -> CallProgress:
        """Wait for one kind.

        Raises:
            TimeoutError: it did not come; also when the call ended without it.
        """
        async with asyncio.timeout(timeout_s):
            async for progress in self.progress():
                if progress.kind is kind:
                    return progress
        raise TimeoutError(f"the call ended without being {kind}")

    async def answered(self, timeout_s: float = 30) -> CallProgress:
        return await self.until(CallKind.ANSWERED, timeout_s)

    async def ended(self, timeout_s: float = 60) -> CallProgress:
        return await self.until(CallKind.HUNG_UP, timeout_s)

    def _was_answered(self) -> bool:
        return any(p.kind is CallKind.ANSWERED for p in self._log)

    @property
    def is_over(self) -> bool:
        return any(p.kind is CallKind.HUNG_UP for p in self._log)

    async def speak(self, *, say: str | None = None, wav: Path | None = None, loop: bool = False) -> None:
        """Say something else from now on."""
        played = await self._sound(say=say, wav=wav)
        for name, value in (("LX_PLAY", played), ("LX_LOOP", "1" if loop else "0")):
            await self._link.ask("Setvar", {"Channel": self.channel, "Variable": name, "Value": value})
        where = {"Channel": self.channel, "Context": "citizen", "Exten": "speak", "Priority": "1"}
        await self._link.ask("Redirect", where)

    async def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        self.check_keys(keys)
        for key in keys:
            await self._link.ask("PlayDTMF", {"Channel": self.channel, "Digit": key, "Duration": str(_KEY_MS)})
            await asyncio.sleep(_GAP_S)

    async def hang_up(self) -> None:
        if not self.is_over:
            await self._link.ask("Hangup", {"Channel": self.channel, "Cause": "16"})


class Subscriber:
    """Somebody in the town whom the PBX can call: an agency, 110, a citizen. Its manners are :meth:`behave`."""

    def __init__(self, link: CarrierLink, number: str, heard_dir: Path, sound: Sound) -> None:
        self._link = link
        self._sound = sound
        self._heard_dir = heard_dir
        self.number = number
        self.rings = 0
        self.answers = 0
        self.callers: list[str] = []  # the numbers it was shown, ring by ring

    def on_event(self, event: Event) -> None:
        """Called by the carrier with every event."""
        if event.get("UserEvent") != "LianxinTelephone" or event.get("Seat") != self.number:
            return
        self.answers += event.get("State") == "answered"
        if event.get("State") == "ringing":
            self.rings += 1
            self.callers.append(event.get("Caller", ""))

    async def behave(
        self,
        *,
        answer_after_s: float | None = 0.5,
        wav: Path | None = None,
        say: str | None = None,
        seconds: float = 0,
        reject: bool = False,
        refuse: bool = False,
    ) -> None:
        """What it does from the next ring on.

        It answers after ``answer_after_s`` (None: rings and never answers; ``reject``: busy, ``refuse``: declines) and
        plays ``wav``/``say`` over and over; ``seconds`` after its answer it hangs up (0: never).
        """
        do = "reject" if reject else "refuse" if refuse else "never" if answer_after_s is None else "answer"
        values = {
            "DO": do,
            "AFTER": f"{answer_after_s or 0:g}",
            "PLAY": await self._sound(say=say, wav=wav),
            "SECONDS": f"{seconds:g}",
        }
        for name, value in values.items():
            await self._link.ask("Setvar", {"Variable": f"GLOBAL(LX_{self.number}_{name})", "Value": value})

    def heard(self) -> list[Path]:
        """A WAV of what it heard for every call it answered, oldest first."""
        return sorted(self._heard_dir.glob(f"{self.number}-*.wav"), key=lambda p: p.stat().st_mtime_ns)


class Telephone(Subscriber):
    """A SIP telephone registered at the PBX."""

    def __init__(self, link: CarrierLink, seat: str, heard_dir: Path, sound: Sound, originate: Originate) -> None:
        super().__init__(link, seat, heard_dir, sound)
        self._originate = originate
        self._registration = asyncio.Event()
        self.seat = seat
        self.status = ""

    def on_event(self, event: Event) -> None:
        if event["Event"] == "Registry" and f":{self.seat}@" in event.get("Username", ""):
            self.status = event.get("Status", "")
            self._registration.set()
        else:
            super().on_event(event)

    async def registered(self, timeout_s: float = 10) -> None:
        """Wait until the PBX has accepted the registration.

        Raises:
            TelephoneRefused: it refused, or did not answer in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.status != "Registered":
                    await self._registration.wait()
                    self._registration.clear()
                    if self.status in _REJECTED:
                        raise TelephoneRefused(f"the PBX refused telephone {self.seat}", seat=self.seat)
        except TimeoutError as exc:
            raise TelephoneRefused(f"telephone {self.seat} could not register", seat=self.seat) from exc

    async def unregistered(self, timeout_s: float = 3) -> None:
        """Wait until the PBX has confirmed that this telephone is gone.

        Raises:
            CommandFailed: it did not.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.status == "Registered":
                    await self._registration.wait()
                    self._registration.clear()
        except TimeoutError as exc:
            raise CommandFailed("the PBX did not confirm that the telephone is gone", seat=self.seat) from exc

    async def dial(self, number: str, *, seconds: float = 0) -> CarrierCall:
        """The agent lifts the receiver and dials."""
        return await self._originate(f"tel-{self.seat}", self.seat, number, CallPlan(seconds))
