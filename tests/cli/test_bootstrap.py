"""The bootstrap's own decisions. That it works on a bare machine is tried on one, not here."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cli.bootstrap import environment, machine, steps, web
from cli.bootstrap.steps import StepFailed
from cli.texts import TEXTS

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = [
    *(ROOT / "cli/bootstrap").glob("*.py"),
    *(ROOT / "cli" / f"{name}.py" for name in ("texts", "language", "__init__")),
]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIANXIN_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.mark.parametrize("path", BOOTSTRAP, ids=lambda p: p.name)
def test_an_old_python_can_read_it_and_say_that_it_is_old(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name for name in imported if name.split(".")[0] not in (*sys.stdlib_module_names, "cli")}
    assert foreign == set()


def test_a_python_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    with pytest.raises(StepFailed, match=r"3\.10"):
        machine.check_python()


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "C.UTF-8"])
def test_short_memory_is_one_sentence(locale: str, var: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.bootstrap", "dev"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "LANG": locale, "LIANXIN_MIN_MEMORY_GB": "9999", "LIANXIN_VAR": str(var)},
    )  # fmt: skip
    expected = TEXTS["memory_short"][0 if locale.startswith("zh") else 1]
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(expected[: expected.index("{")])
    assert len(done.stderr.splitlines()) == 1


def test_memory_is_read_from_the_kernels_text() -> None:
    assert machine.memory_gb("MemTotal:        2035000 kB\nMemFree: 1 kB\n") == pytest.approx(1.94, abs=0.01)
    assert machine.memory_gb("") == float("inf")


def test_a_disk_without_room_names_path_and_need(monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
    monkeypatch.setattr(machine, "DISK_LATER_GB", 1e9)
    monkeypatch.setattr(machine, "DISK_FIRST_GB", 1e9)
    with pytest.raises(StepFailed, match="LIANXIN_VAR"):
        machine.check_disk()


def test_packages_without_root_or_sudo_tell_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("apt-get",):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(StepFailed, match="apt-get install -y --no-install-recommends postgresql"):
        machine.install_packages(["postgresql"])


def test_a_machine_without_apt_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StepFailed, match="postgresql"):
        machine.install_packages(["postgresql"])


def test_nothing_missing_calls_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, var: Path) -> None:
    called = tmp_path / "called"
    for name in ("apt-get", "sh", "sudo"):
        (tmp_path / name).write_text(f"#!/bin/bash\n: > {called}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    machine.install_packages([])
    assert not called.exists()
    assert not (var / "log").exists(), "no step was begun"
    machine.install_packages(["postgresql"])
    assert called.exists(), "the apt of this test is the one that would have been called"


def test_tests_want_more_than_running() -> None:
    assert set(machine.missing_packages("dev")) <= set(machine.missing_packages("run"))
    assert set(machine.missing_packages("run")) <= set(machine.missing_packages("test"))


def test_a_failed_step_tells_its_error_and_where_the_log_is(var: Path) -> None:
    with pytest.raises(StepFailed) as caught:
        steps.run_step("Trying", "trying", ["sh", "-c", "echo begin; echo 'ERROR: no such thing'; echo end; exit 3"])
    assert "ERROR: no such thing" in str(caught.value)
    assert str(var / "log/trying.log") in str(caught.value)


def test_no_network_is_told_as_that(var: Path) -> None:
    """pip itself says it, on a port where nobody listens."""
    argv = [sys.executable, "-m", "pip", "install", "--retries=0", "--index-url=http://127.0.0.1:9/", "no-such-package"]
    with pytest.raises(StepFailed, match=r"network|网络"):
        steps.run_step("Installing", "pip", argv, {"PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": ""})


def test_a_command_that_is_not_there_is_a_sentence(var: Path) -> None:
    with pytest.raises(StepFailed, match="no-such-command"):
        steps.run_step("Trying", "trying", ["no-such-command"])


@pytest.mark.parametrize(
    ("said", "good_enough"),
    [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v18.20.4", False), ("", False), ("nonsense", False)],
)
def test_node_is_old_enough(said: str, good_enough: bool) -> None:
    assert (web.node_version(said) >= web.OLDEST_NODE) is good_enough


def test_the_pages_are_built_again_when_a_source_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(web, "WEB", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.ts").write_text("1")
    first = web.sources_digest()
    assert web.sources_digest() == first
    (tmp_path / "src/a.ts").write_text("2")
    second = web.sources_digest()
    (tmp_path / "src/a.ts").rename(tmp_path / "src/b.ts")
    assert len({first, second, web.sources_digest()}) == 3


def test_parts_cannot_flow_into_each_other() -> None:
    assert environment.digest(b"ab", b"c") != environment.digest(b"a", b"bc")
