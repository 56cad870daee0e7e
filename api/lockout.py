"""Wrong passwords: counted by login and by address, locked with growing time.

A try is counted BEFORE the password is looked at and given back when it was right, so that a hundred tries at once are
not a hundred free ones. Logins that do not exist are counted the same way: the lock must not tell which exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.errors import LockedOut
from api.settings import ApiSettings

_COUNT = text("""
INSERT INTO sign_in_failure AS f (key, failures, last_at, locked_until)
VALUES (:key, 1, now(), CASE WHEN 1 >= :free THEN now() + :lock END)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.last_at < now() - interval '1 day' THEN 1 ELSE f.failures + 1 END,
    last_at = now(),
    locked_until = CASE WHEN f.last_at >= now() - interval '1 day' AND f.failures + 1 >= :free
        THEN now() + least(:lock * power(2, least(f.failures + 1 - :free, 30)), :most) END
WHERE f.locked_until IS NULL OR f.locked_until <= now()
RETURNING failures, locked_until
""")
_LOCKED = text("SELECT extract(epoch FROM locked_until - now()) FROM sign_in_failure WHERE key = :key")
_GIVE_BACK = text("""
UPDATE sign_in_failure SET failures = greatest(failures - 1, 0),
    locked_until = CASE WHEN failures - 1 >= :free THEN locked_until END
WHERE key = :key
""")
_FORGET = text("DELETE FROM sign_in_failure WHERE key = :key")


@dataclass(frozen=True, slots=True)
class Try:
    """One sign-in attempt's keys."""

    login: str
    address: str

    @property
    def keys(self) -> tuple[str, str]:
        return f"login:{self.login}", f"address:{self.address}"


async def count(session: AsyncSession, settings: ApiSettings, attempt: Try) -> int | None:
    """Count one try; the seconds to wait when the login or the address is locked, None when it may go on.

    The caller commits in both cases.
    """
    for key, free in zip(attempt.keys, (settings.free_tries, settings.free_tries_per_address), strict=True):
        found = (await session.execute(_COUNT, _times(settings) | {"key": key, "free": free})).first()
        if found is None:
            return max(1, math.ceil(await session.scalar(_LOCKED, {"key": key}) or 1))
        if found.locked_until is not None and found.failures == free:
            await append(session, None, "session.locked", key, {"failures": found.failures})
    return None


async def forgive(session: AsyncSession, settings: ApiSettings, attempt: Try) -> None:
    """The password was right: the login starts afresh, the address gets this try back."""
    login, address = attempt.keys
    await session.execute(_FORGET, {"key": login})
    await session.execute(_GIVE_BACK, {"key": address, "free": settings.free_tries_per_address})


def refusal(wait_s: int) -> LockedOut:
    return LockedOut(retry_after_s=wait_s)


def _times(settings: ApiSettings) -> dict[str, timedelta]:
    return {"lock": timedelta(seconds=settings.lock_s), "most": timedelta(seconds=settings.lock_max_s)}
