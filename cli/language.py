"""Which language the terminal speaks, and saying a sentence of :mod:`cli.texts` in it.

Standard library only: the bootstrap uses it before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import sys

from cli.texts import TEXTS


def language() -> str:
    """``zh`` where the locale is Chinese, else ``en`` (POSIX: LC_ALL before LC_MESSAGES before LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "en"


def say(key: str, **fields: object) -> str:
    """The sentence ``key`` in the terminal's language."""
    zh, en = TEXTS[key]
    return (zh if language() == "zh" else en).format(**fields)


def tell(text: str) -> None:
    """Print a line at once. A terminal that is gone must not keep us from stopping in order."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def complain(text: str) -> None:
    """The same on stderr."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
