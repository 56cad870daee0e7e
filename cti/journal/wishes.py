"""What a citizen asked of the line itself: to be called back with the place kept, or to leave a message. Pure.

The place is kept by its time: that of the first milestone of the queue, by the PBX's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from cti.journal.rows import WishRow
from models.call import WishKind
from pbx_config import contract
from pbx_config.contract import Milestone

Milestones = Mapping[str, tuple[datetime, str]]


def wishes(call_id: UUID, started_at: datetime, milestones: Milestones) -> tuple[WishRow, ...]:
    """One of each kind at most: the first milestone is kept. Ids come from the call: read again, the same row."""
    since_at = milestones[Milestone.QUEUED][0] if Milestone.QUEUED in milestones else started_at
    found = []
    if Milestone.ASKED_BACK in milestones:
        at, extra = milestones[Milestone.ASKED_BACK]
        place = extra.rpartition("/")[2]
        kind = WishKind.CALL_BACK
        known = int(place) if place.isdecimal() and len(place) < 6 else None
        found.append(WishRow(_id(call_id, kind), call_id, kind, at, since_at, known, None))
    if Milestone.VOICEMAIL in milestones:
        at, _ = milestones[Milestone.VOICEMAIL]
        kind = WishKind.VOICEMAIL
        found.append(WishRow(_id(call_id, kind), call_id, kind, at, since_at, None, contract.VOICEMAIL_PART))
    return tuple(found)


def _id(call_id: UUID, kind: WishKind) -> UUID:
    return uuid5(call_id, f"wish/{kind}")
