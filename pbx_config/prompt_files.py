"""Which recording of a prompt the line plays: the one that an administrator chose, else the made one.

``<data>/made/`` holds what the set-up made, ``chosen/`` what was chosen, ``<data>/sounds/`` what Asterisk plays: the
chosen one where there is one. Everything is replaced by one rename: a caller who hears the old one hears it to its end,
and nothing is reloaded. The files stand without us: a restart of anything changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pbx_config import whole_file
from pbx_config.prompt_texts import texts
from pbx_config.settings import LANGUAGES


class PromptFiles:
    """Methods block. ``chosen`` None: nobody chooses anything here."""

    def __init__(self, data: Path, chosen: Path | None) -> None:
        self._data, self._chosen = data, chosen

    def made(self, language: str, name: str) -> Path:
        return self._data / "made" / language / f"{name}.wav"

    def heard(self, language: str, name: str) -> Path:
        """What Asterisk plays."""
        return self._data / "sounds" / language / f"{name}.wav"

    def chosen(self, language: str, name: str) -> Path | None:
        return self._chosen / language / f"{name}.wav" if self._chosen is not None else None

    def choose(self, language: str, name: str, wav: bytes | None) -> None:
        """``wav`` (8 kHz, 16 bit, mono) is played from now on; None: the made one again."""
        path = self.chosen(language, name)
        if path is None or (language, name) not in set(prompts()):
            return
        if wav is None:
            path.unlink(missing_ok=True)
        else:
            whole_file.replace(path, wav)
        self.place(language, name)

    def place(self, language: str, name: str) -> None:
        """Bring what is played to agree with what was chosen and made."""
        source = self.chosen(language, name)
        source = source if source is not None and source.exists() else self.made(language, name)
        if source.exists():
            whole_file.replace(self.heard(language, name), source.read_bytes())


def prompts() -> Iterator[tuple[str, str]]:
    """(language, name) of everything that the line says."""
    return ((language, name) for language in LANGUAGES for name in texts(language))


def sha256(path: Path | None) -> str | None:
    """None where there is no file that can be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path is not None else None
    except OSError:
        return None
