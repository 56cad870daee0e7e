"""Telephony as the wire tells it: what is set beside what the PBX last said, and values that no PBX can do."""

from __future__ import annotations

from collections.abc import Iterable

from api.edge import Parts
from api.errors import BadField
from api.schemas.telephony import ClassAnswer, EndpointNow, Extension, RemovedTrunk, TelephonyNow, TrunkAnswer
from cases import telephony, trunk_versions
from cases.telephony import Whole
from models.account import Seat
from models.db import read_only
from models.telephony import ClassOfService, EndpointState, Trunk, TrunkVersion
from pbx_config.contract import Phone, endpoint, trunk_endpoint
from pbx_config.dialling import DialKind
from pbx_config.errors import BadSettings
from pbx_config.telephony import CODECS


async def now(parts: Parts) -> TelephonyNow:
    """Everything that the page shows."""
    async with read_only(parts.engine) as session:
        told = await telephony.whole(session, parts.settings.node)
        versions = await trunk_versions.newest(session)
    return TelephonyNow(
        version=told.version, applied=told.applied.version if told.applied else None,
        fault=told.applied.fault if told.applied else None,
        extensions=[_extension(seat, told) for seat in told.seats],
        trunks=[_trunk(row, told, versions.get(row.name)) for row in told.trunks], removed=_removed(versions.values()),
        classes=[_class(row) for row in told.classes],
        codecs=list(CODECS),
    )  # fmt: skip


def _state(row: EndpointState | None) -> EndpointNow | None:
    return EndpointNow.model_validate(row) if row is not None else None


def _extension(seat: Seat, told: Whole) -> Extension:
    now = {phone: _state(told.states.get(endpoint(seat.seat, phone))) for phone in Phone}
    return Extension(
        seat=seat.seat, version=telephony.seat_version(seat), label=seat.label, class_name=seat.class_name,
        person=told.people.get(seat.seat), retired_at=seat.retired_at, telephone=now[Phone.TELEPHONE],
        browser=now[Phone.BROWSER],
    )  # fmt: skip


def _class(row: ClassOfService) -> ClassAnswer:
    kinds = [DialKind(kind) for kind in row.kinds]
    return ClassAnswer(name=row.name, version=telephony.class_version(row), title=row.title, kinds=kinds)


def _trunk(row: Trunk, told: Whole, newest: TrunkVersion | None) -> TrunkAnswer:
    name = trunk_endpoint(row.name)
    return TrunkAnswer(
        name=row.name, endpoint=name, title=row.title, kind=row.kind, host=row.host, addresses=row.addresses,
        username=row.username, codecs=row.codecs, channel_limit=row.channel_limit, position=row.position,
        active=row.active, now=_state(told.states.get(name)), revision=newest.revision if newest is not None else 0,
    )  # fmt: skip


def _removed(versions: Iterable[TrunkVersion]) -> list[RemovedTrunk]:
    gone = sorted((row for row in versions if not row.value), key=lambda row: row.at, reverse=True)
    return [RemovedTrunk.model_validate(row) for row in gone]


def bad_field(exc: BadSettings) -> BadField:
    """A value that Asterisk would misread, as the field that it stands in."""
    field = str(exc.fields.get("field", ""))
    return BadField(errors=[(field, f"telephony.{field}")])
