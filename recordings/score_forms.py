"""Forms by which recordings are scored: questions with weights and points, in versions. The arithmetic is pure.

A version is never changed; the next one takes its place for new scores, and old scores keep theirs.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.quality import ScoreForm
from recordings.errors import FormNotFound, FormRefused, ScoreRefused

MOST_QUESTIONS = 40


@dataclass(frozen=True, slots=True)
class Question:
    """``weight``: of it in the total, against the others'; ``most``: points for the best answer, 0 for the worst."""

    key: str
    zh: str
    en: str
    weight: int
    most: int


def total_of(questions: Sequence[Question], answers: Mapping[str, int | None]) -> float:
    """0 to 100, one decimal: the weighted mean of points ÷ most. What did not apply (None) weighs nothing.

    Raises:
        ScoreRefused: a question without an answer, an answer without a question, points beyond, or none applied.
    """
    keys = {q.key for q in questions}
    for stray in answers.keys() - keys:
        raise ScoreRefused(question=stray)
    weight = reached = 0.0
    for q in questions:
        points = answers.get(q.key, -1)
        if points is None:
            continue
        if not 0 <= points <= q.most:
            raise ScoreRefused(question=q.key)
        weight += q.weight
        reached += q.weight * points / q.most
    if not weight:
        raise ScoreRefused(question="")
    return round(100 * reached / weight, 1)


def questions_of(form: ScoreForm) -> list[Question]:
    return [Question(**q) for q in form.questions]


async def newest(session: AsyncSession) -> list[ScoreForm]:
    """The newest version of each form."""
    rows = select(ScoreForm).ext(distinct_on(ScoreForm.code)).order_by(ScoreForm.code, ScoreForm.version.desc())
    return list(await session.scalars(rows))


async def usable(session: AsyncSession, form_id: uuid.UUID) -> ScoreForm:
    """A form for a new score. Raises: FormNotFound, also for a version that another one has replaced."""
    form = await session.get(ScoreForm, form_id)
    if form is None or form.id not in {f.id for f in await newest(session)}:
        raise FormNotFound
    return form


async def add_version(
    session: AsyncSession, code: str, names: tuple[str, str], questions: Sequence[Question], by: uuid.UUID
) -> ScoreForm:
    """The next version of the form ``code``, or the first of a new one. ``names``: Chinese, English.

    Raises:
        FormRefused: no questions, too many, or two of one key.
    """
    keys = {q.key for q in questions}
    if not questions or len(keys) != len(questions) or len(questions) > MOST_QUESTIONS:
        raise FormRefused
    before = await session.scalar(select(func.max(ScoreForm.version)).where(ScoreForm.code == code)) or 0
    form_id = uuid.uuid4()
    row = {
        "id": form_id, "code": code, "version": before + 1, "name_zh": names[0], "name_en": names[1],
        "questions": [asdict(q) for q in questions], "account_id": by,
    }  # fmt: skip
    # Two who make the next version at once: the second is told to look again.
    made = await session.execute(insert(ScoreForm).values(row).on_conflict_do_nothing().returning(ScoreForm.id))
    if made.scalar() is None:
        raise FormRefused
    found = await session.get(ScoreForm, form_id)
    assert found is not None
    return found
