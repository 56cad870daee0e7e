"""A desk for tests: the real app under uvicorn on a loopback address of its own, accounts of every role, screens."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import secrets
import socket
import ssl
import uuid
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from api.login_sessions import sha256
from api.server import make_server
from api.settings import ApiSettings
from cti.facts import AgentLive, AgentState, CallLive, CallState, QueueLive, Topic, body_of
from models.account import Role
from models.feed import Item, append_in

HOST = "127.0.14.1"
MARK = {"x-requested-with": "lianxin"}
NODE = "pbx1"
PASSWORD = "correct horse"
# argon2id of PASSWORD at the lowest cost: the real one would be most of the suite's time
HASH = "$argon2id$v=19$m=8,t=1,p=1$PcGN8sZVRYylckmQwcRXLA$mcnsvDDJWkXIMncrgutWp8NdjiuPq0eFlBXIV/vhg3I"


@dataclasses.dataclass(frozen=True)
class Person:
    id: uuid.UUID
    login: str
    role: Role
    agent_no: str | None
    token: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"lianxin_session": self.token}


_NO_TLS = ssl.create_default_context()  # loading the machine's certificates takes 0.1 s a client


class House:
    """One database, one API process in this loop, and people."""

    def __init__(self, settings: ApiSettings, pool: asyncpg.Pool) -> None:
        self.settings = settings
        self.pool = pool
        self.people: dict[str, Person] = {}
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._clients: list[httpx.AsyncClient] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def app(self) -> Any:
        assert self._server is not None
        return self._server.config.app

    async def start(self) -> None:
        self._server = make_server(self.settings, HOST, self._port or _free_port())
        self._port = self._server.config.port
        self._task = asyncio.create_task(self._server.serve(), name="api under test")
        while not self._server.started:
            assert not self._task.done(), self._task.result()
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        assert self._server is not None
        assert self._task is not None
        self._server.should_exit = True
        await self._task

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        if self._task is not None and not self._task.done():
            await self.stop()

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    async def person(self, login: str, role: Role = Role.AGENT, agent_no: str | None = None, **more: str) -> Person:
        """An account with an open session; its password is PASSWORD."""
        person = Person(uuid.uuid4(), login, role, agent_no, secrets.token_hex(8))
        seat = more.get("seat") or (f"8{agent_no[1:]}" if agent_no else None)
        if seat:
            await self.pool.execute(
                "INSERT INTO seat VALUES ($1, $1, $2, $3) ON CONFLICT DO NOTHING", seat, f"web-{seat}", f"tel-{seat}"
            )
        await self.pool.execute(
            "INSERT INTO account (id, login, display_name, role, password_hash, agent_no, seat, locale)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            person.id, login, login.title(), role.value, more.get("hashed", HASH), agent_no, seat,
            more.get("locale", "en"),
        )  # fmt: skip
        await self.pool.execute(
            "INSERT INTO login_session (token_sha256, account_id, expires_at, address, user_agent)"
            " VALUES ($1, $2, $3, '', '')",
            sha256(person.token), person.id, datetime.now(UTC) + timedelta(hours=1),
        )  # fmt: skip
        self.people[login] = person
        return person

    async def everybody(self) -> dict[Role, Person]:
        numbers = {Role.AGENT: "1001", Role.SUPERVISOR: "1009"}
        return {role: await self.person(role.value, role, numbers.get(role)) for role in Role}

    def client(self, person: Person | None = None, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            base_url=self.url,
            cookies=person.cookie if person else None,
            headers=MARK | headers,
            timeout=20,
            verify=_NO_TLS,
        )
        self._clients.append(client)
        return client

    @contextlib.asynccontextmanager
    async def screen(self, person: Person, after: int = 0, **options: Any) -> AsyncIterator[Screen]:
        headers = {"cookie": f"lianxin_session={person.token}"}
        url = f"ws://{HOST}:{self._port}/api/v1/feed?after={after}"
        async with connect(
            url, additional_headers=headers, origin=self.url, **{"open_timeout": 60} | options
        ) as socket_:
            yield Screen(socket_)

    # ── what cti would publish ───────────────────────────────────────────────────────────────────

    async def publish(self, *items: Item, node: str = NODE) -> int:
        async with self.pool.acquire() as conn:
            return await append_in(conn, node, items)


class Screen:
    """A page's feed socket that keeps the picture as a page does: snapshot, then rows checked for gaps."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seq = 0
        self.picture: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self._heard: deque[dict[str, Any]] = deque()

    async def next(self, within_s: float = 5) -> dict[str, Any]:
        if not self._heard:
            told = json.loads(await asyncio.wait_for(self.connection.recv(), within_s))
            self._heard.extend(told if isinstance(told, list) else [told])
        message = self._heard.popleft()
        self._take(message)
        return message

    async def until(self, kind: str, within_s: float = 5, **fields: Any) -> dict[str, Any]:
        """The next message of this type with these fields; what comes before is taken too."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.next(within_s)
                if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                    return message

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    def _take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["type"] == "hello":
            self.seq, self.picture = message["seq"], picture_of(message["snapshot"])
        elif message["type"] == "row":
            assert message["prev"] == self.seq, f"gap: {message['prev']} after {self.seq}"
            assert message["seq"] > self.seq
            self.seq = message["seq"]
            table = self.picture.get(f"{message['topic']}s")
            if table is None:
                return
            if message["body"] is None:
                table.pop(message["key"], None)
            else:
                table[message["key"]] = message["body"]


_KEYS = {
    "agents": "agent_no", "calls": "call_id", "queues": "queue", "trunks": "endpoint", "nodes": "node",
    "recorders": "node", "days": "queue",
}  # fmt: skip


def picture_of(snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: {body[key]: body for body in snapshot[name]} for name, key in _KEYS.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────


def agent(agent_no: str, **changes: Any) -> Item:
    """A signed-in, ready agent at a browser telephone."""
    facts = {
        "agent_no": agent_no, "node": NODE, "seat": f"8{agent_no[1:]}", "phone": "browser", "state": AgentState.READY,
        "reasons": (), "since": datetime.now(UTC), "queues": ("hotline",),
    }  # fmt: skip
    return Item(Topic.AGENT, agent_no, body_of(AgentLive(**(facts | changes))), live=True)


def call(call_id: uuid.UUID, **changes: Any) -> Item:
    now = datetime.now(UTC)
    facts = {
        "call_id": str(call_id), "node": NODE, "linkedid": "1.1", "state": CallState.QUEUED, "since": now,
        "started_at": now, "caller": "13912345678", "called": "12345",
    }  # fmt: skip
    return Item(Topic.CALL, str(call_id), body_of(CallLive(**(facts | changes))), live=True)


def queue(name: str = "hotline", **changes: Any) -> Item:
    facts: dict[str, Any] = {
        "queue": name, "node": NODE, "waiting": 0, "longest_since": None, "agents": 1, "ready": 1, "talking": 0
    }  # fmt: skip
    return Item(Topic.QUEUE, name, body_of(QueueLive(**(facts | changes))), live=True)


def gone(topic: Topic, key: str) -> Item:
    return Item(topic, key, None, live=True)
