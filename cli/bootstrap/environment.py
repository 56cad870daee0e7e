"""The Python environment .venv: pip's locked packages, the project on its path, the command ``lianxin``.

The project is put on the path by a .pth file and not by `pip install -e`: that would need a setuptools newer than
Debian 12's, and a build, to reach the same.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from cli.bootstrap.steps import ROOT, run_step
from cli.language import say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# readlink: it may be called by a link in /usr/local/bin. -P: a folder "models" where the caller stands is not ours.
_COMMAND = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -P -m cli "$@"
"""


def digest(*parts: bytes) -> str:
    """One hash over several byte strings, each with its length, so that none can flow into the next."""
    total = hashlib.sha256()
    for part in parts:
        total.update(b"%d:" % len(part) + part)
    return total.hexdigest()


def ensure_venv() -> None:
    """Make .venv; make it anew where its Python is gone or is another one (a system upgrade, a moved checkout)."""
    stamp = VENV / ".lianxin-venv"
    wanted = digest(sys.version.encode(), str(VENV).encode())
    # pip is what `venv` puts in last: without it an earlier try was interrupted; without our stamp it is a developer's.
    if PYTHON.exists() and (VENV / "bin" / "pip").exists() and (not stamp.exists() or stamp.read_text() == wanted):
        return
    clear = ["--clear"] if VENV.exists() else []
    run_step(say("step_venv"), "venv", [sys.executable, "-m", "venv", *clear, str(VENV)])
    stamp.write_text(wanted)


def ensure_requirements(name: str) -> None:
    """The locked packages, by hash; dev.txt holds everything that run.txt holds."""
    lock = ROOT / "requirements" / name
    wanted = digest(lock.read_bytes())
    stamp = VENV / (".lianxin-" + name)
    if not (stamp.exists() and stamp.read_text() == wanted):
        argv = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
        run_step(say("step_requirements", file="requirements/" + name), "pip", [*argv, "-r", str(lock)])
        stamp.write_text(wanted)
    _write(next(VENV.glob("lib/python3*/site-packages")) / "lianxin.pth", str(ROOT) + "\n")
    _write(VENV / "bin" / "lianxin", _COMMAND, 0o755)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(mode)
