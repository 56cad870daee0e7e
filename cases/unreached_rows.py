"""The record's calls of some numbers, and the rows of ``unreached`` that they give: read, written, settled.

One transaction for some numbers; the rows are locked, so that a keeper and an agent who takes one do not overwrite each
other. Decisions are in ``cases.unreached``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cases.danger_keeper import called_out
from cases.fair import Rules
from cases.numbers import canonical, forms
from cases.unreached import MISSED, Contact, Entry, Tried, Try, Work, entries, settle
from models.call import Call, CallOutcome
from models.command import Command
from models.hours import SETTLED_BY_KEY
from models.target import CallTarget
from models.unreached import Unreached, UnreachedEvent, UnreachedState, UnreachedStep
from pbx_config.dialling import NumberInvalid, NumberNotAllowed, allowed

HOUSE: Final = "lianxin"
_DERIVED: Final = (
    "kind", "attempts", "first_at", "last_at", "since_at", "place", "waited_s", "queue", "call_ids", "last_outcome",
)  # fmt: skip
_WORK: Final = tuple(f.name for f in fields(Work))
_NOT_DIALLED: Final = frozenset({"refused", "failed", "expired"})

_MISSED_CALLERS: Final = text(f"""
SELECT DISTINCT c.caller FROM call c WHERE c.direction = 'inbound' AND c.started_at >= :since
AND NOT {SETTLED_BY_KEY} AND (c.outcome = ANY(:missed) OR EXISTS (SELECT FROM wish w WHERE w.call_id = c.id))
""")
_NAMED: Final = text(
    "SELECT DISTINCT CASE WHEN direction = 'outbound' THEN called ELSE caller END FROM call WHERE id = ANY(:ids)"
)
_COLUMNS: Final = f"""c.id, c.direction, c.started_at, c.answered_at, c.outcome, c.wait_s, c.queue, c.caller, c.called,
    coalesce((SELECT array_agg(w.kind) FROM wish w WHERE w.call_id = c.id), '{{}}') AS wishes,
    b.since_at, b.place, {SETTLED_BY_KEY} AS settled
    FROM call c LEFT JOIN wish b ON b.call_id = c.id AND b.kind = 'call_back'"""
_OF_NUMBERS: Final = text(f"""
SELECT {_COLUMNS} WHERE c.direction = 'inbound' AND c.started_at >= :since AND c.caller = ANY(:forms)
UNION ALL
SELECT {_COLUMNS} WHERE c.direction = 'outbound' AND c.started_at >= :since AND c.called = ANY(:forms)
""")
_WITHHELD: Final = text(f"""
SELECT {_COLUMNS} WHERE c.direction = 'inbound' AND c.started_at >= :since AND c.caller !~ '[0-9]'
""")


@dataclass(frozen=True, slots=True)
class Site:
    """What the site says of unreached people."""

    zone: ZoneInfo
    own_numbers: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)


async def numbers_since(session: AsyncSession, since: datetime) -> set[str]:
    """Canonical numbers with an attempt after ``since``; "" for those who showed none."""
    callers = await session.scalars(_MISSED_CALLERS, {"since": since, "missed": list(MISSED)})
    return {canonical(caller) for caller in callers}


async def numbers_of(session: AsyncSession, call_ids: Sequence[uuid.UUID]) -> set[str]:
    """The citizens' canonical numbers of these calls."""
    return {canonical(number) for number in await session.scalars(_NAMED, {"ids": list(call_ids)})}


async def refresh(session: AsyncSession, numbers: Iterable[str], since: datetime, site: Site) -> None:
    """Bring the rows of these numbers to what the record says now; days that begin before ``since`` are let be."""
    wanted = set(numbers)
    begin = since.astimezone(site.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    contacts = await _contacts(session, wanted, begin)
    derived = {e.id: e for number in wanted for e in entries(number, contacts.get(number, ()), site.zone)}
    stored = await _locked(session, wanted, derived, begin, site)
    now = datetime.now(UTC)
    for row in stored:
        entry = derived.get(row.id)
        if entry is None:
            await _forget(session, row)
            continue
        for name in _DERIVED:
            _set(row, name, getattr(entry, name))
        await _settle(session, row, entry, now, site)


async def _contacts(session: AsyncSession, numbers: set[str], begin: datetime) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {}
    written = [form for number in numbers for form in forms(number)]
    rows = list(await session.execute(_OF_NUMBERS, {"since": begin, "forms": written})) if written else []
    if "" in numbers:
        rows += list(await session.execute(_WITHHELD, {"since": begin}))
    for r in rows:
        number = canonical(r.called if r.direction == "outbound" else r.caller)
        contact = Contact(
            r.id, r.direction, r.started_at, r.answered_at, r.outcome, r.wait_s, r.queue, frozenset(r.wishes),
            r.since_at, r.place, r.settled,
        )  # fmt: skip
        found.setdefault(number, []).append(contact)
    return found


async def _locked(
    session: AsyncSession, numbers: set[str], derived: dict[uuid.UUID, Entry], begin: datetime, site: Site
) -> list[Unreached]:
    """Every row of these numbers and days, the new ones too, in the order of their ids."""
    if derived:
        values = [
            {"id": e.id, "number": e.number, "day": e.day, "callable": _callable(e.number, site)}
            | {name: getattr(e, name) for name in _DERIVED}
            for e in sorted(derived.values(), key=lambda e: e.id)
        ]
        await session.execute(insert(Unreached).values(values).on_conflict_do_nothing())
    rows = await session.scalars(
        select(Unreached)
        .where(Unreached.number.in_(numbers), Unreached.day >= begin.date())
        .order_by(Unreached.id).with_for_update().execution_options(populate_existing=True)
    )  # fmt: skip
    return list(rows)


def _callable(number: str, site: Site) -> bool:
    try:
        allowed(number, site.own_numbers)
    except (NumberInvalid, NumberNotAllowed):
        return False
    return True


async def _settle(session: AsyncSession, row: Unreached, entry: Entry, now: datetime, site: Site) -> None:
    before = Work(**{name: getattr(row, name) for name in _WORK})
    tried = await tried_of(session, row) if row.command_id is not None and not before.over else Try()
    after, steps = settle(before, entry, tried, now, site.rules)
    for name in _WORK:
        _set(row, name, getattr(after, name))
    for step in steps:
        note(session, row, step, HOUSE, {"taken_by": before.taken_by or "", "tries": after.tries})


async def tried_of(session: AsyncSession, row: Unreached) -> Try:
    """What became of the call back that this row waits for."""
    command = await session.get(Command, row.command_id, populate_existing=True)
    target = await session.get(CallTarget, row.command_id, populate_existing=True)
    if command is None or target is None:
        return Try()
    call_id = target.call_id or await called_out(session, command, target)
    if call_id is None:
        return Try(Tried.NOT_DIALLED if command.state in _NOT_DIALLED else Tried.PENDING)
    call = await session.get(Call, call_id, populate_existing=True)
    if call is None or call.ended_at is None:
        return Try(Tried.GOING_ON, call_id)
    if call.outcome == CallOutcome.NOT_REACHED:
        return Try(Tried.NOT_ANSWERED, call_id, call.ended_at)
    # Answered, and then the entry says so itself; or the agent's own telephone was never picked up.
    return Try(Tried.GOING_ON if call.answered_at else Tried.NOT_DIALLED, call_id, call.ended_at)


async def _forget(session: AsyncSession, row: Unreached) -> None:
    """The record has thought better of it: no attempt is left. What somebody has worked on stays, and is over."""
    worked_on = await session.scalar(select(exists().where(UnreachedEvent.unreached_id == row.id)))
    if not worked_on:
        await session.execute(delete(Unreached).where(Unreached.id == row.id))
    elif row.state in (UnreachedState.OPEN, UnreachedState.TAKEN):
        row.attempts, row.taken_by, row.taken_until, row.next_at = 0, None, None, None
        row.state, row.ended_at = UnreachedState.CLEARED, datetime.now(UTC)
        note(session, row, UnreachedStep.CLEARED, HOUSE, {"attempts": 0})


def note(session: AsyncSession, row: Unreached, step: UnreachedStep, by: str, detail: dict[str, Any]) -> None:
    """Write down what happened to a row."""
    session.add(UnreachedEvent(unreached_id=row.id, step=step.value, by=by, detail=detail))


def _set(row: Unreached, name: str, value: Any) -> None:
    if getattr(row, name) != value:
        setattr(row, name, value)
