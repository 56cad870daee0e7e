"""Who is signed in, and the telephones of a seat."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.base import Answer, Ask
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
