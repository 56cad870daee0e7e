"""The whole of one PBX and its processes, each killable on its own: for fault tests and benches.

Asterisk, PostgreSQL, ``lianxin cti``, ``lianxin worker`` and ``lianxin api`` run as in production, as processes of
their own with settings from the environment, on one loopback address; citizens and telephones are SIPp's. Nothing of
the processes' code is imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from models import cluster as pg
from models.migrations.runner import migrate
from pbx_config import contract
from pbx_config.errors import CommandFailed
from pbx_config.pbx import Pbx
from pbx_config.settings import SeatSecret
from tests.support.ami_wire import sign_in_seats
from tests.support.eventually import eventually
from tests.support.pbx import PROJECT, running_pbx, short_folder
from tests.support.sipp import Plan, Town, town
from tests.support.verdict import Evidence


@dataclass(slots=True)
class House:
    home: Path
    pbx: Pbx
    town: Town
    cluster: pg.Cluster
    agent_of_seat: dict[str, str]
    ami: tuple[str, int]  # where cti is told to find the manager: Asterisk itself or a proxy before it
    extra_env: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    died: list[float] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return self.cluster.dsn

    @property
    def api_url(self) -> str:
        return f"http://{self.pbx.settings.address}:8000"

    # ── processes ───────────────────────────────────────────────────────────────────────────────────

    def start(self, command: str, name: str = "", module: str = "cli") -> subprocess.Popen[bytes]:
        """Start ``lianxin <command>`` (or a module in its place); its output goes to ``log/<name>.log``."""
        name = name or command
        with (self.home / "log" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, command], cwd=PROJECT, env=self._env(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes[name] = process
        return process

    def begin(self, command: str) -> None:
        """As :meth:`start`, for a timetable."""
        self.start(command)

    def kill(self, name: str) -> None:
        """SIGKILL to it and to what it left in its session."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log_of(self, name: str) -> str:
        path = self.home / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill_asterisk(self) -> None:
        self.died.append(time.time())
        self.pbx.process.kill()

    def start_asterisk(self) -> None:
        self.pbx.start(die_with_parent=False)

    def stop_postgres(self) -> None:
        pg.stop(self.cluster, "immediate")

    def start_postgres(self) -> None:
        pg.start(self.cluster, fsync=False)

    def _env(self) -> dict[str, str]:
        s = self.pbx.settings
        address, port = self.ami
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("LIANXIN_", "DATABASE_URL", "PG"))}
        return keep | {
            "DATABASE_URL": self.dsn,
            "LIANXIN_NODE": s.node,
            "LIANXIN_VAR": str(self.home / "var"),
            "LIANXIN_PBX_ADDRESS": address,
            "LIANXIN_PBX_AMI_PORT": str(port),
            "LIANXIN_PBX_AMI_SECRET": s.ami_secrets[contract.AmiUser.CTI],
            "LIANXIN_PBX_HOME": str(s.home),
            "LIANXIN_PBX_LOG_DIR": str(s.log),
            "LIANXIN_PBX_SPOOL_DIR": str(s.spool),
            "LIANXIN_RECORDINGS_URL": str(self.store),
            "LIANXIN_API_ADDRESS": s.address,
            "LIANXIN_ALLOWED_HOSTS": s.address,
            "LIANXIN_WRAP_UP_LIMIT_S": "5",
            "LIANXIN_SEAT_SOUND_S": "0",  # most telephones of the tests send none
            **self.extra_env,
        }

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def store(self) -> Path:
        return self.home / "store"

    def evidence(self, **changes: Any) -> Evidence:
        s = self.pbx.settings
        return Evidence(
            sipp_logs=self.town.logs, cel=with_rotated(s.cel_file), queue_log=with_rotated(s.queue_log_file),
            agent_of_seat=self.agent_of_seat, spool=s.spool, store=self.store, died=self.died, **changes,
        )  # fmt: skip

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        conn = await asyncpg.connect(self.dsn, timeout=5)
        try:
            found: list[asyncpg.Record] = await conn.fetch(query, *args)
        finally:
            await conn.close()
        return found

    async def connected(self, within_s: float = 60) -> None:
        """Wait until cti says that it watches this PBX."""

        async def watching() -> bool:
            rows = await self.fetch("SELECT body->>'connected' AS up FROM live WHERE topic = 'node'")
            return any(r["up"] == "true" for r in rows)

        await eventually(watching, within_s, 0.1)

    def members(self) -> str:
        return self.pbx.cli(f"queue show {self.pbx.settings.queue.name}")

    def story(self, lines: int = 25) -> str:
        """The ends of all logs and the queue as it is: what a reader of a failed test wants to know first."""
        settings = self.pbx.settings
        console, cel, queue_log = settings.log / "messages.log", settings.cel_file, settings.queue_log_file
        logs = [console, cel, queue_log, *sorted((self.home / "log").glob("*.log")), *self.town.papers]
        told = [f"── {path.name}\n{_tail(path, lines)}" for path in logs if path.exists() and path.stat().st_size]
        with contextlib.suppress(CommandFailed, TimeoutError):  # it may be what failed
            told.append(f"── queue\n{self.members()}")
        return "\n".join(told)


@contextlib.asynccontextmanager
async def house(
    address: str, *, seats: int = 10, media: bool = True, env: dict[str, str] | None = None,
    ami: tuple[str, int] | None = None, fsync: bool = False, **pbx: Any,
) -> AsyncIterator[House]:  # fmt: skip
    """A line with PostgreSQL, its seats registered by nobody yet; processes are started by the test."""
    numbers = [str(8001 + n) for n in range(seats)]
    with short_folder("lxh") as home:
        home.chmod(0o755)
        for name in ("log", "var", "store"):
            (home / name).mkdir()
        secret = tuple(SeatSecret(n, secrets.token_hex(12), secrets.token_hex(12)) for n in numbers)
        cluster = await asyncio.to_thread(_database, home, fsync)
        built = None
        try:
            await pg.ensure_database(cluster)
            await migrate(cluster.dsn)
            settings = {"registration_s": 7200} | pbx  # SIPp's telephones say once that they are there
            with running_pbx(address, home=home / "pbx", quick_notice=True, seats=secret, **settings) as line:
                agents = {n: str(int(n) - 7000) for n in numbers}
                with town(line.settings, home / "town", media=media) as outside:
                    where = ami or (address, line.settings.ami_port)
                    built = House(home, line, outside, cluster, agents, where, env or {})
                    await _seat_rows(built)
                    try:
                        yield built
                    except Exception:  # told here, while the logs are there
                        print(built.story())
                        raise
        finally:
            for name in list(built.processes) if built else []:
                built.kill(name)
            pg.stop(cluster, "immediate")


def _database(home: Path, fsync: bool) -> pg.Cluster:
    cluster = pg.Cluster(home / "pg", pg.free_port(), "test")
    pg.init(cluster)
    pg.start(cluster, fsync=fsync)
    return cluster


def with_rotated(path: Path) -> list[Path]:
    """The file and what logrotate has made of it before, oldest first."""
    return [*sorted(path.parent.glob(f"{path.name}-*")), path]


def _tail(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


async def _seat_rows(built: House) -> None:
    rows = [(s.seat, s.seat, s.browser_secret, s.telephone_secret) for s in built.pbx.settings.seats]
    conn = await asyncpg.connect(built.dsn)
    try:
        await conn.executemany(
            "INSERT INTO seat (seat, label, browser_secret, telephone_secret) VALUES ($1, $2, $3, $4)", rows
        )
    finally:
        await conn.close()


def open_desk(built: House, plans: Sequence[Plan], seats: list[str] | None = None) -> None:
    """Register the seats' telephones with the plans and make them members of the queue, ready."""
    chosen = seats or list(built.agent_of_seat)
    built.town.telephones(plans, chosen)
    sign_in_seats(built.pbx.settings, {s: built.agent_of_seat[s] for s in chosen})
