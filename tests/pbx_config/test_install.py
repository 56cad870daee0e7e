"""Choosing and installing Asterisk: real apt and dpkg-deb against a small archive on disk."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from pbx_config import install, private_root
from pbx_config.errors import InstallFailed
from pbx_config.package_source import PackageSource, apt_sources, package_source, parse_deb822, parse_one_line
from pbx_config.private_root import make_private_root
from tests.support.pbx import asterisk_for_tests


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("Asterisk 22.10.1+dfsg-1", None),
        ("Asterisk 22.11.0", None),
        ("Asterisk 20.6.0~dfsg", None),
        ("Asterisk 23.1.0", None),
        ("Asterisk 22.10.0", "security"),
        ("Asterisk 22.2.0~dfsg", "security"),
        ("Asterisk 18.10.0~dfsg", "too old"),
        ("", "does not run"),
    ],
)
def test_versions_that_will_do(version: str, why: str | None) -> None:
    said = install.unfit(version)
    assert (said is None) if why is None else (said is not None and why in said)


@pytest.mark.pbx
def test_the_installed_asterisk_has_every_module_we_load() -> None:
    asterisk = asterisk_for_tests()
    assert len(install.needed_modules()) > 60
    assert all((asterisk.module_dir / name).exists() for name in install.needed_modules())


def test_a_machine_without_asterisk_is_told(tmp_path: Path) -> None:
    assert install.machine_asterisk(str(tmp_path)) is None
    (tmp_path / "asterisk").write_text("#!/bin/sh\necho Asterisk 18.1.0\n")
    (tmp_path / "asterisk").chmod(0o755)
    found = install.machine_asterisk(str(tmp_path))
    assert isinstance(found, install.Rejected)
    assert "too old" in found.reason


# ── the machine's apt configuration ──────────────────────────────────────────────────────────────────


def machine(root: Path, ident: str, codename: str, sources: dict[str, str], keyring: str = "") -> Path:
    (root / "etc/apt/sources.list.d").mkdir(parents=True)
    (root / "etc/os-release").write_text(f'ID={ident}\nVERSION_CODENAME="{codename}"\nPRETTY_NAME="X {codename}"\n')
    for name, text in sources.items():
        (root / "etc/apt" / name).write_text(text)
    keys = root / f"usr/share/keyrings/{keyring or ident}-archive-keyring.gpg"
    keys.parent.mkdir(parents=True)
    keys.write_bytes(b"")
    return root


def test_one_line_sources_of_a_minimal_debian(tmp_path: Path) -> None:
    text = "# comment\ndeb http://mirror.test/debian bookworm main\ndeb-src http://mirror.test/debian bookworm main\n"
    text += "deb [arch=amd64] http://other.test/x stable main contrib # note\ndeb cdrom:[Debian]/ bookworm main\n"
    root = machine(tmp_path, "debian", "bookworm", {"sources.list": text})
    assert [(s.uri, s.suite) for s in apt_sources(root)] == [
        ("http://mirror.test/debian", "bookworm"),
        ("http://other.test/x", "stable"),
    ]
    keys = root / "usr/share/keyrings/debian-archive-keyring.gpg"
    assert package_source(root).candidates == (
        (f"deb [signed-by={keys}] http://mirror.test/debian forky main",),
        (f"deb [signed-by={keys}] http://other.test/x forky main",),
    )


def test_deb822_sources_skip_security_and_disabled(tmp_path: Path) -> None:
    text = (
        "Types: deb deb-src\nURIs: http://mirror.test/debian\nSuites: trixie trixie-updates\nComponents: main\n"
        "Signed-By:\n -----BEGIN\n .\n\n"
        "Types: deb\nURIs: http://mirror.test/security\nSuites: trixie-security\nComponents: main\n\n"
        "Enabled: no\nTypes: deb\nURIs: http://off.test/debian\nSuites: trixie\nComponents: main\n"
    )
    root = machine(tmp_path, "debian", "trixie", {"sources.list.d/debian.sources": text})
    assert [lines[0].split("] ")[1] for lines in package_source(root).candidates] == [
        "http://mirror.test/debian forky main"
    ]
    assert len(list(parse_deb822(text))) == 3


def test_ubuntu_uses_its_own_suites_with_universe(tmp_path: Path) -> None:
    text = "Types: deb\nURIs: http://mirror.test/ubuntu/\nSuites: noble noble-updates\nComponents: main restricted\n"
    root = machine(tmp_path, "ubuntu", "noble", {"sources.list.d/ubuntu.sources": text})
    (lines,) = package_source(root).candidates
    assert [line.split("] ")[1] for line in lines] == [
        "http://mirror.test/ubuntu/ noble main universe",
        "http://mirror.test/ubuntu/ noble-updates main universe",
    ]


@pytest.mark.parametrize(
    ("ident", "keyring", "sources", "said"),
    [
        ("fedora", "debian", "", "Debian and Ubuntu only"),
        ("debian", "other", "deb http://m.test/debian bookworm main", "keyring"),
        ("debian", "debian", "", "No debian archive"),
        ("debian", "debian", "deb http://m.test/debian bookworm-security main", "No debian archive"),
    ],
)
def test_a_machine_that_cannot_be_helped_is_told(
    tmp_path: Path, ident: str, keyring: str, sources: str, said: str
) -> None:
    root = machine(tmp_path, ident, "bookworm", {"sources.list": sources}, keyring)
    with pytest.raises(InstallFailed, match=said):
        package_source(root)


def test_broken_lines_are_passed_over() -> None:
    assert list(parse_one_line("deb\ndeb http://x.test\nnonsense\n\n")) == []


# ── unpacking, with real apt ─────────────────────────────────────────────────────────────────────────


def archive(folder: Path) -> PackageSource:
    """A flat archive with two packages, one of them of the old kind that ships /lib."""
    folder.mkdir()
    index = ""
    for name, path, depends in (("hello", "usr/bin/hello", "Depends: libhello\n"), ("libhello", "lib/x/libh.so", "")):
        tree = folder / f"{name}-tree"
        (tree / "DEBIAN").mkdir(parents=True)
        control = f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: t <t@x.test>\n{depends}"
        (tree / "DEBIAN/control").write_text(control + "Description: test\n")
        (tree / path).parent.mkdir(parents=True)
        (tree / path).write_text(name)
        subprocess.run(["dpkg-deb", "-b", tree, folder / f"{name}.deb"], check=True, capture_output=True)
        data = (folder / f"{name}.deb").read_bytes()
        index += f"{control}Filename: ./{name}.deb\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n"
        index += "Description: test\n\n"
    (folder / "Packages").write_text(index)
    return PackageSource("test", ((f"deb [trusted=yes] file:{folder} ./",),))


def test_a_root_appears_whole_and_the_work_folder_goes(tmp_path: Path) -> None:
    steps: list[str] = []
    root = tmp_path / "var" / "root"
    make_private_root(root, archive(tmp_path / "a"), ["hello"], lambda what, share: steps.append(what))
    assert (root / "usr/bin/hello").read_text() == "hello"
    assert (root / "usr/lib/x/libh.so").read_text() == "libhello"
    assert not (root / "lib").exists()
    assert {p.name for p in root.parent.iterdir()} == {"root", ".root.lock"}
    assert list(dict.fromkeys(steps)) == ["reading the package lists", "downloading", "unpacking", "done"]


def test_a_broken_root_is_replaced_and_a_broken_run_resumes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/half").write_text("half")
    good = archive(tmp_path / "a")
    nobody = PackageSource("test", (("deb [trusted=yes] http://127.0.0.1:9/x ./",),))
    with pytest.raises(InstallFailed, match="could not be reached"):
        make_private_root(root, nobody, ["hello"], lambda what, share: None)
    assert (root / "usr/bin/half").exists(), "what was there stays until the new one is whole"
    make_private_root(root, PackageSource("test", nobody.candidates + good.candidates), ["hello"], lambda w, s: None)
    assert sorted(p.name for p in (root / "usr/bin").iterdir()) == ["hello"]


def test_a_damaged_package_is_refused(tmp_path: Path) -> None:
    source = archive(tmp_path / "a")
    deb = tmp_path / "a" / "hello.deb"
    data = bytearray(deb.read_bytes())
    data[-20] ^= 0xFF
    deb.write_bytes(data)
    with pytest.raises(InstallFailed):
        make_private_root(tmp_path / "root", source, ["hello"], lambda what, share: None)
    assert not (tmp_path / "root").exists()


def test_a_package_nobody_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstallFailed, match=r"no such package.*nonesuch"):
        make_private_root(tmp_path / "root", archive(tmp_path / "a"), ["nonesuch"], lambda what, share: None)


def test_too_little_disk_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_root, "_NEEDED_BYTES", 1 << 60)
    with pytest.raises(InstallFailed, match="Too little disk"):
        make_private_root(tmp_path / "root", archive(tmp_path / "a"), ["hello"], lambda what, share: None)


def test_no_apt_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = archive(tmp_path / "a")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallFailed, match="apt-get is missing"):
        make_private_root(tmp_path / "root", source, ["hello"], lambda what, share: None)
