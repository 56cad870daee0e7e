"""`lianxin run`: prepare, start everything, wait until it is healthy, say where to go, watch, stop in order."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cli import database, health, ports, prepare, report
from cli.asterisk_child import AsteriskChild
from cli.children import Child, Program, clean_up
from cli.language import complain, say, tell
from cli.settings import Settings
from cli.supervisor import Stop, Supervisor
from models.cluster import running
from models.errors import LianxinError, Refused
from pbx_config.pbx import Pbx

T = TypeVar("T")
SERVICES = ("cti", "worker", "api")  # started in this order, stopped in the other


class AlreadyRunning(Refused):
    code = "run.already"


def run(settings: Settings) -> int:
    """The exit code: 0 after an ordinary stop, 1 when something could not be started."""
    begun = time.monotonic()
    with Stop().listening() as stop:
        try:
            with _only_one(settings):
                return _run(settings, stop, begun)
        except KeyboardInterrupt:
            return 0
        except LianxinError as exc:
            complain(str(exc))
            return 1


def _run(settings: Settings, stop: Stop, begun: float) -> int:
    supervisor = Supervisor(settings.logs, settings.run_dir / "children")
    code = 0
    try:
        _start(settings, supervisor)
        asyncio.run(report.ready(settings, time.monotonic() - begun))
        stop.interrupts = False
        supervisor.watch(stop.event)
    except KeyboardInterrupt:
        pass  # Ctrl-C while starting: an ordinary stop of what has been started so far
    except LianxinError as exc:
        complain(say("failed", why=exc))
        code = 1
    finally:
        stop.interrupts = False
        tell(say("stopping"))
        supervisor.stop()
        database.stop(settings)
        tell(say("stopped", var=settings.var))
    return code


def _start(settings: Settings, supervisor: Supervisor) -> None:
    prepare.folders(settings)
    left = clean_up(settings.run_dir / "children")
    if left:
        tell(say("cleaned", names=", ".join(left)))
    _check_ports(settings)
    asterisk = step("step_asterisk", lambda: prepare.asterisk(settings)) if settings.pbx_managed else None
    step("step_database", lambda: prepare.database(settings))
    told = step("step_seed", lambda: asyncio.run(prepare.seed(settings)))
    if asterisk is not None:
        pbx = prepare.line(settings, asterisk, told)
        step("step_prompts", pbx.prepare)
        step("step_pbx", lambda: _start_pbx(supervisor, pbx))
    step("step_services", lambda: _start_services(settings, supervisor))


def _check_ports(settings: Settings) -> None:
    """Before anything is started. A private cluster that an earlier run left running is ours, not in our way."""
    adopted = settings.private_database and prepare.has_cluster(settings) and running(database.cluster(settings))
    for need in ports.needs(settings):
        if not (adopted and need.part == "PostgreSQL"):
            ports.check(need)


def _start_pbx(supervisor: Supervisor, pbx: Pbx) -> None:
    supervisor.start(AsteriskChild(pbx))


def _start_services(settings: Settings, supervisor: Supervisor) -> None:
    begun = datetime.now(UTC)
    for name in SERVICES:
        argv = [sys.executable, "-P", "-m", "cli", name]
        child: Child = Program(name, argv, settings.logs / f"{name}.log")
        supervisor.start(child)
    asyncio.run(health.wait(settings, begun, supervisor.look))


def step(key: str, work: Callable[[], T]) -> T:
    """Do it, and say that it was done where it took noticeable time."""
    begun = time.monotonic()
    result = work()
    took_s = time.monotonic() - begun
    if took_s >= 0.5:
        tell(say("step_done", step=say(key), took_s=took_s))
    return result


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Hold the lock of this ``var``; the kernel lets it go with the process, however that ends.

    Raises:
        AlreadyRunning: another `lianxin run` holds it.
    """
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    path: Path = settings.run_dir / "run.lock"
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AlreadyRunning(say("already_running", pid=path.read_text().strip() or "?")) from exc
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
