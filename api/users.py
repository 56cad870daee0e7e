"""People over HTTP: an administrator makes them, changes them, gives new passwords, locks and unlocks.

Nobody is deleted: the record names them.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, status
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api import account_changes
from api.account_changes import Ended, Leaving, Plan
from api.edge import Parts, needs, parts_of
from api.house_commands import give, order
from api.passwords import Passwords, readable_password
from api.rights import Right
from api.schemas.accounts import User, UserAsk, UserChange, UserList, UserNew, UserPassword
from api.schemas.base import Confirmed
from api.tuning_answers import situation
from api.viewer import Viewer
from cases import tuning
from cases.tuning_warnings import Warned, of_skills
from cti.facts import Topic
from models.account import Account, LoginSession
from models.db import read_only, transaction

router = APIRouter(prefix="/users", tags=["users"])

Admin = Annotated[Viewer, needs(Right.ACCOUNTS)]
LOCKED = "locked"  # the pause of who was locked in the middle of a call


@router.get("", summary="Everybody with an account, who is locked too")
async def list_users(viewer: Admin, request: Request) -> UserList:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        users = await _users(session, parts)
    return UserList(items=users, queues=sorted(q["queue"] for q in parts.hub.picture.of_topic(Topic.QUEUE)))


async def _users(session: AsyncSession, parts: Parts, account_id: uuid.UUID | None = None) -> list[User]:
    is_open = and_(~LoginSession.ended, LoginSession.expires_at > func.now())
    rows = (
        select(Account, func.max(LoginSession.last_seen_at), func.count().filter(is_open))
        .outerjoin(LoginSession, LoginSession.account_id == Account.id)
        .group_by(Account.id)
        .order_by(Account.login)
    )
    if account_id is not None:
        rows = rows.where(Account.id == account_id)
    return [_user(account, seen, sessions, parts) for account, seen, sessions in await session.execute(rows)]


def _user(account: Account, last_seen_at: object, sessions: int, parts: Parts) -> User:
    own = {name: getattr(account, name) for name in User.model_fields if hasattr(account, name)}
    own["version"] = account_changes.version_of(account)
    return User(**own, last_seen_at=last_seen_at, sessions=sessions, in_queue=_in_queue(account, parts))


def _in_queue(account: Account, parts: Parts) -> bool:
    return account.agent_no is not None and parts.hub.picture.get(Topic.AGENT, account.agent_no) is not None


async def _one(parts: Parts, account_id: uuid.UUID) -> User:
    async with read_only(parts.engine) as session:
        return (await _users(session, parts, account_id))[0]


@router.post("", status_code=status.HTTP_201_CREATED, summary="A new person; the password is told this once")
async def create_user(asked: UserNew, viewer: Admin, request: Request) -> UserPassword:
    parts, password = parts_of(request), readable_password()
    hashed = await Passwords().hash(password)
    async with transaction(parts.engine) as session:
        account = await account_changes.create(session, viewer, asked.login, _plan(asked), hashed)
    return UserPassword(user=await _one(parts, account.id), password=password)


def _plan(asked: UserAsk) -> Plan:
    return Plan(
        asked.display_name.strip(), asked.role, asked.agent_no, asked.seat, asked.locale.value,
        tuple(sorted(set(asked.queues))),
    )  # fmt: skip


@router.put("/{account_id}", summary="Another name, role, number, seat, language or queues")
async def change_user(account_id: uuid.UUID, asked: UserChange, viewer: Admin, request: Request) -> User:
    """Another role, number, seat or queues end the sessions: no screen goes on with rights of yesterday."""
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        account = await account_changes.locked_row(session, account_id)
        await account_changes.must_be_newest(session, account, asked.based_on)
        leaving = Leaving(await _warned(session, parts, account, asked.agent_no), asked.confirmed)
        here = _in_queue(account, parts)
        ended = await account_changes.change(session, viewer, account, _plan(asked), leaving, in_queue=here)
    _close(parts, ended)
    return await _one(parts, account_id)


async def _warned(session: AsyncSession, parts: Parts, account: Account, agent_no: str | None) -> list[Warned]:
    """What it would do that this person answers under another number, or (None) not any more."""
    if not (account.active and account.agent_no) or account.agent_no == agent_no:
        return []
    found = await tuning.newest(session)
    answers = tuning.skills_of(found, agent_no) if agent_no else {}
    return of_skills(account.agent_no, answers, await situation(session, parts, found))


def _close(parts: Parts, ended: Ended) -> None:
    for token in ended:
        parts.hub.close_session(token)


@router.post("/{account_id}/password", summary="A new password, told this once; the old one and all sessions end")
async def reset_password(account_id: uuid.UUID, viewer: Admin, request: Request) -> UserPassword:
    parts, password = parts_of(request), readable_password()
    hashed = await Passwords().hash(password)
    async with transaction(parts.engine) as session:
        account = await account_changes.locked_row(session, account_id)
        ended = await account_changes.set_password(session, viewer, account, hashed)
    _close(parts, ended)
    return UserPassword(user=await _one(parts, account_id), password=password)


@router.post("/{account_id}/lock", summary="No way in any more: sessions end at once, no further call is sent")
async def lock_user(account_id: uuid.UUID, viewer: Admin, request: Request, confirmed: Confirmed = False) -> User:
    """Who is in a call finishes it: no citizen is cut off. No other one is sent; without a call the seat is left.

    Where a queue would be without anybody, it is said first (409 with warnings).
    """
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        account = await account_changes.locked_row(session, account_id)
        leaving = Leaving(await _warned(session, parts, account, None), confirmed)
        ended = await account_changes.lock(session, viewer, account, leaving)
        agent = parts.hub.picture.get(Topic.AGENT, account.agent_no) if account.agent_no else None
        if agent is not None:
            orders = [order("agent.pause", {"reason": LOCKED}, account.agent_no)]
            orders.append(order("agent.sign_out", {}, account.agent_no))
            await give(session, str(agent["node"]), orders, viewer, parts.settings.command_deadline_s)
    _close(parts, ended)
    return await _one(parts, account_id)


@router.post("/{account_id}/unlock", summary="May sign in again, with the password of before")
async def unlock_user(account_id: uuid.UUID, viewer: Admin, request: Request) -> User:
    parts = parts_of(request)
    async with transaction(parts.engine) as session:
        await account_changes.unlock(session, viewer, await account_changes.locked_row(session, account_id))
    return await _one(parts, account_id)
