"""Who is signed in, and the telephones of a seat."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.passwords import LONGEST, SHORTEST
from api.schemas.base import Answer, Ask, Based, Confirm
from api.schemas.commands import AgentNo, QueueName, SeatNo
from cases.texts import ShortLine
from models.account import Role


class Locale(StrEnum):
    ZH_CN = "zh-CN"
    EN = "en"


# A password that is typed: what is too long is refused before it is looked at.
Typed = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST), Field(json_schema_extra={"format": "password"})
]


def _long_enough(password: str) -> str:
    if len(password) < SHORTEST:
        raise PydanticCustomError("password_too_short", "at least {shortest} characters", {"shortest": SHORTEST})
    return password


class SignIn(Ask):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"login": "agent1", "password": "correct horse battery"}]}
    )

    login: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Typed


class SessionChange(Ask):
    locale: Locale


class PasswordChange(Ask):
    """One's own: who sits at somebody's open desk does not know the present one."""

    password: Typed = Field(description="the present one")
    new_password: Annotated[Typed, AfterValidator(_long_enough)]


class Account(Answer):
    id: uuid.UUID
    login: str
    display_name: str
    role: Role
    agent_no: str | None = Field(None, examples=["1001"])
    seat: str | None = Field(None, examples=["8001"])
    locale: str
    police_number: str = Field(description="110, as this site has it")
    police_number_in: str | None = Field(None, description="a call that dialled it was handed over by 110")
    time_zone: str = Field(description="The site's: days and times on every screen are meant in it")


class BrowserPhone(Answer):
    ws_url: str = Field(examples=["ws://127.0.0.1:8088/ws"])
    sip_uri: str = Field(examples=["sip:8001-web@127.0.0.1"])
    username: str
    secret: str
    realm: str


class SipTelephone(Answer):
    host: str
    port: int
    transport: str = Field(examples=["udp"])
    username: str
    secret: str


class Phones(Answer):
    browser: BrowserPhone
    telephone: SipTelephone


class SeatPhones(Answer):
    seat: str
    phones: Phones


class SeatBrief(Answer):
    """A workplace; who sits there now, if anybody."""

    seat: str
    label: str
    agent_no: str | None = None
    phone: str | None = None


LoginName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$"),
    AfterValidator(str.lower),
]


class UserAsk(Ask):
    """``agent_no`` and ``seat`` for who answers calls; ``queues`` for a supervisor of some of them (none: of all)."""

    display_name: ShortLine = Field(min_length=1, examples=["王芳"])
    role: Role
    agent_no: AgentNo | None = Field(None, examples=["1001"])
    seat: SeatNo | None = Field(None, examples=["8001"])
    locale: Locale = Locale.ZH_CN
    queues: list[QueueName] = Field(default_factory=list, max_length=50)


class UserChange(UserAsk, Confirm, Based):
    """As a whole: what is left out is empty, so a stale one is refused."""


class UserNew(UserAsk):
    login: LoginName = Field(examples=["wangfang"])


class User(Answer):
    id: uuid.UUID
    version: str = Field(description="of what a change sets")
    login: str
    display_name: str
    role: Role
    agent_no: str | None
    seat: str | None
    locale: str
    queues: list[str]
    active: bool
    created_at: datetime
    last_seen_at: datetime | None = Field(description="of any of their sessions")
    sessions: int = Field(description="open ones")
    in_queue: bool = Field(description="signed in at a seat now")


class UserList(Answer):
    items: list[User]
    queues: list[str] = Field(description="that there are")


class UserPassword(Answer):
    """The one time that it is told."""

    user: User
    password: str = Field(json_schema_extra={"format": "password"})
