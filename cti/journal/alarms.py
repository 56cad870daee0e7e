"""The alarms that a call's events tell: who dialled what may not be dialled (past the desk, or in from the trunk), and
which seat sent no sound. Pure."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

from cti.journal.channels import Channels, Leg
from cti.journal.rows import AlarmRow
from models.alarm import AlarmCode

_LONGEST: Final = 64


def alarms_of(node: str, call_id: UUID, channels: Channels) -> tuple[AlarmRow, ...]:
    """One for each time, with an id of its own that a replay gives again."""
    denied = (
        AlarmRow(uuid5(call_id, f"alarm/{n}"), node, at, _code(leg), leg.seat or leg.number[:_LONGEST], dialled)
        for n, (at, leg, dialled) in enumerate((at, leg, told[:_LONGEST]) for at, leg, told in channels.denied)
    )
    silent = (
        AlarmRow(uuid5(call_id, f"silent/{n}"), node, at, AlarmCode.SEAT_SILENT, seat, agent_no)
        for n, (at, (seat, _, agent_no)) in enumerate((at, told.partition("/")) for at, told in channels.silent)
    )
    return (*denied, *silent)


def _code(leg: Leg) -> AlarmCode:
    return AlarmCode.SEAT_DIALLED if leg.seat else AlarmCode.TRUNK_DIALLED
