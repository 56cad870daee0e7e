"""``python3 -m cli.bootstrap run|dev|test``: the order of the steps. One at a time per checkout."""

from __future__ import annotations

import fcntl
import sys
from typing import IO

from cli.bootstrap import environment, machine, web
from cli.bootstrap.steps import StepFailed, var_dir
from cli.language import complain, say, tell


def bootstrap(mode: str) -> None:
    """Make this machine able to ``run`` or ``test`` Lianxin, or (``dev``) to check its Python."""
    machine.check_python()
    machine.check_memory()
    machine.check_disk()
    machine.check_writable()
    with _lock():
        machine.install_packages(machine.missing_packages(mode))
        environment.ensure_venv()
        environment.ensure_requirements("run.txt" if mode == "run" else "dev.txt")
        if mode == "test":
            web.ensure_modules()
        if mode != "dev":
            web.ensure_build()


def _lock() -> IO[str]:
    """Held until closed: two makes in one checkout would write the same files."""
    folder = var_dir() / "run"
    folder.mkdir(parents=True, exist_ok=True)
    handle = (folder / "bootstrap.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(say("another_bootstrap"))
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


MODES = ("run", "dev", "test")


def main(argv: list[str]) -> int:
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if len(argv) != 2 or argv[1] not in MODES:
        complain("usage: python3 -m cli.bootstrap " + "|".join(MODES))
        return 2
    try:
        bootstrap(argv[1])
    except StepFailed as exc:
        complain(str(exc))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
