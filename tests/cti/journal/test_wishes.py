"""What a citizen asked of the line: from milestones to rows, whatever the milestone says."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cti.journal.wishes import wishes
from models.call import WishKind
from pbx_config import contract
from pbx_config.contract import Milestone

CALL = uuid.UUID(int=5)
BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_the_place_is_that_of_the_first_time_in_the_queue() -> None:
    milestones = {Milestone.QUEUED: (after(9), "hotline"), Milestone.ASKED_BACK: (after(80), "1764331209000/4")}
    (row,) = wishes(CALL, BEGAN, milestones)
    assert (row.kind, row.at, row.since_at, row.place, row.part) == (WishKind.CALL_BACK, after(80), after(9), 4, None)
    assert wishes(CALL, BEGAN, milestones) == (row,), "read again, the same row"


def test_whom_the_queue_did_not_take_stands_where_the_call_began() -> None:
    milestones = {
        Milestone.FULL: (after(7), "hotline"), Milestone.OVERFLOW: (after(7), "full callback"),
        Milestone.ASKED_BACK: (after(20), "1764331200000/12"),
    }  # fmt: skip
    (row,) = wishes(CALL, BEGAN, milestones)
    assert (row.kind, row.since_at, row.place) == (WishKind.CALL_BACK, BEGAN, 12)


@pytest.mark.parametrize("extra", ["", "/", "1764331209000", "x/y", "1/123456789"])
def test_a_place_that_cannot_be_read_is_unknown_and_the_wish_stands(extra: str) -> None:
    milestones = {Milestone.QUEUED: (after(9), "hotline"), Milestone.ASKED_BACK: (after(80), extra)}
    (row,) = wishes(CALL, BEGAN, milestones)
    assert (row.since_at, row.place) == (after(9), None)


def test_a_message_belongs_to_the_part_that_the_dial_plan_records() -> None:
    (row,) = wishes(CALL, BEGAN, {Milestone.VOICEMAIL: (after(20), "pbx1-1.1_2")})
    assert (row.kind, row.since_at, row.part) == (WishKind.VOICEMAIL, BEGAN, contract.VOICEMAIL_PART)
    assert wishes(CALL, BEGAN, {}) == ()
