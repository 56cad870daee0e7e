"""What a change of a trunk would do to calls, now or next: said before it is made. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from cases.telephony import TrunkChange
from cases.tuning_warnings import Warned, WarningCode
from models.telephony import Trunk


def of_trunk(name: str, after: TrunkChange | None, trunks: Mapping[str, Trunk], calls: int) -> list[Warned]:
    """``after`` None: it is to be removed. ``trunks``: all of them before. ``calls``: those that it carries now."""
    before, found = trunks.get(name), []
    if before is None:
        return []
    leaves = before.active and (after is None or not after.active)
    if calls and (after is None or leaves):
        found.append(Warned(WarningCode.TRUNK_CARRIES, {"trunk": name, "calls": calls}))
    elif after is not None and after.channel_limit is not None and calls > after.channel_limit != before.channel_limit:
        most = {"trunk": name, "calls": calls, "most": after.channel_limit}
        found.append(Warned(WarningCode.TRUNK_LIMIT, most))
    if leaves and not any(row.active for row in trunks.values() if row.name != name):
        found.append(Warned(WarningCode.NO_TRUNK, {"trunk": name}))
    return found
