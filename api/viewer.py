"""Who is asking: the account behind a request or a socket, and the rights that go with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from api.errors import NoAgentNumber, RightMissing
from api.rights import RIGHTS, Right
from models.account import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    account_id: uuid.UUID
    login: str
    display_name: str
    role: Role
    agent_no: str | None
    seat: str | None
    locale: str
    token_sha256: bytes
    address: str
    queues: tuple[str, ...] = ()  # that a supervisor supervises; none: all of them (api.queue_limits)

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def must(self, right: Right) -> None:
        """Raises: RightMissing."""
        if not self.may(right):
            raise RightMissing(right=right.value)

    @property
    def number(self) -> str:
        """The agent number. Raises: NoAgentNumber when this account answers no calls."""
        if self.agent_no is None:
            raise NoAgentNumber
        return self.agent_no
