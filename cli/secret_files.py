"""Secrets that Lianxin makes for itself, once, in ``var/secrets``, readable by their owner only."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

# No 0/O, 1/l/I: a demo password is read from one screen and typed on another.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


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


def readable_password() -> str:
    """Twelve characters, about 59 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))
