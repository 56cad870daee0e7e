"""Scores of recordings: immutable; an appeal adds one by somebody else; averages say of how many.

The score that counts is the last one of a recording and agent; the earlier ones stay. Who may score is decided at the
edge; here is only what the rows themselves forbid (the database says the same, by constraint and trigger).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.call import Call, Leg
from models.quality import Score, ScoreAppeal
from models.recording import Recording
from recordings.errors import (
    AlreadyAppealed,
    AlreadyScored,
    AppealAnswered,
    AppealNotFound,
    NoAgentInIt,
    OwnRecording,
    SameScorer,
    ScoreNotFound,
    ScoreNotYours,
)
from recordings.score_forms import questions_of, total_of, usable


@dataclass(frozen=True, slots=True)
class Scorer:
    account_id: uuid.UUID
    agent_no: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a scorer fills in. ``answers``: question → points, None where it did not apply."""

    form_id: uuid.UUID
    answers: Mapping[str, int | None]
    comment: str


async def score(session: AsyncSession, recording: Recording, agent_no: str | None, said: Said, by: Scorer) -> Score:
    """The first score of an agent in a recording; ``agent_no`` None: who answered the call.

    Raises:
        NoAgentInIt, OwnRecording, AlreadyScored, FormNotFound, ScoreRefused
    """
    return await _add(session, recording.id, await _agent_of(session, recording, agent_no), said, by)


async def answer(session: AsyncSession, appeal_id: uuid.UUID, said: Said, by: Scorer) -> Score:
    """One more score, by somebody who has not scored this recording.

    Raises:
        AppealNotFound, AppealAnswered, SameScorer, OwnRecording, FormNotFound, ScoreRefused
    """
    appeal = await session.get(ScoreAppeal, appeal_id)
    if appeal is None:
        raise AppealNotFound
    before = await session.get_one(Score, appeal.score_id)
    earlier = select(Score.account_id).where(
        Score.recording_id == before.recording_id, Score.agent_no == before.agent_no
    )
    if by.account_id in set(await session.scalars(earlier)):
        raise SameScorer
    return await _add(session, before.recording_id, before.agent_no, said, by, appeal_id=appeal_id)


async def recording_of(session: AsyncSession, appeal_id: uuid.UUID) -> uuid.UUID:
    """The recording whose score is appealed against. Raises: AppealNotFound."""
    appealed = select(Score.recording_id).join(ScoreAppeal, ScoreAppeal.score_id == Score.id)
    found = await session.scalar(appealed.where(ScoreAppeal.id == appeal_id))
    if found is None:
        raise AppealNotFound
    return found


async def _add(
    session: AsyncSession,
    recording_id: uuid.UUID,
    agent_no: str,
    said: Said,
    by: Scorer,
    *,
    appeal_id: uuid.UUID | None = None,
) -> Score:
    if by.agent_no == agent_no:
        raise OwnRecording
    form = await usable(session, said.form_id)
    row = {
        "id": uuid.uuid4(), "recording_id": recording_id, "agent_no": agent_no, "form_id": form.id,
        "account_id": by.account_id, "answers": dict(said.answers), "comment": said.comment,
        "total": total_of(questions_of(form), said.answers), "appeal_id": appeal_id,
    }  # fmt: skip
    made = await session.execute(insert(Score).values(row).on_conflict_do_nothing().returning(Score.id))
    if made.scalar() is None:
        raise AppealAnswered if appeal_id else AlreadyScored
    return await session.get_one(Score, row["id"])


async def agents_of(session: AsyncSession, recording: Recording) -> list[str]:
    """Who may be scored in it: who answered the call first, then who else had a leg of it."""
    call = await session.get(Call, recording.call_id)
    legs = await session.scalars(
        select(Leg.agent_no)
        .where(Leg.call_id == recording.call_id, Leg.agent_no.is_not(None), Leg.answered_at.is_not(None))
        .order_by(Leg.answered_at)
    )
    numbers = [call.agent_no if call else None, *legs]
    return list(dict.fromkeys(n for n in numbers if n))


async def _agent_of(session: AsyncSession, recording: Recording, agent_no: str | None) -> str:
    there = await agents_of(session, recording)
    if not there or (agent_no is not None and agent_no not in there):
        raise NoAgentInIt
    return agent_no or there[0]


async def appeal(session: AsyncSession, score_id: uuid.UUID, reason: str, by: Scorer) -> ScoreAppeal:
    """Raises: ScoreNotFound, ScoreNotYours, AlreadyAppealed."""
    appealed = await session.get(Score, score_id)
    if appealed is None:
        raise ScoreNotFound
    if by.agent_no is None or by.agent_no != appealed.agent_no:
        raise ScoreNotYours
    row = {"id": uuid.uuid4(), "score_id": score_id, "account_id": by.account_id, "reason": reason}
    made = await session.execute(insert(ScoreAppeal).values(row).on_conflict_do_nothing().returning(ScoreAppeal.id))
    if made.scalar() is None:
        raise AlreadyAppealed
    return await session.get_one(ScoreAppeal, row["id"])


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with the appeal against it. ``standing``: no later one of this recording and agent."""

    score: Score
    appeal: ScoreAppeal | None
    standing: bool


async def list_scores(session: AsyncSession, *clauses: ColumnElement[bool], limit: int = 200) -> list[Scored]:
    """Newest first."""
    rows = await session.execute(
        select(Score, ScoreAppeal, _stands())
        .outerjoin(ScoreAppeal, ScoreAppeal.score_id == Score.id)
        .where(*clauses)
        .order_by(Score.at.desc(), Score.id.desc())
        .limit(limit)
    )
    return [Scored(score, against, stands) for score, against, stands in rows]


def _stands() -> ColumnElement[bool]:
    """Scores of a recording and agent are a chain: the last one is whom no answered appeal leads on from."""
    later, against = aliased(Score), aliased(ScoreAppeal)
    return ~exists().where(against.score_id == Score.id, later.appeal_id == against.id)


def waiting() -> ColumnElement[bool]:
    """Scores with an appeal that nobody has answered."""
    later, against = aliased(Score), aliased(ScoreAppeal)
    return exists().where(against.score_id == Score.id, ~exists().where(later.appeal_id == against.id))


@dataclass(frozen=True, slots=True)
class Average:
    """Mean of the standing scores of ``recordings`` recordings; ``scores`` counts the replaced ones too."""

    agent_no: str
    average: float
    recordings: int
    scores: int
    appeals: int
    waiting: int


async def averages(
    session: AsyncSession, since: datetime | None, until: datetime | None, *clauses: ColumnElement[bool]
) -> list[Average]:
    """By agent, over the recordings whose score was last given in the period; ``clauses``: only of these scores."""
    standing = select(Score.recording_id, Score.agent_no, Score.total).where(_stands(), *clauses)
    if since is not None:
        standing = standing.where(Score.at >= since)
    if until is not None:
        standing = standing.where(Score.at < until)
    last = standing.cte("standing")
    chain = (
        select(
            Score.recording_id, Score.agent_no, func.count().label("scores"),
            func.count(ScoreAppeal.id).label("against"),
        )
        .outerjoin(ScoreAppeal, ScoreAppeal.score_id == Score.id)
        .where(*clauses)
        .group_by(Score.recording_id, Score.agent_no)
        .subquery()
    )  # fmt: skip
    together = (chain.c.recording_id == last.c.recording_id) & (chain.c.agent_no == last.c.agent_no)
    rows = await session.execute(
        select(
            last.c.agent_no, func.avg(last.c.total), func.count(), func.sum(chain.c.scores), func.sum(chain.c.against)
        )
        .join(chain, together)
        .group_by(last.c.agent_no)
        .order_by(last.c.agent_no)
    )
    # A chain of n scores holds n - 1 answered appeals: what is left waits.
    return [
        Average(agent, round(float(mean), 1), n, int(scores), int(against), int(against) - (int(scores) - n))
        for agent, mean, n, scores, against in rows
    ]
