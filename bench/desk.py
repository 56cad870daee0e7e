"""The desk's questions on a large database, over HTTP: ``python -m bench.desk DSN`` (seed it with ``bench.seed``).

Prints the median and the 99th percentile of each kind of question, milliseconds, one at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import secrets
import statistics
import time
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx

from api.login_sessions import sha256
from api.server import make_server
from api.settings import ApiSettings
from bench.seed import FIRST_CITIZEN, STREETS, TROUBLES

HOST, PORT = "127.0.17.9", 18000
LOGIN = "bench-desk"


def questions(rng: random.Random) -> dict[str, Iterator[str]]:
    """Kinds of questions, each without end. Rare and frequent words, one and several, a number, a whole day."""
    pick = rng.choice
    forever = itertools.repeat
    return {
        "pop, someone": (f"/caller/{FIRST_CITIZEN + rng.randrange(600_000)}" for _ in forever(0)),
        "pop, calls weekly": (f"/caller/{FIRST_CITIZEN + rng.randrange(300)}" for _ in forever(0)),
        "pop, a stranger": (f"/caller/137{rng.randrange(10**8):08d}" for _ in forever(0)),
        "words, frequent": (f"/cases?q={pick(['路灯', '井盖', '停水', '暖气'])}" for _ in forever(0)),
        "words, two": (f"/cases?q={pick(STREETS)} {pick(TROUBLES)[:2]}" for _ in forever(0)),
        "words, one character": (f"/cases?q={pick('灯水暖路')}" for _ in forever(0)),
        "words, one case": (f"/cases?q=gd{rng.randrange(1_000_000)}" for _ in forever(0)),
        "words, never together": (f"/cases?q={pick(['路灯 井盖', '停水 噪声', '暖气 医保'])}" for _ in forever(0)),
        "words, unknown": (f"/cases?q={pick(['鲸鱼', '火星', '袋鼠'])}" for _ in forever(0)),
        "telephone": (f"/cases?q={FIRST_CITIZEN + rng.randrange(600_000)}" for _ in forever(0)),
        "case number, a day": ("/cases?q=20260601" for _ in forever(0)),
        "newest": ("/cases" for _ in forever(0)),
    }


async def _someone(dsn: str) -> str:
    token = secrets.token_hex(16)
    conn = await asyncpg.connect(dsn)
    await conn.execute(
        "INSERT INTO account (id, login, display_name, role, password_hash) VALUES ($1, $2, $2, 'agent', '')"
        " ON CONFLICT DO NOTHING",
        uuid.uuid4(), LOGIN,
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO login_session (token_sha256, account_id, expires_at, address, user_agent)"
        " SELECT $1, id, now() + interval '1 hour', '', '' FROM account WHERE login = $2",
        sha256(token), LOGIN,
    )  # fmt: skip
    await conn.close()
    return token


async def measure(dsn: str, times: int) -> dict[str, tuple[float, float]]:
    server = make_server(ApiSettings(dsn=dsn, store_url="/tmp"), HOST, PORT)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn offers no event
        await asyncio.sleep(0.05)
    cookies = {"lianxin_session": await _someone(dsn)}
    found: dict[str, tuple[float, float]] = {}
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{PORT}/api/v1", cookies=cookies, timeout=60) as client:
        for name, urls in questions(random.Random(1)).items():
            found[name] = await _times(client, urls, times)
    server.should_exit = True
    await running
    return found


async def _times(client: httpx.AsyncClient, urls: Iterator[str], times: int) -> tuple[float, float]:
    taken: list[float] = []
    for url in itertools.islice(urls, times + 3):
        began = time.perf_counter()
        answer = await client.get(url)
        answer.raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    warm: list[Any] = taken[3:]
    return statistics.median(warm), statistics.quantiles(warm, n=100)[98]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("--times", type=int, default=60)
    asked = parser.parse_args()
    for name, (median, p99) in asyncio.run(measure(asked.dsn, asked.times)).items():
        print(f"{name:24} {median:8.1f} {p99:8.1f} ms")


if __name__ == "__main__":
    main()
