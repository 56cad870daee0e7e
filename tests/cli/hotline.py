"""A whole Lianxin of a test's own: `lianxin run` as a user starts it, on addresses of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil

from models import cluster as pg
from pbx_config.prompts import install_prompts
from tests.support.eventually import eventually
from tests.support.pbx import PROJECT, test_asterisk

READY_S = 120.0  # the first start of a slow machine speaks and migrates


@dataclass
class Hotline:
    """``third``: the third byte of its loopback network; the PBX and the desk are .1, its citizens .128 and up."""

    var: Path
    address: str
    changes: dict[str, str] = field(default_factory=dict)
    pg_port: int = field(default_factory=pg.free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        stem = self.address.rsplit(".", 1)[0]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LIANXIN_") and k != "DATABASE_URL"}
        return kept | {
            "LANG": "C.UTF-8",
            "LIANXIN_VAR": str(self.var),
            "LIANXIN_PG_PORT": str(self.pg_port),
            "LIANXIN_API_ADDRESS": self.address,
            "LIANXIN_PBX_ADDRESS": self.address,
            "LIANXIN_PBX_TRUNK": f"{stem}.128/25",
            "LIANXIN_CARRIER_ADDRESSES": f"{stem}.128-{stem}.140",
            "LIANXIN_TRUNK_CONTACT": f"{stem}.141:5060",
            **self.changes,
        }

    @property
    def output(self) -> Path:
        return self.var / "output.txt"

    @property
    def url(self) -> str:
        return f"http://{self.address}:8000"

    @property
    def dsn(self) -> str:
        password = (self.var / "secrets/postgresql").read_text()
        return f"postgresql://lianxin:{password}@127.0.0.1:{self.pg_port}/lianxin"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "cli", *words]

    def start(self) -> None:
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                self.command("run"), env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True
            )

    async def ready(self) -> str:
        """What it printed once it is up."""

        def printed() -> str:
            assert self.process is not None
            text = self.output.read_text()
            if self.process.poll() is not None:
                raise RuntimeError(f"lianxin run ended with {self.process.returncode}:\n{text}")
            return text if "Ctrl-C" in text else ""

        return str(await eventually(printed, within_s=READY_S))

    async def ended(self, within_s: float = 60) -> int:
        """Its exit code."""
        process = self.process
        assert process is not None
        await eventually(lambda: process.poll() is not None, within_s=within_s)
        return int(process.returncode)

    def interrupt(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)

    def say(self, *words: str, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
        """Run another `lianxin` command against it."""
        return subprocess.run(
            self.command(*words), env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=timeout_s,
        )  # fmt: skip

    async def said(self, *words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(self.say, *words)

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
            return dict(json.load(answer))

    def processes(self) -> dict[int, str]:
        """Everything alive that knows our folder: pid → command line."""
        found = {}
        for one in psutil.process_iter():
            try:
                if one.status() == psutil.STATUS_ZOMBIE or one.pid == os.getpid():
                    continue
                line, environment = " ".join(one.cmdline()), one.environ()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            if str(self.var) in line or environment.get("LIANXIN_VAR") == str(self.var):
                found[one.pid] = line
        return found

    def child(self, name: str) -> int:
        """The pid of a child, as `run` remembers it."""
        for line in (self.var / "run/children").read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
        raise AssertionError(f"no child {name}")


@contextmanager
def hotline(address: str, folder: Path | None = None, **changes: str) -> Iterator[Hotline]:
    """Not started. Asterisk is the one that `make` installed, prompts are those of the suite."""
    var = folder or Path(tempfile.mkdtemp(prefix="lxrun", dir="/tmp"))
    var.mkdir(parents=True, exist_ok=True)
    var.chmod(0o755)  # root's PostgreSQL is another user
    one = Hotline(var, address, changes)
    root = test_asterisk().root
    if root is not None:
        (var / "asterisk").symlink_to(root)
    prompts = PROJECT / "var" / "test-prompts"  # spoken once per machine, not once per test
    prompts.mkdir(parents=True, exist_ok=True)
    install_prompts(prompts, test_asterisk())
    shutil.copytree(prompts, var / "pbx" / "data", dirs_exist_ok=True)
    try:
        yield one
    finally:
        if one.process is not None and one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        if (var / "postgresql" / "PG_VERSION").exists():
            pg.stop(pg.Cluster(var / "postgresql", one.pg_port, ""), "immediate")
        for pid in one.processes():
            psutil.Process(pid).kill()
        shutil.rmtree(var, ignore_errors=True)


class DeskClient:
    """An agent's browser, as far as HTTP goes."""

    def __init__(self, hotline: Hotline) -> None:
        self._base = f"{hotline.url}/api/v1"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "X-Requested-With": "lianxin"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base}{path}", data=data, headers=headers, method=method)
        with self._open(request, timeout=20) as answer:
            text = answer.read()
        return dict(json.loads(text)) if text else {}

    def sign_in(self, login: str, password: str) -> dict[str, Any]:
        return self.ask("POST", "/session", {"login": login, "password": password})

    async def command(self, kind: str, **args: str) -> None:
        """Ask and wait until it succeeded."""
        made = str(uuid.uuid4())
        self.ask("POST", "/commands", {"id": made, "kind": kind, "args": args})
        end = await eventually(lambda: self._ended(made), within_s=20)
        assert end["state"] == "succeeded", end

    def _ended(self, made: str) -> dict[str, Any] | None:
        said = self.ask("GET", f"/commands/{made}")
        return said if said["ended_at"] else None
