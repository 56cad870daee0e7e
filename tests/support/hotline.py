"""The whole hotline for a test, started as a user does: ``lianxin run`` in a folder and on an address of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from models.cluster import free_port
from tests.support.eventually import eventually
from tests.support.pbx import PROJECT, seed_prompts, test_asterisk


@dataclass(frozen=True, slots=True)
class Hotline:
    """A running hotline. Citizens call from 127.0.<same>.128 and up."""

    address: str
    var: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]
    dsn: str

    @property
    def url(self) -> str:
        return f"http://{self.address}:8000"

    @property
    def password(self) -> str:
        """Of every demo account."""
        return (self.var / "secrets" / "demo-password").read_text().strip()

    def lianxin(self, *args: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line beside it."""
        argv = [sys.executable, "-m", "cli", *args]
        return subprocess.run(
            argv, env=self.env, cwd=PROJECT, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def ask_pbx(self, command: str) -> str:
        """Asterisk's answer to a command of its console."""
        argv = [*test_asterisk().command, "-C", str(self.var / "pbx" / "etc" / "asterisk.conf"), "-rx", command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=True).stdout

    @contextmanager
    def spawn(self, *args: str) -> Iterator[Spawned]:
        """Start a command beside it; whatever happens in the block, it is gone afterwards."""
        argv = [sys.executable, "-m", "cli", *args]
        with tempfile.TemporaryFile("w+", dir=self.var, encoding="utf-8") as words:
            process = subprocess.Popen(argv, env=self.env, cwd=PROJECT, stdout=words, stderr=subprocess.STDOUT)
            try:
                yield Spawned(process, words)
            finally:
                _end(process, signal.SIGINT, 20)


@dataclass(frozen=True, slots=True)
class Spawned:
    """A command that runs beside the hotline."""

    process: subprocess.Popen[bytes]
    words: TextIO

    def said(self) -> str:
        """Everything it has printed so far."""
        self.words.seek(0)
        return self.words.read()

    async def ended(self, timeout_s: float) -> int:
        """Its exit code.

        Raises:
            AssertionError: it is still running.
        """
        await eventually(lambda: self.process.poll() is not None, timeout_s)
        return self.process.returncode


def _end(process: subprocess.Popen[bytes], how: signal.Signals, patience_s: float) -> None:
    process.send_signal(how)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment(address: str, var: Path, port: int) -> dict[str, str]:
    net = address.rsplit(".", 1)[0]
    return os.environ | {
        "LIANXIN_VAR": str(var),
        "LIANXIN_NODE": "t" + net.split(".")[2],
        "LIANXIN_PG_PORT": str(port),
        "LIANXIN_API_ADDRESS": address,
        "LIANXIN_PBX_ADDRESS": address,
        "LIANXIN_PBX_TRUNK": f"{net}.128/25",
        "LIANXIN_TRUNK_CONTACT": f"{net}.128:5060",
        "LIANXIN_CARRIER_ADDRESSES": f"{net}.128-{net}.140",
        "LANG": "en_US.UTF-8",
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def running_hotline(address: str, **settings: str) -> Iterator[Hotline]:
    """``settings`` are further LIANXIN_ variables, by their full name."""
    test_asterisk()  # so that `run` never downloads here
    var = Path(tempfile.mkdtemp(prefix="lxe", dir="/tmp"))
    var.chmod(0o755)
    (var / "asterisk").symlink_to(PROJECT / "var" / "asterisk")
    seed_prompts(var / "pbx" / "data")
    env = _environment(address, var, free_port()) | settings
    log = (var / "run.out").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "cli", "run"], env=env, cwd=PROJECT, stdout=log, stderr=log)
    try:
        _wait_until_ready(process, f"http://{address}:8000/healthz", var / "run.out")
        secret = (var / "secrets" / "postgresql").read_text().strip()
        dsn = f"postgresql://lianxin:{secret}@127.0.0.1:{env['LIANXIN_PG_PORT']}/lianxin"
        yield Hotline(address, var, env, process, dsn)
    finally:
        _end(process, signal.SIGINT, 60)
        log.close()
        shutil.rmtree(var, ignore_errors=True)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200 and "12345" in log.read_text():
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the hotline did not start:\n" + log.read_text()[-3000:])
