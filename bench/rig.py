"""A house to measure in: durable PostgreSQL, many seats, desks signed in, and CPU meters on its processes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import httpx
import psutil

from pbx_config.settings import QueueTuning
from tests.support.eventually import eventually
from tests.support.house import House, house
from tests.support.people import Somebody, open_sessions
from tests.support.sipp import Mix, Plan, plan_calls

PBX = "127.0.17.1"
# Every call is answered and ended by the agent; 0.3 to 0.5 s of talk, so that thousands fit into a short run.
SHORT_CALLS = Mix(gone_in_notice=0, gone_soon=0, agent_hangs_up=1, ring_ms=(100, 200), talk_ms=(300, 500))


@contextlib.asynccontextmanager
async def bench_house(seats: int) -> AsyncIterator[House]:
    """No RTP (it would only make Asterisk dearer), fsync on, no wrap-up by the queue: cti's own is there."""
    tuning = QueueTuning(wrap_up_s=0, max_waiting=1000)
    async with house(PBX, seats=seats, media=False, fsync=True, queue=tuning) as built:
        yield built


def short_calls(seed: int, count: int, first: int) -> list[Plan]:
    return plan_calls(seed, count, SHORT_CALLS, first=first)


@dataclass(slots=True)
class Meter:
    """CPU seconds of a process with its children, and their resident memory."""

    pid: int
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self._cpu_s()

    def cpu_s(self) -> float:
        return self._cpu_s() - self.begun

    def _cpu_s(self) -> float:
        own = psutil.Process(self.pid)
        times = [p.cpu_times() for p in (own, *own.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    def rss_mb(self) -> float:
        own = psutil.Process(self.pid)
        return sum(p.memory_info().rss for p in (own, *own.children(recursive=True))) / 2**20


async def sign_in(dsn: str, who: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Accounts and open sessions for (login, role, agent_no); returns login → cookie."""
    return await open_sessions(dsn, (Somebody(*one) for one in who))


async def healthy_api(built: House) -> None:
    """Wait until the API answers."""

    async def answers() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{built.api_url}/healthz")).status_code < 500
            except httpx.HTTPError:
                return False

    await eventually(answers, 30, 0.2)
