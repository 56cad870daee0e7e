"""Recordings as a list tells them: with their call, cases, score and place on the shelf."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.call_answers import recording_brief
from api.case_answers import case_brief, reader_of
from api.rights import Right
from api.schemas.recordings import RecordingFound, ScoreBrief
from api.viewer import Viewer
from cases import search as case_search
from cases.numbers import canonical, display, masked
from models.account import Account
from models.call import Call, Direction
from models.danger import Danger
from models.quality import Score, ShelfItem
from recordings.scores import list_scores
from recordings.search import Found


async def found_answers(session: AsyncSession, found: Sequence[Found], viewer: Viewer) -> list[RecordingFound]:
    """A handful of statements for any number of rows. What is found may be played: the search shows nothing else."""
    calls = list({f.call.id: None for f in found})
    cases = await case_search.of_calls(session, calls, reader_of(viewer))
    dangers = set(await session.scalars(select(Danger.call_id).where(Danger.call_id.in_(calls))))
    ids = [f.recording.id for f in found]
    shelf = ShelfItem.recording_id.in_(ids), ShelfItem.removed_at.is_(None)
    on_shelf = set(await session.scalars(select(ShelfItem.recording_id).where(*shelf)))
    scores = await score_briefs(session, ids, viewer)
    return [
        RecordingFound(
            recording=recording_brief(f.recording, True), number=display(number_of(f.call)), **call_part(f.call),
            danger=f.call.id in dangers, cases=[case_brief(c) for c in cases.get(f.call.id, [])],
            score=scores.get(f.recording.id), on_shelf=f.recording.id in on_shelf,
        )
        for f in found
    ]  # fmt: skip


def shelf_answer(found: Found, viewer: Viewer) -> RecordingFound:
    """As one may learn from it: no cases, and for agents no number."""
    number = number_of(found.call)
    told = display(number) if viewer.may(Right.RECORDINGS_ALL) else masked(number)
    return RecordingFound(
        recording=recording_brief(found.recording, True), number=told, on_shelf=True, **call_part(found.call)
    )


def number_of(call: Call) -> str:
    """The citizen's, in canonical form."""
    return canonical(call.called if call.direction == Direction.OUTBOUND else call.caller)


def call_part(call: Call) -> dict[str, object]:
    names = ("direction", "started_at", "talk_s", "agent_no", "queue", "hung_up_by", "satisfaction")
    return {name: getattr(call, name) for name in names}


async def score_briefs(session: AsyncSession, ids: list[uuid.UUID], viewer: Viewer) -> dict[uuid.UUID, ScoreBrief]:
    """The newest standing score of each recording; an agent is told only of the own ones."""
    clauses: list[ColumnElement[bool]] = [Score.recording_id.in_(ids)]
    if not viewer.may(Right.RECORDINGS_ALL):
        clauses.append(Score.agent_no == viewer.agent_no)
    found: dict[uuid.UUID, ScoreBrief] = {}
    for row in await list_scores(session, *clauses):
        brief = found.get(row.score.recording_id)
        if brief is None:
            waits = row.standing and row.appeal is not None
            found[row.score.recording_id] = ScoreBrief(total=row.score.total, scores=1, appealed=waits)
        else:
            brief.scores += 1
    return found


async def names_of(session: AsyncSession, accounts: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(accounts)))
    return {row.id: row.display_name for row in rows}
