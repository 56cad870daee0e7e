"""Where this machine's distribution gets packages from: /etc/os-release and the machine's own apt sources, parsed.

No mirror is named here; the one that the machine already uses is asked for another suite of the same archive. apt
itself (``apt-get indextargets``) lists nothing before its first update, so its files are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pbx_config.errors import InstallFailed

# Debian 12 and 13 carry no Asterisk; the next release does, with the long-term version 22.
DEBIAN_SUITE: Final = "forky"
_DEBIAN_KEYRING: Final = Path("usr/share/keyrings/debian-archive-keyring.gpg")
_UBUNTU_KEYRING: Final = Path("usr/share/keyrings/ubuntu-archive-keyring.gpg")
_ONE_LINE: Final = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<parts>.+)")
_SIDE_SUITE: Final = re.compile(r"-(security|updates|backports|proposed|proposed-updates|debug|pgdg)\b|/")


@dataclass(frozen=True, slots=True)
class AptSource:
    """One binary archive × suite of the machine's apt configuration."""

    uri: str
    suite: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Lines for a sources.list of our own; each candidate is tried in turn until one works."""

    distribution: str
    candidates: tuple[tuple[str, ...], ...]


def package_source(root: Path = Path("/")) -> PackageSource:
    """The archive that brings Asterisk to this machine.

    Raises:
        InstallFailed: not a Debian or Ubuntu, no keyring, or no archive configured.
    """
    release = os_release(root)
    ident, codename = release.get("ID", ""), release.get("VERSION_CODENAME", "")
    if ident not in ("debian", "ubuntu"):
        raise InstallFailed(
            f"This is {release.get('PRETTY_NAME', 'an unknown distribution')}; Asterisk can be installed by itself on "
            "Debian and Ubuntu only. Install Asterisk 20 or newer (22 from 22.10.1) and start again.",
            reason="distribution",
        )
    keyring = root / (_DEBIAN_KEYRING if ident == "debian" else _UBUNTU_KEYRING)
    if not keyring.exists():
        raise InstallFailed(f"The archive's keys are missing: install the package {ident}-archive-keyring "
                            f"(expected {keyring}).", reason="keyring")  # fmt: skip
    found = list(apt_sources(root))
    lines = _debian_lines(found, codename, keyring) if ident == "debian" else _ubuntu_lines(found, codename, keyring)
    if not lines:
        raise InstallFailed(f"No {ident} archive is configured in /etc/apt. Add one and start again.", reason="sources")
    return PackageSource(ident, lines)


def _debian_lines(found: list[AptSource], codename: str, keyring: Path) -> tuple[tuple[str, ...], ...]:
    main = [s for s in found if "main" in s.components and not _SIDE_SUITE.search(s.suite)]
    # The machine's own release first, then what looks like a whole archive: a stranger's fails on the signature.
    main.sort(key=lambda s: (s.suite != codename, not s.uri.rstrip("/").endswith("/debian")))
    uris = dict.fromkeys(s.uri for s in main)
    return tuple((f"deb [signed-by={keyring}] {uri} {DEBIAN_SUITE} main",) for uri in uris)


def _ubuntu_lines(found: list[AptSource], codename: str, keyring: Path) -> tuple[tuple[str, ...], ...]:
    suites = {codename, f"{codename}-updates", f"{codename}-security"}
    pairs = dict.fromkeys((s.uri, s.suite) for s in found if s.suite in suites and "main" in s.components)
    lines = tuple(f"deb [signed-by={keyring}] {uri} {suite} main universe" for uri, suite in pairs)
    return (lines,) if lines else ()


def os_release(root: Path = Path("/")) -> Mapping[str, str]:
    """/etc/os-release as a mapping; empty where there is none."""
    path = root / "etc/os-release"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name: value.strip().strip("\"'") for name, value in pairs}


def apt_sources(root: Path = Path("/")) -> Iterator[AptSource]:
    """Every enabled ``deb`` entry, of both formats, in apt's order."""
    folder = root / "etc/apt"
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]:
        if path.exists():
            yield from parse_one_line(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted((folder / "sources.list.d").glob("*.sources")):
        yield from parse_deb822(path.read_text(encoding="utf-8", errors="replace"))


def parse_one_line(text: str) -> Iterator[AptSource]:
    """sources.list(5), one-line style."""
    for raw in text.splitlines():
        found = _ONE_LINE.fullmatch(raw.split("#", 1)[0].strip())
        if found and not found["uri"].startswith("cdrom:"):
            yield AptSource(found["uri"], found["suite"], tuple(found["parts"].split()))


def parse_deb822(text: str) -> Iterator[AptSource]:
    """sources.list(5), deb822 style: stanzas of fields, a continued line begins with a blank."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for stanza in re.split(r"\n\s*\n", plain):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')} {line.strip()}"
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                if not uri.startswith("cdrom:"):
                    yield AptSource(uri, suite, tuple(fields.get("components", "").split()))
