"""Children are started, watched, restarted and stopped for certain. Real processes throughout."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli.children import Kept, Program, clean_up, remember
from tests.support.eventually import eventually

IGNORES_TERM = "import signal,time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
SLEEPS = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[list[Program]]:
    made: list[Program] = []
    yield made
    for program in made:
        program.stop(0)


def make(programs: list[Program], tmp_path: Path, code: str) -> Program:
    program = Program("trial", [sys.executable, "-c", code], tmp_path / "trial.log")
    programs.append(program)
    return program


async def test_a_child_writes_to_its_log_and_obeys(programs: list[Program], tmp_path: Path) -> None:
    program = make(programs, tmp_path, SLEEPS)
    program.start()
    await eventually(lambda: "up" in program.log.read_text())
    assert program.ended() is None
    assert program.stop(grace_s=5) is True
    assert program.ended() is not None


async def test_a_child_that_ignores_us_is_killed_after_its_grace(programs: list[Program], tmp_path: Path) -> None:
    program = make(programs, tmp_path, IGNORES_TERM)
    program.start()
    await eventually(lambda: "up" in program.log.read_text())
    assert program.stop(grace_s=0.2) is False
    assert program.pid is not None
    assert not psutil.pid_exists(program.pid)


async def test_what_a_child_left_in_its_session_goes_with_it(programs: list[Program], tmp_path: Path) -> None:
    code = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {IGNORES_TERM!r}]);"
        "print(p.pid, flush=True); p.wait()"
    )
    program = make(programs, tmp_path, code)
    program.start()
    grandchild = int((await eventually(lambda: program.log.read_text().split()))[0])
    await eventually(lambda: "up" in program.log.read_text())
    program.stop(grace_s=2)
    await eventually(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


async def test_children_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    code = (
        "import sys,time; from pathlib import Path; from cli.children import Program\n"
        f"p = Program('c', [sys.executable, '-c', {IGNORES_TERM!r}], Path({str(log)!r})); p.start()\n"
        "print(p.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    await eventually(lambda: log.exists() and "up" in log.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    await eventually(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


class Mortal:
    """A child that dies when told. Fulfils Child."""

    name = "mortal"
    pid = None

    def __init__(self) -> None:
        self.alive = False
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        self.alive = True

    def ended(self) -> str | None:
        return None if self.alive else "died"

    def ask_to_stop(self) -> None:
        self.alive = False

    def stop(self, grace_s: float) -> bool:
        self.alive = False
        return True


def test_restarts_come_slower_and_slower_and_calm_forgives() -> None:
    now = [100.0]
    child = Mortal()
    kept = Kept(child, clock=lambda: now[0])
    kept.start()
    delays = []
    for _ in range(8):
        child.alive = False
        seen = kept.look()
        assert seen is not None
        assert kept.look() is None, "an end is told once"
        delays.append(seen[1])
        assert not kept.due()
        now[0] += seen[1]
        assert kept.due()
        kept.restart()
        assert kept.look() is None
    assert delays == [1, 2, 4, 8, 15, 30, 30, 30]
    now[0] += 61
    child.alive = False
    assert kept.look() == ("died", 1)
    assert child.starts == 9


async def test_what_an_earlier_run_left_is_killed_and_a_reused_pid_is_not(
    programs: list[Program], tmp_path: Path
) -> None:
    memory = tmp_path / "children"
    program = make(programs, tmp_path, IGNORES_TERM)
    program.start()
    await eventually(lambda: "up" in program.log.read_text())
    remember(memory, [program])
    mine = psutil.Process(os.getpid()).create_time()
    memory.write_text(memory.read_text() + f"\nother {os.getpid()} {mine - 100:.3f}\ngone 4194304 1.000")
    assert clean_up(memory) == ["trial"]
    assert program.ended() is not None
    assert not memory.exists()
    assert clean_up(memory) == []
