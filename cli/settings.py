"""Every setting of Lianxin, from the environment, checked once, frozen, handed down as plain values.

Only ``cli`` knows this class. Names are ``LIANXIN_`` + the field's name, and DATABASE_URL. docs/install.md lists them.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cli.language import say
from models.errors import Refused

ROOT = Path(__file__).resolve().parents[1]
# sockaddr_un holds 108 bytes; PbxSettings wants room for "asterisk.ctl" in it.
_SOCKET_DIR_MAX = 90
Port = Annotated[int, Field(ge=1, le=65535)]
Digits = Annotated[str, StringConstraints(pattern=r"^\d{3,12}$")]
Address = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")]


class BadSetting(Refused):
    code = "setting.bad"


class Settings(BaseSettings):
    """The defaults are those of `make run`: everything on this machine, on loopback, under ``var/``."""

    model_config = SettingsConfigDict(env_prefix="LIANXIN_", frozen=True, populate_by_name=True)

    node: str = "pbx1"
    var: Path = ROOT / "var"
    demo: bool = True

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    pg_port: Port = 54329

    api_address: Address = "127.0.0.1"
    api_port: Port = 8000
    secure_cookie: bool = False  # True behind TLS
    allowed_hosts: str = ""  # names that the desk is called by, beside loopback
    proxy_addresses: str = "127.0.0.1"  # whose X-Forwarded-For is believed
    web_dist: Path = ROOT / "web" / "dist"

    number: str = "12345"
    timezone: str = "Asia/Shanghai"
    seats: str = "8001-8012"  # as many as the first seat plan has by day
    police_number: Digits = "110"  # called in by the danger key, and handed over to
    police_number_in: Digits | None = None  # on this number of ours 110 hands its callers over
    survey: bool = True  # ask the citizen how it was once the agent has hung up
    call_back: bool = True  # who waits may press 1 to be called back, the place kept
    voicemail: bool = False  # who is sent away may leave a message
    callback_days: Annotated[int, Field(ge=1, le=60)] = 7  # how long somebody whom nobody reached is owed a call
    callback_tries: Annotated[int, Field(ge=1, le=20)] = 3  # calls back that nobody answers, then it is done
    callback_gaps_min: str = "15,120"  # minutes after the first of them, after the second, …; the last one repeats
    danger_callbacks: Annotated[int, Field(ge=0, le=10)] = 3  # how often the house calls a citizen in danger back
    danger_again_s: Annotated[float, Field(ge=1, le=3600)] = 20  # between two of those calls
    agents_see_ears: bool = True  # whether an agent is shown who listens
    dial_class: Literal["matters", "desk", "plan"] = "desk"  # whom agents may call beside open matters and the book
    dial_daily_cap: Annotated[int, Field(ge=0, le=100_000)] = 200  # calls outside for one account and day
    export_mark_every_s: Annotated[float, Field(ge=0, le=3600)] = (
        0  # seconds between quiet tones in exported recordings; 0: none
    )
    wrap_up_limit_s: Annotated[int, Field(ge=5, le=3600)] = 120
    # Who answers and sends no sound loses the call after so many seconds; 0: never.
    seat_sound_s: Annotated[float, Field(ge=0, le=60)] = 5
    service_s: Annotated[float, Field(ge=1, le=600)] = 15  # answered within this: the service level of the queue
    prompts_dir: Path | None = None
    agencies: Path | None = None  # the site's address book (JSON), read at every start

    pbx_managed: bool = True  # False: an Asterisk that somebody else starts
    pbx_address: Address = "127.0.0.1"
    pbx_sip_port: Port = 5060
    pbx_http_port: Port = 8088
    pbx_ami_port: Port = 5038
    pbx_rtp_first: Port = 10000
    pbx_rtp_last: Port = 19999
    pbx_language: Literal["zh", "en"] = "zh"
    trunk_contact: str = "127.0.0.20:5060"  # address:port of the carrier, for calls that we place
    trunk_channels: Annotated[int, Field(ge=0, le=100_000)] = 0  # calls at once that the carrier carries; 0: not known
    pbx_trunk: str = "127.0.0.20/30,127.0.0.24/29"
    pbx_ami_secret: str | None = Field(default=None, repr=False)
    pbx_home: Path | None = None
    pbx_log_dir: Path | None = None
    pbx_spool_dir: Path | None = None
    phone_ws_url: str | None = None  # what browsers are told, where a TLS proxy stands in front

    carrier_addresses: str = "127.0.0.20-127.0.0.31"
    recordings_url: str | None = None  # a folder or s3://bucket/prefix (credentials in AWS_*); var/recordings if none

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f"no such time zone: {name}") from exc
        return name

    @field_validator("var", "web_dist", "prompts_dir", "agencies", "pbx_home", "pbx_log_dir", "pbx_spool_dir")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Relative to the project, not to where somebody stands."""
        return None if path is None else (ROOT / path).resolve()

    @field_validator("callback_gaps_min")
    @classmethod
    def _minutes(cls, listed: str) -> str:
        if not all(part.strip().isdigit() and 0 < int(part) <= 10_080 for part in listed.split(",")):
            raise ValueError(f"minutes, separated by commas: {listed!r}")
        return listed

    @property
    def private_database(self) -> bool:
        return self.database_url is None

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def run_dir(self) -> Path:
        return self.var / "run"

    @property
    def asterisk_root(self) -> Path:
        return self.var / "asterisk"

    @property
    def pbx_folder(self) -> Path:
        return self.pbx_home or self.var / "pbx"

    @property
    def pbx_run_dir(self) -> Path:
        """Asterisk's control socket; in the temporary folder where the checkout lies too deep for one."""
        inside = self.pbx_folder / "run"
        if len(str(inside).encode()) <= _SOCKET_DIR_MAX:
            return inside
        return Path(tempfile.gettempdir()) / ("lianxin-" + hashlib.sha256(str(inside).encode()).hexdigest()[:12])

    @property
    def ami_address(self) -> str:
        """Loopback always: of our own Asterisk as PbxSettings decides, of somebody else's too (cti runs beside it)."""
        return self.pbx_address if self.pbx_address.startswith("127.") else "127.0.0.1"

    @property
    def spool(self) -> Path:
        """Where Asterisk leaves its recordings."""
        return self.pbx_spool_dir or self.pbx_folder / "spool"

    @property
    def recordings(self) -> str:
        return self.recordings_url or str(self.var / "recordings")

    @property
    def url(self) -> str:
        return f"http://{self.api_address}:{self.api_port}"

    def own_numbers(self) -> tuple[str, ...]:
        """The hotline's numbers: nobody calls ourselves."""
        return (self.number, self.police_number_in) if self.police_number_in else (self.number,)

    def callback_gaps(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.callback_gaps_min.split(","))

    def seat_numbers(self) -> list[str]:
        """["8001", …] of "8001-8010" or "8001,8005-8007"."""
        seats: list[str] = []
        for part in self.seats.split(","):
            first, _, last = part.strip().partition("-")
            if not (first.isdigit() and (last or first).isdigit()):
                raise BadSetting(say("bad_setting", name="LIANXIN_SEATS", why=repr(part)), field="seats")
            seats += [str(n) for n in range(int(first), int(last or first) + 1)]
        return seats

    def carrier_list(self) -> list[str]:
        first, _, last = self.carrier_addresses.partition("-")
        stem, start = first.rsplit(".", 1)
        end = (last or first).rsplit(".", 1)[1]
        return [f"{stem}.{n}" for n in range(int(start), int(end) + 1)]


def load() -> Settings:
    """Settings of this process.

    Raises:
        BadSetting: a value that cannot be; names it.
    """
    try:
        settings = Settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = str(first["loc"][0]).upper()
        name = name if name == "DATABASE_URL" else "LIANXIN_" + name.removeprefix("LIANXIN_")
        raise BadSetting(say("bad_setting", name=name, why=first["msg"]), field=name) from exc
    settings.seat_numbers()
    if not settings.pbx_managed and not settings.pbx_ami_secret:
        raise BadSetting(say("bad_external_pbx"), field="pbx_ami_secret")
    return settings
