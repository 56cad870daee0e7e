"""Signing in and out, wrong passwords, forged and unreadable requests."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from api import audit
from api.accounts import NewAccount, create_account, demo_accounts, ensure_demo_accounts, ensure_seats, set_password
from api.errors import AccountRefused
from models.account import Role
from models.db import orm_url
from tests.api.house import HOST, PASSWORD, House

pytestmark = pytest.mark.db


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def warned(answer: httpx.Response) -> list[str]:
    assert problem(answer) == (409, "tuning.unconfirmed"), answer.text
    assert all("{" not in one["message"] for one in answer.json()["warnings"])
    return [one["code"] for one in answer.json()["warnings"]]


async def sign_in(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/api/v1/session", json={"login": login, "password": password})


async def test_sign_in_gives_a_cookie_that_scripts_cannot_read(house: House) -> None:
    await house.person("zhang", agent_no="1001")
    client = house.client()
    answer = await sign_in(client, " Zhang ", PASSWORD)
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"id": ""} == {
        "id": "", "login": "zhang", "display_name": "Zhang", "role": "agent", "agent_no": "1001", "seat": "8001",
        "locale": "en", "time_zone": "Asia/Shanghai", "police_number": "110", "police_number_in": None,
    }  # fmt: skip
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/api/v1/session")).json()["login"] == "zhang"


async def test_the_database_does_not_hold_the_token(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    await sign_in(client, "zhang", PASSWORD)
    token = client.cookies["lianxin_session"]
    rows = await house.pool.fetch("SELECT encode(token_sha256, 'escape') AS t FROM login_session")
    assert rows
    assert all(token not in r["t"] for r in rows)


async def test_signing_in_again_and_signing_out_end_the_old_session(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    await sign_in(client, "zhang", PASSWORD)
    first = client.cookies["lianxin_session"]
    await sign_in(client, "zhang", PASSWORD)
    old = house.client()
    old.cookies.set("lianxin_session", first)
    assert problem(await old.get("/api/v1/session")) == (401, "session.required")
    second = client.cookies["lianxin_session"]
    assert (await client.delete("/api/v1/session")).status_code == 204
    old.cookies.set("lianxin_session", second)
    assert problem(await old.get("/api/v1/session")) == (401, "session.required")


async def test_wrong_passwords_lock_the_login_and_the_right_one_waits_too(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    for _ in range(5):
        assert problem(await sign_in(client, "zhang", "wrong")) == (401, "session.bad_credentials")
    locked = await sign_in(client, "zhang", PASSWORD)
    assert problem(locked) == (429, "session.locked")
    assert 0 < int(locked.headers["retry-after"]) <= 30
    assert "lianxin_session" not in client.cookies


async def test_an_unknown_login_is_answered_and_locked_like_a_known_one(house: House) -> None:
    await house.person("zhang")
    seen = {}
    for login in ("zhang", "nobody"):
        client = house.client()
        seen[login] = [problem(await sign_in(client, login, "wrong")) for _ in range(7)]
    assert seen["zhang"] == seen["nobody"]


async def test_the_lock_grows_and_the_right_password_ends_the_count(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    for _ in range(5):
        await sign_in(client, "zhang", "wrong")
    expire = "UPDATE sign_in_failure SET locked_until = now() - interval '1 s' WHERE key = 'login:zhang'"
    await house.pool.execute(expire)
    assert problem(await sign_in(client, "zhang", "wrong")) == (401, "session.bad_credentials")
    locked = await sign_in(client, "zhang", PASSWORD)
    assert 30 < int(locked.headers["retry-after"]) <= 60
    await house.pool.execute(expire)
    assert (await sign_in(client, "zhang", PASSWORD)).status_code == 200
    assert await house.pool.fetchval("SELECT count(*) FROM sign_in_failure WHERE key = 'login:zhang'") == 0


async def test_a_hundred_tries_at_once_are_not_a_hundred_free_ones(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    answers = await asyncio.gather(*(sign_in(client, "zhang", f"wrong {i}") for i in range(40)))
    looked_at = [a for a in answers if a.status_code == 401]
    assert len(looked_at) == 5
    assert all(a.status_code == 429 for a in answers if a not in looked_at)


async def test_an_address_that_tries_many_logins_is_locked(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    answers = await asyncio.gather(*(sign_in(client, f"guess{i}", "wrong") for i in range(50)))
    assert {a.status_code for a in answers} == {401}
    assert problem(await sign_in(client, "zhang", PASSWORD)) == (429, "session.locked")


async def test_a_session_runs_out_by_age_and_by_idleness(house: House) -> None:
    zhang = await house.person("zhang")
    client = house.client(zhang)
    await house.pool.execute("UPDATE login_session SET last_seen_at = now() - interval '5 h'")
    assert problem(await client.get("/api/v1/session"))[0] == 401
    await house.pool.execute("UPDATE login_session SET last_seen_at = now(), expires_at = now() - interval '1 s'")
    assert problem(await client.get("/api/v1/session"))[0] == 401


async def test_a_closed_account_is_out_at_once(house: House) -> None:
    zhang = await house.person("zhang")
    await house.pool.execute("UPDATE account SET active = false")
    assert problem(await house.client(zhang).get("/api/v1/session"))[0] == 401
    assert problem(await sign_in(house.client(), "zhang", PASSWORD)) == (401, "session.bad_credentials")


async def test_the_language_is_the_accounts_and_before_that_the_browsers(house: House) -> None:
    zhang = await house.person("zhang", locale="zh-CN")
    client = house.client(zhang, **{"accept-language": "en-GB,zh;q=0.5"})
    assert (await client.get("/api/v1/agent/phone")).json()["detail"] == "您的账号没有分配座席。"
    assert (await client.patch("/api/v1/session", json={"locale": "en"})).json()["locale"] == "en"
    assert (await client.get("/api/v1/agent/phone")).json()["detail"] == "Your account has no seat."
    nobody = house.client(**{"accept-language": "en"})
    assert (await nobody.get("/api/v1/session")).json()["detail"] == "Please sign in first."
    assert (await house.client().get("/api/v1/session")).json()["detail"] == "请先登录。"


async def test_a_request_without_the_mark_changes_nothing(house: House) -> None:
    zhang = await house.person("zhang")
    client = house.client(zhang)
    del client.headers["x-requested-with"]
    assert problem(await client.delete("/api/v1/session")) == (403, "csrf.missing")
    assert (await client.get("/api/v1/session")).status_code == 200


async def test_another_sites_request_and_another_name_for_us_are_refused(house: House) -> None:
    zhang = await house.person("zhang")
    client = house.client(zhang)
    evil = {"origin": "http://evil.example"}
    assert problem(await client.delete("/api/v1/session", headers=evil)) == (403, "origin.refused")
    assert problem(await client.get("/api/v1/session", headers={"host": "evil.example"})) == (421, "host.refused")
    assert (await client.get("/api/v1/session")).status_code == 200


@pytest.mark.parametrize("body", [b'{"login": "\xff\xfe", "password": "x"}', b'{"login": ', b"\x00", b"[1"])
async def test_broken_bodies_are_told_so(house: House, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = await house.client().post("/api/v1/session", content=body, headers=headers)
    assert problem(answer) == (400, "request.unreadable")


async def test_an_oversized_body_is_refused_before_it_is_read(house: House) -> None:
    zhang = await house.person("zhang")
    client = house.client(zhang)
    big = b'{"login": "' + b"x" * 300_000 + b'"}'
    headers = {"content-type": "application/json"}
    assert problem(await client.post("/api/v1/session", content=big, headers=headers)) == (413, "request.too_large")

    async def pieces():  # no content-length
        for _ in range(40):
            yield b" " * 10_000

    assert problem(await client.post("/api/v1/session", content=pieces(), headers=headers))[0] == 413


async def test_unknown_addresses_and_methods_are_problems_too(house: House) -> None:
    assert problem(await house.client().get("/api/v1/nothing")) == (404, "request.not_found")
    assert problem(await house.client().put("/api/v1/session", json={})) == (405, "request.bad_method")


async def test_wrong_fields_are_named_in_words(house: House) -> None:
    answer = await house.client().post("/api/v1/session", json={"login": "", "pass": "x"})
    assert problem(answer) == (422, "request.invalid")
    told = {e["field"]: (e["code"], e["message"]) for e in answer.json()["errors"]}
    assert told["login"] == ("string_too_short", "请填写。")
    assert told["password"] == ("missing", "请填写。")
    assert told["pass"][0] == "extra_forbidden"


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    answer = await house.client().get("/api/v1/session")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "ws://127.0.0.1:8088" in policy
    assert f"ws://{HOST}:" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_what_happened_is_in_the_audit_and_a_change_shows(house: House) -> None:
    await house.person("zhang")
    client = house.client()
    await sign_in(client, "zhang", PASSWORD)
    await client.delete("/api/v1/session")
    engine = create_async_engine(orm_url(house.settings.dsn))
    state = await audit.verify(engine)
    assert (state.rows, state.broken_at) == (2, None)
    async with house.pool.acquire() as conn, conn.transaction():
        await conn.execute("ALTER TABLE audit DISABLE TRIGGER append_only")
        await conn.execute("UPDATE audit SET subject = 'somebody else' WHERE id = (SELECT min(id) FROM audit)")
    broken = await audit.verify(engine)
    await engine.dispose()
    assert broken.broken_at is not None


async def test_audit_rows_of_many_at_once_are_one_chain(house: House) -> None:
    people = [await house.person(f"p{i}") for i in range(12)]
    await asyncio.gather(*(house.client(p).delete("/api/v1/session") for p in people))
    engine = create_async_engine(orm_url(house.settings.dsn))
    state = await audit.verify(engine)
    await engine.dispose()
    assert (state.rows, state.broken_at) == (12, None)


async def test_accounts_are_made_once_and_a_new_password_ends_sessions(house: House) -> None:
    engine = create_async_engine(orm_url(house.settings.dsn))
    await ensure_seats(engine, ["8001", "8002", "8003"])
    secrets = await house.pool.fetch("SELECT browser_secret, telephone_secret FROM seat")
    await ensure_seats(engine, ["8001"])
    assert await house.pool.fetch("SELECT browser_secret, telephone_secret FROM seat") == secrets
    assert len({s for row in secrets for s in row}) == 6
    accounts = demo_accounts(lambda: "demo password")
    assert {a.role for a in accounts} == set(Role)
    assert await ensure_demo_accounts(engine, accounts) == [a.login for a in accounts]
    assert await ensure_demo_accounts(engine, accounts) == []
    client = house.client()
    assert (await sign_in(client, "agent1", "demo password")).json()["seat"] == "8001"
    await set_password(engine, "agent1", "another password")
    assert (await client.get("/api/v1/session")).status_code == 401
    with pytest.raises(AccountRefused):
        await create_account(engine, NewAccount("agent1", "x", Role.AGENT, "long enough"))
    with pytest.raises(AccountRefused):
        await create_account(engine, NewAccount("new", "x", Role.AGENT, "short"))
    await engine.dispose()
