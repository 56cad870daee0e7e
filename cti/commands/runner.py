"""The runner: wakes by NOTIFY, polls to be right, carries commands out, ends each in exactly one way.

Commands on the same agent or call run one after the other. A command is never sent a second time by us.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from datetime import UTC, datetime

import asyncpg
import structlog

from cti.ami import ActionRefused, AmiLost, AmiNotConnected, AmiTimeout
from cti.commands.asked import Asked
from cti.commands.desk import Desk, FollowUp
from cti.commands.errors import Failed
from cti.commands.handlers import carry_out
from cti.commands.store import CHANNEL, CommandStore
from cti.facts import CommandEnd
from cti.seats.keeper import NotConfirmed
from models.db import TROUBLE
from models.errors import Refused

log = structlog.get_logger(__name__)

POLL_S = 1.0
AT_ONCE = 64
RETRY_S = 0.5
Ended = tuple[CommandEnd, str | None]


class CommandRunner:
    def __init__(self, dsn: str, pool: asyncpg.Pool, desk: Desk) -> None:
        self._dsn, self._desk = dsn, desk
        self.store = CommandStore(pool, desk.floor.node)
        self._woken = asyncio.Event()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._users: Counter[str] = Counter()  # who holds or waits for a lock
        self._running = 0

    async def run(self) -> None:
        """Until cancelled; while the database is away, or takes nothing, nothing is claimed."""
        fresh = True
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(), name="command-listen")
            tasks.create_task(self._follow_up(tasks), name="command-follow-ups")
            while True:
                try:
                    if fresh:
                        await self.store.end_orphans()
                        fresh = False
                    await self.store.expire()
                    for asked in await self.store.claim(AT_ONCE - self._running):
                        self._running += 1
                        tasks.create_task(self._one(asked), name=f"command:{asked.id}")
                except TROUBLE as exc:
                    log.warning("commands_wait_for_database", error=type(exc).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_S)
                self._woken.clear()

    async def _listen(self) -> None:
        """LISTEN on a connection of its own; its loss costs only speed, the poll stands behind it."""
        while True:
            try:
                conn = await asyncpg.connect(self._dsn, timeout=5)
                lost = asyncio.Event()
                conn.add_termination_listener(lambda _, lost=lost: lost.set())
                await conn.add_listener(CHANNEL, lambda *_: self._woken.set())
                try:
                    await lost.wait()
                finally:
                    conn.terminate()
            except TROUBLE as exc:  # the poll goes on; it warns when the database is away for it too
                log.debug("commands_not_heard", error=type(exc).__name__)
            await asyncio.sleep(RETRY_S)

    async def _follow_up(self, tasks: asyncio.TaskGroup) -> None:
        """What a command leaves to be done once somebody is there, beside the commands."""
        while True:
            tasks.create_task(self._one_follow_up(await self._desk.follow_ups.get()), name="command-follow-up")

    @staticmethod
    async def _one_follow_up(follow_up: FollowUp) -> None:
        try:
            await follow_up()
        except Exception:  # root of its task: a bug ends this one, not the others
            log.exception("command_follow_up_failed")

    async def _one(self, asked: Asked) -> None:
        try:
            end, reason = await self._outcome(asked)
            log.info("command_ended", command_id=str(asked.id), kind=asked.kind, end=end.value, reason=reason)
            await self._record(asked, end, reason)
        finally:
            self._running -= 1
            self._woken.set()

    async def _outcome(self, asked: Asked) -> Ended:
        left_s = (asked.deadline_at - datetime.now(UTC)).total_seconds()
        started = False
        self._users.update(asked.lock_keys)
        try:
            async with asyncio.timeout(left_s), contextlib.AsyncExitStack() as locks:
                for key in asked.lock_keys:
                    await locks.enter_async_context(self._locks[key])
                started = True
                await carry_out(self._desk, asked)
        except TimeoutError:
            return (CommandEnd.UNKNOWN, "command.deadline") if started else (CommandEnd.EXPIRED, "command.expired")
        except ActionRefused as exc:
            log.warning("command_refused_by_pbx", command_id=str(asked.id), detail=exc.detail)
            return CommandEnd.REFUSED, "pbx.refused"
        except Failed as exc:
            return CommandEnd.FAILED, exc.code
        except (Refused, AmiNotConnected) as exc:
            return CommandEnd.REFUSED, exc.code
        except (AmiLost, AmiTimeout, NotConfirmed) as exc:
            return CommandEnd.UNKNOWN, exc.code
        except Exception:  # root of one command's task: a bug ends this command, not the others
            log.exception("command_failed", command_id=str(asked.id), kind=asked.kind)
            return CommandEnd.FAILED, "bug"
        finally:
            self._forget_locks(asked)
        return CommandEnd.SUCCEEDED, None

    def _forget_locks(self, asked: Asked) -> None:
        self._users.subtract(asked.lock_keys)
        for key in asked.lock_keys:
            if self._users[key] <= 0:
                del self._users[key]
                self._locks.pop(key, None)

    async def _record(self, asked: Asked, end: CommandEnd, reason: str | None) -> None:
        """Written when the database is there again, if need be; at most AT_ONCE of these wait."""
        said = ""
        while True:
            try:
                await self.store.end(asked.id, end, reason)
            except TROUBLE as exc:
                if said != type(exc).__name__:
                    said = type(exc).__name__
                    log.warning("command_end_waits_for_database", command_id=str(asked.id), error=said)
                await asyncio.sleep(RETRY_S)
            else:
                return
