"""A whole house with a town outside, and people signed in at its desk: what the tests of killed moves stand on.

Clicks go over HTTP to ``lianxin api``, as from a screen; who hears whom is asked of the PBX.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import connect

from models.account import Role
from tests.api.house import MARK, Screen
from tests.cti.stage import stage
from tests.support.eventually import eventually
from tests.support.house import House, house
from tests.support.scene import Scene, scene

PBX = "127.0.16.1"
FIVE_ENDS = {"succeeded", "refused", "failed", "expired", "unknown"}


@dataclass
class Clicks:
    """One person's screen: its clicks, its feed, and what it may read."""

    h: House
    cookie: str

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = MARK | {"cookie": self.cookie}
        async with httpx.AsyncClient(base_url=f"{self.h.api_url}/api/v1", headers=headers, trust_env=False) as client:
            yield client

    async def click(self, path: str, **body: Any) -> dict[str, Any]:
        async with self._client() as client:
            answer = await client.post(path, json=body)
        assert answer.status_code < 300, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def ask(self, kind: str, **args: Any) -> str:
        """A command of mine; its id."""
        told = await self.click("/commands", id=str(uuid.uuid4()), kind=kind, args=args)
        return str(told["id"])

    async def read(self, path: str) -> dict[str, Any]:
        async with self._client() as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def end_of(self, command_id: str, within_s: float = 20) -> tuple[str, str | None]:
        """As the screen reads it."""

        async def ended() -> dict[str, Any] | None:
            told = await self.read(f"/commands/{command_id}")
            return told if told["ended_at"] is not None else None

        told = await eventually(ended, within_s)
        assert told["state"] in FIVE_ENDS, told
        return told["state"], told["reason"]

    @asynccontextmanager
    async def feed(self, after: int = 0) -> AsyncIterator[Screen]:
        """The page's socket, past its first message."""
        url = f"{self.h.api_url.replace('http', 'ws')}/api/v1/feed?after={after}"
        headers = {"cookie": self.cookie}
        async with connect(url, additional_headers=headers, origin=self.h.api_url, proxy=None) as socket:
            screen = Screen(socket)
            await screen.until("hello", 20)
            yield screen


@dataclass
class MovingHouse:
    h: House
    town: Scene

    async def person(self, login: str, role: Role, agent_no: str, seat: str) -> Clicks:
        """An account with an open session."""
        account, token = uuid.uuid4(), secrets.token_hex(16)
        await self.town.on.conn.execute(
            "INSERT INTO account (id, login, display_name, role, password_hash, agent_no, seat)"
            " VALUES ($1, $2, $2, $3, 'x', $4, $5)",
            account, login, role.value, agent_no, seat,
        )  # fmt: skip
        await self.town.on.conn.execute(
            "INSERT INTO login_session (token_sha256, account_id, expires_at, address, user_agent)"
            " VALUES ($1, $2, now() + interval '1 hour', '', '')",
            hashlib.sha256(token.encode()).digest(), account,
        )  # fmt: skip
        return Clicks(self.h, f"lianxin_session={token}")

    async def start(self, *names: str) -> None:
        """Start these processes, and wait until they do their work."""
        before = await self.town.on.conn.fetchval("SELECT coalesce(max(seq), 0) FROM feed")
        for name in names:
            self.h.start(name)
        if "cti" in names:
            news = "SELECT max(seq) > $1 FROM feed WHERE topic = 'node'"
            await eventually(lambda: self.town.on.conn.fetchval(news, before), 40)
            await self.h.connected()
        if "api" in names:
            await eventually(self._api_answers, 40, 0.1)

    async def _api_answers(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{self.h.api_url}/healthz")).status_code < 500
        except httpx.HTTPError:
            return False

    async def assert_row(self, query: str, *args: Any, within_s: float = 30, **expected: Any) -> None:
        """The row of that query comes to say this."""
        last: list[dict[str, Any]] = []

        async def right() -> bool:
            row = await self.town.on.conn.fetchrow(query, *args)
            last[:] = [dict(row) if row is not None else {}]
            return all(last[0].get(name) == value for name, value in expected.items()) and bool(last[0])

        try:
            await eventually(right, within_s)
        except AssertionError as exc:
            raise AssertionError(f"not {expected}: {last}") from exc


@asynccontextmanager
async def moving_house(**env: str) -> AsyncIterator[MovingHouse]:
    """cti, worker and api at work, and nobody at the desk yet."""
    async with AsyncExitStack() as stack:
        h = await stack.enter_async_context(house(PBX, seats=4, env=env))
        on = await stack.enter_async_context(stage(h.pbx, h.dsn))
        town = await stack.enter_async_context(scene(on))
        moving = MovingHouse(h, town)
        await moving.start("cti", "worker", "api")
        yield moving
