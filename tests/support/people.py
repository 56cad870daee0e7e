"""People with an open session each, written as rows: a thousand argon2 verifications are nothing to test or measure."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

MARK = {"x-requested-with": "lianxin"}


@dataclass(frozen=True, slots=True)
class Somebody:
    login: str
    role: str
    agent_no: str | None = None
    seat: str | None = None


async def open_sessions(dsn: str, who: Iterable[Somebody]) -> dict[str, str]:
    """Accounts and open sessions; returns login → the session's token."""
    conn = await asyncpg.connect(dsn)
    tokens = {}
    try:
        async with conn.transaction():
            for one in who:
                account, token = uuid.uuid4(), secrets.token_urlsafe(32)
                await conn.execute(
                    "INSERT INTO account (id, login, display_name, role, password_hash, agent_no, seat)"
                    " VALUES ($1, $2, $2, $3, 'x', $4, $5)",
                    account, one.login, one.role, one.agent_no, one.seat,
                )  # fmt: skip
                await conn.execute(
                    "INSERT INTO login_session (token_sha256, account_id, expires_at, address, user_agent)"
                    " VALUES ($1, $2, now() + interval '1 day', '127.0.0.1', 'test')",
                    hashlib.sha256(token.encode()).digest(), account,
                )  # fmt: skip
                tokens[one.login] = token
    finally:
        await conn.close()
    return tokens


def headers_of(token: str) -> dict[str, str]:
    """What a page of this session sends with every request."""
    return MARK | {"cookie": f"lianxin_session={token}"}
