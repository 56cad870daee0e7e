"""Secrets that Lianxin makes for itself, once, in ``var/secrets``, readable by their owner only."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def secret(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """The secret ``name``, made by ``make`` the first time.

    Processes and threads that ask at once get the same: the file appears whole (link, not write) or not at all.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=f".{name}.")  # 0600, and nobody else's
        with os.fdopen(handle, "w") as out:
            out.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its secret is the secret, ours is thrown away
        finally:
            os.unlink(draft)
    return path.read_text().strip()
