"""Makes a private root: packages of the distribution unpacked into a folder, without root rights and without chroot.

apt resolves and downloads with a state of its own (nothing of the machine's is changed), ``dpkg-deb -x`` unpacks, and
one rename at the end makes the folder appear whole or not at all. What was downloaded is kept until then, so a broken
run resumes. Reasons in docs/decisions/0001-private-asterisk-root.md.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import structlog

from pbx_config.errors import InstallFailed
from pbx_config.package_source import PackageSource

log: Final = structlog.get_logger(__name__)

# (what is being done, 0.0 … 1.0)
Progress = Callable[[str, float], None]
_NEEDED_BYTES: Final = 1_000_000_000
_UPDATE_TIMEOUT_S: Final = 300
_DOWNLOAD_TIMEOUT_S: Final = 1800
_STATUS: Final = re.compile(r"(?:dlstatus|pmstatus):[^:]*:([0-9.]+):")
_NO_NETWORK: Final = re.compile(
    r"could not resolve|temporary failure|unable to connect|could not connect|connection (?:failed|timed out|refused)"
    r"|network is unreachable|cannot initiate|failed to fetch",
    re.IGNORECASE,
)
_NO_SIGNATURE: Final = re.compile(r"NO_PUBKEY|is not signed|EXPKEYSIG|signatures? (?:were|was|couldn't)", re.IGNORECASE)


def make_private_root(root: Path, source: PackageSource, packages: Sequence[str], progress: Progress) -> None:
    """Bring ``root`` into being with ``packages`` and all they depend on. Blocks for seconds to minutes.

    Raises:
        InstallFailed: no apt, too little disk, no network, a package nobody has; the message says what to do.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise InstallFailed(f"{tool} is missing: without it Asterisk cannot be installed by itself.", reason="apt")
    root.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root.parent).free
    if free < _NEEDED_BYTES:
        raise InstallFailed(
            f"Too little disk: installing Asterisk needs {_NEEDED_BYTES // 1_000_000} MB in {root.parent}, "
            f"{free // 1_000_000} MB are free.",
            reason="disk",
        )
    work = root.with_name(f".{root.name}-work")
    with _locked(root):
        _download_from_any(work, source, packages, progress)
        archives = sorted((work / "cache" / "archives").glob("*.deb"))
        unpacked = work / "root"
        _unpack(archives, unpacked, progress)
        _put_in_place(unpacked, root)
        shutil.rmtree(work, ignore_errors=True)
    progress("done", 1.0)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Two installers at once wait for each other."""
    with root.with_name(f".{root.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _download_from_any(work: Path, source: PackageSource, packages: Sequence[str], progress: Progress) -> None:
    failures = []
    for lines in source.candidates:
        try:
            _prepare(work, lines)
            progress("reading the package lists", 0.0)
            apt(work, ["update"], lambda share: progress("reading the package lists", 0.1 * share), _UPDATE_TIMEOUT_S)
            words = ["install", "--download-only", "--yes", "--no-install-recommends", *packages]
            apt(work, words, lambda share: progress("downloading", 0.1 + 0.6 * share), _DOWNLOAD_TIMEOUT_S)
        except InstallFailed as exc:
            failures.append(exc)
            log.warning("package archive did not work", reason=str(exc))
        else:
            return
    raise failures[0]


def _prepare(work: Path, lines: Sequence[str]) -> None:
    for folder in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    # No installed package counts: the root must hold everything down to libc.
    (work / "state" / "status").write_text("")
    # apt uses a file: archive where it lies, copy: brings its packages into our cache like any other.
    text = "\n".join(re.sub(r"\bfile:", "copy:", line) for line in lines)
    (work / "sources.list").write_text(text + "\n")


def apt_options(work: Path) -> list[str]:
    """Options that keep apt inside ``work``. The machine's apt.conf still counts: it may hold the proxy."""
    values = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "state" / "status",
        "Dir::Cache": work / "cache",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferences": "-",
        "Dir::Etc::preferencesparts": work / "etc" / "preferences.d",
        "Dir::Log": work / "log",
        "APT::Sandbox::User": "",
        "APT::Get::Show-User-Simulation-Note": "false",
        "APT::Update::Error-Mode": "any",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
        "Binary::apt-get::APT::Keep-Downloaded-Packages": "true",
        "APT::Keep-Downloaded-Packages": "true",
    }
    return [word for name, value in values.items() for word in ("-o", f"{name}={value}")]


def apt(work: Path, words: Sequence[str], progress: Callable[[float], None], timeout_s: float) -> None:
    """Run apt-get inside ``work``.

    Raises:
        InstallFailed: with one sentence made of what apt complained about.
    """
    read_end, write_end = os.pipe()
    environment = os.environ | {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", *apt_options(work), "-o", f"APT::Status-Fd={write_end}", *words]
    with (work / "apt.log").open("w+") as complaints:
        process = subprocess.Popen(
            ["timeout", f"{timeout_s:g}", *command],
            stdin=subprocess.DEVNULL,
            stdout=complaints,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=(write_end,),
        )
        os.close(write_end)
        with os.fdopen(read_end) as status:
            _follow(status, progress)
        code = process.wait()
        complaints.seek(0)
        text = complaints.read()
    # `apt-get update` may end with 0 though an archive could not be reached; "Err:" may have been mended by a retry.
    if code != 0 or re.search(r"^(?:E:|W: (?:Failed to fetch|Some index files))", text, re.MULTILINE):
        raise InstallFailed(explain(text, work), reason="apt", log=str(work / "apt.log"))


def _follow(status: IO[str], progress: Callable[[float], None]) -> None:
    for line in status:
        if found := _STATUS.match(line):
            progress(min(1.0, float(found[1]) / 100))


def explain(text: str, work: Path) -> str:
    """One sentence out of apt's complaints."""
    last = next((line for line in reversed(text.splitlines()) if line.startswith(("E:", "W:"))), "").strip()
    if re.search(r"no space left|not enough free space|don't have enough free space", text, re.IGNORECASE):
        return f"The disk is full: make room in {work.parent} and start again."
    if _NO_SIGNATURE.search(text):
        return f"The archive's signature could not be checked: update the archive keyring package. ({last})"
    if re.search(r"is expired \(invalid since|is not valid yet", text):
        return f"The package archive is out of date, or this machine's clock is wrong: set the clock. ({last})"
    if "Unable to locate package" in text:
        return f"The configured archive has no such package. ({last})"
    if _NO_NETWORK.search(text):
        return f"The package archive could not be reached: is the network (or the proxy in apt.conf) up? ({last})"
    return f"apt-get failed: {last or 'no message'}"


def _unpack(archives: Sequence[Path], root: Path, progress: Progress) -> None:
    if not archives:
        raise InstallFailed("apt-get downloaded nothing.", reason="apt")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for index, archive in enumerate(archives):
        progress("unpacking", 0.7 + 0.28 * index / len(archives))
        done = subprocess.run(["dpkg-deb", "-x", archive, root], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            archive.unlink()  # broken on disk: the next run downloads it again
            raise InstallFailed(f"{archive.name} could not be unpacked: {done.stderr.strip()}", reason="unpack")
    for name in ("lib", "lib64", "bin", "sbin"):
        _merge_into_usr(root, name)


def _merge_into_usr(root: Path, name: str) -> None:
    """A package that still ships /lib, /bin, … : its files belong under /usr, where our loader looks."""
    old = root / name
    if old.is_dir() and not old.is_symlink():
        shutil.copytree(old, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(old)


def _put_in_place(unpacked: Path, root: Path) -> None:
    """``root`` appears whole, by one rename; a broken one before it goes."""
    aside = root.with_name(f".{root.name}-old")
    shutil.rmtree(aside, ignore_errors=True)
    if root.exists():
        root.rename(aside)
    unpacked.rename(root)
    shutil.rmtree(aside, ignore_errors=True)
