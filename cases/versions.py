"""Versions of what keeps no history of its own: accounts, hours, days of the calendar, seats, classes of service.

A version is a digest of the values that were read: nothing is stored, and it is right whoever wrote (a command of the
shell, or a release of before beside this one). Whoever changes something says which version he saw.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.errors import TuningMeanwhile
from models.account import Account, Audit

NONE: Final = ""  # the version of what is not there
LENGTH: Final = 16  # 64 bits: two values of one thing do not meet by chance
HOUSE: Final = "lianxin"  # who changed it where no person did


def version_of(*values: object) -> str:
    told = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:LENGTH]


@dataclass(frozen=True, slots=True)
class Told:
    """Where the audit tells of changes of one thing."""

    subject: str
    actions: tuple[str, ...]


async def must_be_newest(session: AsyncSession, newest: str, based_on: str, told: Told) -> None:
    """Its row, or what orders its changes, must be locked. Raises: TuningMeanwhile: somebody changed it since."""
    if newest == based_on:
        return
    of_it = (Audit.subject == told.subject, Audit.action.in_(told.actions))
    by = select(Account.login).select_from(Audit).outerjoin(Account, Account.id == Audit.account_id).where(*of_it)
    raise TuningMeanwhile(by=await session.scalar(by.order_by(Audit.id.desc()).limit(1)) or HOUSE)
