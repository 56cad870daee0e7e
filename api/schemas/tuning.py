"""Queues, numbers, skills and the seat plan as the admin's page has them; each value is a version."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import Answer, Confirm
from cases.texts import Line, ShortLine
from pbx_config.contract import Profile
from pbx_config.queue_file import QueueLimits, Strategy
from pbx_config.tuning import HOURS, LEVELS, MOST_SEATS

Level = Annotated[int, Field(ge=LEVELS[0], le=LEVELS[1], description="1 is rung first")]
Planned = Annotated[int, Field(ge=0, le=MOST_SEATS)]
HoursOfDay = Annotated[list[Planned], Field(min_length=HOURS, max_length=HOURS, description="seats of each hour")]


def _between(limits: tuple[int, int]) -> Any:
    return Field(ge=limits[0], le=limits[1])


class Change(Confirm):
    """``based_on``: the revision that the change was made on, 0 for none."""

    based_on: int = Field(ge=0)


class QueueChange(Change):
    title: ShortLine = Field(min_length=1)
    strategy: Strategy
    ring_s: int = _between(QueueLimits.RING_S)
    wrap_up_s: int = _between(QueueLimits.WRAP_UP_S)
    weight: int = _between(QueueLimits.WEIGHT)
    max_waiting: int = _between(QueueLimits.MAX_WAITING)
    announce_every_s: int = _between(QueueLimits.ANNOUNCE_EVERY_S)
    announce_place: bool
    service_s: int = _between(QueueLimits.SERVICE_S)
    welcome_text: Line = Field("", description="what is said in the sound; for people")
    welcome_sound_id: uuid.UUID | None = Field(None, description="each caller hears it once, before waiting")
    periodic_text: Line = ""
    periodic_sound_id: uuid.UUID | None = Field(None, description="who waits hears it in place of the common one")


class NumberChange(Change):
    queue: ShortLine


class SkillsChange(Change):
    queues: dict[str, Level] = Field(min_length=1, max_length=50)


class SeatPlanChange(Change):
    plan: dict[Profile, HoursOfDay]


class UndoAsk(Change):
    to: int = Field(ge=0, description="the revision whose value is to hold again; 0: as before the first")


class InForce(Answer):
    """What one PBX does."""

    node: str
    revision: int = Field(description="0: none of these")
    at: datetime
    refused_revision: int | None
    refused: str | None = Field(description="why it would not take the newer one, as a sentence")


class Versioned(Answer):
    revision: int = Field(description="0: never said, the default holds")
    at: datetime | None
    by: str | None
    undo_of: int | None


class TunedQueue(Versioned):
    queue: str
    title: str
    strategy: Strategy
    ring_s: int
    wrap_up_s: int
    weight: int
    max_waiting: int
    announce_every_s: int
    announce_place: bool
    service_s: int
    welcome_text: str
    welcome_sound_id: uuid.UUID | None
    periodic_text: str
    periodic_sound_id: uuid.UUID | None
    waiting: int
    agents: int = Field(description="signed in and answering it")
    in_force: list[InForce]


class TunedNumber(Versioned):
    number: str
    queue: str
    in_force: list[InForce]


class TunedAgent(Versioned):
    agent_no: str
    display_name: str
    queues: dict[str, int] = Field(description="queue → level")
    answers: list[str] | None = Field(description="the queues it answers now; null: not signed in")


class SeatPlan(Versioned):
    plan: dict[Profile, list[int]]
    profile: Profile = Field(description="now")
    planned: int = Field(description="seats by plan, this hour")
    on_duty: int = Field(description="agents signed in now")


class TuningAnswer(Answer):
    queues: list[TunedQueue]
    numbers: list[TunedNumber]
    agents: list[TunedAgent]
    seat_plan: SeatPlan
    most_now: int | None = Field(description="how many may wait by the profile of now, whatever a queue says")
    lines: int | None = Field(description="calls at once that the carrier carries; null: nobody said")
    seats: int = Field(description="workplaces")
    timezone: str


class TuningVersion(Answer):
    revision: int
    value: dict[str, Any] = Field(description="{}: not there")
    at: datetime
    by: str
    undo_of: int | None
