"""Starts, asks, reloads and stops one Asterisk. Knows nothing of what its configuration means.

Asterisk's own words are kept: it is asked over its control socket with ``asterisk -rx``, told to stop with
``core stop now``, and killed only when it does not obey.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from pbx_config.errors import CommandFailed, PortTaken, StartFailed

log: Final = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG: Final = 1
_POLL_S: Final = 0.05
_LOG_LINES: Final = 15
# The kernel ties PR_SET_PDEATHSIG to the *thread* that forked, so one thread as old as we are forks them all.
_SPAWNER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asterisk-spawner")


@dataclass(frozen=True, slots=True)
class Asterisk:
    """How to run Asterisk on this machine: the words before its own arguments, its modules, its documentation.

    ``root`` is the private root, None for the machine's own. A private root needs its own loader and libraries in
    front; see docs/decisions/0001-private-asterisk-root.md.
    """

    command: tuple[str, ...]
    module_dir: Path
    documentation_dir: Path | None
    version: str
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """Ports that must be free before Asterisk starts."""

    address: str
    udp: tuple[int, ...]
    tcp: tuple[int, ...]


class AsteriskProcess:
    """One Asterisk over one rendered configuration folder.

    Methods block (``start`` until FullyBooted): call them with ``asyncio.to_thread`` from a loop.
    """

    def __init__(self, asterisk: Asterisk, etc: Path, log_dir: Path, run_dir: Path, listen: Listen) -> None:
        self.asterisk = asterisk
        self.etc = etc
        self.log_dir = log_dir
        self.run_dir = run_dir
        self.listen = listen
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> bool:
        """True while our child lives. An Asterisk started by somebody else does not count."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, die_with_parent: bool = True, timeout_s: float = 20.0) -> None:
        """Start and wait until Asterisk is fully booted.

        Raises:
            PortTaken: another process listens on one of its ports.
            StartFailed: it ended or did not boot in time; the message carries the last lines of its log.
        """
        if self.running:
            return
        check_ports(self.listen)
        begun = time.monotonic()
        self._process = _SPAWNER.submit(self._spawn, die_with_parent).result()
        self._wait_booted(begun + timeout_s)
        took_s = round(time.monotonic() - begun, 3)
        log.info("asterisk started", pid=self.pid, address=self.listen.address, took_s=took_s)

    def _spawn(self, die_with_parent: bool) -> subprocess.Popen[bytes]:
        for stale in ("asterisk.ctl", "asterisk.pid"):
            (self.run_dir / stale).unlink(missing_ok=True)
        with (self.log_dir / "console.log").open("wb") as console:
            return subprocess.Popen(
                [*self.asterisk.command, "-f", "-C", str(self.etc / "asterisk.conf")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for `lianxin run`, which then stops us in order
                preexec_fn=_die_with_parent(os.getpid()) if die_with_parent else None,  # noqa: PLW1509 - a bare syscall
            )

    def _wait_booted(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if not self.running:
                raise StartFailed(f"Asterisk ended while starting. {self._explain()}", log=str(self.log_dir))
            if (self.run_dir / "asterisk.ctl").exists():
                try:
                    left_s = max(0.5, deadline - time.monotonic())
                    if "fully booted" in self.cli("core waitfullybooted", timeout_s=left_s).lower():
                        return
                except CommandFailed:
                    pass  # the socket is made before it is listened on: ask again
            time.sleep(_POLL_S)
        explained = self._explain()
        self.stop(timeout_s=1.0)
        raise StartFailed(f"Asterisk did not finish starting in time. {explained}", log=str(self.log_dir))

    def _explain(self) -> str:
        lines: list[str] = []
        for name in ("console.log", "messages.log"):
            path = self.log_dir / name
            if path.exists():
                text = path.read_text(encoding="utf-8", errors="replace")
                lines += [line.rstrip() for line in text.splitlines() if line.strip()][-_LOG_LINES:]
        return "Last lines of its log:\n" + "\n".join(lines[-_LOG_LINES:]) if lines else "It wrote no log."

    def cli(self, command: str, *, timeout_s: float = 10.0) -> str:
        """Ask a CLI command and return what Asterisk prints.

        Raises:
            CommandFailed: Asterisk is not there or did not answer in time.
        """
        if any(c in command for c in "\r\n\0"):
            raise CommandFailed("a line break in a CLI command")
        words = [*self.asterisk.command, "-C", str(self.etc / "asterisk.conf"), "-rx", command]
        try:
            done = subprocess.run(words, capture_output=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired as exc:
            raise CommandFailed(f"Asterisk did not answer {command!r} in {timeout_s:g} s") from exc
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise CommandFailed(f"Asterisk is not running: {output.strip() or done.stderr.decode(errors='replace')}")
        return output

    def reload(self, module: str = "") -> None:
        """Read changed configuration files again; ``module`` as Asterisk names it, all of them if empty."""
        self.cli(f"module reload {module}".strip())

    def stop(self, *, timeout_s: float = 5.0) -> None:
        """Stop now, dropping calls; kill after ``timeout_s``. Returns when the process is gone."""
        if self._process is None:
            return
        if self.running:
            try:
                self.cli("core stop now", timeout_s=min(2.0, timeout_s))
            except CommandFailed:
                self._process.terminate()  # the socket does not answer: the signal asks for the same
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                log.warning("asterisk did not stop, killing it", pid=self.pid)
                self.kill()
        self._process.wait()
        log.info("asterisk stopped", pid=self.pid)
        self._process = None

    def kill(self) -> None:
        """SIGKILL, for the deadline of ``stop`` and for tests of crashes."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


def _die_with_parent(parent: int) -> Callable[[], None]:
    """A preexec function: the kernel sends us SIGTERM when ``parent`` is gone, however it went (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it went between fork and prctl
            os._exit(1)

    return prepare


def check_ports(listen: Listen) -> None:
    """Raise PortTaken with the first port that somebody else holds."""
    kinds = ((socket.SOCK_DGRAM, "UDP", listen.udp), (socket.SOCK_STREAM, "TCP", listen.tcp))
    for kind, word, ports in kinds:
        for port in ports:
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Asterisk does: TIME_WAIT is free
                try:
                    probe.bind((listen.address, port))
                except OSError as exc:
                    raise PortTaken(
                        f"{word} port {port} on {listen.address} cannot be used: {exc.strerror}. "
                        "Stop what listens there or choose another port.",
                        address=listen.address,
                        port=port,
                        protocol=word,
                    ) from exc


_VERSION: Final = re.compile(r"Asterisk (?:\S+/)?(\d+)\.(\d+)(?:\.(\d+))?")


def parse_version(text: str) -> tuple[int, int, int] | None:
    """(22, 10, 1) of "Asterisk 22.10.1+dfsg…"; None if it is no such line."""
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
