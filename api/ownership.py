"""On whose behalf a call is moved: one's own, or any call in danger for who has the right to all calls."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_queries import is_own
from api.edge import Parts
from api.errors import CallNotFound, CallNotYours
from api.rights import Right
from api.viewer import Viewer
from api.visibility import here
from cti.facts import Topic
from models.call import Call
from models.danger import Danger

OWN_LEG = frozenset({"call.hangup", "call.leave"})
# What a supervisor may do in a danger call of somebody else's: help, never take away.
IN_DANGER = frozenset({"call.add", "call.drop", "call.mute", "call.unmute", "call.hold", "call.unhold"})


@dataclass(frozen=True, slots=True)
class Asking:
    """``agent_no``: whose call it is, which is what cti checks; ``caller``: the citizen's number, if it is known."""

    node: str
    agent_no: str
    caller: str | None = None


async def who_asks(session: AsyncSession, kind: str, call_id: uuid.UUID, viewer: Viewer, parts: Parts) -> Asking:
    """Raises: CallNotYours. A call that is not in the live picture is left to cti, which knows."""
    call = parts.hub.picture.get(Topic.CALL, str(call_id))
    if call is None:
        agent = parts.hub.picture.get(Topic.AGENT, viewer.number)
        return Asking(str(agent["node"]) if agent else parts.settings.node, viewer.number)
    node, caller = str(call["node"]), call["caller"]
    if call["agent_no"] == viewer.number or viewer.number in call["ringing"]:
        return Asking(node, viewer.number, caller)
    if kind in OWN_LEG and in_the_room(call, viewer.number):
        return Asking(node, viewer.number, caller)
    if kind in IN_DANGER and viewer.may(Right.CALLS_ALL) and await in_danger(session, call_id):
        return Asking(node, call["agent_no"] or viewer.number, caller)
    raise CallNotYours


def in_the_room(call: dict[str, Any], agent_no: str) -> bool:
    return any(p["agent_no"] == agent_no and here(p) for p in call["parties"])


async def in_danger(session: AsyncSession, call_id: uuid.UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Danger.call_id == call_id, Danger.ended_at.is_(None)))))


async def is_mine(session: AsyncSession, call_id: uuid.UUID, viewer: Viewer, parts: Parts) -> dict[str, Any] | None:
    """The live body of a call that this agent has, or has had; None once it left the picture.

    Raises: CallNotFound, CallNotYours.
    """
    call = parts.hub.picture.get(Topic.CALL, str(call_id))
    if call is not None and (call["agent_no"] == viewer.agent_no or in_the_room(call, viewer.number)):
        return call
    if await is_own(session, call_id, viewer.agent_no):
        return call
    if call is None and await session.get(Call, call_id) is None:
        raise CallNotFound
    raise CallNotYours
