"""Scores as the wire tells them, and what this viewer may do with each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.past_limits import Past
from api.recording_answers import names_of
from api.rights import Right
from api.schemas.recordings import Appeal, Score, ScoreForm
from api.viewer import Viewer
from models.quality import Score as ScoreRow
from models.quality import ScoreForm as FormRow
from recordings.scores import Scored


def seen_only(viewer: Viewer, past: Past | None) -> list[ColumnElement[bool]]:
    """The clause that leaves an agent only the own scores, and a supervisor of some queues those of their calls."""
    if not viewer.may(Right.RECORDINGS_ALL):
        return [ScoreRow.agent_no == viewer.number]
    return [past.scores()] if past else []


async def score_answers(session: AsyncSession, rows: Sequence[Scored], viewer: Viewer) -> list[Score]:
    forms = await session.scalars(select(FormRow).where(FormRow.id.in_({r.score.form_id for r in rows})))
    form_of = {f.id: ScoreForm.model_validate(f) for f in forms}
    names = await names_of(session, {r.score.account_id for r in rows})
    scorers = await _scorers(session, {r.score.recording_id for r in rows})
    return [_answer(r, form_of, names, scorers, viewer) for r in rows]


async def _scorers(session: AsyncSession, recordings: set[uuid.UUID]) -> set[tuple[uuid.UUID, str, uuid.UUID]]:
    columns = ScoreRow.recording_id, ScoreRow.agent_no, ScoreRow.account_id
    rows = await session.execute(select(*columns).where(ScoreRow.recording_id.in_(recordings)))
    return {(recording, agent, account) for recording, agent, account in rows}


def _answer(
    row: Scored, forms: dict[uuid.UUID, ScoreForm], names: dict[uuid.UUID, str],
    scorers: set[tuple[uuid.UUID, str, uuid.UUID]], viewer: Viewer,
) -> Score:  # fmt: skip
    score, waits = row.score, row.appeal is not None and row.standing
    mine = viewer.agent_no is not None and viewer.agent_no == score.agent_no
    others = viewer.may(Right.SCORES_GIVE) and not mine
    return Score(
        id=score.id, recording_id=score.recording_id, agent_no=score.agent_no, form=forms[score.form_id],
        by=names.get(score.account_id, ""), mine=score.account_id == viewer.account_id, at=score.at,
        answers=score.answers, comment=score.comment, total=score.total, standing=row.standing,
        answers_appeal=score.appeal_id is not None,
        appeal=Appeal.model_validate(row.appeal) if row.appeal else None,
        may_appeal=mine and row.appeal is None and row.standing,
        may_answer=others and waits and (score.recording_id, score.agent_no, viewer.account_id) not in scorers,
    )  # fmt: skip
