"""Prompts over HTTP: their versions, another recording, an earlier one again, the made one again.

The sound itself is uploaded, recorded or spoken as an announcement (POST /line-sounds), which also judges it. The PBX's
side (cti.prompts) sees a change within a second and tells when it is played.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, status

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.rights import Right
from api.schemas.hours import Language
from api.schemas.prompts import (
    PromptAnswer,
    PromptAsk,
    PromptChoice,
    PromptList,
    PromptSpoken,
    PromptVersionAnswer,
)
from api.viewer import Viewer
from cases import line_hours, prompts
from cases.prompts import NewVersion, Prompt, Version
from models.db import read_only, transaction
from models.hours import PromptVersion
from pbx_config.announcement import LEAST_S, SoundLength

router = APIRouter(prefix="/prompts", tags=["prompts"])

Admin = Annotated[Viewer, needs(Right.PROMPTS)]
MADE = "made"
NUMBERS = "digits/"
NUMBER_MOST_S = 5  # several of them make one number: nobody listens to an address in each


@router.get("", summary="Everything that the line says, in both languages, with all versions")
async def list_prompts(viewer: Admin, request: Request) -> PromptList:
    async with read_only(parts_of(request).engine) as session:
        return PromptList(items=_answers(await prompts.prompts(session)))


def _answers(found: list[Prompt]) -> list[PromptAnswer]:
    names = dict.fromkeys(prompt.name for prompt in found)
    return [PromptAnswer(name=name, spoken=[_spoken(p) for p in found if p.name == name]) for name in names]


def _spoken(prompt: Prompt) -> PromptSpoken:
    active = prompt.active
    return PromptSpoken(
        language=Language(prompt.language), text=prompt.text, active=active.row.id if active else None,
        on_line=prompt.on_line, versions=[_version(n, v) for n, v in enumerate(prompt.versions, 1)],
    )  # fmt: skip


def _version(number: int, version: Version) -> PromptVersionAnswer:
    row = version.row
    own = {name: getattr(row, name) for name in PromptVersionAnswer.model_fields if hasattr(row, name)}
    return PromptVersionAnswer(number=number, seconds=version.seconds, **own)


@router.post("", status_code=status.HTTP_201_CREATED, summary="Another recording, heard by the next caller")
async def replace_prompt(asked: PromptAsk, viewer: Admin, request: Request) -> PromptAnswer:
    """Who hears the old one at this moment hears it to its end."""
    parts = parts_of(request)
    new = NewVersion(
        asked.language.value, asked.name, asked.sound_id, asked.text.strip(), viewer.login, datetime.now(UTC)
    )  # fmt: skip
    prompts.known(new.language, new.name)
    async with transaction(parts.engine) as session:
        if asked.name.startswith(NUMBERS):
            sound = await line_hours.sound(session, asked.sound_id)
            if sound.seconds > NUMBER_MOST_S:
                raise SoundLength(least=LEAST_S, most=NUMBER_MOST_S)
        row, before = await prompts.add(session, new)
        told = {"before": _named(before), "after": str(row.id), "text": row.text}
        await append(session, viewer.account_id, "prompt.replaced", _subject(asked), told)
    return await _one(parts, asked)


def _named(version: PromptVersion | None) -> str:
    return str(version.id) if version else MADE


def _subject(asked: PromptAsk | PromptChoice) -> str:
    return f"{asked.language.value}/{asked.name}"


async def _one(parts: Parts, asked: PromptAsk | PromptChoice) -> PromptAnswer:
    """With its other language beside it, as the list has it."""
    async with read_only(parts.engine) as session:
        return next(a for a in _answers(await prompts.prompts(session)) if a.name == asked.name)


@router.put("/active", summary="An earlier version again, or the made one")
async def choose_prompt(asked: PromptChoice, viewer: Admin, request: Request) -> PromptAnswer:
    parts = parts_of(request)
    key = (asked.language.value, asked.name)
    async with transaction(parts.engine) as session:
        before = await prompts.choose(session, key, asked.version_id, viewer.login, datetime.now(UTC))
        after = str(asked.version_id) if asked.version_id else MADE
        told = {"before": _named(before), "after": after}
        await append(session, viewer.account_id, "prompt.chosen", _subject(asked), told)
    return await _one(parts, asked)
