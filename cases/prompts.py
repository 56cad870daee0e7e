"""The line's prompts as tables: their versions, and which one callers hear. Who may is api's; the files are cti's."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import PromptNotFound, PromptVersionNotFound
from cases.incidents import bump
from cases.line_hours import sound
from models.hours import LineSound, PromptHeard, PromptVersion
from pbx_config.prompt_texts import texts
from pbx_config.settings import LANGUAGES

Key = tuple[str, str]  # language, name


@dataclass(frozen=True, slots=True)
class Version:
    row: PromptVersion
    sha256: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language. ``heard``: by node, the checksum of what it plays; nodes that never told are none."""

    language: str
    name: str
    text: str  # as the set-up speaks it
    versions: Sequence[Version]  # oldest first
    heard: Mapping[str, str]

    @property
    def active(self) -> Version | None:
        """What is to be heard: the chosen one, else the made one."""
        chosen = [v for v in self.versions if v.row.active]
        made = [v for v in self.versions if v.row.made]
        played = [v for v in made if v.sha256 in self.heard.values()]
        return next(iter([*chosen, *played, *reversed(made)]), None)

    @property
    def on_line(self) -> bool:
        """Whether every PBX that told anything plays it. Made ones may differ from one PBX to the next."""
        active = self.active
        if active is None or not self.heard:
            return False
        made = {v.sha256 for v in self.versions if v.row.made}
        right = {active.sha256} if active.row.active else made
        return set(self.heard.values()) <= right


async def prompts(session: AsyncSession, only: Key | None = None) -> list[Prompt]:
    """Every prompt in every language, in the order of the texts; or one."""
    rows = select(PromptVersion, LineSound.sha256, LineSound.seconds).join(
        LineSound, LineSound.id == PromptVersion.sound_id
    )
    versions: dict[Key, list[Version]] = defaultdict(list)
    for row, sha256, seconds in await session.execute(rows.order_by(PromptVersion.created_at, PromptVersion.id)):
        versions[row.language, row.name].append(Version(row, sha256, seconds))
    heard: dict[Key, dict[str, str]] = defaultdict(dict)
    for told in await session.scalars(select(PromptHeard)):
        heard[told.language, told.name][told.node] = told.sha256
    return [
        Prompt(language, name, text, versions[language, name], heard[language, name])
        for language in LANGUAGES
        for name, text in texts(language).items()
        if only is None or only == (language, name)
    ]


@dataclass(frozen=True, slots=True)
class NewVersion:
    language: str
    name: str
    sound_id: uuid.UUID
    text: str
    by: str
    at: datetime


async def add(session: AsyncSession, new: NewVersion) -> tuple[PromptVersion, PromptVersion | None]:
    """A new version, active at once, and which one was before (None: the made one). The same sound is kept once.

    Raises: PromptNotFound, SoundNotFound.
    """
    known(new.language, new.name)
    kept = await sound(session, new.sound_id)
    before = await _turn(session, new.language, new.name)
    row = await session.scalar(
        select(PromptVersion).where(
            PromptVersion.language == new.language, PromptVersion.name == new.name, PromptVersion.sound_id == kept.id
        )
    )
    if row is None:
        row = PromptVersion(
            id=uuid.uuid4(), language=new.language, name=new.name, sound_id=kept.id, text=new.text, made=False,
            active=False, created_at=new.at, by=new.by,
        )  # fmt: skip
        session.add(row)
        await session.flush()
    await _activate(session, row, new.by, new.at)
    return row, before


def known(language: str, name: str) -> None:
    """Raises: PromptNotFound."""
    if language not in LANGUAGES or name not in texts(language):
        raise PromptNotFound


async def _turn(session: AsyncSession, language: str, name: str) -> PromptVersion | None:
    """Nothing is active any more; what was. Two administrators come one after the other."""
    await bump(session)  # its lock orders them, and cti is told
    its = (PromptVersion.language == language, PromptVersion.name == name, PromptVersion.active)
    before: PromptVersion | None = await session.scalar(select(PromptVersion).where(*its))
    await session.execute(update(PromptVersion).where(*its).values(active=False))
    return before


async def _activate(session: AsyncSession, row: PromptVersion, by: str, at: datetime) -> None:
    changed = {"active": True, "activated_at": at, "activated_by": by}
    await session.execute(update(PromptVersion).where(PromptVersion.id == row.id).values(**changed))


async def choose(
    session: AsyncSession, key: Key, version_id: uuid.UUID | None, by: str, at: datetime
) -> PromptVersion | None:
    """An earlier version again, None the made one; which one was before.

    Raises: PromptNotFound, PromptVersionNotFound.
    """
    language, name = key
    known(language, name)
    row = await session.get(PromptVersion, version_id) if version_id is not None else None
    if version_id is not None and (row is None or (row.language, row.name) != key):
        raise PromptVersionNotFound
    before = await _turn(session, language, name)
    if row is not None:
        await _activate(session, row, by, at)
    return before
