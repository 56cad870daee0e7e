"""Keeps the PBX's prompts as the database has them, and tells the database what is really played.

As cti.hours: one number is looked at; the database away leaves the files as they are. What cannot be written (a full
disk) is said once a minute and tried again, and the page goes on saying that it is not on the line.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping

import asyncpg
import structlog

from cti.hours.wanted import version
from cti.keeping import keep
from pbx_config.announcement import seconds
from pbx_config.prompt_files import PromptFiles, prompts, sha256
from pbx_config.prompt_texts import texts

log = structlog.get_logger(__name__)

AGAIN_S = 3600.0
AFTER_FAILURE_S = 60.0
MAKER = "lianxin"
Prompt = tuple[str, str]  # language, name

_WANTED = """
SELECT v.language, v.name, s.sha256, s.id FROM prompt_version v JOIN line_sound s ON s.id = v.sound_id WHERE v.active
"""
_KEEP_SOUND = """
INSERT INTO line_sound (id, sha256, seconds, text, wav, by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (sha256) DO NOTHING
"""
_KEEP_MADE = """
INSERT INTO prompt_version (id, language, name, sound_id, text, made, by) VALUES ($1, $2, $3, $4, $5, true, $6)
ON CONFLICT (language, name, sound_id) DO NOTHING
"""
_TELL = """
INSERT INTO prompt_heard (node, language, name, sha256) VALUES ($1, $2, $3, $4)
ON CONFLICT (node, language, name) DO UPDATE SET sha256 = excluded.sha256, at = now()
WHERE prompt_heard.sha256 <> excluded.sha256
"""


class PromptKeeper:
    """One per PBX, on its host."""

    def __init__(self, pool: asyncpg.Pool, node: str, files: PromptFiles) -> None:
        self._pool, self._node, self._files = pool, node, files
        self._version: int | None = None
        self._due_s = 0.0

    async def run(self) -> None:
        """Agree at the start, at every change, and every hour."""
        await keep("prompts", self._look)

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        async with self._pool.acquire() as conn:
            newest = await version(conn)
            if newest == self._version and now_s < self._due_s:
                return
            failed = await self._place(await self._missing(conn))
            await self._keep_made(conn)
            await self._tell(conn)
        self._version, self._due_s = newest, now_s + (AFTER_FAILURE_S if failed else AGAIN_S)

    async def _missing(self, conn: asyncpg.Connection) -> Mapping[Prompt, bytes | None]:
        """What is to be chosen anew: the sound, None for the made one."""
        wanted = {(row["language"], row["name"]): row for row in await conn.fetch(_WANTED)}
        there = await asyncio.to_thread(lambda: {p: sha256(self._files.chosen(*p)) for p in prompts()})
        found: dict[Prompt, bytes | None] = {}
        for prompt, sha in there.items():
            row = wanted.get(prompt)
            if row is None and sha is not None:
                found[prompt] = None
            elif row is not None and row["sha256"] != sha:
                found[prompt] = await conn.fetchval("SELECT wav FROM line_sound WHERE id = $1", row["id"])
        return found

    async def _place(self, missing: Mapping[Prompt, bytes | None]) -> bool:
        """True when something could not be written."""
        failed = False
        for (language, name), wav in missing.items():
            try:
                await asyncio.to_thread(self._files.choose, language, name, wav)
                log.info("prompt_placed", prompt=f"{language}/{name}", made=wav is None)
            except OSError as exc:
                failed = True
                log.error("prompt_not_written", prompt=f"{language}/{name}", error=str(exc))
        return failed

    async def _keep_made(self, conn: asyncpg.Connection) -> None:
        """So that everybody can hear the made ones, wherever the API runs."""
        known = {(row["language"], row["name"], row["sha256"]) for row in await conn.fetch(
            "SELECT v.language, v.name, s.sha256 FROM prompt_version v JOIN line_sound s ON s.id = v.sound_id"
            " WHERE v.made"
        )}  # fmt: skip
        for language, name in prompts():
            path = self._files.made(language, name)
            if (sha := await asyncio.to_thread(sha256, path)) is None or (language, name, sha) in known:
                continue
            wav, text = await asyncio.to_thread(path.read_bytes), texts(language)[name]
            async with conn.transaction():
                await conn.execute(_KEEP_SOUND, uuid.uuid4(), sha, seconds(wav), text, wav, MAKER)
                sound_id = await conn.fetchval("SELECT id FROM line_sound WHERE sha256 = $1", sha)
                await conn.execute(_KEEP_MADE, uuid.uuid4(), language, name, sound_id, text, MAKER)

    async def _tell(self, conn: asyncpg.Connection) -> None:
        heard = await asyncio.to_thread(lambda: {p: sha256(self._files.heard(*p)) for p in prompts()})
        told = [(self._node, language, name, sha) for (language, name), sha in heard.items() if sha]
        await conn.executemany(_TELL, told)
