"""The line as one object: settings rendered, prompts in place, one Asterisk over them.

This is what ``cli`` and the tests hold; it adds no behaviour of its own to render, prompts and process.
"""

from __future__ import annotations

from pathlib import Path

from pbx_config import render
from pbx_config.process import Asterisk, AsteriskProcess, Listen
from pbx_config.prompts import install_prompts
from pbx_config.settings import PbxSettings


class Pbx:
    """One node of the line."""

    def __init__(self, settings: PbxSettings, asterisk: Asterisk, *, prompts_dir: Path | None = None) -> None:
        """``prompts_dir``: an operator's own prompts, which replace the spoken ones of the same name."""
        self.settings = settings
        self.asterisk = asterisk
        self._prompts_dir = prompts_dir
        self.process = AsteriskProcess(
            asterisk,
            settings.etc,
            settings.log,
            settings.run,
            Listen(settings.address, udp=(settings.sip_port,), tcp=(settings.http_port, settings.ami_port)),
        )

    def prepare(self) -> list[Path]:
        """Render and put the prompts in place; returns the configuration files that changed. Blocks (seconds)."""
        changed = render.render(self.settings)
        install_prompts(
            self.settings.data, self.asterisk, replacements=self._prompts_dir, chosen=self.settings.chosen_prompts
        )
        return changed

    def start(self, *, die_with_parent: bool = True, timeout_s: float = 20.0) -> None:
        """``prepare`` must have been called once. Blocks until FullyBooted."""
        self.process.start(die_with_parent=die_with_parent, timeout_s=timeout_s)

    def apply(self) -> list[Path]:
        """Render again and, if a file changed, have a running Asterisk read it. Calls go on."""
        changed = render.render(self.settings)
        if changed and self.process.running:
            self.process.reload()
        return changed

    def cli(self, command: str) -> str:
        return self.process.cli(command)

    def stop(self) -> None:
        self.process.stop()
