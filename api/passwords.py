"""Password hashing with argon2id, off the event loop and a few at a time (each takes 64 MB and 170 ms)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.errors import Busy

_HASHER = PasswordHash((Argon2Hasher(),))
T = TypeVar("T")
AT_ONCE = 2
WAITING_MAX = 60
SHORTEST, LONGEST = 8, 256  # argon2 reads the whole of it: a longer one would be a way to keep the processor busy
# No 0/O, 1/l/I: a password is read from one screen and typed on another.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def readable_password() -> str:
    """Twelve characters, about 59 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


class Passwords:
    """Bounded: beyond ``WAITING_MAX`` waiting sign-ins the next is told to come back (``Busy``)."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(_HASHER.hash, password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password fits. ``None`` (nobody of that name) takes as long and is False."""
        if self._nobody is None:
            self._nobody = await self._run(_HASHER.hash, "nobody has this password")
        fits = await self._run(_HASHER.verify, password, hashed or self._nobody)
        return bool(fits) and hashed is not None

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        if self._waiting >= WAITING_MAX:
            raise Busy
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *args)
        finally:
            self._waiting -= 1
