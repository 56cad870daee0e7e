"""From the reports' capacity to the shapes of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api.schemas import capacity as shapes
from reports.attempts import Fate
from reports.capacity import Capacity, Row, Slot
from reports.erlang import Service
from reports.minutes import Activity
from reports.patience import Patience, Redials
from reports.simulation import Share
from reports.what_if import GOAL, Callers, Forecast, SlotForecast

MEASURES: Final = tuple(sorted({"offered", "in_time", *(a.value for a in Activity), *(f.value for f in Fate)}))


def capacity_answer(
    capacity: Capacity, patience: Patience, redials: Redials, *, seats: int, lines: int | None, history_days: int,
    planned: Sequence[int | None],
) -> shapes.Capacity:  # fmt: skip
    """``planned``: seats by plan, of each slot."""
    return shapes.Capacity(
        day=capacity.day, until=capacity.until, lines=lines, seats=seats,
        seats_planned=max((n for n in planned if n is not None), default=None),
        handling_s=capacity.handling_s, patience=shapes.PatienceOfSite.model_validate(patience),
        redials=shapes.RedialsOfSite.model_validate(redials), history_days=history_days,
        slots=[_slot(slot, n) for slot, n in zip(capacity.slots, planned, strict=True)],
    )  # fmt: skip


def _slot(slot: Slot, planned: int | None) -> shapes.CapacitySlot:
    seconds, fates = slot.seconds, slot.fates
    return shapes.CapacitySlot(
        begin=slot.span.begin, end=slot.span.end, elapsed_s=slot.elapsed_s, lines_most=slot.lines_most,
        on_duty=slot.on_duty, on_duty_most=slot.on_duty_most, planned=planned, at_the_queue=slot.at_the_queue,
        signed_in_s=slot.signed_in_s, talk_s=seconds[Activity.TALK], hold_s=seconds[Activity.HOLD],
        callbacks_s=seconds[Activity.CALLBACKS], wrap_up_s=seconds[Activity.WRAP_UP], idle_s=seconds[Activity.IDLE],
        pause_s=dict(sorted(slot.pauses.items())), offered=slot.offered, answered=fates[Fate.ANSWERED],
        in_time=slot.in_time, abandoned=fates[Fate.ABANDONED], short=fates[Fate.SHORT], refused=fates[Fate.REFUSED],
        lost=fates[Fate.LOST],
    )  # fmt: skip


def row_answer(row: Row) -> shapes.CapacityRow:
    return shapes.CapacityRow.model_validate(row)


def what_if_answer(capacity: Capacity, callers: Callers, found: Forecast) -> shapes.WhatIfAnswer:
    offered = sum(slot.offered for slot in capacity.slots)
    in_time = sum(slot.in_time for slot in capacity.slots)
    gave_up = sum(slot.fates[Fate.ABANDONED] for slot in capacity.slots)
    return shapes.WhatIfAnswer(
        goal=GOAL, handling_s=callers.handling_s, patience_s=callers.patience_s, redial_share=callers.redial_share,
        redial_after_s=callers.redial_after_s, offered=offered,
        within_before=in_time / offered if offered else None,
        abandons_before=gave_up / offered if offered else None,
        within_low=found.within_low, within_high=found.within_high, abandons=found.abandons,
        played=shapes.PlayedDay(
            runs=found.played.runs, offered=found.played.offered, redials=found.played.redials,
            within=_share(found.played.within), abandons=_share(found.played.abandons),
        ),
        advice=[shapes.SeatAdvice.model_validate(a) for a in found.advice],
        slots=[_forecast(slot) for slot in found.slots],
    )  # fmt: skip


def _share(share: Share) -> shapes.PlayedShare:
    return shapes.PlayedShare.model_validate(share)


def _service(service: Service) -> shapes.Shares:
    return shapes.Shares.model_validate(service)


def _forecast(slot: SlotForecast) -> shapes.WhatIfSlot:
    return shapes.WhatIfSlot(
        begin=slot.begin, end=slot.end, calls=slot.calls, agents=slot.agents, agents_before=slot.agents_before,
        c=_service(slot.c), a=_service(slot.a) if slot.a else None, needed_c=slot.needed_c, needed_a=slot.needed_a,
    )  # fmt: skip
