"""A seat without sound has answered nobody, however the call goes on after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cti.journal.derived import Change
from cti.journal.lines import CelLine, QueueLine
from cti.journal.reading import interpret
from cti.journal.rows import Rows
from pbx_config.contract import Milestone

CALL, NODE = "n-1.0", "n"
BEGAN = datetime(2026, 11, 29, 4, tzinfo=UTC)
CITIZEN, DUTY = "PJSIP/trunk-00000000", "PJSIP/trunk-00000009"


def at(s: float) -> datetime:
    return BEGAN + timedelta(seconds=s)


def line(event: str, s: float, channel: str = CITIZEN, extra: str = "") -> CelLine:
    uniqueid = CALL if channel == CITIZEN else f"n-1.{channel[-1]}"
    told = f'{{"extra":"{extra}"}}' if event.startswith("LX_") else extra
    return CelLine(event, at(s), "13912345678", "s", "line", channel, "", "", uniqueid, CALL, "", "", told)


def bridge(s: float, until: float, channel: str, no: int = 1) -> list[CelLine]:
    """Together with the citizen."""
    extra = f'{{"bridge_id":"{no:036}"}}'
    both = (channel, CITIZEN)
    enter, leave = ([line(e, t, c, extra) for c in both] for e, t in (("BRIDGE_ENTER", s), ("BRIDGE_EXIT", until)))
    return [line("CHAN_START", s - 1, channel), line("ANSWER", s, channel), *enter, *leave,
            line("HANGUP", until, channel, '{"hangupcause":16}'), line("CHAN_END", until, channel)]  # fmt: skip


def over(s: float) -> list[CelLine]:
    end = [line("HANGUP", s, extra=f'{{"hangupcause":16,"hangupsource":"{CITIZEN}"}}'), line("CHAN_END", s)]
    return [*end, line("LINKEDID_END", s)]


QUEUED = [line("CHAN_START", 0), line("ANSWER", 0), line(Milestone.QUEUED, 10, extra="hotline")]
SILENT = [
    *bridge(13, 18, "PJSIP/8001-00000001"), line(Milestone.NO_SOUND, 18, extra="8001/1001"),
    line(Milestone.QUEUED, 18, extra="hotline"),
]  # fmt: skip
ENTERED = [
    QueueLine(at(10), CALL, "hotline", "NONE", "ENTERQUEUE", ("", "13912345678", "1")),
    QueueLine(at(13), CALL, "hotline", "1001", "CONNECT", ("3", "n-1.1", "2")),
    QueueLine(at(18), CALL, "hotline", "NONE", "ENTERQUEUE", ("", "13912345678", "1")),
]


def rows(*cel: CelLine, queue: list[QueueLine] = ENTERED) -> Rows:
    found = interpret(NODE, CALL, cel, queue)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("after", "outcome"),
    [([], "abandoned"), ([line(Milestone.TIMEOUT, 618, extra="hotline")], "timed_out"),
     ([line(Milestone.FULL, 618, extra="hotline")], "refused_full"),
     ([line(Milestone.NO_AGENT, 618, extra="hotline")], "refused_no_agent"),
     ([line(Milestone.ASKED_BACK, 618, extra="1/1")], "asked_back")],
)  # fmt: skip
def test_who_is_not_heard_by_anybody_was_not_answered(after: list[CelLine], outcome: str) -> None:
    call = rows(*QUEUED, *SILENT, *after, *over(618)).call
    assert (call.outcome, call.answered_at, call.wait_s, call.talk_s) == (outcome, None, 608, None)
    assert (call.agent_no, call.seat, call.queued_at, call.anomalies) == (None, None, at(10), 0)


def test_the_first_who_is_heard_has_answered_and_the_wait_goes_until_then() -> None:
    heard = QueueLine(at(30), CALL, "hotline", "1002", "CONNECT", ("12", "n-1.2", "2"))
    found = rows(
        *QUEUED, *SILENT, *bridge(30.25, 60.25, "PJSIP/8002-00000002", 2), *over(60.5), queue=[*ENTERED, heard]
    )
    call = found.call
    assert (call.outcome, call.answered_at, call.wait_s, call.talk_s) == ("answered", at(30.25), 20.25, 30)
    assert (call.agent_no, call.seat) == ("1002", "8002")
    assert [(e.agent_no, e.outcome, e.talk_s) for e in found.entries] == [
        ("1001", "connected", 5), ("1002", "connected", 30),
    ]  # fmt: skip
    legs = {leg.seat: leg for leg in found.legs}
    assert (legs["8001"].agent_no, legs["8001"].bridged_at) == ("1001", at(13)), "what the silent leg was, it stays"


def test_the_same_seat_heard_at_its_second_answer_has_answered_then() -> None:
    again = QueueLine(at(40), CALL, "hotline", "1001", "CONNECT", ("22", "n-1.2", "2"))
    call = rows(*QUEUED, *SILENT, *bridge(40, 50, "PJSIP/8001-00000002", 2), *over(50), queue=[*ENTERED, again]).call
    assert (call.answered_at, call.seat, call.agent_no, call.talk_s) == (at(40), "8001", "1001", 10)


def test_the_telephone_on_duty_answers_when_it_does_not_when_the_silent_seat_did() -> None:
    sent = [line(Milestone.TIMEOUT, 100, extra="hotline"), line(Milestone.OVERFLOW, 100, extra="too_long duty 0531")]
    reached = rows(*QUEUED, *SILENT, *sent, *bridge(110, 140, DUTY, 2), *over(140)).call
    assert (reached.outcome, reached.answered_at, reached.wait_s, reached.talk_s) == ("answered", at(110), 100, 30)
    in_vain = rows(*QUEUED, *SILENT, *sent, *over(140)).call
    assert (in_vain.outcome, in_vain.answered_at) == ("timed_out", None)


def test_where_only_queue_log_knows_of_the_answer_it_is_not_the_silent_ones() -> None:
    """The bridge's lines are lost."""
    torn = [one for one in SILENT if not one.event.startswith("BRIDGE")]
    assert rows(*QUEUED, *torn, *over(618)).call.outcome == "abandoned"
    heard = QueueLine(at(30), CALL, "hotline", "1002", "CONNECT", ("12", "n-1.2", "2"))
    call = rows(*QUEUED, *torn, *over(618), queue=[*ENTERED, heard]).call
    assert (call.outcome, call.answered_at) == ("answered", at(30))


def test_an_answer_that_was_none_is_told_at_once() -> None:
    """Screens and lists have counted it: they look again now, not when the citizen gives up."""
    before, after = rows(*QUEUED, *SILENT[:-2]), rows(*QUEUED, *SILENT)
    assert (before.call.answered_at, before.call.outcome) == (at(13), "open")
    assert (after.call.answered_at, after.call.outcome) == (None, "open")
    assert Change(before, after, new=False).tells
    assert not Change(rows(*QUEUED), before, new=False).tells
