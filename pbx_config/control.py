"""Asterisk's control socket: what its own console says to it, asked without starting a console.

For the few things that the manager interface grants only together with far mightier rights (docs/decisions/0013):
reading the telephones' files again, and forgetting where a telephone had registered. On the PBX's own host only.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from pbx_config.errors import CommandFailed

SOCKET: Final = "asterisk.ctl"
_MOST_BYTES: Final = 16 << 20


async def ask(run_dir: Path, command: str, *, timeout_s: float = 5.0) -> str:
    """What Asterisk prints. The greeting is its host, process and version; ``quit after`` ends the connection.

    Raises:
        CommandFailed: Asterisk is not there or did not answer in time, or the command has a second line.
    """
    if any(c in command for c in "\r\n\0"):
        raise CommandFailed("a line break in a CLI command")
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_unix_connection(str(run_dir / SOCKET), limit=_MOST_BYTES)
            try:
                await reader.readuntil(b"\n")
                writer.write(f"cli quit after {command}\0".encode())
                told = await reader.read(-1)
            finally:
                writer.close()
    except TimeoutError as exc:
        raise CommandFailed(f"Asterisk did not answer {command!r} in {timeout_s:g} s") from exc
    except (OSError, asyncio.IncompleteReadError) as exc:
        raise CommandFailed(f"Asterisk is not running: {exc}") from exc
    return told.replace(b"\0", b"").decode("utf-8", "replace")
