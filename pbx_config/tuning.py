"""What may be tuned beside a queue's own values: where a number leads, who answers what, how many are planned. Pure.

Each value is judged here, by the API before it is kept and by cti before the PBX hears of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pbx_config.contract import Profile
from pbx_config.errors import BadSettings
from pbx_config.queue_file import is_queue_name

NUMBER: Final = re.compile(r"\d{3,15}")
LEVELS: Final = (1, 9)  # 1 is rung first; Asterisk's penalty is one less
HOURS: Final = 24
MOST_SEATS: Final = 500
SITE: Final = "site"
FIRST_PLAN: Final[Mapping[Profile, int]] = {
    Profile.DAY: 12, Profile.NIGHT: 4, Profile.WEEKEND: 4, Profile.HOLIDAY: 4, Profile.SURGE: 12,
}  # fmt: skip

SeatPlan = Mapping[Profile, Sequence[int]]


def queue_of_number(number: str, value: Mapping[str, Any]) -> str:
    """
    Raises:
        BadSettings
    """
    queue = value.get("queue")
    if not NUMBER.fullmatch(number):
        raise BadSettings(f"no number of ours: {number!r}", field="number")
    if value.keys() != {"queue"} or not is_queue_name(queue):
        raise BadSettings(f"not where a number can lead: {queue!r}", field="queue")
    return str(queue)


def levels_of(value: Mapping[str, Any]) -> dict[str, int]:
    """Queue → level.

    Raises:
        BadSettings
    """
    queues = value.get("queues")
    if value.keys() != {"queues"} or not isinstance(queues, Mapping):
        raise BadSettings("skills are levels by queue", field="queues")
    for queue, level in queues.items():
        if not is_queue_name(queue):
            raise BadSettings(f"no name for a queue: {queue!r}", field="queues")
        if isinstance(level, bool) or not isinstance(level, int) or not LEVELS[0] <= level <= LEVELS[1]:
            raise BadSettings(f"a level is a whole number from {LEVELS[0]} to {LEVELS[1]}", field="queues")
    return dict(queues)


def penalty(level: int) -> int:
    """As Asterisk counts: who has less is rung first."""
    return level - 1


def plan_of(value: Mapping[str, Any]) -> dict[Profile, tuple[int, ...]]:
    """Seats of each hour of the day, for each profile.

    Raises:
        BadSettings
    """
    if value.keys() != {profile.value for profile in Profile}:
        raise BadSettings("a plan says every profile", field="plan")
    for name, hours in value.items():
        whole = isinstance(hours, Sequence) and len(hours) == HOURS
        if not whole or not all(type(n) is int and 0 <= n <= MOST_SEATS for n in hours):
            raise BadSettings(f"a plan has {HOURS} numbers from 0 to {MOST_SEATS}", field=f"plan.{name}")
    return {Profile(name): tuple(hours) for name, hours in value.items()}


def first_plan() -> dict[str, list[int]]:
    """Before anybody said otherwise: 12 by day, 4 at night and on days off."""
    return {profile.value: [seats] * HOURS for profile, seats in FIRST_PLAN.items()}


def planned_seats(plan: SeatPlan, profile: Profile, local: datetime) -> int:
    """At a moment, by the clock on the wall."""
    return plan[profile][local.hour]
