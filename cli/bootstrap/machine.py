"""The machine: is it big enough, which Debian packages are missing, put them there with one apt call."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from cli.bootstrap.steps import ROOT, StepFailed, run_step, var_dir
from cli.language import say

OLDEST_PYTHON = (3, 11)
_GB = 1024**3
# The venv, Node's modules, Asterisk's private root, prompts and a young database; a second start needs little.
DISK_FIRST_GB = 3.0
DISK_LATER_GB = 0.5
CJK_FONTS = ("/usr/share/fonts/truetype/wqy", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
# Debian and Ubuntu make a "main" cluster when the package is installed and start it on port 5432. We need programs
# only. The setting is taken away afterwards: the machine's owner may want one some day.
_APT = """set -e
conf=/etc/postgresql-common/createcluster.d/lianxin.conf
mkdir -p "$(dirname "$conf")"
echo 'create_main_cluster = false' > "$conf"
trap 'rm -f "$conf"' EXIT
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold {names}
"""


def check_python() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise StepFailed(say("python_old", version="{}.{}".format(*sys.version_info[:2])))


def memory_gb(meminfo: str) -> float:
    """Total memory by the text of /proc/meminfo."""
    for line in meminfo.splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024 / _GB
    return float("inf")


def check_memory() -> None:
    """A "2 GB" machine shows about 1.9: the kernel keeps some for itself."""
    least = float(os.environ.get("LIANXIN_MIN_MEMORY_GB") or 1.8)
    have = memory_gb(Path("/proc/meminfo").read_text())
    if have < least:
        raise StepFailed(say("memory_short", have=have))


def check_disk() -> None:
    """Room where the project lies and, if elsewhere, where ``var`` lies."""
    need = DISK_LATER_GB if (ROOT / ".venv").exists() else DISK_FIRST_GB
    for path in {str(ROOT), str(_existing(var_dir()))}:
        have = shutil.disk_usage(path).free / _GB
        if have < need:
            raise StepFailed(say("disk_short", path=path, have=have, need=need))


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def check_writable() -> None:
    """An earlier `sudo make` leaves folders that an ordinary user cannot write to."""
    for path in (
        ROOT,
        ROOT / ".venv",
        ROOT / "web",
        ROOT / "web/node_modules",
        ROOT / "web/dist",
        _existing(var_dir()),
    ):
        if path.exists() and not os.access(str(path), os.W_OK):
            try:
                owner = pwd.getpwuid(path.stat().st_uid).pw_name
            except KeyError:
                owner = str(path.stat().st_uid)
            raise StepFailed(say("not_writable", path=path, owner=owner, me=os.environ.get("USER") or os.getuid()))


def _postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or shutil.which("postgres") is not None


def missing_packages(mode: str) -> list[str]:
    """Debian's names of what this machine lacks to ``run``, ``test`` or develop (``dev``)."""
    wanted = [("python3-venv", find_spec("ensurepip") is not None)]
    if mode != "dev":
        wanted += _wanted_to_run()
    if mode == "test":
        wanted += _wanted_to_test()
    return [name for name, there in wanted if not there]


def _wanted_to_run() -> list[tuple[str, bool]]:
    return [
        ("postgresql", _postgresql()),
        # Asterisk's private root brings its own espeak-ng; beside the machine's Asterisk it has to be installed.
        ("espeak-ng", shutil.which("espeak-ng") is not None or not _own_asterisk()),
        ("tzdata", Path("/usr/share/zoneinfo/Asia/Shanghai").exists()),
        ("ca-certificates", Path("/etc/ssl/certs/ca-certificates.crt").exists() or not shutil.which("apt-get")),
        ("debian-archive-keyring", not _is_debian() or _own_asterisk() or _has_keys()),
    ]


def _wanted_to_test() -> list[tuple[str, bool]]:
    return [
        ("chromium", shutil.which("chromium") is not None),
        ("sip-tester", shutil.which("sipp") is not None),
        # Playwright brings a Node of its own, which is linked against it.
        ("libatomic1", any(Path("/usr/lib").glob("*/libatomic.so.1"))),
        ("logrotate", shutil.which("logrotate", path="/usr/sbin:/usr/bin") is not None),
        ("fonts-wqy-microhei", any(Path(p).exists() for p in CJK_FONTS)),
    ]


def _own_asterisk() -> bool:
    return shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin") is not None


def _is_debian() -> bool:
    path = Path("/etc/os-release")
    return path.exists() and "ID=debian" in path.read_text().splitlines()


def _has_keys() -> bool:
    return any(Path("/usr/share/keyrings").glob("debian-archive-keyring.*"))


def install_packages(names: list[str]) -> None:
    """One apt call, as root or through sudo.

    Raises:
        StepFailed: no apt, no way to become root, or apt failed.
    """
    if not names:
        return
    if shutil.which("apt-get") is None:
        raise StepFailed(say("no_apt", missing=" ".join(names)))
    script = ["sh", "-c", _APT.format(names=" ".join(names))]
    run_step(say("step_packages", names=" ".join(names)), "apt", [*_become_root(names), *script])


def _become_root(names: list[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    command = "apt-get install -y --no-install-recommends " + " ".join(names)
    if shutil.which("sudo") is None:
        raise StepFailed(say("no_root", command=command))
    # Asks for the password now, where a terminal is: later its prompt would be lost in the log.
    ask = ["sudo", "-v"] if sys.stdin.isatty() else ["sudo", "-n", "true"]
    if subprocess.call(ask, stderr=None if sys.stdin.isatty() else subprocess.DEVNULL) != 0:
        raise StepFailed(say("no_root", command=command))
    return ["sudo", "-n"]
