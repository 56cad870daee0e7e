"""A version that an administrator chose is heard by the next caller, and by nobody who hears the old one."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cti.prompts import PromptKeeper
from pbx_config import sounds
from pbx_config.carrier import Carrier
from pbx_config.contract import Milestone
from pbx_config.pbx import Pbx
from pbx_config.prompt_files import PromptFiles, prompts, sha256
from tests.cti.stage import cti_process, stage
from tests.cti.test_hours import changed
from tests.pbx_config import journal
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import running_carrier

pytestmark = [pytest.mark.pbx, pytest.mark.db]

NAME = sounds.NO_AGENT
FIRST_HZ, SECOND_HZ = 700, 1300


@pytest.fixture
async def carrier(line: Pbx) -> AsyncIterator[Carrier]:
    async with running_carrier(line) as running:
        yield running


async def given(conn: asyncpg.Connection, wav: bytes, language: str = "zh") -> str:
    """As the API does: a sound, a version of it, active; its checksum."""
    sound_id, sha = uuid.uuid4(), hashlib.sha256(wav).hexdigest()
    await conn.execute(
        "INSERT INTO line_sound (id, sha256, seconds, wav, by) VALUES ($1, $2, 1, $3, 'root')", sound_id, sha, wav
    )
    await conn.execute("UPDATE prompt_version SET active = false WHERE name = $1", NAME)
    await changed(
        conn,
        "INSERT INTO prompt_version (id, language, name, sound_id, text, made, active, by, activated_at, activated_by)"
        " VALUES ($1, $2, $3, $4, '现在没有人', false, true, 'root', now(), 'root')",
        uuid.uuid4(), language, NAME, sound_id,
    )  # fmt: skip
    return sha


async def heard_by(carrier: Carrier, number: str) -> sound.Sound:
    """A caller for whom nobody is there, to the end."""
    call = await carrier.place(number)
    assert (await call.ended()).by_line
    return sound.read(call.heard)


def seconds_of(heard: sound.Sound, hz: float) -> float:
    """How long a tone is to be heard, in pieces of a tenth of a second."""
    size = sound.RATE // 10
    pieces = [heard[i : i + size] for i in range(0, len(heard) - size, size)]
    return sum(sound.level(p) > 0.02 and sound.share(p, hz, 40) > 0.6 for p in pieces) / 10


async def test_the_next_caller_hears_the_new_version_and_nobody_is_cut(
    line: Pbx, dsn: str, carrier: Carrier, tmp_path: Path
) -> None:
    first = sound.write_tone(tmp_path / "a.wav", FIRST_HZ, 5).read_bytes()
    second = sound.write_tone(tmp_path / "b.wav", SECOND_HZ, 1).read_bytes()
    told = {"line_dir": str(line.settings.line), "log_dir": str(line.settings.log), "data_dir": str(line.settings.data)}
    files = PromptFiles(line.settings.data, line.settings.chosen_prompts)
    made = sha256(files.made("zh", NAME))
    async with stage(line, dsn) as on:

        async def playing(sha: str | None, language: str = "zh") -> Any:
            row = "SELECT sha256 = $1 FROM prompt_heard WHERE language = $2 AND name = $3"
            return await on.conn.fetchval(row, sha, language, NAME)

        async with cti_process(line, dsn, **told):
            await eventually(lambda: playing(made), 30)
            names = await on.conn.fetch("SELECT language, name FROM prompt_version WHERE made")
            assert {(row["language"], row["name"]) for row in names} == set(prompts())
            kept = "SELECT wav FROM line_sound s JOIN prompt_version v ON v.sound_id = s.id WHERE v.name = $1"
            assert files.made("zh", NAME).read_bytes() in {r["wav"] for r in await on.conn.fetch(kept, NAME)}

            sha = await given(on.conn, first)
            await eventually(lambda: playing(sha), 10)
            call = await carrier.place("13912360001")
            await eventually(lambda: Milestone.NO_AGENT in dict(journal.milestones(line, "13912360001")), 20)
            sha = await given(on.conn, second)
            await eventually(lambda: playing(sha), 4)
            next_heard = await heard_by(carrier, "13912360002")
            await call.ended()
            old_heard = sound.read(call.heard)
            assert seconds_of(old_heard, FIRST_HZ) > 4.5, "who hears the old one hears it to its end"
            assert seconds_of(old_heard, SECOND_HZ) == 0
            assert seconds_of(next_heard, SECOND_HZ) > 0.7
            assert seconds_of(next_heard, FIRST_HZ) == 0
            assert await playing(sha256(files.made("en", NAME)), "en"), "the other language is as it was"

        line.prepare()  # an update, with everything of ours and the database away
        assert sha256(files.heard("zh", NAME)) == sha
        async with cti_process(line, dsn, **told):
            await changed(on.conn, "UPDATE prompt_version SET active = false")
            await eventually(lambda: playing(made), 30)
            said = sound.read(files.made("zh", NAME))
            assert sound.likeness(await heard_by(carrier, "13912360003"), said) > 0.9


async def test_what_cannot_be_written_is_not_told_as_played(line: Pbx, dsn: str, tmp_path: Path) -> None:
    """Root may write anywhere: a folder in the way of the file is what stops it here."""
    wav = sound.write_tone(tmp_path / "a.wav", FIRST_HZ, 1).read_bytes()
    told = {"line_dir": str(line.settings.line), "data_dir": str(line.settings.data)}
    in_the_way = line.settings.chosen_prompts / "zh" / f"{NAME}.wav" / "folder"
    in_the_way.mkdir(parents=True)
    async with stage(line, dsn) as on:
        sha = await given(on.conn, wav)
        other = await given_english(on.conn, wav)
        async with cti_process(line, dsn, **told):

            async def english() -> Any:
                row = "SELECT sha256 = $1 FROM prompt_heard WHERE language = 'en' AND name = $2"
                return await on.conn.fetchval(row, other, NAME)

            await eventually(english, 30)
            zh = await on.conn.fetchval("SELECT sha256 FROM prompt_heard WHERE language = 'zh' AND name = $1", NAME)
            assert zh != sha
            assert zh == sha256(line.settings.data / "made" / "zh" / f"{NAME}.wav"), "callers hear what they heard"


async def given_english(conn: asyncpg.Connection, wav: bytes) -> str:
    sha = hashlib.sha256(wav).hexdigest()
    await conn.execute(
        "INSERT INTO prompt_version (id, language, name, sound_id, text, made, active, by, activated_at, activated_by)"
        " SELECT $1, 'en', $2, id, 'nobody', false, true, 'root', now(), 'root' FROM line_sound WHERE sha256 = $3",
        uuid.uuid4(), NAME, sha,
    )  # fmt: skip
    return sha


async def test_two_prompts_that_sound_the_same_are_one_sound(pool: asyncpg.Pool, tmp_path: Path) -> None:
    files = PromptFiles(tmp_path / "data", tmp_path / "chosen")
    both = [("zh", NAME), ("en", NAME)]
    for language, name in both:
        path = files.made(language, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        sound.write_tone(path, FIRST_HZ, 1)
        files.place(language, name)
    keeper = asyncio.create_task(PromptKeeper(pool, "t11", files).run())

    async def kept() -> bool:
        rows = await pool.fetch("SELECT language, name, sound_id FROM prompt_version WHERE made")
        told = await pool.fetchval("SELECT count(*) FROM prompt_heard")
        return {tuple(r)[:2] for r in rows} == set(both) and len({r["sound_id"] for r in rows}) == 1 and told == 2

    try:
        await eventually(kept, 10)
        assert not keeper.done()
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
