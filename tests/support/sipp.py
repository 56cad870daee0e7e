"""Citizens and telephones played by SIPp: real SIP and RTP from outside, and SIPp's own log of what it saw.

Every call has a number of its own (the caller's), so one key joins what the citizen's side, the seat's side and the
PBX's files say about it. What a call does is fixed beforehand in a :class:`Plan` made from a seed.
Of Lianxin's code it knows the PBX alone: its address, number, seats and their secrets.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pbx_config.settings import PbxSettings
from tests.support.ami_wire import qualify

SCENARIOS = Path(__file__).with_name("sipp_scenarios")
FOREVER_MS = 86_400_000
_FIRST_CALLER = 13_900_000_000
_TONE_S = 2
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one citizen and whoever is rung for that citizen will do."""

    caller: str
    citizen_hangs_up_ms: int  # after the PBX answered; FOREVER_MS: waits for the other side
    ring_ms: int  # the telephone rings so long before it is picked up; FOREVER_MS: never is
    talk_ms: int  # the agent hangs up after; FOREVER_MS: waits for the citizen


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of what happens, and the ranges of its times (ms)."""

    gone_in_notice: float = 0.04
    gone_soon: float = 0.08  # somewhere between the notice and a few seconds later: waiting, ringing or just talking
    agent_hangs_up: float = 0.44  # the rest: the citizen does
    notice_ms: int = 500
    ring_ms: tuple[int, int] = (200, 1500)
    talk_ms: tuple[int, int] = (1500, 6000)


def plan_calls(seed: int, count: int, mix: Mix = Mix(), first: int = _FIRST_CALLER) -> list[Plan]:
    """``count`` calls; the same seed gives the same calls."""
    dice = Random(seed)
    plans = []
    for i in range(count):
        ring, talk = dice.randint(*mix.ring_ms), dice.randint(*mix.talk_ms)
        kind = dice.random()
        citizen = FOREVER_MS
        if kind < mix.gone_in_notice:
            citizen = dice.randint(100, mix.notice_ms - 100)
        elif kind < mix.gone_in_notice + mix.gone_soon:
            citizen = mix.notice_ms + dice.randint(0, mix.ring_ms[1] + 1500)
        elif kind > mix.gone_in_notice + mix.gone_soon + mix.agent_hangs_up:
            citizen, talk = mix.notice_ms + ring + talk + 1000, FOREVER_MS
        plans.append(Plan(str(first + i), citizen, ring, talk))
    return plans


class Sipp:
    """One SIPp process: its folder holds the scenario, the calls and the logs."""

    def __init__(self, home: Path, name: str, argv: Sequence[str]) -> None:
        self.home, self.name = home, name
        self.log = home / f"{name}.log"
        self._console = (home / f"{name}.console").open("wb")
        command = [
            "sipp", "-nostdin", "-skip_rlimit", "-trace_logs", "-log_file", str(self.log),
            "-trace_err", "-error_file", str(home / f"{name}.errors"), *argv,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=self._console, stderr=subprocess.STDOUT
        )

    def wait(self, timeout_s: float) -> int:
        """Exit status: 0 all calls went as the scenario says, 1 some did not."""
        return self.process.wait(timeout_s)

    def wait_or_stop(self, timeout_s: float) -> bool:
        """True when all calls came to an end by themselves; else they are left to the PBX and False is said."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            return False
        return True

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def errors(self) -> str:
        path = self.home / f"{self.name}.errors"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._console.close()


class Town:
    """The outside of one line: its citizens on one loopback address, its seats' telephones on others."""

    def __init__(self, settings: PbxSettings, home: Path, *, media: bool = True) -> None:
        if shutil.which("sipp") is None:
            raise RuntimeError("SIPp is needed here: install the package sip-tester")
        home.mkdir(parents=True, exist_ok=True)
        self.settings, self.home, self.media = settings, home, media
        self._third = settings.address.rsplit(".", 1)[0]
        self._started: list[Sipp] = []
        write_tone(home / "citizen.alaw", 440)
        write_tone(home / "agent.alaw", 880)
        write_tone(home / "outside.alaw", 1320)

    # ── citizens ────────────────────────────────────────────────────────────────────────────────────

    def call(self, plans: Sequence[Plan], rate: float, *, name: str = "citizens", host: int = 130) -> Sipp:
        """Start the calls at ``rate`` a second; returns at once."""
        csv = self._csv(f"{name}.csv", [(p.caller, p.citizen_hangs_up_ms) for p in plans], "SEQUENTIAL")
        scenario = self._scenario("citizen", name, media="citizen.alaw")
        per_10s = max(1, round(rate * 10))
        return self._start(
            name, scenario, host, "-inf", csv.name, "-r", str(per_10s), "-rp", "10000", "-m", str(len(plans)),
            "-l", str(len(plans)), "-key", "number", self.settings.number, self._target,
        )  # fmt: skip

    # ── telephones ──────────────────────────────────────────────────────────────────────────────────

    def telephones(
        self, plans: Sequence[Plan], seats: Sequence[str], *, name: str = "agents", host: int = 10, silent: bool = False
    ) -> Sipp:
        """Register ``seats`` and answer as the plans say; ``silent``: without a packet of sound."""
        csv = self._csv(f"{name}.csv", [(p.caller, p.ring_ms, p.talk_ms) for p in plans], "SEQUENTIAL")
        scenario = self._scenario("agent", name, media="" if silent else "agent.alaw", plan=csv.name)
        self._register(seats, host)
        started = self._start(name, scenario, host, "-inf", csv.name, "-infindex", csv.name, "0", self._target)
        qualify(self.settings, seats)  # the PBX's first OPTIONS met nobody, and its next comes after 15 s
        return started

    def refusers(self, seats: Sequence[str], status: str = "486 Busy Here", *, host: int = 11) -> Sipp:
        """Register ``seats`` whose telephone answers every call with ``status``."""
        self._register(seats, host)
        name = f"refusers{host}"
        started = self._start(name, self._scenario("refuser", name, status=status), host, self._target)
        qualify(self.settings, seats)  # the PBX's first OPTIONS met nobody, and its next comes after 15 s
        return started

    # ── whom the PBX calls ──────────────────────────────────────────────────────────────────────────

    def outside(self, *, host: int = 128) -> Sipp:
        """Agencies, 110, citizens at home; the number says the manners (see the scenario). The trunk's contact."""
        scenario = self._scenario("outside", OUTSIDE, media="outside.alaw")
        return self._start(OUTSIDE, scenario, host, self._target)

    def _register(self, seats: Sequence[str], host: int, expires_s: int = 3600) -> None:
        """From the address and port where the telephones will be: the PBX binds a seat to where REGISTER came from."""
        secrets = {s.seat: s.telephone_secret for s in self.settings.seats}
        contact = f"{self._third}.{host}:5060"
        rows = [(s, f"[authentication username={s} password={secrets[s]}]", contact, expires_s) for s in seats]
        name = f"register{len(self._started)}"
        csv = self._csv(f"{name}.csv", rows, "SEQUENTIAL")
        run = self._start(
            name, self._scenario("register", name), host, "-inf", csv.name, "-m", str(len(rows)), "-r", "100",
            "-timeout", "30s", self._target,
        )  # fmt: skip
        status = run.wait(40)
        assert status == 0, f"registration failed ({status}): {run.errors()[-800:]}"

    # ── life ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def papers(self) -> list[Path]:
        """Logs and complaints of every SIPp."""
        return [path for s in self._started for path in (s.log, s.home / f"{s.name}.errors")]

    @property
    def logs(self) -> list[Path]:
        """Of citizens and telephones."""
        return [s.log for s in self._started if s.name != OUTSIDE]

    @property
    def outside_log(self) -> Path:
        return self.home / f"{OUTSIDE}.log"

    def stop(self) -> None:
        for sipp in reversed(self._started):
            sipp.stop()

    @property
    def _target(self) -> str:
        return f"{self.settings.address}:{self.settings.sip_port}"

    def _start(self, name: str, scenario: Path, host: int, *argv: str) -> Sipp:
        address = f"{self._third}.{host}"
        local = ("-i", address, "-mi", address, "-ci", address, "-p", "5060", "-mp", "20000")
        sipp = Sipp(self.home, name, ("-sf", scenario.name, *local, *argv))
        self._started.append(sipp)
        return sipp

    def _scenario(self, kind: str, name: str, *, media: str = "", plan: str = "", status: str = "") -> Path:
        action = f'<exec rtp_stream="{media},-1,8,PCMA/8000"/>' if self.media and media else ""
        text = (SCENARIOS / f"{kind}.xml").read_text(encoding="utf-8")
        text = text.replace("%MEDIA%", action).replace("%PLAN%", plan).replace("%STATUS%", status)
        path = self.home / f"{name}.xml"
        path.write_text(text, encoding="utf-8")
        return path

    def _csv(self, name: str, rows: Sequence[tuple[object, ...]], order: str) -> Path:
        path = self.home / name
        path.write_text("\n".join([order, *(";".join(map(str, row)) for row in rows)]) + "\n")
        return path


@contextlib.contextmanager
def town(settings: PbxSettings, home: Path, *, media: bool = True) -> Iterator[Town]:
    outside = Town(settings, home, media=media)
    try:
        yield outside
    finally:
        outside.stop()


def write_tone(path: Path, hertz: int) -> None:
    """Two seconds of a tone as raw A-law, which SIPp repeats as RTP."""
    samples = (int(9000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(8000 * _TONE_S))
    path.write_bytes(b"".join(struct.pack("B", _alaw(s)) for s in samples))


def _alaw(sample: int) -> int:
    """One sample of 16 bits as ITU-T G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample) >> 4, 0x7FF) if sample >= 0 else min((abs(sample) - 1) >> 4, 0x7FF)
    exponent = max(0, magnitude.bit_length() - 5)
    mantissa = (magnitude >> max(1, exponent)) & 0x0F
    exponent = exponent if magnitude >= 0x20 else int(magnitude >= 0x10)
    return (sign | (exponent << 4) | mantissa) ^ 0x55
