"""Trunks over HTTP, for an admin: set and removed while calls go on, each change a version, undone by another one.

What a change would do to calls is said first (409 with warnings) and done when it is asked again with a yes. A value
that no PBX can do is refused before anything is written. The PBX's side (cti.telephony) follows by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import append
from api.edge import Parts, needs, parts_of
from api.rights import Right
from api.schemas.base import Confirmed
from api.schemas.telephony import TelephonyNow, TrunkAsk, TrunkName
from api.schemas.tuning import TuningVersion, UndoAsk
from api.telephony_answers import bad_field, now
from api.viewer import Viewer
from cases import telephony, trunk_versions, trunk_warnings, tuning_warnings
from cases.telephony import TrunkChange
from cti.facts import Topic
from models.db import read_only, transaction
from models.telephony import MAIN_TRUNK
from pbx_config.contract import trunk_endpoint
from pbx_config.errors import BadSettings
from pbx_config.telephony import TrunkLine

router = APIRouter(prefix="/telephony/trunks", tags=["telephony"])

Admin = Annotated[Viewer, needs(Right.TELEPHONY)]


@router.put("/{name}", summary="Make or change a trunk")
async def set_trunk(name: TrunkName, asked: TrunkAsk, viewer: Admin, request: Request) -> TelephonyNow:
    async def wished(session: AsyncSession) -> TrunkChange:
        if asked.based_on is not None:
            await trunk_versions.must_be_newest(session, name, asked.based_on)
        line = None
        if name != MAIN_TRUNK:
            secret = asked.secret or (await telephony.secret_of(session, name) if asked.username else None)
            line = TrunkLine(
                name, (asked.host or "").strip(), tuple(asked.addresses), asked.username or None,
                secret if asked.username else None, tuple(asked.codecs),
            )  # fmt: skip
        return TrunkChange(line, asked.title, asked.channel_limit, asked.position, asked.active)

    told = asked.model_dump(exclude={"secret", "confirmed", "based_on"}, mode="json")
    told["new_secret"] = "yes" if asked.secret else "no"
    return await _change(request, viewer, _Asked(name, "trunk.set", told, asked.confirmed), wished)


@router.delete("/{name}", summary="Remove a trunk; calls that go on through it are not touched")
async def remove_trunk(
    name: TrunkName,
    viewer: Admin,
    request: Request,
    confirmed: Confirmed = False,
) -> TelephonyNow:
    async def gone(_session: AsyncSession) -> None:
        return None

    return await _change(request, viewer, _Asked(name, "trunk.removed", {}, confirmed), gone)


@router.get("/{name}/history", summary="Who changed a trunk, newest first; passwords are in none of it")
async def list_trunk_versions(name: TrunkName, viewer: Admin, request: Request) -> list[TuningVersion]:
    async with read_only(parts_of(request).engine) as session:
        rows = await trunk_versions.history(session, name)
    return [
        TuningVersion(revision=row.revision, value=value, at=row.at, by=row.by, undo_of=row.undo_of)
        for row, value in zip(rows, trunk_versions.shown(rows), strict=True)
    ]


@router.post("/{name}/undo", summary="Let an earlier version hold again, its password too: a new version equal to it")
async def undo_trunk(name: TrunkName, asked: UndoAsk, viewer: Admin, request: Request) -> TelephonyNow:
    """Also of a trunk that was removed. Refused where it could not be set so by hand."""

    async def as_before(session: AsyncSession) -> TrunkChange | None:
        return await trunk_versions.as_before(session, name, asked.to, asked.based_on)

    return await _change(request, viewer, _Asked(name, "trunk.undone", {}, asked.confirmed, asked.to), as_before)


# ── one way for all of them ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    action: str
    told: Mapping[str, Any]  # for the audit
    confirmed: bool
    undo_of: int | None = None


async def _change(
    request: Request,
    viewer: Viewer,
    asked: _Asked,
    wished: Callable[[AsyncSession], Awaitable[TrunkChange | None]],
) -> TelephonyNow:
    """One transaction: the change (None: removed), its version, and its line in the audit.

    Raises:
        BadField, TrunkNotFound, TuningNotFound: it can never be so.
        TuningUnconfirmed: it can, once its warnings were read.
        TuningMeanwhile
    """
    parts = parts_of(request)
    try:
        async with transaction(parts.engine) as session:
            await telephony.lock(session)
            change = await wished(session)
            trunks = {row.name: row for row in await telephony.trunks(session)}
            warned = trunk_warnings.of_trunk(asked.name, change, trunks, _calls(parts, asked.name))
            row = None
            if change is not None:
                row = await telephony.set_trunk(session, change, asked.name, parts.settings.trunk_addresses)
            else:
                await telephony.remove_trunk(session, asked.name)
            codes = tuning_warnings.confirmed(warned, asked.confirmed)  # what can never be was refused by now
            kept = await trunk_versions.keep(session, asked.name, row, viewer.login, asked.undo_of)
            told = dict(asked.told) if asked.undo_of is None else kept.value | {"undo_of": asked.undo_of}
            told |= {"revision": kept.revision, "confirmed": codes}
            await append(session, viewer.account_id, asked.action, asked.name, _texts(told))
    except BadSettings as exc:
        raise bad_field(exc) from exc
    return await now(parts)


def _calls(parts: Parts, name: str) -> int:
    """How many it carries now, on all PBXs."""
    live = parts.hub.picture.of_topic(Topic.TRUNK)
    return sum(int(body["channels"]) for body in live if body["endpoint"] == trunk_endpoint(name))


def _texts(told: Mapping[str, Any]) -> dict[str, Any]:
    """As the audit keeps it."""
    return {key: value if isinstance(value, int | list) else str(value or "") for key, value in told.items()}
