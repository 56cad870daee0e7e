"""A long step inside our own process: one line that moves on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from types import TracebackType
from typing import Self

from cli.language import tell

_EVERY_S = 10.0


class Progress:
    """Call it with what is being done and the share of it that is done (0 to 1; None when nobody can tell)."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._begun = self._told_at = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._dirty = False

    def __call__(self, what: str, share: float | None = None) -> None:
        now = time.monotonic()
        done = "" if share is None else f" {share:.0%}"
        text = f"… {self._step}: {what}{done} ({now - self._begun:.0f} s)"
        if self._terminal:
            self._write(f"\r\x1b[2K{text[:100]}")
            self._dirty = True
        elif now - self._told_at >= _EVERY_S:
            self._told_at = now
            tell(text)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text)
            sys.stdout.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._dirty:
            self._write("\r\x1b[2K")
