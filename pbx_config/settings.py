"""What one PBX is told: addresses, ports, seats, secrets, folders, and the tuning of its queue.

Every value ends in a configuration file that Asterisk reads line by line, so everything is checked here, before a
single byte is written. Nothing here does I/O.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pbx_config import contract
from pbx_config.errors import BadSettings
from pbx_config.telephony import TrunkLine, check_apart

_NODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SEAT: Final = re.compile(r"8\d{3}")
# No quotes, commas, semicolons (Asterisk's comment) or blanks: nothing that any of its parsers treats specially.
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{12,128}")
_NUMBER: Final = re.compile(r"\d{3,15}")
_QUEUE: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PATH: Final = re.compile(r"/[A-Za-z0-9_./+@~-]*")
# sockaddr_un.sun_path is 108 bytes; "asterisk.ctl" and the zero byte need 14 of them.
_RUN_DIR_MAX: Final = 108 - 14
_RTP_PORTS_MIN: Final = 4

LANGUAGES: Final = ("zh", "en")


@dataclass(frozen=True, slots=True)
class SeatSecret:
    """One seat and the SIP secrets of its two telephones."""

    seat: str
    browser_secret: str = field(repr=False)
    telephone_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QueueTuning:
    """How the queue rings and what a waiting citizen hears. Times in seconds."""

    name: str = contract.QUEUE_MAIN
    strategy: str = "leastrecent"
    ring_s: int = 20
    retry_s: int = 1
    wrap_up_s: int = 3
    max_waiting: int = 100
    max_wait_s: int = 1800
    announce_every_s: int = 30


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """All that rendering one Asterisk needs; checked when made.

    ``home`` holds etc/, log/, db/, run/, data/ and, unless ``spool_dir`` says otherwise, spool/. ``asterisk_root`` is
    the private root made by ``install``, None for the machine's own Asterisk. ``trunk_addresses`` are addresses or
    networks of the carrier.

    Raises:
        BadSettings: a value that Asterisk would misread, or that lets more in than it should.
    """

    node: str
    address: str
    home: Path
    module_dir: Path
    seats: tuple[SeatSecret, ...]
    ami_secrets: Mapping[contract.AmiUser, str] = field(repr=False)
    trunk_addresses: tuple[str, ...] = ("127.0.0.20/30", "127.0.0.24/29")
    number: str = "12345"
    language: str = "zh"
    sip_port: int = 5060
    http_port: int = 8088
    ami_port: int = 5038
    ami_address: str | None = None  # None: ``address``; loopback where that is not
    rtp_range: tuple[int, int] = (10000, 19999)
    registration_s: int = 600  # the longest that a telephone is believed to be there without saying so again
    queue: QueueTuning = QueueTuning()
    spool_dir: Path | None = None
    run_dir: Path | None = None
    documentation_dir: Path | None = None
    seat_rtp_timeout_s: int = 60
    trunk_contact: str | None = None  # "address:port" of the carrier for calls that we place; None: we place none
    trunks: tuple[TrunkLine, ...] = ()  # beside that one
    police_number_in: str | None = None  # on this number 110 hands callers over to us
    survey: bool = False  # ask the citizen how it was once the agent has hung up
    plain_hours: tuple[int, int] = (8, 18)  # of workdays, by the PBX's own clock, where it has no plan of ours
    call_back: bool = False  # who waits may press a key to be called back, the place kept
    voicemail: bool = False  # who is sent away may leave a message
    voicemail_s: int = 120  # its longest
    aside_s: int = 60  # how often the dial plan looks after somebody who is alone with music

    def __post_init__(self) -> None:
        _match(_NODE, self.node, "node")
        _check_address(self.address)
        _check_ami_address(self.ami_bind)
        _match(_NUMBER, self.number, "number")
        if self.language not in LANGUAGES:
            raise BadSettings(f"language must be one of {', '.join(LANGUAGES)}", field="language")
        self._check_ports()
        self._check_seats()
        self._check_trunk()
        self._check_ami()
        _check_queue(self.queue)
        _between(self.seat_rtp_timeout_s, 0, 3600, "seat_rtp_timeout_s")
        _between(self.aside_s, 1, 3600, "aside_s")
        _between(self.plain_hours[0], 0, 22, "plain_hours")
        _between(self.plain_hours[1], self.plain_hours[0] + 1, 23, "plain_hours")
        _between(self.voicemail_s, 5, 600, "voicemail_s")
        if self.police_number_in is not None:
            _match(_NUMBER, self.police_number_in, "police_number_in")
        if self.trunk_contact is not None:
            _check_contact(self.trunk_contact)
        for name, path in self.folders().items():
            _match(_PATH, str(path), name)
        if len(str(self.run)) > _RUN_DIR_MAX:
            raise BadSettings(
                f"the run folder's path is too long for a socket (at most {_RUN_DIR_MAX} characters): {self.run}",
                field="run_dir",
            )

    def _check_ports(self) -> None:
        for name, port in (("sip_port", self.sip_port), ("http_port", self.http_port), ("ami_port", self.ami_port)):
            _between(port, 1, 65535, name)
        if self.http_port == self.ami_port:
            raise BadSettings("http_port and ami_port are the same TCP port", field="ami_port")
        _between(self.registration_s, 60, 7200, "registration_s")
        low, high = self.rtp_range
        _between(low, 1024, 65535, "rtp_range")
        _between(high, 1024, 65535, "rtp_range")
        if high - low < _RTP_PORTS_MIN or low <= self.sip_port <= high:
            raise BadSettings("rtp_range is too small, upside down, or contains the SIP port", field="rtp_range")

    def _check_seats(self) -> None:
        names = [s.seat for s in self.seats]
        if len(set(names)) != len(names):
            raise BadSettings("a seat is listed twice", field="seats")
        for seat in self.seats:
            _match(_SEAT, seat.seat, "seats")
            _match(_SECRET, seat.browser_secret, f"secret of seat {seat.seat}", show=False)
            _match(_SECRET, seat.telephone_secret, f"secret of seat {seat.seat}", show=False)

    def _check_trunk(self) -> None:
        if not self.trunk_addresses:
            raise BadSettings("the trunk needs at least one address of the carrier", field="trunk_addresses")
        for text in self.trunk_addresses:
            try:
                network = ipaddress.IPv4Network(text)
            except ValueError as exc:
                raise BadSettings(f"not an IPv4 address or network: {text!r}", field="trunk_addresses") from exc
            if network.prefixlen < 16:
                raise BadSettings(f"a trunk of that size lets strangers in: {text}", field="trunk_addresses")
        check_apart(self.trunks, self.trunk_addresses)

    def _check_ami(self) -> None:
        missing = set(contract.AmiUser) - set(self.ami_secrets)
        if missing:
            raise BadSettings(f"no secret for manager user {sorted(missing)[0]}", field="ami_secrets")
        for user, secret in self.ami_secrets.items():
            _match(_SECRET, secret, f"secret of manager user {user}", show=False)

    def folders(self) -> dict[str, Path]:
        """Every folder that Asterisk is told, by the name it has here."""
        found = {
            "home": self.home,
            "module_dir": self.module_dir,
            "etc": self.etc,
            "log": self.log,
            "db": self.db,
            "run": self.run,
            "data": self.data,
            "spool": self.spool,
            "line": self.line,
            "queues": self.queues,
        }
        if self.documentation_dir is not None:
            found["documentation_dir"] = self.documentation_dir
        return found

    @property
    def ami_bind(self) -> str:
        """Where the manager listens: plain text and all-powerful, so on loopback whatever the telephones need."""
        if self.ami_address is not None:
            return self.ami_address
        return self.address if ipaddress.IPv4Address(self.address).is_loopback else "127.0.0.1"

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def db(self) -> Path:
        return self.home / "db"

    @property
    def data(self) -> Path:
        """Sounds and music."""
        return self.home / "data"

    @property
    def run(self) -> Path:
        return self.run_dir or self.home / "run"

    @property
    def spool(self) -> Path:
        """Where recordings appear, flat: ``<linkedid>_1-r.wav`` and ``-t.wav``."""
        return self.spool_dir or self.home / "spool"

    @property
    def chosen_prompts(self) -> Path:
        """Versions of prompts that an administrator chose (prompt_files.py); they outlive an update's new texts."""
        return self.line / contract.LINE_PROMPTS

    @property
    def line(self) -> Path:
        """What the line does now: profiles, plan, incidents (line_files.py)."""
        return self.home / "line"

    @property
    def queues(self) -> Path:
        """The queues as the admin has them (queue_file.py)."""
        return self.line / contract.LINE_QUEUES

    @property
    def cel_file(self) -> Path:
        return self.log / contract.CEL_FILE

    @property
    def queue_log_file(self) -> Path:
        return self.log / contract.QUEUE_LOG_FILE


def _check_queue(queue: QueueTuning) -> None:
    _match(_QUEUE, queue.name, "queue.name")
    if queue.strategy not in ("rrmemory", "leastrecent", "fewestcalls", "random", "ringall", "linear"):
        raise BadSettings(f"unknown queue strategy {queue.strategy!r}", field="queue.strategy")
    _between(queue.ring_s, 3, 300, "queue.ring_s")
    _between(queue.retry_s, 1, 60, "queue.retry_s")
    _between(queue.wrap_up_s, 0, 600, "queue.wrap_up_s")
    _between(queue.max_waiting, 1, 10_000, "queue.max_waiting")
    _between(queue.max_wait_s, 1, 86_400, "queue.max_wait_s")
    _between(queue.announce_every_s, 15, 3600, "queue.announce_every_s")


def _check_address(text: str) -> None:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError as exc:
        raise BadSettings(f"not an IPv4 address: {text!r}", field="address") from exc
    if address.is_unspecified or address.is_multicast:
        raise BadSettings(f"Asterisk needs an address of its own, not {text}", field="address")


def _check_contact(text: str) -> None:
    address, colon, port = text.partition(":")
    _check_address(address)
    if not (colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise BadSettings(f"not an address and port: {text!r}", field="trunk_contact")


def _check_ami_address(text: str) -> None:
    _check_address(text)
    if not ipaddress.IPv4Address(text).is_loopback:
        raise BadSettings(f"the manager interface belongs on loopback, not on {text}", field="ami_address")


def _match(pattern: re.Pattern[str], value: str, name: str, *, show: bool = True) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        shown = f": {value!r}" if show else ""
        raise BadSettings(f"{name} has characters or a length it must not have{shown}", field=name)


def _between(value: int, low: int, high: int, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadSettings(f"{name} must be a whole number from {low} to {high}, not {value!r}", field=name)
