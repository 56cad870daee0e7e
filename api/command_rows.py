"""Storing a command so that cti finds it: the row, once per id, and the wake-up."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import CommandReused
from models.command import CHANNEL, Command, insert_once

__all__ = ["CHANNEL", "NewCommand", "store"]


@dataclass(frozen=True, slots=True)
class NewCommand:
    id: uuid.UUID
    node: str
    kind: str
    args: dict[str, Any]
    account_id: uuid.UUID | None  # None: the house itself asks, for the agent's own good
    agent_no: str | None  # None: about no agent, as caller.flag is
    asked_at: datetime
    deadline_at: datetime


async def store(session: AsyncSession, new: NewCommand) -> tuple[Command, bool]:
    """The row, and whether it was made now.

    Raises:
        CommandReused: the id is another account's, or was asked with another meaning.
    """
    made = await insert_once(session, **asdict(new))
    if made is not None:
        return made, True
    stored = await session.get_one(Command, new.id)
    if (stored.account_id, stored.kind, stored.args) != (new.account_id, new.kind, new.args):
        raise CommandReused
    return stored, False
