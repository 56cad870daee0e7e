"""A command as the database has it, and the reading of its arguments. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cti.commands.errors import BadArgument
from models.target import leg_no_of
from pbx_config import contract

_SEAT = re.compile(r"8[0-9]{3}\Z")
_AGENT = re.compile(r"[0-9A-Za-z-]{1,20}\Z")
_LEG = re.compile(r"[0-9A-Za-z.+-]{1,140}\Z")
_QUEUE = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")
_DIGITS = re.compile(r"[0-9]{3,20}\Z")


class TargetKind(StrEnum):
    SEAT = "seat"
    QUEUE = "queue"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call or where to send somebody. A number is as typed: ``pbx_config.dialling`` judges it."""

    kind: TargetKind
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    id: uuid.UUID
    kind: str
    args: Mapping[str, Any]
    agent_no: str | None
    deadline_at: datetime

    def word(self, name: str, pattern: re.Pattern[str]) -> str:
        """An argument that matches whole.

        Raises:
            BadArgument: absent, no text, or anything else.
        """
        value = self.args.get(name)
        if not isinstance(value, str) or not pattern.match(value):
            raise BadArgument(name, argument=name)
        return value

    @property
    def agent(self) -> str:
        if self.agent_no is None or not _AGENT.match(self.agent_no):
            raise BadArgument("agent_no", argument="agent_no")
        return self.agent_no

    @property
    def seat(self) -> str:
        return self.word("seat", _SEAT)

    @property
    def phone(self) -> contract.Phone:
        try:
            return contract.Phone(self.args.get("phone", contract.Phone.BROWSER))
        except ValueError as exc:
            raise BadArgument("phone", argument="phone") from exc

    @property
    def call_id(self) -> str:
        try:
            return str(uuid.UUID(self.args.get("call_id")))
        except (ValueError, AttributeError, TypeError) as exc:
            raise BadArgument("call_id", argument="call_id") from exc

    @property
    def leg(self) -> str:
        """The uniqueid of a party of the call."""
        return self.word("leg", _LEG)

    @property
    def from_agent(self) -> str:
        """Whose call it was when it was asked for."""
        return self.word("from_agent", _AGENT)

    @property
    def shown_name(self) -> str:
        """A person's name, for screens only: it reaches no manager action."""
        return self._text(self.args.get("name", ""), "name")

    @property
    def digits(self) -> str:
        """A caller's number as the trunk writes it."""
        return self.word("number", _DIGITS)

    @property
    def flag(self) -> contract.CallerFlag | None:
        value = self.args.get("flag")
        try:
            return None if value is None else contract.CallerFlag(value)
        except ValueError as exc:
            raise BadArgument("flag", argument="flag") from exc

    @property
    def number(self) -> str:
        """A number to call, as typed."""
        return self._text(self.args.get("number"), "number")

    @property
    def target(self) -> Target:
        """
        Raises:
            BadArgument: no target, or of a kind that cti does not know (an agency is made a number by api).
        """
        given = self.args.get("target")
        if not isinstance(given, Mapping):
            raise BadArgument("target", argument="target")
        try:
            kind = TargetKind(str(given.get("kind")))
        except ValueError as exc:
            raise BadArgument("target.kind", argument="target") from exc
        value = self._text(given.get("value"), "target")
        pattern = {TargetKind.SEAT: _SEAT, TargetKind.QUEUE: _QUEUE}.get(kind)
        if pattern is not None and not pattern.match(value):
            raise BadArgument("target.value", argument="target")
        return Target(kind, value)

    @staticmethod
    def _text(value: object, name: str) -> str:
        if not isinstance(value, str):
            raise BadArgument(name, argument=name)
        return value

    @property
    def leg_no(self) -> int:
        """The number of the leg that this command calls: another command, another leg."""
        return leg_no_of(self.id)

    @property
    def lock_keys(self) -> list[str]:
        """What two commands must not do at once."""
        keys = {f"agent:{self.agent_no}"} if self.agent_no else set()
        if "call_id" in self.args:
            keys.add(f"call:{self.args['call_id']}")
        target = self.args.get("target")
        if isinstance(target, Mapping) and target.get("kind") == TargetKind.SEAT:
            keys.add(f"seat:{target.get('value')}")
        return sorted(keys)
