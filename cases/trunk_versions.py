"""Trunks as versions: what each was, who made it so and when. Undo is a change back, and a version of its own.

A password is kept apart from the rest: it comes back with an undo, and nothing that is shown has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import TuningMeanwhile, TuningNotFound
from cases.telephony import TrunkChange
from models.telephony import Trunk, TrunkVersion
from pbx_config.telephony import TrunkLine

HISTORY_MOST: Final = 200
FIELDS: Final = ("title", "host", "addresses", "username", "codecs", "channel_limit", "position", "active")


async def newest(session: AsyncSession) -> Mapping[str, TrunkVersion]:
    """By name; also of those that are not there any more."""
    rows = select(TrunkVersion).ext(distinct_on(TrunkVersion.name))
    found = await session.scalars(rows.order_by(TrunkVersion.name, TrunkVersion.revision.desc()))
    return {row.name: row for row in found}


async def keep(
    session: AsyncSession, name: str, now: Trunk | None, by: str, undo_of: int | None = None
) -> TrunkVersion:
    """A new version: what it is now, None where it was removed. ``telephony.lock`` must have been called."""
    last = await _last(session, name)
    row = TrunkVersion(
        name=name, revision=last.revision + 1 if last is not None else 1, by=by, undo_of=undo_of,
        value={field: getattr(now, field) for field in FIELDS} if now is not None else {},
        secret=now.secret if now is not None else None,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def must_be_newest(session: AsyncSession, name: str, based_on: int) -> None:
    """Raises: TuningMeanwhile: somebody changed it since."""
    last = await _last(session, name)
    if last is not None and last.revision != based_on:
        raise TuningMeanwhile(by=last.by)


async def as_before(session: AsyncSession, name: str, to: int, based_on: int) -> TrunkChange | None:
    """What a revision made of it; None: not there. ``based_on``: the revision that whoever asks has seen.

    Raises:
        TuningNotFound, TuningMeanwhile
        BadSettings: what it was then can never be (any more).
    """
    if await _last(session, name) is None:
        raise TuningNotFound
    await must_be_newest(session, name, based_on)
    row = await session.get(TrunkVersion, (name, to)) if to else None
    if row is None and to:
        raise TuningNotFound
    return change_of(row) if row is not None and row.value else None


def change_of(row: TrunkVersion) -> TrunkChange:
    """
    Raises:
        BadSettings
    """
    was, line = row.value, None
    if was["host"] is not None:
        line = TrunkLine(
            row.name, was["host"], tuple(was["addresses"]), was["username"], row.secret, tuple(was["codecs"])
        )  # fmt: skip
    return TrunkChange(line, was["title"], was["channel_limit"], was["position"], was["active"])


async def history(session: AsyncSession, name: str) -> Sequence[TrunkVersion]:
    """Newest first. Raises: TuningNotFound."""
    rows = select(TrunkVersion).where(TrunkVersion.name == name).order_by(TrunkVersion.revision.desc())
    found = list(await session.scalars(rows.limit(HISTORY_MOST)))
    if not found:
        raise TuningNotFound
    return found


def shown(newest_first: Iterable[TrunkVersion]) -> list[dict[str, Any]]:
    """The values as they may be shown, in the same order. ``password``: which one, in the order they came; no more."""
    passwords: list[str] = []
    told = []
    for row in reversed(list(newest_first)):
        value = dict(row.value)
        if row.secret is not None:
            if row.secret not in passwords:
                passwords.append(row.secret)
            value["password"] = passwords.index(row.secret) + 1
        told.append(value)
    return told[::-1]


async def _last(session: AsyncSession, name: str) -> TrunkVersion | None:
    rows = select(TrunkVersion).where(TrunkVersion.name == name).order_by(TrunkVersion.revision.desc())
    found: TrunkVersion | None = await session.scalar(rows.limit(1))
    return found
