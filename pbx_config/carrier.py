"""The other side of the trunk: an ephemeral second Asterisk that plays citizens, and SIP telephones for tests.

    async with Carrier(asterisk, target_address="127.0.0.1") as carrier:
        call = await carrier.place("13912345678", say="路灯不亮了", seconds=20)
        async for progress in call.progress():
            ...

It lives on a loopback address of its own and leaves nothing behind. It knows the PBX only by its SIP address.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import structlog

from pbx_config import prompts, render
from pbx_config.carrier_call import CallPlan, CarrierCall, Subscriber, Telephone
from pbx_config.carrier_link import CarrierLink, Event
from pbx_config.errors import BadSettings, CommandFailed, PortTaken
from pbx_config.process import Asterisk, AsteriskProcess, Listen, check_ports

log: Final = structlog.get_logger(__name__)

ADDRESSES: Final = tuple(f"127.0.0.{n}" for n in range(20, 32))  # PbxSettings' default trunk lets these in
_NUMBER: Final = re.compile(r"\+?[0-9*#]{1,24}|anonymous")
_SEAT: Final = re.compile(r"8\d{3}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CJK: Final = re.compile(r"[\u4e00-\u9fff]")
_ORIGINATE_TIMEOUT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class _Side:
    """What the carrier's templates are told."""

    home: Path
    module_dir: Path
    address: str
    target_address: str
    target_port: int
    sip_port: int
    ami_port: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Line:
    seat: str
    secret: str = field(repr=False)


class Carrier:
    """Use as ``async with``. Starting takes about a second."""

    def __init__(
        self,
        asterisk: Asterisk,
        *,
        target_address: str = "127.0.0.1",
        target_port: int = 5060,
        number: str = "12345",
        addresses: Sequence[str] = ADDRESSES,
        sip_port: int = 5060,
        ami_port: int = 5038,
    ) -> None:
        """The first free one of ``addresses`` is taken; ``number`` is dialled when a call names no other.

        ``on_telephone(number, state, caller)`` may be replaced: told of every "ringing", "answered" and "ended" here.
        """
        self._asterisk = asterisk
        self._target = (target_address, target_port)
        self._number = number
        self._addresses = addresses
        self._ports = (sip_port, ami_port)
        self._ids = itertools.count(1)
        self._calls: dict[str, CarrierCall] = {}
        self._telephones: dict[str, Telephone] = {}
        self._subscribers: dict[str, Subscriber] = {}
        self._lines: dict[str, _Line] = {}
        self._link = CarrierLink(self._on_event)
        self.on_telephone: Callable[[str, str, str], None] = lambda _number, _state, _caller: None
        self.address = ""
        self.home = Path()

    async def __aenter__(self) -> Self:
        self.address = free_address(self._addresses, *self._ports)
        self.home = Path(tempfile.mkdtemp(prefix="lxc", dir="/tmp"))
        self._side = _Side(
            self.home,
            self._asterisk.module_dir,
            self.address,
            *self._target,
            *self._ports,
            secret=secrets.token_hex(16),
        )
        for name in ("etc", "log", "db", "run", "data", "work", "play", "heard"):
            (self.home / name).mkdir()
        if self._asterisk.documentation_dir is not None:
            render.link(self.home / "data" / "documentation", self._asterisk.documentation_dir)
        self._render()
        sip_port, ami_port = self._ports
        listen = Listen(self.address, udp=(sip_port,), tcp=(ami_port,))
        self.process = AsteriskProcess(self._asterisk, self.home / "etc", self.home / "log", self.home / "run", listen)
        try:
            await asyncio.to_thread(self.process.start)
            await self._link.open(self.address, ami_port, "carrier", self._side.secret)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up everything, unregister the telephones, stop Asterisk, remove its folder."""
        for seat in list(self._telephones):
            await self.remove_telephone(seat)
        await self._link.close()
        await asyncio.to_thread(self.process.stop)
        await asyncio.to_thread(shutil.rmtree, self.home, ignore_errors=True)

    def _render(self) -> None:
        texts = render.render_text("carrier", {"c": self._side, "telephones": list(self._lines.values())})
        render.write(self.home / "etc", texts)

    # ── citizens ─────────────────────────────────────────────────────────────────────────────────────

    async def place(
        self,
        from_number: str,
        *,
        say: str | None = None,
        wav: Path | None = None,
        seconds: float = 0,
        keys: str = "",
        loop: bool = True,
        to: str | None = None,
    ) -> CarrierCall:
        """A citizen dials. Returns at once; follow ``call.progress()``.

        The speech (``say`` is spoken by espeak-ng, ``wav`` is any sound file) begins when the line answers and, with
        ``loop``, repeats until the end, so that whoever answers later hears it from some point on. ``seconds`` after
        the line's answer the citizen hangs up; 0 waits for the other side. ``keys`` are pressed after the answer.

        Raises:
            BadSettings: a number or key that no telephone can send.
        """
        if not _NUMBER.fullmatch(from_number):
            raise BadSettings(f"not a caller's number: {from_number!r}", field="from_number")
        plan = CallPlan(seconds, keys, say, wav, loop)
        return await self._originate("line", from_number, to or self._number, plan)

    async def _originate(self, endpoint: str, from_number: str, to: str, plan: CallPlan) -> CarrierCall:
        if not _NUMBER.fullmatch(to):
            raise BadSettings(f"not a number to dial: {to!r}", field="to")
        ident = f"lx-{next(self._ids)}"
        heard = self.home / "heard" / f"{ident}.wav"
        call = CarrierCall(self._link, ident, from_number, heard, self.sound)
        call.check_keys(plan.keys)
        played = await self.sound(say=plan.say, wav=plan.wav)
        self._calls[ident] = call
        call.keys_after_answer = plan.keys
        await self._link.ask(
            "Originate",
            {
                "Channel": f"PJSIP/{to}@{endpoint}",
                "ChannelId": ident,
                "CallerID": from_number,
                "Context": "citizen",
                "Exten": "s",
                "Priority": "1",
                "Timeout": str(_ORIGINATE_TIMEOUT_MS),
                "Async": "true",
            },
            variables={
                "LX_HEARD": str(heard),
                "LX_PLAY": played,
                "LX_SECONDS": f"{plan.seconds:g}",
                "LX_LOOP": "1" if plan.loop else "0",
            },
        )
        return call

    async def sound(self, *, say: str | None = None, wav: Path | None = None) -> str:
        """What Playback is told to play it: a path without suffix; empty for silence."""
        if say is None and wav is None:
            return ""
        path = self.home / "play" / f"{next(self._ids)}.wav"
        await asyncio.to_thread(self._make_sound, path, say, wav)
        return str(path.with_suffix(""))

    def _make_sound(self, path: Path, say: str | None, wav: Path | None) -> None:
        if wav is not None:
            prompts.write_wav(path, prompts.read_replacement(wav))
        else:
            text = say or ""
            language = "zh" if _CJK.search(text) else "en"
            prompts.write_wav(path, prompts.speak(text, language, prompts.find_speaker(self._asterisk)))

    async def subscriber(
        self,
        number: str,
        *,
        answer_after_s: float | None = 0.5,
        wav: Path | None = None,
        say: str | None = None,
        seconds: float = 0,
        reject: bool = False,
        refuse: bool = False,
    ) -> Subscriber:
        """Somebody in the town whom the PBX can call through its trunk; see :meth:`Subscriber.behave`.

        Raises:
            BadSettings: not a number.
        """
        if not number.isdigit():
            raise BadSettings(f"not a number to call: {number!r}", field="number")
        found = self._subscribers[number] = Subscriber(self._link, number, self.home / "heard", self.sound)
        await found.behave(
            answer_after_s=answer_after_s, wav=wav, say=say, seconds=seconds, reject=reject, refuse=refuse
        )
        return found

    async def anybody(self, ending: str = "", *, say: str | None = None, **manners: Any) -> None:
        """Everybody in the town whom :meth:`subscriber` has not named; ``manners`` are those of ``behave``.

        ``ending``: only numbers that end in these two digits.

        Raises:
            BadSettings: not two digits.
        """
        if ending and not (len(ending) == 2 and ending.isascii() and ending.isdigit()):
            raise BadSettings(f"not two digits: {ending!r}", field="ending")
        one = Subscriber(self._link, f"ANY{ending}", self.home / "heard", self.sound)
        await one.behave(say=say, **manners)

    # ── telephones ───────────────────────────────────────────────────────────────────────────────────

    async def telephone(
        self,
        seat: str,
        secret: str,
        *,
        answer_after_s: float | None = 0.5,
        wav: Path | None = None,
        say: str | None = None,
        seconds: float = 0,
        reject: bool = False,
        wait_registered: bool = True,
    ) -> Telephone:
        """A SIP telephone of that seat, registered at the PBX.

        It answers after ``answer_after_s`` (None: rings and never answers; ``reject``: busy) and plays ``wav``/``say``
        over and over; ``seconds`` after its answer it hangs up (0: never). ``Telephone.behave`` changes that later.

        Raises:
            TelephoneRefused: the PBX refused the registration (only with ``wait_registered``).
        """
        if not _SEAT.fullmatch(seat) or not _SECRET.fullmatch(secret):
            raise BadSettings("not a seat, or a secret that no configuration can hold", field="seat")
        phone = self._telephones[seat] = Telephone(self._link, seat, self.home / "heard", self.sound, self._originate)
        await phone.behave(answer_after_s=answer_after_s, wav=wav, say=say, seconds=seconds, reject=reject)
        self._lines[seat] = _Line(seat, secret)
        self._render()
        await asyncio.to_thread(self.process.reload, "res_pjsip.so")
        await asyncio.to_thread(self.process.reload, "res_pjsip_outbound_registration.so")
        if wait_registered:
            await phone.registered()
        return phone

    async def remove_telephone(self, seat: str) -> None:
        """Unregister it, and wait until the PBX knows."""
        phone = self._telephones[seat]
        self._lines.pop(seat, None)
        if self.process.running and phone.status == "Registered":
            try:
                await asyncio.to_thread(self.process.cli, f"pjsip send unregister reg-{seat}")
                await phone.unregistered()
            except CommandFailed as exc:  # the carrier or the PBX is going down anyway
                log.info("telephone not unregistered", seat=seat, reason=str(exc))
        del self._telephones[seat]

    def _on_event(self, event: Event) -> None:
        call = self._calls.get(event.get("Uniqueid", ""))
        if call is not None:
            call.on_event(event)
        for phone in (*self._telephones.values(), *self._subscribers.values()):
            phone.on_event(event)
        if event.get("UserEvent") == "LianxinTelephone":
            self.on_telephone(event.get("Seat", ""), event.get("State", ""), event.get("Caller", ""))


def free_address(addresses: Iterable[str], sip_port: int, ami_port: int) -> str:
    """The first address on which both ports are free.

    Raises:
        PortTaken: none is.
    """
    last: PortTaken | None = None
    for address in addresses:
        try:
            check_ports(Listen(address, udp=(sip_port,), tcp=(ami_port,)))
        except PortTaken as exc:
            last = exc
            continue
        return address
    raise PortTaken("No loopback address is free for the carrier. Are other calls still running?") from last
