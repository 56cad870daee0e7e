"""What a change would do to people who call now or soon: said before it is made. Pure.

A warning is no refusal: an admin who has read it may confirm. What can never be is refused elsewhere (BadSettings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cases.errors import TuningUnconfirmed
from pbx_config.queue_file import QueueSets
from pbx_config.tuning import SeatPlan


class WarningCode(StrEnum):
    NO_SEATS = "queue.no_seats"  # nobody who is signed in answers it any more, or nobody can; fields: queue
    CUT_WAITING = "queue.cut_waiting"  # more wait now than it would hold; fields: queue, waiting, most
    OVER_TRUNK = "queue.over_trunk"  # seats and places together are more than the carrier brings; fields: wanted, lines
    NUMBER_CLOSED = "number.closed"  # who dials it is sent away; fields: number
    NOBODY_PLANNED = "plan.nobody"  # hours without a single seat; fields: profiles
    OVER_SEATS = "plan.over_seats"  # more are planned than there are workplaces; fields: planned, seats
    WAITING_CLOSED = "queue.waiting_closed"  # people wait in a queue that is to go; fields: queue, waiting
    TRUNK_LIMIT = "trunk.limit_below"  # it carries more calls now than it would; fields: trunk, calls, most
    TRUNK_CARRIES = "trunk.carries"  # calls go on through one that is to go; fields: trunk, calls
    NO_TRUNK = "trunk.none_active"  # no call goes out any more; fields: trunk


@dataclass(frozen=True, slots=True)
class Warned:
    code: WarningCode
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at this moment.

    ``signed_in``: agent_no → the queues it answers now; ``skilled``: those it may, of everybody who has an account;
    ``lines``: None, not known.
    """

    queues: Mapping[str, QueueSets]
    numbers: Mapping[str, str]
    waiting: Mapping[str, int]
    signed_in: Mapping[str, frozenset[str]]
    skilled: Mapping[str, frozenset[str]]
    lines: int | None
    seats: int  # workplaces in service
    planned_most: int  # seats of the fullest hour of the plan

    def answering(self, queue: str) -> frozenset[str]:
        """Who is signed in and answers it."""
        return _of(self.signed_in, queue)

    def only(self, agent_no: str, queue: str) -> bool:
        """Of those who answer it now, or of all who may."""
        return {agent_no} in (self.answering(queue), _of(self.skilled, queue))


def _of(people: Mapping[str, frozenset[str]], queue: str) -> frozenset[str]:
    return frozenset(agent_no for agent_no, queues in people.items() if queue in queues)


def confirmed(warned: Sequence[Warned], yes: bool) -> list[str]:
    """The codes of what was warned of and is done all the same, as the audit keeps them.

    Raises:
        TuningUnconfirmed: nobody said yes to these warnings.
    """
    if warned and not yes:
        raise TuningUnconfirmed(warnings=[(one.code.value, dict(one.fields)) for one in warned])
    return [one.code.value for one in warned]


def of_queue(after: QueueSets, now: Situation) -> list[Warned]:
    """A queue with new values, or a new queue."""
    found = []
    before = now.queues.get(after.name)
    waiting = now.waiting.get(after.name, 0)
    if before is None and not now.answering(after.name):
        found.append(Warned(WarningCode.NO_SEATS, {"queue": after.name}))
    if waiting > after.max_waiting:
        cut = {"queue": after.name, "waiting": waiting, "most": after.max_waiting}
        found.append(Warned(WarningCode.CUT_WAITING, cut))
    if before is None or after.max_waiting > before.max_waiting:
        places = sum(q.max_waiting for name, q in now.queues.items() if name != after.name) + after.max_waiting
        found += _trunk(places, now.planned_most, now)
    return found


def of_queue_gone(queue: str, now: Situation) -> list[Warned]:
    waiting = now.waiting.get(queue, 0)
    return [Warned(WarningCode.WAITING_CLOSED, {"queue": queue, "waiting": waiting})] if waiting else []


def of_number(queue: str, now: Situation) -> list[Warned]:
    """A number that is to lead to ``queue``."""
    return [] if now.answering(queue) else [Warned(WarningCode.NO_SEATS, {"queue": queue})]


def of_number_gone(number: str, now: Situation) -> list[Warned]:
    return [Warned(WarningCode.NUMBER_CLOSED, {"number": number})] if number in now.numbers else []


def of_skills(agent_no: str, levels: Mapping[str, int], now: Situation) -> list[Warned]:
    """Queues whose only agent would leave them: the only one on duty, or of all."""
    has = now.signed_in.get(agent_no, frozenset()) | now.skilled.get(agent_no, frozenset())
    alone = sorted(queue for queue in (has - levels.keys()) & now.queues.keys() if now.only(agent_no, queue))
    return [Warned(WarningCode.NO_SEATS, {"queue": queue}) for queue in alone]


def of_places(most: int, waiting: Mapping[str, int]) -> list[Warned]:
    """Hours in which ``most`` may wait in each queue, as of now."""
    full = sorted((queue, n) for queue, n in waiting.items() if n > most)
    return [Warned(WarningCode.CUT_WAITING, {"queue": queue, "waiting": n, "most": most}) for queue, n in full]


def of_workplace_gone(now: Situation) -> list[Warned]:
    left = now.seats - 1
    if now.planned_most <= left:
        return []
    return [Warned(WarningCode.OVER_SEATS, {"planned": now.planned_most, "seats": left})]


def of_plan(plan: SeatPlan, now: Situation) -> list[Warned]:
    found = []
    empty = sorted(profile.value for profile, hours in plan.items() if 0 in hours)
    if empty:
        found.append(Warned(WarningCode.NOBODY_PLANNED, {"profiles": ", ".join(empty)}))
    most = max(max(hours) for hours in plan.values())
    if most > now.seats:
        found.append(Warned(WarningCode.OVER_SEATS, {"planned": most, "seats": now.seats}))
    if most > now.planned_most:
        found += _trunk(sum(q.max_waiting for q in now.queues.values()), most, now)
    return found


def _trunk(places: int, seats: int, now: Situation) -> list[Warned]:
    wanted = places + seats
    if now.lines is None or wanted <= now.lines:
        return []
    return [Warned(WarningCode.OVER_TRUNK, {"wanted": wanted, "lines": now.lines})]
