"""What the API is told by whoever starts it. Plain values: the environment is read in ``cli``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo


class DialClass(StrEnum):
    """Whom agents may call beside the address book and numbers of open matters. Nobody ever calls abroad."""

    MATTERS = "matters"  # nobody else
    DESK = "desk"  # fixed lines and services, not mobiles
    PLAN = "plan"  # every number of the dialling plan, as supervisors may


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """``store_url``: where recordings lie (``/a/folder``, ``s3://…``); ``sip_*``, ``ws_url``: told to telephones."""

    dsn: str
    node: str = "pbx1"  # the PBX that commands without a known node go to
    timezone: str = "Asia/Shanghai"
    locale: str = "zh-CN"
    store_url: str = ""
    web_dist: Path | None = None
    ws_url: str = "ws://127.0.0.1:8088/ws"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    sip_realm: str = "lianxin"
    cookie_name: str = "lianxin_session"
    cookie_secure: bool = False  # True behind TLS
    session_idle_s: float = 4 * 3600
    session_max_s: float = 16 * 3600  # a shift and its overtime; then the password again
    allowed_hosts: tuple[str, ...] = ()  # beside loopback, which is always allowed; "*" allows all
    free_tries: int = 5  # wrong passwords before the first lock-out
    free_tries_per_address: int = 50  # a whole office may sit behind one address
    lock_s: float = 30  # the first lock-out; doubles with each further failure
    lock_max_s: float = 3600
    command_deadline_s: float = 10
    own_numbers: tuple[str, ...] = ("12345",)  # the hotline's: nobody calls ourselves
    police_number: str = "110"
    police_number_in: str | None = None  # on which 110 hands its callers over
    dial_class: DialClass = DialClass.DESK
    dial_daily_cap: int = 200  # calls outside for one account and day of the site
    service_s: float = 15  # a call answered within this counts for the service level
    danger_callbacks: int = 3
    agents_see_ears: bool = True  # whether an agent is shown who listens
    trunk_addresses: tuple[str, ...] = (
        "127.0.0.20/30",
        "127.0.0.24/29",
    )  # of the first trunk's carrier: no other trunk has them
    supervisors_limited: bool = False  # a supervisor of some queues sees only these
    survey: bool = True  # whether the dial plan can ask the citizen how it was
    trunk_channels: int | None = None  # calls at once that the carrier carries; None: nobody said
    flag_longest_days: int = 180
    export_mark_every_s: float = 0  # a quiet tone in exported copies; 0: none (docs/decisions/0008)
    max_body_bytes: int = 256 * 1024
    max_sound_bytes: int = 8 * 1024 * 1024  # of an announcement that is uploaded
    line_language: str = "zh"  # in which announcements are spoken
    asterisk_root: Path | None = None  # where espeak-ng is, unless the machine has its own
    max_sockets: int = 5000
    phone_grace_s: float = 8
    ping_s: float = 5
    queue_flush_s: float = 0.1
    socket_queue: int = 500  # rows waiting for one slow reader before it is told to resync

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
