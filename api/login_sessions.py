"""Server-side sessions: begun by a password, found by the cookie's hash, ended by sign-out or time."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api import lockout
from api.account_changes import Ended, change_own_password
from api.audit import append
from api.errors import BadCredentials
from api.passwords import Passwords
from api.settings import ApiSettings
from api.viewer import Viewer
from models.account import Account, LoginSession, Role
from models.db import read_only, transaction

SEEN_EVERY = timedelta(minutes=1)


def sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a sign-in came from. ``old_token`` is the cookie it replaces."""

    address: str
    user_agent: str
    old_token: str | None


class LoginSessions:
    """Begin, find, end. The only place that knows what a token is."""

    def __init__(self, engine: AsyncEngine, settings: ApiSettings, passwords: Passwords) -> None:
        self._engine = engine
        self._settings = settings
        self._passwords = passwords

    async def begin(self, login: str, password: str, caller: Caller) -> tuple[str, Viewer]:
        """A new token and who it is. The old session of this browser ends: a token never outlives a sign-in.

        Raises:
            LockedOut: too many tries by this login or from this address.
            BadCredentials: unknown login, wrong password, closed account: one answer, one duration.
        """
        login = login.strip().lower()
        attempt = lockout.Try(login, caller.address)
        async with transaction(self._engine) as session:
            wait_s = await lockout.count(session, self._settings, attempt)
            account = await session.scalar(select(Account).where(Account.login == login, Account.active))
        if wait_s is not None:
            raise lockout.refusal(wait_s)
        if not await self._passwords.verify(password, account.password_hash if account else None) or account is None:
            raise BadCredentials
        token = secrets.token_urlsafe(32)
        async with transaction(self._engine) as session:
            await lockout.forgive(session, self._settings, attempt)
            await self._store(session, token, account, caller)
        return token, _viewer(account, sha256(token), caller.address)

    async def _store(self, session: AsyncSession, token: str, account: Account, caller: Caller) -> None:
        now = datetime.now(UTC)
        session.add(
            LoginSession(
                token_sha256=sha256(token), account_id=account.id, created_at=now, last_seen_at=now,
                expires_at=now + timedelta(seconds=self._settings.session_max_s),
                address=caller.address, user_agent=caller.user_agent[:300],
            )
        )  # fmt: skip
        if caller.old_token:
            await _end(session, sha256(caller.old_token))
        await append(session, account.id, "session.begun", account.login, {"address": caller.address})

    async def find(self, token_sha256: bytes, address: str) -> Viewer | None:
        """Who this session is; None when there is none, or it ended or ran out."""
        now = datetime.now(UTC)
        idle_since = now - timedelta(seconds=self._settings.session_idle_s)
        async with read_only(self._engine) as session:
            found = (
                await session.execute(
                    select(Account, LoginSession.last_seen_at)
                    .join(LoginSession, LoginSession.account_id == Account.id)
                    .where(
                        LoginSession.token_sha256 == token_sha256, ~LoginSession.ended, Account.active,
                        LoginSession.expires_at > now, LoginSession.last_seen_at > idle_since,
                    )
                )
            ).first()  # fmt: skip
        if found is None:
            return None
        if now - found[1] > SEEN_EVERY:
            await self._seen(token_sha256, now)
        return _viewer(found[0], token_sha256, address)

    async def _seen(self, token_sha256: bytes, now: datetime) -> None:
        async with transaction(self._engine) as session:
            await session.execute(
                update(LoginSession).where(LoginSession.token_sha256 == token_sha256).values(last_seen_at=now)
            )

    async def end(self, viewer: Viewer) -> None:
        async with transaction(self._engine) as session:
            await _end(session, viewer.token_sha256)
            await append(session, viewer.account_id, "session.ended", viewer.login)

    async def change_password(self, viewer: Viewer, present: str, wanted: str) -> Ended:
        """Another password for who knows the present one. All other sessions end: whoever had the old one is out.

        Raises:
            LockedOut: too many tries by this login or from this address, at the sign-in or here.
            BadCredentials: not the present password, or it was changed this very moment.
        """
        attempt = lockout.Try(viewer.login, viewer.address)
        async with transaction(self._engine) as session:
            wait_s = await lockout.count(session, self._settings, attempt)
            hashed = await session.scalar(select(Account.password_hash).where(Account.id == viewer.account_id))
        if wait_s is not None:
            raise lockout.refusal(wait_s)
        if not await self._passwords.verify(present, hashed):
            raise BadCredentials(errors=[("password", "password_wrong")])
        wanted_hash = await self._passwords.hash(wanted)
        async with transaction(self._engine) as session:
            still = (Account.id == viewer.account_id, Account.active, Account.password_hash == hashed)
            account = await session.scalar(select(Account).where(*still).with_for_update())
            if account is None:
                raise BadCredentials(errors=[("password", "password_wrong")])
            await lockout.forgive(session, self._settings, attempt)
            return await change_own_password(session, viewer, account, wanted_hash)

    async def set_locale(self, viewer: Viewer, locale: str) -> None:
        """Audited as any change of an account: an administrator whose form is older is told who made it so."""
        async with transaction(self._engine) as session:
            account = await session.get_one(Account, viewer.account_id, with_for_update=True)
            if account.locale != locale:
                detail = {"login": account.login, "locale": [account.locale, locale]}
                account.locale = locale
                await append(session, viewer.account_id, "account.changed", str(account.id), detail)


async def _end(session: AsyncSession, token_sha256: bytes) -> None:
    await session.execute(update(LoginSession).where(LoginSession.token_sha256 == token_sha256).values(ended=True))


def _viewer(account: Account, token_sha256: bytes, address: str) -> Viewer:
    return Viewer(
        account.id, account.login, account.display_name, Role(account.role), account.agent_no, account.seat,
        account.locale, token_sha256, address, tuple(account.queues),
    )  # fmt: skip
