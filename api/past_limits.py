"""The limit of a supervisor of some queues over what is kept: recorded calls with all that hangs on them, and people.

The same rule as on the floor (``api.queue_limits``), as clauses of SQL: calls of these queues, calls that were in no
queue of the agents who answer there, and one's own. A call that was in no queue and that nobody answered is the main
queue's, as in the day's count.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_queries import own
from api.edge import Parts
from api.viewer import Viewer
from cases.tuning import agents_of
from cti.facts import Topic
from models.call import Call
from models.quality import Score
from models.recording import Recording
from models.unreached import Unreached
from pbx_config.contract import QUEUE_MAIN


@dataclass(frozen=True, slots=True)
class Past:
    """What a limited supervisor sees. ``agents``: who answers in these queues; ``me``: the own agent number."""

    queues: frozenset[str]
    agents: frozenset[str]
    me: str | None

    def calls(self) -> ColumnElement[bool]:
        """Each side has an index, so that a queue with few calls is found without walking all the others'."""
        inside: list[ColumnElement[bool]] = [Call.queue.in_(_told(self.queues))]
        if self.agents:
            inside.append(and_(Call.queue.is_(None), Call.agent_no.in_(_told(self.agents))))
        if QUEUE_MAIN in self.queues:
            inside.append(and_(Call.queue.is_(None), Call.agent_no.is_(None)))
        if self.me is not None:
            inside.append(Call.agent_no.in_(_told([self.me])))
        return or_(*inside)

    def scores(self) -> ColumnElement[bool]:
        """Scores of recordings of these calls, and the own ones."""
        call_of = select(Recording.id).join(Call, Call.id == Recording.call_id)
        inside = call_of.where(Recording.id == Score.recording_id, self.calls()).exists()
        return or_(inside, Score.agent_no == self.me)

    def unreached(self) -> ColumnElement[bool]:
        """People who tried to reach these queues, and whom oneself has in hand."""
        inside = Unreached.queue.in_(_told(self.queues))
        return (
            inside if self.me is None else or_(inside, Unreached.taken_by == self.me)
        )  # None: nobody has most in hand

    async def among(self, session: AsyncSession, call_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Those of these calls that may be seen; also the ones that one had a leg of."""
        seen = select(Call.id).where(Call.id.in_(call_ids), or_(self.calls(), own(self.me)))
        return set(await session.scalars(seen))


def _told(values: Collection[str]) -> BindParameter[list[str]]:
    """Literals, so that the planner knows each time how many rows they are."""
    return bindparam(None, sorted(values), expanding=True, literal_execute=True, unique=True)


async def past_of(session: AsyncSession, viewer: Viewer, parts: Parts) -> Past | None:
    """None: everything that the role sees."""
    limit = parts.hub.limit(viewer)
    return None if limit is None else Past(limit, await _answering(session, limit, parts), viewer.agent_no)


async def people_of(session: AsyncSession, viewer: Viewer, parts: Parts) -> frozenset[str] | None:
    """Whose hands this viewer sees and to whom they speak: oneself and who answers in these queues. None: everybody."""
    limit = parts.hub.limit(viewer)
    if limit is None:
        return None
    return await _answering(session, limit, parts) | ({viewer.agent_no} if viewer.agent_no else set())


async def _answering(session: AsyncSession, limit: frozenset[str], parts: Parts) -> frozenset[str]:
    """Who is signed in answers where the floor says, who is not by the skills."""
    signed_in = {body["agent_no"]: limit & set(body["queues"]) for body in parts.hub.picture.of_topic(Topic.AGENT)}
    away = await agents_of(session, limit) - signed_in.keys()
    return frozenset(away | {no for no, there in signed_in.items() if there})


async def may_see(session: AsyncSession, call_id: uuid.UUID, viewer: Viewer, parts: Parts) -> bool:
    """Whether the limit lets this call be seen; what the journal has not written yet is nobody's."""
    past = await past_of(session, viewer, parts)
    return past is None or bool(await past.among(session, [call_id]))
