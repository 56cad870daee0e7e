"""Recordings found, scored, shelved and exported."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.base import Answer, Ask
from api.schemas.calls import CaseBrief, RecordingBrief
from models.call import Direction, HungUpBy
from models.quality import ExportFormat
from models.recording import RecordingState
from recordings.score_forms import MOST_QUESTIONS
from recordings.search import ScoreState

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


class RecordingSearch(Ask):
    """Several are all demanded. Times without a zone are the site's."""

    number: Short = Field("", description="telephone number in any form: the citizen's, or of whom we called in")
    agent: Short = Field("", description="agent number: answered it, or had a leg of it")
    queue: Short = ""
    since: datetime | None = Field(None, description="the call began then or later")
    until: datetime | None = Field(None, description="… and before")
    shortest_s: float | None = Field(None, ge=0)
    longest_s: float | None = Field(None, ge=0)
    hung_up_by: HungUpBy | None = None
    satisfaction: int | None = Field(None, ge=1, le=3)
    direction: Direction | None = None
    state: RecordingState | None = None
    case_number: Short = ""
    category: Short = Field("", description="a category, or a group of them")
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        "", description="words of the case"
    )
    score: ScoreState | None = None
    danger: bool = False
    undeletable: bool = False
    after: Annotated[str, StringConstraints(max_length=200)] = ""


class ScoreBrief(Answer):
    """The standing score of a recording, and how many there are."""

    total: float
    scores: int
    appealed: bool = Field(description="an appeal waits for its answer")


class RecordingFound(Answer):
    recording: RecordingBrief
    direction: Direction
    number: str = Field(description="the citizen's, for people; masked where the viewer is to learn, not to know")
    started_at: datetime
    talk_s: float | None = None
    agent_no: str | None = None
    queue: str | None = None
    hung_up_by: str | None = None
    satisfaction: int | None = None
    danger: bool = False
    cases: list[CaseBrief] = Field(default_factory=list)
    score: ScoreBrief | None = None
    on_shelf: bool = False


class Question(Answer):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    zh: Line
    en: Line
    weight: int = Field(ge=1, le=100)
    most: int = Field(ge=1, le=10, description="points for the best answer; 0 for the worst")


class ScoreForm(Answer):
    id: uuid.UUID
    code: str
    version: int
    name_zh: str
    name_en: str
    questions: list[Question]


class ScoreFormNew(Ask):
    """The next version of the form of this code, or the first of a new one."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name_zh: Line
    name_en: Line
    questions: list[Question] = Field(min_length=1, max_length=MOST_QUESTIONS)


class ScoreGive(Ask):
    form_id: uuid.UUID
    answers: dict[str, int | None] = Field(max_length=MOST_QUESTIONS, description="points; null: did not apply")
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    agent_no: Short | None = Field(None, description="null: who answered the call")


class Appeal(Answer):
    id: uuid.UUID
    at: datetime
    reason: str


class Score(Answer):
    """Never changed. ``standing``: the one that counts; the earlier ones stay readable."""

    id: uuid.UUID
    recording_id: uuid.UUID
    agent_no: str
    form: ScoreForm
    by: str = Field(description="name of who scored")
    mine: bool = Field(description="given by the viewer")
    at: datetime
    answers: dict[str, int | None]
    comment: str
    total: float
    standing: bool
    answers_appeal: bool
    appeal: Appeal | None = None
    may_appeal: bool = Field(description="the viewer was scored, and has not appealed")
    may_answer: bool = Field(description="an appeal waits, and the viewer may answer it")


class ScoreList(Answer):
    items: list[Score]


class RecordingScores(ScoreList):
    """Everything said of one recording, newest first, and who may be scored in it."""

    agents: list[str]
    may_score: list[str] = Field(description="agents of it without a score, whom the viewer may score")


class Average(Answer):
    """Never without its count: ``recordings`` is how many the mean is of."""

    agent_no: str
    name: str
    average: float
    recordings: int
    scores: int
    appeals: int
    waiting: int


class AverageList(Answer):
    items: list[Average]


class ScoreFormList(Answer):
    items: list[ScoreForm]


class AppealMake(Ask):
    reason: Words


class ShelfPut(Ask):
    recording_id: uuid.UUID
    title: Line
    reason: Words


class ShelfRemove(Ask):
    reason: Words


class ShelfItem(Answer):
    id: uuid.UUID
    title: str
    reason: str
    put_by: str
    created_at: datetime
    recording: RecordingFound


class ShelfList(Answer):
    items: list[ShelfItem]


class RecordingExport(Ask):
    reason: Words
    format: ExportFormat = ExportFormat.OPUS
