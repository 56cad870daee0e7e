"""Commands that the house asks on its own: several for one key of the agent's, in the order in which they are given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.command_rows import NewCommand, store
from api.viewer import Viewer

REST = "rest"  # a pause that counts against nobody


@dataclass(frozen=True, slots=True)
class Order:
    """One command. ``id`` where somebody else must know it beforehand."""

    kind: str
    args: dict[str, Any]
    agent_no: str | None
    id: uuid.UUID


def order(kind: str, args: dict[str, Any], agent_no: str | None) -> Order:
    return Order(kind, args, agent_no, uuid.uuid4())


async def give(session: AsyncSession, node: str, orders: list[Order], viewer: Viewer, deadline_s: float) -> None:
    """cti takes commands by the time they were asked: each is a moment after the one before."""
    now = datetime.now(UTC)
    for place, one in enumerate(orders):
        at = now + timedelta(microseconds=place)
        deadline = at + timedelta(seconds=deadline_s)
        await store(
            session, NewCommand(one.id, node, one.kind, one.args, viewer.account_id, one.agent_no, at, deadline)
        )
