"""A batch of lines becomes rows, derived rows and a position in ONE transaction, or nothing does.

The caller's connection is used by nobody else. A batch that PostgreSQL refuses is halved until the poison stands alone
in ``dead_letter``; losing the connection is not refusal and is raised. Every line is asked once: the next batch goes on
behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import structlog

from cti.facts import Topic
from cti.journal import derived, tables
from cti.journal.calls import Calls
from cti.journal.derived import Change
from cti.journal.entries import Entry, Stream
from cti.journal.errors import PositionMoved, RowRefused
from cti.journal.lines import CelLine, QueueLine
from cti.journal.queueing import STARTED, agent_event
from cti.journal.rows import AlarmRow, Rows
from cti.journal.tail import Position
from models.feed import Item, append_in
from pbx_config import contract
from pbx_config.contract import call_ref

log: Final = structlog.get_logger(__name__)

# SQLSTATE classes that say "this row, never": data, integrity, program limits, RAISE. All else may pass another time.
_SECOND: Final = timedelta(seconds=1)  # queue_log's stamps hide as much
_STARTS: Final = 10  # that are remembered: the newest may turn out to be written by a wrong clock
_NOBODY: Final = "OutgoingSpoolFailed"  # Asterisk's stand-in for whom an Originate did not reach: no call of its own
_REFUSALS: Final = ("22", "23", "54", "P0")


@dataclass(slots=True)
class Counts:
    """What was done since the start; read by whoever shows it."""

    lines: int = 0
    calls: int = 0
    dead_letters: int = 0
    batches: int = 0


class Store:
    """Writes one node's journal. Use :meth:`start` on every new connection."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._calls = Calls(node)
        self.positions: dict[Stream, Position] = {}  # as last committed
        self._starts: list[datetime] = []  # QUEUESTARTs: the newest, and those before it that were read by us
        self._queue_until: datetime | None = None  # no stored line of queue_log is later
        self._new: set[str] = set()  # calls of this batch of which nothing is stored
        self._merge = False  # rows may be there already (a replay)
        self.counts = Counts()

    async def start(self, conn: asyncpg.Connection, *, replay: bool = False) -> dict[Stream, Position]:
        """Forget what is in memory and read the stored positions; ``replay`` forgets those, too."""
        self._calls.clear()
        if replay:
            await conn.execute("DELETE FROM journal_position WHERE node = $1", self._node)
        self._merge = replay
        self.positions = await tables.read_positions(conn, self._node)
        self._starts = await tables.starts_until(conn, self._node, _now())
        self._queue_until = await tables.last_queue_at(conn, self._node)
        return dict(self.positions)

    async def take(self, conn: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        """Write these lines and move the positions behind them.

        Raises:
            PositionMoved: another reader is at work.
            asyncpg.PostgresError, OSError: the database is away or unwell; nothing was written, ``start`` again.
        """
        if not entries:
            return
        try:
            await self._commit(conn, entries)
        except RowRefused as exc:
            if len(entries) == 1:
                log.error(
                    "journal line set aside", stream=entries[0].stream, offset=entries[0].raw.offset, reason=exc.detail
                )
                await self._commit(conn, [entries[0].set_aside(exc.detail)])
                return
            middle = len(entries) // 2
            await self.take(conn, entries[:middle])
            await self.take(conn, entries[middle:])

    async def _commit(self, conn: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        touched: set[str] = set()
        starts = self._starts = _that_were(self._starts)
        try:
            async with conn.transaction():
                positions = await self._move(conn, entries)
                written = await self._write(conn, entries, touched)
        except BaseException as exc:
            self._calls.forget(touched)  # their readings hold lines that were not written
            self._starts = starts
            if (reason := _refusal(exc)) is None:
                raise
            raise RowRefused(reason) from exc
        self.positions |= positions
        stamps = [e.line.at for e in entries if type(e.line) is QueueLine]
        self._queue_until = max([*stamps, *([self._queue_until] if self._queue_until else [])], default=None)
        self._calls.keep(written)
        self.counts.lines += len(entries)
        self.counts.batches += 1
        self.counts.dead_letters += sum(1 for e in entries if e.reason)

    async def _move(self, conn: asyncpg.Connection, entries: Sequence[Entry]) -> dict[Stream, Position]:
        last = {stream: next((e for e in reversed(entries) if e.stream is stream), None) for stream in Stream}
        positions = {stream: Position(e.raw.file, e.raw.end) for stream, e in last.items() if e}
        for stream, position in positions.items():
            if not await tables.move_position(conn, self._node, stream, self.positions.get(stream), position):
                raise PositionMoved(f"another reader moved {stream} of {self._node}")
        return positions

    async def _write(self, conn: asyncpg.Connection, entries: Sequence[Entry], touched: set[str]) -> list[Rows]:
        cel = [e for e in entries if type(e.line) is CelLine]
        queue = [e for e in entries if type(e.line) is QueueLine]
        touched |= {call_ref(e.line.linkedid) for e in cel if type(e.line) is CelLine and _of_a_call(e.line)}
        touched |= await self._owners(conn, cel, queue)
        await self._load(conn, touched)
        await self._load_queue(conn, cel, touched)
        await self._agent_events(conn, queue)
        cel, queue = await self._raw(conn, cel, queue)
        await tables.write_dead_letters(conn, self._node, [e for e in entries if e.reason])
        touched |= self._fold(cel, queue)
        if any(e.line.event == STARTED for e in queue if e.line):
            touched |= await self._unended(conn)
        return await self._derived(conn, touched)

    async def _owners(self, conn: asyncpg.Connection, cel: Iterable[Entry], queue: Iterable[Entry]) -> set[str]:
        """The calls, stored or in memory, whose channels these lines of queue_log name."""
        named = {e.line.uniqueid for e in queue if e.line and e.line.uniqueid != "NONE"}
        named -= {e.line.uniqueid for e in cel if e.line}
        known = {u: owner for u in named if (owner := self._calls.owner(u)) is not None}
        missing = [contract.leg_id(self._node, u) for u in named if u not in known]
        stored = await tables.linkedids_of_legs(conn, missing) if missing else []
        return {*known.values(), *stored}

    async def _load(self, conn: asyncpg.Connection, linkedids: Iterable[str]) -> None:
        """Bring calls into memory that have rows and are not there."""
        missing = [linkedid for linkedid in linkedids if linkedid not in self._calls]
        known = await tables.known_calls(conn, self._node, missing) if missing else []
        self._new = set(missing) - set(known)
        if not known:
            return
        lines = await tables.cel_of(conn, self._node, known)
        for line in lines:
            self._calls.add_cel(line)
        for entry in await tables.queue_of(conn, self._node, list({line.uniqueid for line in lines})):
            self._calls.add_queue(entry)

    async def _load_queue(self, conn: asyncpg.Connection, cel: Iterable[Entry], touched: set[str]) -> None:
        """queue_log may have told of a channel before cel.csv did: those lines wait in their table."""
        until = self._queue_until
        if until is None:
            return
        new = {
            line.uniqueid: call_ref(line.linkedid)
            for line in (e.line for e in cel if type(e.line) is CelLine)
            if line.at < until + _SECOND and _of_a_call(line) and self._calls.owner(line.uniqueid) is None
        }
        for early in await tables.queue_of(conn, self._node, list(new)) if new else []:
            self._calls.own(early.uniqueid, new[early.uniqueid])  # only now: a batch that fails leaves no owner behind
            touched.add(self._calls.add_queue(early) or "")

    async def _raw(
        self, conn: asyncpg.Connection, cel: list[Entry], queue: list[Entry]
    ) -> tuple[list[Entry], list[Entry]]:
        """Write raw rows; returns those that were not there before."""
        if not self._merge:
            try:
                async with conn.transaction():
                    await tables.copy_raw(conn, self._node, cel, queue)
                return cel, queue
            except asyncpg.UniqueViolationError:
                log.warning("journal lines were stored before, merging from here on", node=self._node)
                self._merge = True
        return await tables.merge_raw(conn, self._node, cel, queue)

    async def _agent_events(self, conn: asyncpg.Connection, queue: Iterable[Entry]) -> None:
        found = [agent_event(self._node, e.line, e.raw.file, e.raw.offset) for e in queue if type(e.line) is QueueLine]
        await tables.upsert(conn, "agent_event", [row for row in found if row])

    def _fold(self, cel: Iterable[Entry], queue: Iterable[Entry]) -> set[str]:
        touched = set()
        for entry in cel:
            if type(entry.line) is CelLine and _of_a_call(entry.line):
                self._calls.add_cel(entry.line)
        for entry in queue:
            if type(entry.line) is QueueLine:
                touched.add(self._calls.add_queue(entry.line) or "")
                if entry.line.event == STARTED:
                    self._starts = [*self._starts, entry.line.at]
        return touched - {""}

    async def _unended(self, conn: asyncpg.Connection) -> set[str]:
        """Asterisk started: every call without an end is looked at again."""
        found = set(await tables.open_linkedids(conn, self._node))
        new = self._new
        await self._load(conn, found)
        self._new = new
        found |= set(self._calls.open())
        for linkedid in found:
            self._calls.get(linkedid).stale = True
        return found

    async def _derived(self, conn: asyncpg.Connection, touched: set[str]) -> list[Rows]:
        """Write what changed of these calls; the feed last, since it takes a lock."""
        changes: list[Change] = []
        started_at = max(self._starts, default=None)
        for linkedid in sorted(touched - {""}):
            before, reading = self._calls.written(linkedid), self._calls.get(linkedid)
            if before and not reading.stale and not before.call.repaired:
                continue
            rows = reading.rows(started_at)
            if rows is None or rows == before:
                reading.stale = False
                continue
            changes.append(Change(before, rows, linkedid in self._new))
        await derived.write(conn, changes)
        items = [_item(c.rows) for c in changes if c.tells]
        if not self._merge:  # a replay raises nothing anew
            items += [
                _alarm(row) for c in changes for row in c.rows.alarms if c.before is None or row not in c.before.alarms
            ]
        if items:
            await append_in(conn, self._node, items)
        return [c.rows for c in changes]


def _now() -> datetime:
    return datetime.now(UTC)


def _that_were(starts: list[datetime]) -> list[datetime]:
    """A start in the future was written while the clock was ahead: who calls now would be taken for lost by it."""
    now = _now()
    return sorted(at for at in starts if at <= now)[-_STARTS:]


def _of_a_call(line: CelLine) -> bool:
    """A test of a trunk, or a message to an incident's callers, is kept as written, and is no call of the hotline's."""
    return line.channel != _NOBODY and not contract.is_no_call(line.linkedid)


def _item(rows: Rows) -> Item:
    call_id = str(rows.call.id)
    return Item(Topic.RECORD, call_id, {"call_id": call_id}, fact_at=rows.call.ended_at or rows.call.started_at)


def _alarm(row: AlarmRow) -> Item:
    body = {"alarm_id": str(row.id), "code": row.code, "who": row.who, "detail": row.detail, "at": row.at.isoformat()}
    return Item(Topic.ALARM, str(row.id), body | {"acknowledged_by": None}, fact_at=row.at)


def _refusal(exc: BaseException) -> str | None:
    """Why this can never be written, or None where another try may do."""
    if isinstance(exc, asyncpg.PostgresError):
        state: Any = exc.sqlstate or ""
        return f"{state} {type(exc).__name__}: {exc.args[0]}"[:500] if state[:2] in _REFUSALS else None
    # asyncpg's own refusal to encode a value, and an interpretation that fails on a line: both are that line's.
    if isinstance(exc, (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError)):
        return f"{type(exc).__name__}: {exc}"[:500]
    return None
