"""Finding recordings by whatever is known of the call, the audio, the case or the score. Newest call first.

A recording is found through its call: audio whose call the journal has not written yet appears when it has. Telephone
numbers, words of cases and rights are decided by who asks: here they are plain values and clauses.

How a million rows stay quick: every filter has an index of its own
or narrows a walk over the newest calls. Which of the two is right PostgreSQL cannot know for words and categories of
cases, so there the newest calls are looked through first, and the index is asked where they did not fill the page.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, literal_column, or_, select, text, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.call import Call, Leg
from models.case import Case, CaseCall, Category
from models.danger import Danger
from models.quality import Score, ScoreAppeal
from models.recording import Recording

_LOOKED_THROUGH = 3000  # newest recordings that are looked through before the index of words or categories is asked
# Literals, so that the planner sees that the partial indexes hold.
_OUTBOUND: Final[ColumnElement[str]] = literal_column("'outbound'")
_OUTSIDE: Final[ColumnElement[str]] = literal_column("'outside'")
_COMPLETE: Final[ColumnElement[str]] = literal_column("'complete'")


class ScoreState(StrEnum):
    UNSCORED = "unscored"
    SCORED = "scored"
    APPEALED = "appealed"  # an appeal waits for its answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; several are all demanded.

    ``numbers``: every way a trunk may write the number; None: not asked for. ``words`` is a tsquery, ``own`` the agent
    beyond whose calls nothing is shown, ``within`` leaves out calls that must not be seen, ``visible`` cases, not even
    by their words.
    """

    numbers: tuple[str, ...] | None = None
    agent_no: str | None = None
    own: str | None = None
    within: ColumnElement[bool] | None = None  # None: every call
    queue: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # exclusive
    shortest_s: float | None = None
    longest_s: float | None = None
    hung_up_by: str | None = None
    satisfaction: int | None = None
    direction: str | None = None
    state: str | None = None
    case_number: str | None = None
    category: str | None = None
    words: str | None = None
    visible: ColumnElement[bool] | None = None  # None: every case
    score: ScoreState | None = None
    danger: bool = False
    undeletable: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    recording: Recording
    call: Call


async def find(
    session: AsyncSession, wanted: Wanted, after: tuple[datetime, uuid.UUID] | None, limit: int
) -> list[Found]:
    """At most ``limit`` recordings; ``after``: (the call's start, the recording's id) of the last one shown.

    Needs a transaction: a plan that PostgreSQL keeps for any value walks a million calls for a rare one.
    """
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    await session.execute(text("SET LOCAL jit = off"))
    clauses = [*_of_call(wanted, after), *_of_recording(wanted), *_of_score(wanted)]
    of_case = _of_case(wanted)
    if of_case is None:
        ids = _newest(select(Recording.id).join(Call, Call.id == Recording.call_id).where(*clauses), limit)
        return await _read(session, list(await session.scalars(ids)))
    window = _newest(
        select(Recording.id, Recording.call_id, Call.started_at).join(Call, Call.id == Recording.call_id)
        .where(*clauses), _LOOKED_THROUGH,
    ).subquery()  # fmt: skip
    among = (
        select(window.c.id)
        .where(exists(of_case.where(CaseCall.call_id == window.c.call_id)))
        .order_by(window.c.started_at.desc(), window.c.id.desc())
        .limit(limit)
    )
    found = list(await session.scalars(among))
    if len(found) < limit:
        calls = of_case.with_only_columns(CaseCall.call_id).distinct().cte("of_case").prefix_with("MATERIALIZED")
        every = (
            select(Recording.id)
            .join(Call, Call.id == Recording.call_id)
            .join(calls, calls.c.call_id == Call.id)
            .where(*clauses)
        )
        found = list(await session.scalars(_newest(every, limit)))
    return await _read(session, found)


def _newest(question: Any, limit: int) -> Any:
    return question.order_by(Call.started_at.desc(), Recording.id.desc()).limit(limit)


async def _read(session: AsyncSession, ids: list[uuid.UUID]) -> list[Found]:
    question = select(Recording, Call).join(Call, Call.id == Recording.call_id).where(Recording.id.in_(ids))
    rows = await session.execute(question.order_by(Call.started_at.desc(), Recording.id.desc()))
    return [Found(recording, call) for recording, call in rows]


def _of_call(w: Wanted, after: tuple[datetime, uuid.UUID] | None) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [] if w.within is None else [w.within]
    equal = (
        (Call.queue, w.queue), (Call.hung_up_by, w.hung_up_by), (Call.satisfaction, w.satisfaction),
        (Call.direction, w.direction),
    )  # fmt: skip
    clauses += [column == value for column, value in equal if value is not None]
    if w.since is not None:
        clauses.append(Call.started_at >= w.since)
    if w.until is not None:
        clauses.append(Call.started_at < w.until)
    if after is not None:
        clauses.append(Call.started_at <= after[0])  # for the index; the pair below is the truth
        clauses.append(tuple_(Call.started_at, Recording.id) < tuple_(*after))
    until = min((t for t in (w.until, after[0] if after else None) if t is not None), default=None)
    clauses += [of_agent(agent, w.since, until) for agent in (w.agent_no, w.own) if agent is not None]
    if w.numbers is not None:
        clauses.append(_of_number(w.numbers))
    if w.danger:
        clauses.append(Call.id.in_(select(Danger.call_id)))
    if w.case_number is not None:
        cases = select(CaseCall.call_id).join(Case, Case.id == CaseCall.case_id)
        clauses.append(Call.id.in_(cases.where(Case.number == w.case_number, *_visible(w))))
    return clauses


def of_agent(agent_no: str, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """Calls that this agent answered first, or had a leg of. A leg may begin later than its call, never earlier."""
    call = aliased(Call)
    first = select(call.id).where(call.agent_no == agent_no)
    legs = select(Leg.call_id).where(Leg.agent_no == agent_no, Leg.answered_at.is_not(None))
    if since is not None:
        first, legs = first.where(call.started_at >= since), legs.where(Leg.started_at >= since)
    if until is not None:
        first = first.where(call.started_at <= until)
    return Call.id.in_(union(first, legs))


def _of_number(numbers: tuple[str, ...]) -> ColumnElement[bool]:
    """The citizen who called or was called, or somebody outside who was called into it."""
    call = aliased(Call)
    return Call.id.in_(
        union(
            select(call.id).where(call.caller.in_(numbers), call.direction != _OUTBOUND),
            select(call.id).where(call.called.in_(numbers), call.direction == _OUTBOUND),
            select(Leg.call_id).where(Leg.number.in_(numbers), Leg.party == _OUTSIDE),
        )
    )


def _of_recording(w: Wanted) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if w.state is not None:
        clauses.append(Recording.state == w.state)
        if w.state != "complete":
            clauses.append(Recording.state != _COMPLETE)
    if w.shortest_s is not None:
        clauses.append(Recording.duration_s >= w.shortest_s)
    if w.longest_s is not None:
        clauses.append(Recording.duration_s <= w.longest_s)
    if w.undeletable:
        clauses.append(Recording.undeletable.is_(True))
    return clauses


def _of_score(w: Wanted) -> list[ColumnElement[bool]]:
    answer = aliased(Score)
    if w.score is ScoreState.UNSCORED:
        return [~exists().where(Score.recording_id == Recording.id)]
    if w.score is ScoreState.SCORED:
        return [Recording.id.in_(select(Score.recording_id))]
    if w.score is ScoreState.APPEALED:
        waiting = ~exists().where(answer.appeal_id == ScoreAppeal.id)
        return [
            Recording.id.in_(
                select(Score.recording_id).join(ScoreAppeal, ScoreAppeal.score_id == Score.id).where(waiting)
            )
        ]
    return []


def _visible(w: Wanted) -> list[ColumnElement[bool]]:
    return [] if w.visible is None else [w.visible]


def _of_case(w: Wanted) -> Select[Any] | None:
    """Links to the cases that are meant; None where no case is asked for by words or category."""
    clauses: list[ColumnElement[bool]] = []
    if w.words is not None:
        clauses.append(Case.words.bool_op("@@")(text("CAST(:words AS tsquery)").bindparams(words=w.words)))
    if w.category is not None:
        codes = select(Category.code).where(or_(Category.code == w.category, Category.parent == w.category))
        clauses.append(Case.category.in_(codes))
    if not clauses:
        return None
    return select(CaseCall.call_id).join(Case, Case.id == CaseCall.case_id).where(*clauses, *_visible(w))
