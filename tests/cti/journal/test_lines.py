"""One line in, the same line out; anything else is told what is wrong with it."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.journal.errors import BadLine
from cti.journal.lines import (
    MAX_LINE_BYTES,
    CelLine,
    CelParser,
    QueueLine,
    format_cel,
    format_queue_log,
    parse_cel,
    parse_queue_log,
)
from tests.cti.journal.conftest import NAMES, trace

AT = datetime(2026, 11, 23, 6, 54, 27, 101812, tzinfo=UTC)
CEL = CelLine(
    "ANSWER", AT, "13912345678", "s", "line", "PJSIP/trunk-0", "Queue", "hotline", "n-1.0", "n-1.0", "", "", ""
)
TEXTS = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=("Cs",)), max_size=40)
STAMPS = st.datetimes(datetime(2001, 9, 10), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize("name", NAMES)
def test_captured_lines_come_out_as_they_went_in(name: str) -> None:
    for line in trace(name, "cel").splitlines(keepends=True):
        assert format_cel(parse_cel(line)) == line
    for line in trace(name, "queue_log").splitlines(keepends=True):
        assert parse_queue_log(format_queue_log(parse_queue_log(line))) == parse_queue_log(line)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(TEXTS, min_size=13, max_size=13), STAMPS)
def test_any_cel_line_survives(texts: list[str], at: datetime) -> None:
    line = CelLine(*texts)._replace(at=at, event="X", uniqueid="n-1.0", linkedid="n-1.0")
    assert parse_cel(format_cel(line)) == line


@settings(deadline=None)  # the machine may be busy
@given(st.lists(TEXTS.map(lambda t: t.replace("|", "")), min_size=5, max_size=9), STAMPS)
def test_any_queue_line_survives(texts: list[str], at: datetime) -> None:
    data = (*texts[4:], "end")
    line = QueueLine(at.replace(microsecond=0), texts[0], texts[1], texts[2], "E" + texts[3], data)
    assert parse_queue_log(format_queue_log(line)) == line


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    for parse, write in ((parse_cel, format_cel), (parse_queue_log, format_queue_log)):
        try:
            line = parse(raw)
        except BadLine:  # the one allowed answer to what is no line
            continue
        assert parse(write(line)) == line


def test_quotes_commas_and_chinese_inside() -> None:
    line = CEL._replace(app_data='转"接",座席', extra='{"extra":"市民说：\\"路灯不亮\\",请派人"}')
    assert parse_cel(format_cel(line)) == line
    assert parse_cel(format_cel(line)).extra_object()["extra"] == '市民说："路灯不亮",请派人'


GOOD = format_cel(CEL).rstrip(b"\n")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (GOOD[:-1], "csv"),  # the last quote is missing
        (GOOD[: len(GOOD) // 2], "c"),
        (b"\0" + GOOD, "NUL"),
        (GOOD.replace(b"Queue", b"\xe5\xbc"), "UTF-8"),
        (GOOD + b',"x"', "14 columns"),
        (GOOD.replace(b'"","",""', b'""'), "11 columns"),
        (GOOD.replace(b"1795416867.101812", b"yesterday"), "no time"),
        (GOOD.replace(b"1795416867.101812", b"9795416867.101812"), "no time"),
        (GOOD.replace(b"1795416867.101812", b"1795416867"), "no time"),
        (GOOD.replace(b"n-1.0", b""), "no event, uniqueid"),
        (GOOD.replace(b"n-1.0", b"n" * 300), "too long"),
        (GOOD.replace(b"hotline", b"h" * MAX_LINE_BYTES), "longer"),
        (b"", "columns"),
    ],
)
def test_a_broken_cel_line_is_told_why(raw: bytes, reason: str) -> None:
    assert b"1795416867.101812" in GOOD
    with pytest.raises(BadLine, match=reason):
        parse_cel(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"1795416867|a|b|c", "4 columns"),
        (b"x|a|b|c|d|", "no time"),
        (b"-1|a|b|c|d|", "no time"),
        (b"1795416867000|a|b|c|d|", "no time"),
        (b"1795416867|a|b|c||", "no event"),
        (b"1795416867|a|\xff|c|d|", "UTF-8"),
        (b"1795416867|" + b"a" * 300 + b"|b|c|d|", "too long"),
    ],
)
def test_a_broken_queue_line_is_told_why(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        parse_queue_log(raw)


def test_a_broken_line_does_not_disturb_the_next_one() -> None:
    parser, rng = CelParser(), random.Random(7)
    for _ in range(500):
        cut = rng.randrange(len(GOOD))
        with pytest.raises(BadLine):
            parser.parse(GOOD[:cut])
        assert parser.parse(GOOD) == CEL


def test_numbers_of_queue_log_are_numbers_or_nothing() -> None:
    line = parse_queue_log(b"1795416867|u|q|a|CONNECT|12|ch||-3|99999999999|\xc2\xb2")
    assert [line.number(n) for n in range(7)] == [12, None, None, None, None, None, None]
