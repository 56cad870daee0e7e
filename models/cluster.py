"""A private PostgreSQL cluster in a folder of ours: find the binaries, initdb, start, stop.

Loopback and a Unix socket only. PostgreSQL refuses to run as root, so root drops to a service user (``postgres``, else
``nobody``); where that user cannot reach the folder (a checkout under /root) it keeps one capability to walk there.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from models.errors import Refused, Unavailable

OLDEST_MAJOR = 14
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class PostgresMissing(Unavailable):
    """No PostgreSQL server programs on this machine: install the package ``postgresql``."""

    code = "database.not_installed"


class PostgresFailed(Unavailable):
    """The cluster did not start; ``detail`` carries the end of its log."""

    code = "database.not_started"


class PortTaken(Refused):
    code = "port.taken"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in ``data`` listening on 127.0.0.1:``port``. Everybody gives a password (scram)."""

    data: Path
    port: int
    password: str
    user: str = "lianxin"
    database: str = "lianxin"

    @property
    def dsn(self) -> str:
        return self.dsn_of(self.database)

    def dsn_of(self, database: str) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> Path:
        return self.data / "server.log"


def find_bin() -> Path:
    """The newest PostgreSQL program folder of this machine.

    Raises:
        PostgresMissing: none, or only older than 14.
    """
    found: list[tuple[int, Path]] = []
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        if folder.parent.name.isdigit() and (folder / "postgres").exists():
            found.append((int(folder.parent.name), folder))
    on_path = shutil.which("postgres")
    if on_path:
        said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        if match := re.search(r"(\d+)", said):
            found.append((int(match[1]), Path(on_path).resolve().parent))
    if not found or max(found)[0] < OLDEST_MAJOR:
        raise PostgresMissing(f"PostgreSQL {OLDEST_MAJOR} or newer is needed: install the package postgresql")
    return max(found)[1]


def _service_user(data: Path) -> pwd.struct_passwd | None:
    """Whom to drop to: the cluster's owner if it is there already; None when we are not root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError, KeyError):
        if (owner := data.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresFailed("running as root, and no user 'postgres' or 'nobody' to drop to")


def _command(cluster: Cluster, *argv: str) -> list[str]:
    user = _service_user(cluster.data)
    if user is None:
        return list(argv)
    drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not _reachable(cluster.data, user):
        drop += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*drop, "--", *argv]


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    for folder in path.absolute().parents:
        with contextlib.suppress(FileNotFoundError):
            info = folder.stat()
            own = info.st_uid == user.pw_uid
            bit = 0o100 if own else (0o010 if info.st_gid == user.pw_gid else 0o001)
            if not info.st_mode & bit:
                return False
    return True


def _run(cluster: Cluster, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
    return subprocess.run(
        _command(cluster, *argv),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=env,
        stdin=subprocess.DEVNULL,
    )


def init(cluster: Cluster) -> bool:
    """Create the cluster where there is none yet; True when it was made now."""
    if (cluster.data / "PG_VERSION").exists():
        return False
    cluster.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    user = _service_user(cluster.data)
    if user:
        os.chown(cluster.data, user.pw_uid, user.pw_gid)
    pwfile = cluster.data.parent / f".{cluster.data.name}.pw"
    pwfile.touch(mode=0o600)
    pwfile.write_text(cluster.password)
    if user:
        os.chown(pwfile, user.pw_uid, user.pw_gid)
    try:
        done = _run(
            cluster, str(find_bin() / "initdb"), "-D", str(cluster.data), "--encoding=UTF8", "--locale=C.UTF-8",
            f"--username={cluster.user}", f"--pwfile={pwfile}", "--auth=scram-sha-256", "--no-instructions",
        )  # fmt: skip
    finally:
        pwfile.unlink()
    if done.returncode != 0:
        raise PostgresFailed(f"initdb failed: {done.stderr.strip()[-800:]}")
    return True


def running(cluster: Cluster) -> bool:
    return _run(cluster, str(find_bin() / "pg_ctl"), "-D", str(cluster.data), "status").returncode == 0


def running_port(cluster: Cluster) -> int | None:
    """The port that a running cluster listens on (line 4 of postmaster.pid); None when it cannot be told."""
    try:
        return int((cluster.data / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, ValueError, IndexError):
        return None


def start(cluster: Cluster, *, fsync: bool = True, extra: dict[str, str] | None = None) -> None:
    """Start and wait until it answers; a cluster that runs already is left alone.

    Raises:
        PortTaken: another program listens on the port.
        PostgresFailed: it did not start.
    """
    if running(cluster):
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", cluster.port))
        except OSError as exc:
            raise PortTaken(f"127.0.0.1:{cluster.port} (PostgreSQL) is taken", port=cluster.port) from exc
    settings = SETTINGS | {"port": str(cluster.port), "unix_socket_directories": "''"} | (extra or {})
    if not fsync:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    conf = "".join(f"{k} = {v}\n" for k, v in settings.items())
    (cluster.data / "postgresql.auto.conf").write_text(conf)
    pg_ctl = str(find_bin() / "pg_ctl")
    done = _run(cluster, pg_ctl, "-D", str(cluster.data), "-l", str(cluster.log), "-w", "-t", "60", "-s", "start")
    if done.returncode != 0:
        tail = cluster.log.read_text(errors="replace")[-800:] if cluster.log.exists() else done.stderr
        raise PostgresFailed(f"PostgreSQL did not start: {tail.strip()}")


def stop(cluster: Cluster, mode: str = "fast") -> None:
    """Stop (``smart``, ``fast`` or ``immediate``); nothing to do when it is not running."""
    _run(cluster, str(find_bin() / "pg_ctl"), "-D", str(cluster.data), "-m", mode, "-w", "-t", "60", "-s", "stop")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def ensure_database(cluster: Cluster, name: str | None = None, template: str | None = None) -> None:
    """Create the database where it is missing."""
    name = name or cluster.database
    conn = await asyncpg.connect(cluster.dsn_of("postgres"))
    try:
        if not await conn.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                await conn.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    finally:
        await conn.close()
