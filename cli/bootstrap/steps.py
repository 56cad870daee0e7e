"""One long command: say what it is, show that it moves, keep its output in a log, explain its failure."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from cli.language import say, tell

ROOT = Path(__file__).resolve().parents[2]
_TICK_S = 0.5
_LINE_EVERY_S = 15.0  # where the output is no terminal
# How pip, npm, apt and git say that nobody answers.
_NO_NETWORK = re.compile(
    r"Temporary failure (in name )?resol|Could not resolve|Name or service not known|NewConnectionError|ENOTFOUND"
    r"|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|Network is unreachable|Connection timed out|Could not connect to",
    re.IGNORECASE,
)
_NOISE = re.compile(r"^(\s*$|npm (warn|notice)|\[notice\]|WARNING:|make)")


class StepFailed(Exception):
    """A step of the bootstrap failed; the text is the whole sentence for the user."""


def var_dir() -> Path:
    """Where everything that is not source lives: LIANXIN_VAR, else ``var`` in the project."""
    return Path(os.environ.get("LIANXIN_VAR") or ROOT / "var").resolve()


def last_line(log: Path) -> str:
    """The newest line of a log that says something."""
    with contextlib.suppress(OSError):
        lines = log.read_bytes()[-4000:].decode("utf-8", "replace").replace("\r", "\n").splitlines()
        for line in reversed(lines):
            if not _NOISE.match(line):
                return line.strip()[:120]
    return ""


def explain(step: str, log: Path) -> str:
    """The sentence for a step that failed with this log."""
    text = log.read_bytes().decode("utf-8", "replace") if log.exists() else ""
    if _NO_NETWORK.search(text):
        return say("no_network", step=step, log=log)
    errors = [line.strip() for line in text.splitlines() if re.match(r"\s*(npm )?(E:|ERROR|[Ee]rror)", line)]
    return say("step_failed", step=step, why=("; ".join(errors[:2]) or last_line(log))[:300], log=log)


def run_step(step: str, name: str, argv: list[str], env: dict[str, str] | None = None) -> None:
    """Run ``argv`` in the project's folder with its output in ``var/log/<name>.log``.

    Raises:
        StepFailed: it ended with an error.
    """
    log = var_dir() / "log" / (name + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with log.open("wb") as out:
        try:
            child = subprocess.Popen(
                argv, stdout=out, stderr=subprocess.STDOUT, cwd=str(ROOT), env=dict(os.environ, **(env or {}))
            )
        except OSError as exc:
            raise StepFailed(say("step_failed", step=step, why=exc, log=log)) from exc
        _watch(child, step, log, begun)
    if child.returncode != 0:
        raise StepFailed(explain(step, log))
    tell(say("step_done", step=step, took_s=time.monotonic() - begun))


def _watch(child: subprocess.Popen[bytes], step: str, log: Path, begun: float) -> None:
    """Show the elapsed time and the last line until the child ends; Ctrl-C ends the child too."""
    terminal = sys.stdout.isatty()
    told = begun
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_TICK_S)
                break
            now = time.monotonic()
            line = say("still", step=step, elapsed_s=now - begun, last=last_line(log))
            if terminal:
                sys.stdout.write("\r\x1b[2K" + line[: _columns() - 2])
                sys.stdout.flush()
            elif now - told >= _LINE_EVERY_S:
                told = now
                tell(line)
    finally:
        if terminal:
            sys.stdout.write("\r\x1b[2K")
        if child.poll() is None:
            child.terminate()
            child.wait()


def _columns() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 80
