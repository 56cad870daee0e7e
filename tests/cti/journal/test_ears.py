"""The ear log from Asterisk's own lines: every stretch once, with its end, and no party of the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cti.journal.lines import CelLine
from cti.journal.reading import interpret
from cti.journal.rows import EarRow
from models.ear import EarEnd
from pbx_config.contract import Context, EarLeg

REF = "t1-1795897864.0"
CITIZEN, SEAT, SUPERVISOR = "PJSIP/trunk-00000000", "PJSIP/8001-00000001", "PJSIP/8002-00000002"
EAR = EarLeg(REF, 77, "8002").uniqueid
BEGAN = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return BEGAN + timedelta(seconds=second)


def line(event: str, second: float, channel: str, uniqueid: str, linkedid: str = REF, **more: str) -> CelLine:
    told = dict.fromkeys(("caller", "exten", "context", "app", "app_data", "peer", "user_event", "extra"), "")
    return CelLine(**(told | more), event=event, at=at(second), channel=channel, uniqueid=uniqueid, linkedid=linkedid)


def ear(event: str, second: float, **more: str) -> CelLine:
    return line(event, second, SUPERVISOR, EAR, EAR, **more)


def hears(mode: str, second: float) -> CelLine:
    return ear("LX_EAR", second, extra=f'{{"extra":"{mode}:1005"}}')


def hangup(second: float, source: str, cause: int = 16) -> CelLine:
    return ear("HANGUP", second, extra=f'{{"hangupcause":{cause},"hangupsource":"{source}"}}')


BRIDGE = '{"bridge_id":"17c34a35-bdd0-460f-8174-9296ecfdcb8d","bridge_technology":"simple_bridge"}'
TALK = [
    line("CHAN_START", 0, CITIZEN, REF, caller="13700000001", exten="12345", context="from-trunk"),
    line("CHAN_START", 1, SEAT, "t1-1795897865.1"),
    line("ANSWER", 2, SEAT, "t1-1795897865.1"),
    line("BRIDGE_ENTER", 2, SEAT, "t1-1795897865.1", extra=BRIDGE),
    line("BRIDGE_ENTER", 2, CITIZEN, REF, extra=BRIDGE),
]
OVER = [
    line("BRIDGE_EXIT", 30, CITIZEN, REF, extra=BRIDGE),
    line("HANGUP", 30, CITIZEN, REF, extra=f'{{"hangupcause":16,"hangupsource":"{CITIZEN}"}}'),
    line("BRIDGE_EXIT", 30, SEAT, "t1-1795897865.1", extra=BRIDGE),
    line("HANGUP", 30, SEAT, "t1-1795897865.1", extra=f'{{"hangupcause":16,"hangupsource":"{CITIZEN}"}}'),
    line("LINKEDID_END", 30, CITIZEN, REF),
]
LISTENED = [ear("CHAN_START", 5), ear("ANSWER", 6), hears("listen", 6), hears("whisper", 9)]


def told(ears: tuple[EarRow, ...]) -> list[tuple[str, datetime, datetime, str]]:
    return [(row.mode, row.started_at, row.ended_at, row.ended_by) for row in ears]


@pytest.mark.parametrize(
    ("source", "cause", "end"),
    [
        (SUPERVISOR, 16, EarEnd.HUNG_UP),
        ("", 16, EarEnd.STOPPED),
        ("dialplan/builtin", 16, EarEnd.CALL_OVER),
        ("", 44, EarEnd.TELEPHONE_GONE),
    ],
)
def test_each_mode_is_a_stretch_with_its_end(source: str, cause: int, end: EarEnd) -> None:
    rows = interpret("t1", REF, [*TALK, *LISTENED, hangup(12, source, cause), ear("CHAN_END", 12), *OVER], [])
    assert rows is not None
    assert told(rows.ears) == [("listen", at(6), at(9), "switched"), ("whisper", at(9), at(12), end)]
    assert {(row.seat, row.agent_no, row.leg_no) for row in rows.ears} == {("8002", "1005", 77)}


def test_an_ear_is_no_party_and_no_talk() -> None:
    """In the room with them, and still on the line when they have gone: the call is as it would be without."""
    entered = ear("BRIDGE_ENTER", 9, context=Context.ROOM_BARGE.value, extra=BRIDGE)
    with_ear = interpret("t1", REF, [*TALK, *LISTENED, entered, *OVER], [])
    without = interpret("t1", REF, [*TALK, *OVER], [])
    assert with_ear is not None
    assert without is not None
    assert with_ear._replace(ears=()) == without
    assert (without.call.ended_at, without.call.talk_s) == (at(30), 28.0)
    assert told(with_ear.ears) == [
        ("listen", at(6), at(9), "switched")
    ]  # the second one lasts: written when it is over


def test_who_never_picked_up_heard_nothing() -> None:
    rows = interpret("t1", REF, [*TALK, ear("CHAN_START", 5), hangup(25, "", 19), *OVER], [])
    assert rows is not None
    assert rows.ears == ()


def test_the_switch_died_while_somebody_listened() -> None:
    rows = interpret("t1", REF, [*TALK, *LISTENED], [], started_at=at(60))
    assert rows is not None
    assert told(rows.ears)[-1] == ("whisper", at(9), at(9), "lost")
