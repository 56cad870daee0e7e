"""Finds an Asterisk this machine can run, or puts the distribution's newest into a private root.

Decides only; ``private_root`` does the work. Does not render or start anything.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from pbx_config import render
from pbx_config.errors import InstallFailed
from pbx_config.package_source import package_source
from pbx_config.private_root import Progress, make_private_root
from pbx_config.process import Asterisk, parse_version

log: Final = structlog.get_logger(__name__)

OLDEST: Final = (20, 0, 0)
SAFE_22: Final = (22, 10, 1)  # twenty security advisories were mended up to it
PACKAGES: Final = ("asterisk", "asterisk-modules", "espeak-ng")
_SEARCH_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"
_MODULE_DIRS: Final = (
    "usr/lib/*/asterisk/modules",
    "usr/local/lib/asterisk/modules",
    "usr/lib/asterisk/modules",
    "usr/lib64/asterisk/modules",
)
_DOCUMENTATION_DIRS: Final = ("usr/share/asterisk/documentation", "var/lib/asterisk/documentation")


@dataclass(frozen=True, slots=True)
class Rejected:
    """The machine has an Asterisk that we do not use, and why."""

    reason: str


def ensure_asterisk(root: Path, progress: Progress = lambda what, share: None) -> Asterisk:
    """The machine's Asterisk if it will do, else the private root's, installed first where it is missing.

    Raises:
        InstallFailed: it is missing and could not be installed; one sentence says what to do.
    """
    try:
        return find_asterisk(root)
    except InstallFailed as exc:
        log.info("installing asterisk", root=str(root), because=str(exc))
    make_private_root(root, package_source(), PACKAGES, progress)
    found = private_asterisk(root)
    if isinstance(found, Asterisk):
        return found
    reason = found.reason if found is not None else "it holds no Asterisk"
    raise InstallFailed(f"Asterisk was installed in {root} but cannot be used: {reason}", reason="unusable")


def find_asterisk(root: Path) -> Asterisk:
    """The machine's own Asterisk, else the one in the private root. Installs nothing.

    Raises:
        InstallFailed: there is none that will do; says which there are and why not.
    """
    reasons = []
    for found in (machine_asterisk(), private_asterisk(root)):
        if isinstance(found, Asterisk):
            return found
        if found is not None:
            reasons.append(found.reason)
    raise InstallFailed(" ".join(reasons) or f"There is no Asterisk on this machine and none in {root}.", reason="none")


def machine_asterisk(search_path: str = _SEARCH_PATH) -> Asterisk | Rejected | None:
    """The Asterisk that an administrator installed; None where there is none."""
    binary = shutil.which("asterisk", path=search_path)
    return None if binary is None else _judge((binary,), Path("/"), None)


def private_asterisk(root: Path) -> Asterisk | Rejected | None:
    """The Asterisk in a private root, run through the root's own loader; None where there is none."""
    loader = next(iter(sorted(root.glob("usr/lib/*/ld-linux-*.so.*"))), None)
    binary = root / "usr/sbin/asterisk"
    if loader is None or not binary.exists():
        return None
    return _judge((str(loader), "--library-path", str(loader.parent), str(binary)), root, root)


def _judge(command: tuple[str, ...], base: Path, root: Path | None) -> Asterisk | Rejected:
    version = ask_version(command)
    if why := unfit(version):
        return Rejected(f"The Asterisk in {command[-1]} cannot be used: {why}.")
    modules = _first(base, _MODULE_DIRS)
    documentation = _first(base, _DOCUMENTATION_DIRS)
    if modules is None or documentation is None:
        return Rejected(f"The Asterisk in {command[-1]} has no modules or no documentation folder.")
    missing = sorted(m for m in needed_modules() if not (modules / m).exists())
    if missing:
        return Rejected(f"The Asterisk in {command[-1]} lacks modules: {', '.join(missing)}.")
    return Asterisk(command, modules, documentation, version, root)


def unfit(version: str) -> str | None:
    """Why an Asterisk that calls itself so cannot be used; None if it can."""
    number = parse_version(version)
    if number is None:
        return f"it does not tell its version ({version.strip()[:80] or 'it does not run'})"
    shown = ".".join(map(str, number))
    if number < OLDEST:
        return f"{shown} is too old, 20 or newer is needed"
    if number[0] == SAFE_22[0] and number < SAFE_22:
        return f"{shown} has known security holes that 22.10.1 closes"
    return None


@cache
def needed_modules() -> frozenset[str]:
    """File names of the modules that our two configurations load."""
    folders = ("line", "carrier")
    texts = [(render.TEMPLATES / kind / "modules.conf.j2").read_text(encoding="utf-8") for kind in folders]
    return frozenset(f"{name}.so" for text in texts for name in re.findall(r'"([a-z0-9_]+)"', text))


def ask_version(command: tuple[str, ...]) -> str:
    """What ``asterisk -V`` prints; empty if it does not run."""
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _first(base: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for pattern in patterns for path in sorted(base.glob(pattern)) if path.is_dir()), None)
