"""The line's prompts: what is said, its versions in each language, and which one callers hear."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.schemas.hours import Language
from cases.texts import Line, ShortLine


class PromptAsk(Ask):
    """A recording that was kept before (POST /line-sounds), heard from now on."""

    language: Language
    name: ShortLine = Field(examples=["lianxin/notice"])
    sound_id: uuid.UUID
    text: Line = Field(min_length=1, description="what is said in it")


class PromptChoice(Ask):
    language: Language
    name: ShortLine
    version_id: uuid.UUID | None = Field(None, description="absent: the made one")


class PromptVersionAnswer(Answer):
    id: uuid.UUID
    number: int = Field(description="of this prompt and language, from 1")
    sound_id: uuid.UUID
    text: str
    seconds: float
    made: bool = Field(description="by the set-up, as speech or from the site's own file")
    by: str
    created_at: datetime
    activated_at: datetime | None
    activated_by: str | None


class PromptSpoken(Answer):
    language: Language
    text: str = Field(description="as the set-up speaks it")
    active: uuid.UUID | None = Field(description="the version that callers are to hear; null: no PBX has told any yet")
    on_line: bool = Field(description="every PBX plays it")
    versions: list[PromptVersionAnswer]


class PromptAnswer(Answer):
    name: str
    spoken: list[PromptSpoken]


class PromptList(Answer):
    items: list[PromptAnswer]
