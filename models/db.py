"""Engines, pools and transactions: the only place that commits.

ORM sessions for case work, asyncpg for the journal, the feed and imports. No module keeps an engine as a global.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from models.errors import Unavailable


class DatabaseAway(Unavailable):
    """PostgreSQL cannot be reached, broke the connection, or cannot serve now (:data:`UNABLE`)."""

    code = "database.away"


# What asyncpg and the sockets below it raise when the server is away or goes away under a statement.
AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server went away in the middle of the protocol
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
# What a server says that is there and cannot do it now, whatever the statement.
UNABLE: tuple[type[Exception], ...] = (
    asyncpg.InsufficientResourcesError,  # class 53: its disk is full, it is out of memory
    asyncpg.PostgresSystemError,  # class 58: its disk fails
    asyncpg.ReadOnlySQLTransactionError,  # an operator made it read only, or it is a standby
    asyncpg.QueryCanceledError,
)
# For the root of a task whose end would end its process: wait, say so, try again. A refusal of any other kind is
# somebody's mistake (a right, a table that is not there yet) and may be mended while we run.
TROUBLE: tuple[type[Exception], ...] = (*AWAY, asyncpg.PostgresError)


def orm_url(dsn: str) -> str:
    """SQLAlchemy's spelling of a ``postgresql://`` DSN."""
    return "postgresql+asyncpg://" + dsn.split("://", 1)[1]


def make_engine(dsn: str, pool_size: int = 10) -> AsyncEngine:
    return create_async_engine(orm_url(dsn), pool_size=pool_size, max_overflow=5, pool_pre_ping=True)


async def make_pool(dsn: str, size: int = 5) -> asyncpg.Pool:
    """A pool that opens connections lazily: it can be made while the server is away.

    ``server_settings`` keep statements short-lived; a caller that needs longer sets its own.
    """
    return await asyncpg.create_pool(dsn, min_size=0, max_size=size, command_timeout=30, timeout=5)


def is_away(exc: BaseException) -> bool:
    """Whether this error, or the driver's error inside it, means that the server is away or cannot serve now."""
    seen: BaseException | None = exc
    while seen is not None:
        if isinstance(seen, (*AWAY, *UNABLE)) or (isinstance(seen, DBAPIError) and seen.connection_invalidated):
            return True
        seen = seen.orig if isinstance(seen, DBAPIError) and seen.orig is not seen.__cause__ else seen.__cause__
    return False


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as exc:
        if is_away(exc):
            raise DatabaseAway(str(exc)) from exc
        raise


@contextlib.asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """One unit of work: commits when the block ends well, rolls back when it raises.

    Raises:
        DatabaseAway: the server is away or cannot serve now, or went away before the commit was confirmed.
    """
    with _translated():
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session


@contextlib.asynccontextmanager
async def read_only(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that only reads, each statement by itself: no BEGIN and no ROLLBACK, two round trips less.

    Under READ COMMITTED every statement has a snapshot of its own anyway. For one snapshot over several statements, or
    for a server-side cursor, use :func:`transaction`.

    Raises:
        DatabaseAway: the server is away.
    """
    with _translated():
        each_alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with AsyncSession(each_alone, expire_on_commit=False) as session:
            yield session
