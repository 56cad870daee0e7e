"""Lines, seats and people of a day by half hour, and the answers to what-if."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import Answer, Ask


class CapacitySlot(Answer):
    """One half hour. Talk, hold, callbacks, wrap-up, the pauses and idle add up to ``signed_in_s``."""

    begin: datetime
    end: datetime
    elapsed_s: float = Field(description="less than the half hour while it lasts; 0: not begun")
    lines_most: int = Field(description="channels of the trunk at once, at the most")
    on_duty: float = Field(description="people signed in, on average")
    on_duty_most: int
    planned: int | None = Field(description="seats by the plan that held then; null: nobody had one")
    at_the_queue: float = Field(description="of them neither paused nor calling out, on average")
    signed_in_s: float
    talk_s: float
    hold_s: float
    callbacks_s: float
    wrap_up_s: float
    idle_s: float
    pause_s: dict[str, float] = Field(description="by reason")
    offered: int
    answered: int
    in_time: int = Field(description="answered within 15 s")
    abandoned: int
    short: int = Field(description="hung up within 5 s in the queue; not among offered")
    refused: int
    lost: int


class PatienceOfSite(Answer):
    mean_s: float | None
    low_s: float | None = Field(description="with high_s: 95 % of what it may be")
    high_s: float | None
    gave_up: int
    waited: int = Field(description="attempts that were looked at, answered ones included")


class RedialsOfSite(Answer):
    share: float | None = Field(description="of the unanswered who show their number: called again within the hour")
    mean_after_s: float | None
    again: int
    unanswered: int


class Capacity(Answer):
    day: date
    until: datetime = Field(description="the end of the day, or now")
    lines: int | None = Field(description="calls at once that the carrier carries; null: nobody said")
    seats: int = Field(description="workplaces that are set up")
    seats_planned: int | None = Field(description="open by plan at most; null: there is no plan")
    handling_s: float | None = Field(description="AHT of the day: talk, hold and wrap-up per call that came in")
    patience: PatienceOfSite
    redials: RedialsOfSite
    history_days: int = Field(description="days, this one the last, that patience and redials are estimated from")
    slots: list[CapacitySlot]


class CapacityRow(Answer):
    """What stands behind a number. ``what``: what became of the call, or the activity or reason of the pause."""

    begin: datetime
    end: datetime | None
    agent_no: str | None
    call_id: uuid.UUID | None
    what: str


class CapacityRows(Answer):
    items: list[CapacityRow]
    total: int = Field(description="items are the first 500 of these")


class SeatChange(Ask):
    begin: AwareDatetime
    end: AwareDatetime
    more: int = Field(ge=-2000, le=2000, description="people more (or fewer) in each half hour that begins there")


class WhatIf(Ask):
    """What is not said is this site's own of that day and the weeks before."""

    day: date
    changes: list[SeatChange] = Field(default=[], max_length=50)
    handling_s: float | None = Field(default=None, ge=5, le=7200)
    patience_s: float | None = Field(default=None, ge=1, le=86400)
    redial_share: float | None = Field(default=None, ge=0, le=0.95)
    seed: int = Field(default=1, ge=0, le=1_000_000)


class Shares(Answer):
    """Shares of the calls offered."""

    waits: float
    abandons: float
    within: float = Field(description="answered within 15 s")


class WhatIfSlot(Answer):
    begin: datetime
    end: datetime
    calls: int
    agents: int
    agents_before: int
    c: Shares = Field(description="by Erlang C: nobody gives up")
    a: Shares | None = Field(description="by Erlang A; null where patience is not known")
    needed_c: int
    needed_a: int | None


class PlayedShare(Answer):
    mean: float
    low: float = Field(description="with high: nineteen of twenty days")
    high: float


class PlayedDay(Answer):
    runs: int
    offered: float
    redials: float
    within: PlayedShare
    abandons: PlayedShare


class SeatAdvice(Answer):
    begin: datetime
    end: datetime
    more: int = Field(description="people more for the goal by Erlang C")
    hopeful: int = Field(description="… by Erlang A")


class WhatIfAnswer(Answer):
    goal: float
    handling_s: float
    patience_s: float | None
    redial_share: float
    redial_after_s: float
    offered: int
    within_before: float | None = Field(description="what the record tells of the day as it was")
    abandons_before: float | None
    within_low: float | None
    within_high: float | None
    abandons: float | None
    played: PlayedDay
    advice: list[SeatAdvice] = Field(description="the most missed first")
    slots: list[WhatIfSlot]
