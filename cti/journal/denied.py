"""Who dialled what may not be dialled, as LX_DENIED tells it: past the desk, or in from the trunk. Pure."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

from cti.journal.channels import Channels, Leg
from cti.journal.rows import AlarmRow
from models.alarm import AlarmCode

_LONGEST: Final = 64


def alarms(node: str, call_id: UUID, channels: Channels) -> tuple[AlarmRow, ...]:
    """One for each time, with an id of its own that a replay gives again."""
    return tuple(
        AlarmRow(uuid5(call_id, f"alarm/{n}"), node, at, _code(leg), leg.seat or leg.number[:_LONGEST], dialled)
        for n, (at, leg, dialled) in enumerate((at, leg, told[:_LONGEST]) for at, leg, told in channels.denied)
    )


def _code(leg: Leg) -> AlarmCode:
    return AlarmCode.SEAT_DIALLED if leg.seat else AlarmCode.TRUNK_DIALLED
