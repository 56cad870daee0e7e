"""The embedded Asterisk as a child of `lianxin run`."""

from __future__ import annotations

from dataclasses import dataclass

from cli.language import say
from pbx_config.errors import CommandFailed
from pbx_config.pbx import Pbx


@dataclass(slots=True)
class AsteriskChild:
    """Fulfils :class:`cli.children.Child`. Starting blocks until FullyBooted, and must happen on the main thread."""

    pbx: Pbx
    name: str = "asterisk"

    @property
    def pid(self) -> int | None:
        return self.pbx.process.pid

    def start(self) -> None:
        self.pbx.start(die_with_parent=True)

    def ended(self) -> str | None:
        return None if self.pbx.process.running else say("how_code", number="?")

    def ask_to_stop(self) -> None:
        try:
            self.pbx.cli("core stop now")
        except CommandFailed:
            return  # ``stop`` will see to it

    def stop(self, grace_s: float) -> bool:
        self.pbx.process.stop(timeout_s=grace_s)
        return True
