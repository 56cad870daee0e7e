"""Who is signed in, and the telephones of a seat."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.schemas.base import Answer, Ask
from api.schemas.commands import AgentNo, QueueName, SeatNo
from cases.texts import ShortLine
from models.account import Role


class Locale(StrEnum):
    ZH_CN = "zh-CN"
    EN = "en"


class SignIn(Ask):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"login": "agent1", "password": "correct horse battery"}]}
    )

    login: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    # argon2 reads the whole of it: a longer one would be a way to keep the processor busy
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)] = Field(
        json_schema_extra={"format": "password"}
    )


class SessionChange(Ask):
    locale: Locale


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


class UserNew(UserAsk):
    login: LoginName = Field(examples=["wangfang"])


class User(Answer):
    id: uuid.UUID
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
