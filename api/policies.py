"""A site's policies over HTTP: read by who oversees, changed by an administrator, each change in the audit.

What the switch and cti must know (the question after a talk, the limit of after-call work) cti.policies takes to them.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.errors import PolicyFixed
from api.rights import Right
from api.schemas.policies import PoliciesAsk, Policy, PolicyChange, PolicyList
from api.site_policies import Policies, decided, policies_of
from api.viewer import Viewer
from cases.incidents import bump
from models.account import Account, Audit
from models.db import read_only, transaction
from models.policy import SitePolicy

router = APIRouter(prefix="/policies", tags=["policies"])

Reader = Annotated[Viewer, needs(Right.POLICIES)]
Admin = Annotated[Viewer, needs(Right.POLICIES_WRITE)]
CHANGED = "policy.changed"
CHANGES = 50


@router.get("", summary="What the site chose, what the installation says, and the newest changes")
async def list_policies(viewer: Reader, request: Request) -> PolicyList:
    return await _list(parts_of(request))


async def _list(parts: Parts) -> PolicyList:
    async with read_only(parts.engine) as session:
        rows = await decided(session)
        changes = await _changes(session)
    installed = policies_of(parts.settings, {})
    now = policies_of(parts.settings, {name: row.value for name, row in rows.items()})
    return PolicyList(items=[_policy(f.name, now, installed, rows.get(f.name)) for f in fields(now)], changes=changes)


def _policy(name: str, now: Policies, installed: Policies, row: SitePolicy | None) -> Policy:
    return Policy(
        name=name, value=getattr(now, name), installed=getattr(installed, name), fixed=_fixed(name, installed),
        at=row.at if row else None, by=row.by if row else None,
    )  # fmt: skip


def _fixed(name: str, installed: Policies) -> bool:
    """Without the question in the dial plan (LIANXIN_SURVEY) there is nothing to switch on."""
    return name == "survey" and not installed.survey


async def _changes(session: AsyncSession) -> list[PolicyChange]:
    rows = (
        select(Audit, Account.login)
        .outerjoin(Account, Account.id == Audit.account_id)
        .where(Audit.action == CHANGED)
        .order_by(Audit.id.desc())
        .limit(CHANGES)
    )
    found = await session.execute(rows)
    return [PolicyChange(at=row.at, by=login or "", name=row.subject, **row.detail) for row, login in found]


@router.patch("", summary="Decide otherwise than the installation, or as it again (null)")
async def change_policies(asked: PoliciesAsk, viewer: Admin, request: Request) -> PolicyList:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await bump(session)  # its lock orders two administrators, and cti is told
        before = await decided(session)
        for name in sorted(asked.model_fields_set):
            value = asked.model_dump(mode="json")[name]
            row = before.get(name)
            if (row.value if row else None) == value:
                continue
            if _fixed(name, policies_of(parts.settings, {})):
                raise PolicyFixed
            await _decide(session, name, value, row, viewer)
            told = {"before": _said(row.value if row else None), "after": _said(value)}
            await append(session, viewer.account_id, CHANGED, name, told)
    await parts.policies.read()
    return await _list(parts)


async def _decide(session: AsyncSession, name: str, value: Any, row: SitePolicy | None, viewer: Viewer) -> None:
    if value is None:
        return await session.delete(row)
    told = {"value": value, "at": datetime.now(UTC), "by": viewer.login}
    statement = insert(SitePolicy).values(name=name, **told)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=told))


def _said(value: Any) -> str:
    """As the audit has it; "" for: as the installation says."""
    return "" if value is None else str(value).lower()
