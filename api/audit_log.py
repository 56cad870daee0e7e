"""The whole audit over HTTP, for who watches the house: its lines, and whether the chain is whole. Never writes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Row, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from api import audit
from api.edge import needs, parts_of
from api.recording_search import of_site
from api.rights import Right
from api.schemas.audit import MOST_NUMBER, AuditLine, AuditPage, AuditSearch, ChainStep, Head
from api.viewer import Viewer
from models.account import Account, Audit
from models.db import read_only

router = APIRouter(prefix="/audit", tags=["audit"])

Reader = Annotated[Viewer, needs(Right.AUDIT)]
PAGE = 50
FIRST = audit.GENESIS.hex()
STEP = 5000  # lines of the chain that one request looks at
Subject = aliased(Account)  # whom a line of the kind account is about
Found = tuple[Audit, str, str, str]  # with who did it (login, name) and whose account it is about; NULL where nobody


@router.get("", summary="Who did what, newest first")
async def list_audit(viewer: Reader, request: Request, asked: Annotated[AuditSearch, Query()]) -> AuditPage:
    parts = parts_of(request)
    about = and_(Audit.action.startswith("account."), Audit.subject == cast(Subject.id, Text))
    query = (
        select(Audit, Account.login, Account.display_name, Subject.login)
        .outerjoin(Account, Account.id == Audit.account_id)
        .outerjoin(Subject, about)
    )
    since, until = of_site(asked.since, parts.settings.zone), of_site(asked.until, parts.settings.zone)
    if since is not None:
        query = query.where(Audit.at >= since)
    if until is not None:
        query = query.where(Audit.at < until)
    query = _narrowed(query, asked).order_by(Audit.id.desc()).limit(PAGE + 1)
    async with read_only(parts.engine) as session:
        found = (await session.execute(query)).all()
    page = found[:PAGE]
    return AuditPage(items=[_line(row) for row in page], next=page[-1][0].id if len(found) > PAGE else None)


def _narrowed(query: Select[*Found], asked: AuditSearch) -> Select[*Found]:
    if asked.before is not None:
        query = query.where(Audit.id < asked.before)
    if asked.login.strip():
        query = query.where(Account.login == asked.login.strip().lower())
    if asked.action.strip():
        action = asked.action.strip()
        query = query.where(or_(Audit.action == action, Audit.action.startswith(f"{action}.", autoescape=True)))
    if asked.q.strip():
        part = asked.q.strip()
        told = (Audit.subject, cast(Audit.detail, Text))
        query = query.where(or_(*(text.icontains(part, autoescape=True) for text in told)))
    return query


def _line(row: Row[*Found]) -> AuditLine:
    line, login, name, about = row
    return AuditLine(
        number=line.id, at=line.at, login=login, display_name=name, action=line.action, subject=line.subject,
        subject_login=about, detail=line.detail,
    )  # fmt: skip


@router.get("/chain", summary="Whether the chain is whole, a stretch at a time")
async def verify_chain(
    viewer: Reader,
    request: Request,
    after: Annotated[int, Query(ge=0, le=MOST_NUMBER, description="last of the stretch before; 0: from the first")] = 0,
    head: Annotated[Head, Query(description="head of the stretch before")] = FIRST,
) -> ChainStep:
    """At most ``STEP`` lines, by a cursor: the desk answers everybody else meanwhile, however long the chain is."""
    engine = parts_of(request).engine
    state = await audit.verify(engine, audit.Link(after, bytes.fromhex(head)), STEP)
    async with read_only(engine) as session:
        newest = await session.scalar(select(func.max(Audit.id))) or 0
    return ChainStep(
        rows=state.rows, last=state.last, head=state.head.hex(), broken_at=state.broken_at, newest=newest,
        whole=state.broken_at is None and state.rows < STEP,
    )  # fmt: skip
