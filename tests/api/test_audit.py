"""The audit is read newest first, found by who, what, when and words; its chain is looked at a stretch at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from api.audit import append
from models.account import Role
from models.db import orm_url, transaction
from tests.api.house import House, Person
from tests.api.test_sessions import problem

pytestmark = pytest.mark.db
URL = "/api/v1/audit"


@pytest.fixture
async def auditor(house: House) -> httpx.AsyncClient:
    return house.client(await house.person("eye", Role.AUDITOR))


async def written(house: House, *rows: tuple[Person | None, str, str, dict[str, Any]]) -> None:
    engine = create_async_engine(orm_url(house.settings.dsn))
    async with transaction(engine) as session:
        for who, action, subject, detail in rows:
            await append(session, who.id if who else None, action, subject, detail)
    await engine.dispose()


async def test_it_is_paged_and_found_and_reading_leaves_no_line(
    house: House, auditor: httpx.AsyncClient, zhang: Person, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(
        house,
        (zhang, "account.locked", "x1", {"login": "李四", "sessions": 2}),
        (wang, "account.created", "x2", {"login": "50%_off"}),
        (None, "session.locked", "login:nobody", {"failures": 5}),
        (zhang, "accounting", "x4", {}),
    )

    async def found(**asked: Any) -> list[str]:
        answer = await auditor.get(URL, params=asked)
        assert answer.status_code == 200, answer.text
        return [line["subject"] for line in answer.json()["items"]]

    assert await found() == ["x4", "login:nobody", "x2", "x1"]
    assert await found(login=" Zhang ") == ["x4", "x1"]
    assert await found(action="account") == ["x2", "x1"], "a kind, not every action that begins alike"
    assert await found(action="account.locked") == ["x1"]
    assert await found(q="李四") == ["x1"]
    assert await found(q="NOBODY") == ["login:nobody"]
    assert await found(q="%_off") == ["x2"], "a percent sign is a percent sign"
    lines = (await auditor.get(URL)).json()["items"]
    assert (lines[0]["login"], lines[0]["display_name"], lines[1]["login"]) == ("zhang", "Zhang", None)
    assert lines[3]["detail"] == {"login": "李四", "sessions": 2}
    await written(house, (zhang, "account.unlocked", str(wang.id), {}), (zhang, "shelf.put", str(wang.id), {}))
    newest = (await auditor.get(URL, params={"login": "zhang"})).json()["items"]
    assert [line["subject_login"] for line in newest] == [None, "wang", None, None], "whom it is about, by the login"
    async with house.pool.acquire() as conn, conn.transaction():
        await conn.execute("ALTER TABLE audit DISABLE TRIGGER append_only")
        await conn.execute("DELETE FROM audit WHERE subject = $1", str(wang.id))
        await conn.execute("ALTER TABLE audit ENABLE TRIGGER append_only")
    assert await found(since=lines[1]["at"]) == ["x4", "login:nobody"]
    assert await found(until=lines[1]["at"]) == ["x2", "x1"]
    monkeypatch.setattr("api.audit_log.PAGE", 3)
    first = (await auditor.get(URL)).json()
    assert first["next"] == first["items"][-1]["number"]
    second = (await auditor.get(URL, params={"before": first["next"]})).json()
    assert ([line["subject"] for line in second["items"]], second["next"]) == (["x1"], None)
    assert await house.pool.fetchval("SELECT count(*) FROM audit") == 4
    for wrong in ({"before": 0}, {"since": "never"}, {"whom": "x"}):
        assert problem(await auditor.get(URL, params=wrong)) == (422, "request.invalid")


async def test_the_chain_is_walked_in_stretches_and_says_where_it_breaks(
    house: House, auditor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.audit_log.STEP", 4)

    async def walk() -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        while not steps or not (steps[-1]["whole"] or steps[-1]["broken_at"]):
            on = {"after": steps[-1]["last"], "head": steps[-1]["head"]} if steps else {}
            steps.append((await auditor.get(f"{URL}/chain", params=on)).json())
            assert len(steps) < 9
        return steps

    assert [(s["rows"], s["whole"], s["newest"]) for s in await walk()] == [(0, True, 0)]
    await written(house, *((None, "test.line", str(n), {}) for n in range(10)))
    ids = [row["id"] for row in await house.pool.fetch("SELECT id FROM audit ORDER BY id")]
    steps = await walk()
    assert [(s["rows"], s["last"], s["whole"]) for s in steps] == [
        (4, ids[3], False), (4, ids[7], False), (2, ids[9], True),
    ]  # fmt: skip
    newest = await house.pool.fetchval("SELECT encode(hash, 'hex') FROM audit ORDER BY id DESC LIMIT 1")
    assert steps[-1]["head"] == newest
    async with house.pool.acquire() as conn, conn.transaction():
        await conn.execute("ALTER TABLE audit DISABLE TRIGGER append_only")
        await conn.execute("DELETE FROM audit WHERE id = $1", ids[5])
    steps = await walk()
    assert [(s["rows"], s["broken_at"], s["whole"]) for s in steps] == [(4, None, False), (1, ids[6], False)]
    assert problem(await auditor.get(f"{URL}/chain", params={"head": "xyz"})) == (422, "request.invalid")


async def test_others_are_answered_while_a_long_chain_is_looked_at(house: House, auditor: httpx.AsyncClient) -> None:
    await written(house, *((None, "test.line", str(n), {"n": n}) for n in range(2000)))
    looking = asyncio.create_task(auditor.get(f"{URL}/chain"))
    answered = 0
    while not looking.done():
        await auditor.get("/healthz")
        answered += 1
    assert looking.result().json()["rows"] == 2000
    assert answered >= 2
