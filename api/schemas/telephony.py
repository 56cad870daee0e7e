"""Telephones, trunks and classes of service: what an admin sets, how each is, and the sheet that is shown once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.base import Answer, Ask, Based, Confirm
from cases.texts import ShortLine
from pbx_config.contract import Phone
from pbx_config.dialling import DialKind

SeatNo = Annotated[str, StringConstraints(pattern=r"^8[0-9]{3}$")]
TrunkName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
ClassName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class EndpointNow(Answer):
    """As the PBX last said. The last fault stays until there is a newer one."""

    state: str = Field(examples=["registered", "unreachable", "unregistered", "rejected", "unchecked"])
    since: datetime
    address: str | None
    user_agent: str | None
    rtt_ms: float | None
    fault: str | None = Field(
        examples=["unreachable", "registration.rejected", "secret 10.1.2.3", "sip.503", "q850.34", "unregistered"]
    )
    fault_at: datetime | None


class Extension(Answer):
    seat: str
    version: str = Field(description="of its name and class of service")
    label: str
    class_name: str | None
    person: str | None = Field(description="whose workplace it is")
    retired_at: datetime | None
    telephone: EndpointNow | None
    browser: EndpointNow | None


class TrunkAnswer(Answer):
    """Never with its password."""

    name: str
    endpoint: str
    title: str
    kind: Literal["settings", "address", "registration"]
    host: str | None
    addresses: list[str]
    username: str | None
    codecs: list[str]
    channel_limit: int | None
    position: int
    active: bool
    now: EndpointNow | None
    revision: int = Field(description="the newest of its versions; 0: none was ever kept")


class RemovedTrunk(Answer):
    """Not there any more; its history is, and the way back."""

    name: str
    revision: int
    at: datetime
    by: str


class ClassAnswer(Answer):
    name: str
    version: str
    title: str
    kinds: list[DialKind]


class TelephonyNow(Answer):
    """``applied`` below ``version``: the PBX has not taken the newest change over yet."""

    version: int
    applied: int | None
    fault: str | None = Field(description="why the newest change is not in force")
    extensions: list[Extension]
    trunks: list[TrunkAnswer]
    removed: list[RemovedTrunk] = Field(description="newest first")
    classes: list[ClassAnswer]
    codecs: list[str] = Field(description="those that a trunk may have")


class ExtensionAsk(Ask):
    label: ShortLine = ""
    class_name: ClassName | None = Field(None, description="null: what the site's settings say")


class ExtensionChange(ExtensionAsk, Based):
    """As a whole."""


class NewExtension(ExtensionAsk):
    seat: SeatNo


class SecretAsk(Ask):
    phone: Phone = Field(description="whose secret: the SIP telephone's, or the browser phone's")


class Sheet(Answer):
    """What to type into a SIP telephone, or to scan. The secret is told this once."""

    seat: str
    label: str
    host: str
    port: int
    transport: str
    username: str
    secret: str
    uri: str = Field(description="RFC 3261 section 19.1.1, password included; in the first QR code")
    uri_qr: str = Field(description="SVG")
    wave_qr: str = Field(description="SVG; the account file that Grandstream Wave scans")


class TrunkAsk(Confirm):
    """``host`` null: the trunk of the settings, whose addresses are not changed here."""

    based_on: int | None = Field(None, ge=0, description="the revision it was made on, 0 for none; null: any")
    title: ShortLine = ""
    host: ShortLine | None = Field(None, examples=["10.20.30.40:5060"])
    addresses: list[ShortLine] = Field(default_factory=list, max_length=16)
    username: ShortLine | None = None
    secret: ShortLine | None = Field(None, description="null: the one it has")
    codecs: list[ShortLine] = Field(default_factory=lambda: ["alaw", "ulaw"], max_length=8)
    channel_limit: int | None = Field(None, ge=1, le=100_000)
    position: int = Field(0, ge=0, le=1000, description="tried in this order")
    active: bool = True


class ClassAsk(Based):
    title: ShortLine = Field(min_length=1)
    kinds: list[DialKind] = Field(max_length=8)


class TestAsk(Ask):
    id: uuid.UUID = Field(description="made by the client; the same id again is the same test")
    number: ShortLine = Field(examples=["13912345678"])
