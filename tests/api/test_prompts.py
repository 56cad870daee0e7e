"""Prompts over HTTP: versions in both languages, which one is heard, what is refused, what stands in the audit."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any

import asyncpg
import pytest

from api.settings import ApiSettings
from models.account import Role
from pbx_config.prompt_texts import TEXTS, texts
from tests.api.house import House, Person
from tests.api.test_hours import audited, tone
from tests.api.test_sessions import problem
from tests.support.pbx import asterisk_for_tests

pytestmark = pytest.mark.db

NAME = "lianxin/notice"


@pytest.fixture
async def root(house: House) -> Person:
    return await house.person("root", Role.ADMIN)


async def kept(house: House, by: Person, seconds: float = 2, hz: int = 16_000) -> str:
    made = await house.client(by).post("/api/v1/line-sounds", content=tone(seconds, hz))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def ask(sound_id: str, **changes: str) -> dict[str, str]:
    return {"language": "zh", "name": NAME, "sound_id": sound_id, "text": " 您好，这里是热线。 "} | changes


def spoken(answer: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    return next(s for s in answer["spoken"] if s["language"] == language)


async def told(house: House, sha: str, node: str = "pbx1") -> None:
    """What a PBX's cti would write."""
    await house.pool.execute(
        "INSERT INTO prompt_heard (node, language, name, sha256) VALUES ($1, 'zh', $2, $3)"
        " ON CONFLICT (node, language, name) DO UPDATE SET sha256 = excluded.sha256",
        node, NAME, sha,
    )  # fmt: skip


async def sha_of(house: House, sound_id: str) -> str:
    return str(await house.pool.fetchval("SELECT sha256 FROM line_sound WHERE id = $1", uuid.UUID(sound_id)))


async def test_both_languages_stand_side_by_side_with_their_words(house: House, root: Person) -> None:
    items = (await house.client(root).get("/api/v1/prompts")).json()["items"]
    assert {item["name"] for item in items} == set(texts("zh")) | set(texts("en"))
    notice = next(item for item in items if item["name"] == NAME)
    assert [(s["language"], s["text"], s["active"]) for s in notice["spoken"]] == [
        ("zh", TEXTS[NAME]["zh"], None), ("en", TEXTS[NAME]["en"], None),
    ]  # fmt: skip
    wan = next(item for item in items if item["name"] == "digits/wan")
    assert [s["language"] for s in wan["spoken"]] == ["zh"], "English has no such word"


async def test_versions_come_and_go_and_the_page_knows_what_is_played(house: House, root: Person) -> None:
    client = house.client(root)
    first, second = await kept(house, root), await kept(house, root, 3)
    before = await house.pool.fetchval("SELECT version FROM line_hours")
    one = await client.post("/api/v1/prompts", json=ask(first))
    assert one.status_code == 201, one.text
    version = spoken(one.json())["versions"][0]
    assert (version["text"], version["number"], version["by"]) == ("您好，这里是热线。", 1, "root")
    assert (spoken(one.json())["active"], spoken(one.json())["on_line"]) == (version["id"], False)
    assert spoken(one.json(), "en")["versions"] == []
    assert await house.pool.fetchval("SELECT version FROM line_hours") == before + 1, "the PBX's side is told"

    await told(house, await sha_of(house, first))
    two = spoken((await client.post("/api/v1/prompts", json=ask(second))).json())
    assert (len(two["versions"]), two["on_line"]) == (2, False), "the PBX still plays the first"
    await told(house, await sha_of(house, second))
    await told(house, await sha_of(house, first), "pbx2")
    back = {"language": "zh", "name": NAME, "version_id": version["id"]}
    again = spoken((await client.put("/api/v1/prompts/active", json=back)).json())
    assert (again["active"], again["on_line"], len(again["versions"])) == (version["id"], False, 2)
    await told(house, await sha_of(house, first))
    items = (await client.get("/api/v1/prompts")).json()["items"]
    assert spoken(next(i for i in items if i["name"] == NAME))["on_line"]

    same = spoken((await client.post("/api/v1/prompts", json=ask(second))).json())
    assert len(same["versions"]) == 2, "the same sound is no third version"
    made = (await client.put("/api/v1/prompts/active", json=back | {"version_id": None})).json()
    assert spoken(made)["active"] is None
    assert await audited(house) == [*["line_sound.kept"] * 2, *["prompt.replaced"] * 2, "prompt.chosen",
                                    "prompt.replaced", "prompt.chosen"]  # fmt: skip
    rows = await house.pool.fetch("SELECT subject, detail FROM audit WHERE action = 'prompt.chosen' ORDER BY id")
    details = [json.loads(row["detail"]) for row in rows]
    assert rows[0]["subject"] == f"zh/{NAME}"
    assert details[0] == {"before": two["active"], "after": version["id"]}
    assert details[1] == {"before": two["active"], "after": "made"}


async def test_the_made_one_is_what_callers_hear_where_nothing_was_chosen(house: House, root: Person) -> None:
    sound_id, made_id = await kept(house, root), uuid.uuid4()
    await house.pool.execute(
        "INSERT INTO prompt_version (id, language, name, sound_id, text, made, by)"
        " VALUES ($1, 'zh', $2, $3, '您好', true, 'lianxin')",
        made_id, NAME, uuid.UUID(sound_id),
    )  # fmt: skip
    await told(house, await sha_of(house, sound_id))
    items = (await house.client(root).get("/api/v1/prompts")).json()["items"]
    notice = spoken(next(i for i in items if i["name"] == NAME))
    assert (notice["active"], notice["on_line"], notice["versions"][0]["made"]) == (str(made_id), True, True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "lianxin/nothing"}, "prompt.not_found"),
        ({"name": "../../etc/passwd"}, "prompt.not_found"),
        ({"name": "digits/wan", "language": "en"}, "prompt.not_found"),
        ({"language": "fr"}, "request.invalid"),
        ({"text": ""}, "request.invalid"),
        ({"sound_id": str(uuid.uuid4())}, "sound.not_found"),
        ({"name": "digits/7"}, "sound.length"),
    ],
)
async def test_what_is_no_prompt_is_refused(house: House, root: Person, changes: dict[str, str], code: str) -> None:
    sound_id = await kept(house, root, 6)
    assert problem(await house.client(root).post("/api/v1/prompts", json=ask(sound_id) | changes))[1] == code
    assert await house.pool.fetchval("SELECT count(*) FROM prompt_version") == 0


async def test_a_version_of_another_prompt_is_none_of_this(house: House, root: Person) -> None:
    client = house.client(root)
    made = spoken((await client.post("/api/v1/prompts", json=ask(await kept(house, root)))).json())
    for wrong in (made["active"], str(uuid.uuid4())):
        asked = {"language": "zh", "name": "lianxin/full", "version_id": wrong}
        assert problem(await client.put("/api/v1/prompts/active", json=asked)) == (404, "prompt.version_not_found")


@pytest.mark.pbx
async def test_a_text_is_spoken_in_the_language_of_the_prompt(settings: ApiSettings, pool: asyncpg.Pool) -> None:
    house = House(dataclasses.replace(settings, asterisk_root=asterisk_for_tests().root), pool)
    await house.start()
    try:
        client = house.client(await house.person("root", Role.ADMIN))
        asked = [{"text": "12345", "language": language} for language in ("zh", "en")]
        answers = [await client.post("/api/v1/line-sounds/spoken", json=one) for one in asked]
        assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
        assert answers[0].json()["id"] != answers[1].json()["id"]
    finally:
        await house.close()
