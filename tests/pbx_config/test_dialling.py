"""What may be dialled: the plan, number by number, and everything that people try instead."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.errors import Refused
from pbx_config.dialling import NumberInvalid, NumberNotAllowed, allowed

OWN = ("12345", "051912345678")

GOOD = {
    "13912345678": "13912345678",
    "013912345678": "013912345678",
    "139 1234-5678": "13912345678",
    "+86 139 1234 5678": "13912345678",
    "8613912345678": "13912345678",
    "１３９１２３４５６７８": "13912345678",  # an input method's digits
    "０５１９　１２３４５６７": "05191234567",
    "05191234567": "05191234567",
    "0519-88880000": "051988880000",
    "+86 519 88880000": "051988880000",
    "+86051988880000": "051988880000",
    "01088880000": "01088880000",
    "02012345678": "02012345678",
    "88880000": "88880000",
    "6123456": "6123456",
    "110": "110",
    "119": "119",
    "120": "120",
    "122": "122",
    "12348": "12348",
    "95598": "95598",
    "955980": "955980",
    "9559801": "9559801",
    "96123": "96123",
    "961234": "961234",
    "4008123456": "4008123456",
    "8008123456": "8008123456",
}  # fmt: skip

NOT_ALLOWED = [
    "00", "0013912345678", "001", "0014155552671", "008613912345678", "00861088880000", "00442071234567",
    "００１４１５５５５２６７１", "00 1 415 555 2671", "0-0-1-4155552671", "+14155552671", "+442071234567",
    "+0013912345678", "+85212345678", "+86001415555267", "+8600", "＋１４１５５５５２６７１",
    "+86", "+861", "16812345", "16812345678", "16012345678", "016812345678", "0519168123456", "05191681234",
    "05199001234", "9001234567", "9001234", "90012345678", "12345", "1-2-3-4-5", "１２３４５", "+8612345",
    "051912345678", "+86 519 12345678", "+86051912345678", "8001", "8010", "9196", "1", "0", "11", "111", "911", "999",
    "1122", "10086", "100", "0110", "1391234567", "139123456789", "12912345678", "123456", "95", "955", "95123456",
    "40081234567", "400812345", "0512", "051912345", "0519123456789", "01112345678", "86", "861391234567",
    "0000000000", "000", "01" + "2" * 20, "1" * 32,
]  # fmt: skip

INVALID = [
    "", " ", "-", "+", "++86139", "139+12345678", "13912345678+", "1391234567a", "abc", "anonymous",
    "13912345678;ext=1", "13912345678@evil.example", "sip:13912345678", "13912345678@trunk&PJSIP/0014155552671@trunk",
    "110&PJSIP/001", "13912345678&", "110@", "110,,2", "110,tT", "110\r\nAction: Originate", "110\n", "\r\n110",
    "110\r",
    "110\x00", "110\x00001", "13912345678\t", "${EVAL(110)}", "${SHELL(id)}", "$[1+1]", "%31%31%30", "1{10}",
    "Local/001@line", "Local/110@from-seat/n", "PJSIP/001@trunk", "110/001", "*72", "*2", "#", "110#", "110*", "_X.",
    "110'", '110"', "110\\", "110|001", "110(001)", "(0519)1234567", "<110>", "１１０＆１", "¹¹⁰", "١١٠", "①①⓪",
    "一一〇", "110\u200b", "110\u2028", "1" * 33, "1" * 10_000, " " * 40 + "110", "110\u00a0",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "dialled"), GOOD.items())
def test_numbers_of_the_trade_are_dialled_as_digits(typed: str, dialled: str) -> None:
    assert allowed(typed, OWN) == dialled


@pytest.mark.parametrize("typed", NOT_ALLOWED)
def test_abroad_priced_services_ourselves_and_no_numbers_are_refused(typed: str) -> None:
    with pytest.raises(NumberNotAllowed):
        allowed(typed, OWN)


@pytest.mark.parametrize("typed", INVALID, ids=range(len(INVALID)))
def test_dial_strings_are_no_numbers(typed: str) -> None:
    with pytest.raises(NumberInvalid):
        allowed(typed, OWN)


def test_what_is_no_text_is_no_number() -> None:
    for value in (None, 110, ["110"], b"110"):
        with pytest.raises(NumberInvalid):
            allowed(value, OWN)  # type: ignore[arg-type]  # arguments of a command are whatever a caller sent


TYPED = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789+-  ０１８&@;,/${}\r\n*#", max_size=20),
    st.from_regex(r"(\+86|00|0|86)?[0-9 -]{3,14}", fullmatch=True),
)


@given(TYPED)
@example("+86００１")
@example("86" + "0" * 11)
def test_whatever_passes_is_digits_and_never_leads_abroad(typed: str) -> None:
    try:
        number = allowed(typed, OWN)
    except Refused:
        return
    assert number.isascii()
    assert number.isdigit()
    assert 3 <= len(number) <= 12
    assert not number.startswith("00")
    assert number not in OWN
    assert allowed(number, OWN) == number, "what passed once passes again as it is"
