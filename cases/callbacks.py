"""The callback list as people work it off: who is next, who has taken whom, and how an entry is given back or closed.

What an entry is comes from the record (``cases.unreached``); who may be called now is ``cases.fair``. A citizen who
answered is closed by the record, not here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cases.errors import CallbackEnded, CallbackNotFound, CallbackNotNow, CallbackNotYours, CallbackTaken, NoCallback
from cases.fair import Floor, Owed, Rules, in_order, may_offer
from cases.unreached_rows import note
from models.call import Wish, WishKind
from models.unreached import Unreached, UnreachedEnd, UnreachedKind, UnreachedState, UnreachedStep

EVERYBODY: Final[ColumnElement[bool]] = true()
_CANDIDATES: Final = 100
_SHOWN: Final = 1000
_OPEN: Final = (UnreachedState.OPEN, UnreachedState.TAKEN)
_PLACE_FIRST: Final = (Unreached.kind != UnreachedKind.CALL_BACK, Unreached.since_at)  # has an index
_RANG: Final = text("""
SELECT u.id FROM unreached u CROSS JOIN unnest(u.call_ids) c(call_id) JOIN ring_attempt a ON a.call_id = c.call_id
WHERE u.state IN ('open', 'taken') AND a.agent_no = :agent_no
""")
_MESSAGES: Final = text("""
SELECT u.id AS entry_id, w.call_id, w.at, r.id AS recording_id FROM unreached u
JOIN wish w ON w.call_id = ANY(u.call_ids) AND w.kind = 'voicemail'
LEFT JOIN recording r ON r.call_id = w.call_id AND r.part = w.part AND r.store_key IS NOT NULL
WHERE u.id = ANY(:ids) ORDER BY w.at
""")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that somebody left: its recording may still be on its way."""

    call_id: uuid.UUID
    at: datetime
    recording_id: uuid.UUID | None


async def is_owed(session: AsyncSession, number: str) -> bool:
    """Whether this canonical number is on the list: then anybody at the desk may call it."""
    found = await session.scalar(
        select(Unreached.id).where(Unreached.number == number, Unreached.state.in_(_OPEN)).limit(1)
    )
    return bool(number) and found is not None


async def of_command(session: AsyncSession, command_id: uuid.UUID) -> Unreached | None:
    """The entry that this call back was asked for."""
    found: Unreached | None = await session.scalar(select(Unreached).where(Unreached.command_id == command_id))
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """The first of them, and how many there are."""

    items: Sequence[Unreached]
    total: int


async def listed(
    session: AsyncSession, floor: Floor, *, recent: datetime | None = None, seen: ColumnElement[bool] = EVERYBODY
) -> Listed:
    """What is open, in the order in which it is offered; with ``recent`` also what has ended since then, last.

    ``seen``: of these alone, here and below; the others do not exist for who asks.
    """
    open_ones = Unreached.state.in_(_OPEN)
    wanted = (open_ones if recent is None else or_(open_ones, Unreached.ended_at >= recent), seen)
    last = () if recent is None else (Unreached.ended_at.desc().nulls_first(),)
    rows = list(await session.scalars(select(Unreached).where(*wanted).order_by(*last, *_PLACE_FIRST).limit(_SHOWN)))
    by_id = {row.id: row for row in rows}
    first = in_order((_owed(row) for row in rows if row.state in _OPEN), floor)
    items = [*(by_id[owed.id] for owed in first), *(row for row in rows if row.state not in _OPEN)]
    if len(items) < _SHOWN:
        return Listed(items, len(items))
    return Listed(items, await session.scalar(select(func.count()).select_from(Unreached).where(*wanted)) or 0)


def mine(agent_no: str) -> ColumnElement[bool]:
    """Open entries of which a call rang at this agent's seat, and those that this agent has in hand."""
    rang = _RANG.bindparams(agent_no=agent_no).columns(Unreached.id)
    return or_(Unreached.taken_by == agent_no, Unreached.id.in_(rang))


async def check(session: AsyncSession, entry_id: uuid.UUID, seen: ColumnElement[bool]) -> None:
    """Raises: CallbackNotFound, also where it is not one of these."""
    if await session.scalar(select(Unreached.id).where(Unreached.id == entry_id, seen)) is None:
        raise CallbackNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwedRow(Owed):
    id: uuid.UUID


def _owed(row: Unreached) -> _OwedRow:
    return _OwedRow(row.number, row.kind, row.since_at, row.callable, row.next_at, id=row.id)


async def _due(session: AsyncSession, now: datetime, seen: ColumnElement[bool]) -> list[_OwedRow]:
    """Whom nobody has and who may be called by now: the oldest kept places, then the oldest of the others."""
    due = or_(Unreached.next_at.is_(None), Unreached.next_at <= now)
    other = aliased(Unreached)  # of the same citizen: one agent has them all
    held = select(other.id).where(other.number == Unreached.number, other.state == UnreachedState.TAKEN).exists()
    query = select(Unreached).where(Unreached.state == UnreachedState.OPEN, due, Unreached.callable, seen, ~held)
    return [_owed(row) for row in await session.scalars(query.order_by(*_PLACE_FIRST).limit(_CANDIDATES))]


def _offered(due: Sequence[_OwedRow], floor: Floor, now: datetime) -> list[_OwedRow]:
    return [owed for owed in in_order(due, floor) if may_offer(owed, floor, now)]


async def is_offered(
    session: AsyncSession, floor: Floor, now: datetime, *, seen: ColumnElement[bool] = EVERYBODY
) -> bool:
    """Whether :func:`take_next` would give somebody now."""
    return bool(_offered(await _due(session, now, seen), floor, now))


async def take_next(
    session: AsyncSession, agent_no: str, by: str, floor: Floor, now: datetime, *, seen: ColumnElement[bool] = EVERYBODY
) -> Unreached:
    """The first whom the rule offers and nobody else has, for this agent, until the lease ends.

    Raises:
        NoCallback: nobody is left, or only those whom nobody may call yet.
        CallbackNotNow: citizens wait, and they are first.
    """
    due = await _due(session, now, seen)
    offered = _offered(due, floor, now)
    for skip_locked in (True, False):  # whom nobody holds; else wait for who holds them, which may be the keeper
        for owed in offered:
            row = await _lock(session, owed.id, skip_locked=skip_locked)
            if row is not None:
                return _take(session, row, agent_no, by, now)
    raise CallbackNotNow if due and not offered else NoCallback


async def take(session: AsyncSession, entry_id: uuid.UUID, agent_no: str, by: str, now: datetime) -> Unreached:
    """This one, out of its turn. Raises: CallbackNotFound, CallbackEnded, CallbackTaken."""
    found = await session.get(Unreached, entry_id)
    if found is None:
        raise CallbackNotFound
    if found.state not in _OPEN or not found.callable:
        raise CallbackEnded
    row = await _lock(session, entry_id, skip_locked=False)
    if row is None:
        raise CallbackTaken(agent_no=found.taken_by or "")
    return _take(session, row, agent_no, by, now)


async def _lock(session: AsyncSession, entry_id: uuid.UUID, *, skip_locked: bool) -> Unreached | None:
    """The row, with every other open row of the same citizen; None, and nothing locked, where somebody has one of them.

    Two agents who each held one of two rows would wait for each other: what is not taken whole is let go.
    """
    number = select(Unreached.number).where(Unreached.id == entry_id).scalar_subquery()
    same = (Unreached.number == number, Unreached.state.in_(_OPEN))
    query = select(Unreached).where(*same).order_by(Unreached.id).with_for_update(skip_locked=skip_locked)
    attempt = await session.begin_nested()
    rows = list(await session.scalars(query.execution_options(populate_existing=True)))
    count = await session.scalar(select(func.count()).select_from(Unreached).where(*same))
    free = len(rows) == count and all(row.state == UnreachedState.OPEN for row in rows)
    found = next((row for row in rows if row.id == entry_id), None) if free else None
    await (attempt.commit() if found is not None else attempt.rollback())
    return found


def _take(session: AsyncSession, row: Unreached, agent_no: str, by: str, now: datetime) -> Unreached:
    row.state, row.taken_by, row.taken_until = UnreachedState.TAKEN, agent_no, now + Rules().lease
    note(session, row, UnreachedStep.TAKEN, by, {"agent_no": agent_no})
    return row


async def release(session: AsyncSession, entry_id: uuid.UUID, agent_no: str | None, by: str) -> Unreached:
    """Give it back to the list. ``agent_no`` None: for a supervisor, whoever has it. Raises as :func:`close`."""
    row = await _held(session, entry_id, agent_no)
    if row.state == UnreachedState.TAKEN:
        row.state, row.taken_by, row.taken_until = UnreachedState.OPEN, None, None
        note(session, row, UnreachedStep.RELEASED, by, {})
    return row


async def close(
    session: AsyncSession, entry_id: uuid.UUID, reason: UnreachedEnd, agent_no: str | None, by: str, *, now: datetime
) -> Unreached:
    """Done without an answer, and why: the citizen does not want it, or the message needs no call.

    Raises:
        CallbackNotFound, CallbackEnded
        CallbackNotYours: neither taken by this agent, nor a message that nobody has in hand.
    """
    row = await _held(session, entry_id, agent_no)
    if row.state == UnreachedState.OPEN and agent_no is not None and row.kind != UnreachedKind.VOICEMAIL:
        raise CallbackNotYours
    row.state, row.taken_by, row.taken_until, row.next_at = UnreachedState.DONE, None, None, None
    row.end_reason, row.ended_at = reason, now
    note(session, row, UnreachedStep.DONE, by, {"reason": reason.value})
    return row


async def _held(session: AsyncSession, entry_id: uuid.UUID, agent_no: str | None) -> Unreached:
    row = await session.get(Unreached, entry_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CallbackNotFound
    if row.state not in _OPEN:
        raise CallbackEnded
    if agent_no is not None and row.taken_by not in (None, agent_no):
        raise CallbackNotYours
    return row


async def messages(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Message]]:
    """What was spoken for these entries, the oldest first."""
    found: dict[uuid.UUID, list[Message]] = {}
    for entry_id, call_id, at, recording_id in await session.execute(_MESSAGES, {"ids": list(ids)}):
        found.setdefault(entry_id, []).append(Message(call_id, at, recording_id))
    return found


async def is_message(session: AsyncSession, call_id: uuid.UUID, part: int) -> bool:
    """Whether this recording is a message to the desk: everybody at it may listen."""
    told = select(Wish.id).where(Wish.call_id == call_id, Wish.kind == WishKind.VOICEMAIL, Wish.part == part)
    return await session.scalar(told) is not None
