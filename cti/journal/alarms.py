"""The alarms that a call's events tell: who dialled what may not be dialled (past the desk, or in from the trunk),
which seat sent no sound, and that seat after seat sends none. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid5

from cti.journal.channels import Channels, Leg
from cti.journal.queueing import Queueing
from cti.journal.rows import AlarmRow
from models.alarm import AlarmCode

_LONGEST: Final = 64


def alarms_of(node: str, call_id: UUID, channels: Channels, queueing: Iterable[Queueing]) -> tuple[AlarmRow, ...]:
    """One for each time, with an id of its own that a replay gives again."""
    denied = (
        AlarmRow(uuid5(call_id, f"alarm/{n}"), node, at, _code(leg), leg.seat or leg.number[:_LONGEST], dialled)
        for n, (at, leg, dialled) in enumerate((at, leg, told[:_LONGEST]) for at, leg, told in channels.denied)
    )
    silent = (
        AlarmRow(uuid5(call_id, f"silent/{n}"), node, at, AlarmCode.SEAT_SILENT, seat, agent_no)
        for n, (at, (seat, _, agent_no)) in enumerate((at, told.partition("/")) for at, told in channels.silent)
    )
    together = (  # by the switch: one line of the supervisors' for all of its seats
        AlarmRow(uuid5(call_id, f"desk/{at.timestamp():.0f}/{seat}"), node, at, AlarmCode.DESK_SILENT, node, seat)
        for at, seat in (told for stays in queueing for told in stays.silent)
    )
    return (*denied, *silent, *together)


def _code(leg: Leg) -> AlarmCode:
    return AlarmCode.SEAT_DIALLED if leg.seat else AlarmCode.TRUNK_DIALLED
