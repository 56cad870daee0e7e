"""Telephone numbers: one form out of many, and never a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import NumberKind, canonical, display, forms, kind_of
from cases.regions import Region, Regions, region_of
from tests.support.eventually import eventually

MOBILE = "13912345678"


@pytest.mark.parametrize(
    "written",
    [MOBILE, "+8613912345678", "008613912345678", "8613912345678", "013912345678", "139 1234 5678", "139-1234-5678",
     "+86 (139) 1234-5678", "１３９１２３４５６７８"],
)  # fmt: skip
def test_every_way_of_writing_a_mobile_number_is_one(written: str) -> None:
    assert canonical(written) == MOBILE


@pytest.mark.parametrize(
    ("written", "stored", "kind", "shown"),
    [
        ("0631-5231234", "06315231234", NumberKind.FIXED, "0631-5231234"),
        ("+866315231234", "06315231234", NumberKind.FIXED, "0631-5231234"),
        ("01012345678", "01012345678", NumberKind.FIXED, "010-12345678"),
        ("+861012345678", "01012345678", NumberKind.FIXED, "010-12345678"),
        ("400 123 4567", "4001234567", NumberKind.SERVICE, "400 123 4567"),
        ("10086", "10086", NumberKind.SERVICE, "10086"),
        ("12345", "12345", NumberKind.SERVICE, "12345"),
        ("8001", "8001", NumberKind.SHORT, "8001"),
        ("+14155552671", "+14155552671", NumberKind.FOREIGN, "+14155552671"),
        ("0014155552671", "+14155552671", NumberKind.FOREIGN, "+14155552671"),
        ("Anonymous", "", NumberKind.WITHHELD, ""),
        ("", "", NumberKind.WITHHELD, ""),
        ("+…", "", NumberKind.WITHHELD, ""),
        ("sip:zhang@example.cn", "", NumberKind.WITHHELD, ""),
        ("+", "", NumberKind.WITHHELD, ""),
        ("99999999999999", "99999999999999", NumberKind.UNKNOWN, "99999999999999"),
    ],
)
def test_kinds_and_readable_forms(written: str, stored: str, kind: NumberKind, shown: str) -> None:
    assert (canonical(written), kind_of(stored), display(stored)) == (stored, kind, shown)


@given(st.text(max_size=40))
def test_no_text_breaks_it_and_the_stored_form_is_its_own(text: str) -> None:
    stored = canonical(text)
    assert canonical(stored) == stored
    assert stored == "" or stored in forms(stored)
    display(stored)
    kind_of(stored)


@given(st.from_regex(r"\A(1[3-9][0-9]{9}|0(?![48]00)[3-9][0-9]{2}[2-8][0-9]{6,7})\Z"))
def test_every_form_that_a_trunk_may_give_leads_back(number: str) -> None:
    assert {canonical(form) for form in forms(number)} == {number}


@pytest.mark.parametrize(
    ("number", "language", "region"),
    [
        (MOBILE, "zh", Region("江苏省", "常州市", "中国移动")),
        (MOBILE, "en", Region("Jiangsu", "Changzhou", "China Mobile")),
        ("06315231234", "zh", Region("山东省", "威海市")),
        ("01012345678", "zh", Region("北京市", "北京市")),
        ("02112345678", "en", Region("Shanghai", "Shanghai")),
        ("19912345678", "zh", Region(None, None, "中国电信")),
        ("+14155552671", "zh", Region("美国", country="US")),
        ("+99912345", "zh", Region()),
    ],
)
def test_where_a_number_is_registered(number: str, language: str, region: Region) -> None:
    assert region_of(number, language) == region


async def test_the_pop_never_waits_for_the_tables_and_has_them_soon() -> None:
    regions = Regions()
    assert await regions.of("", "zh-CN") == Region()
    await regions.of(MOBILE, "zh-CN")

    async def known() -> bool:
        return (await regions.of(MOBILE, "zh-CN")).operator == "中国移动"

    await eventually(known, within_s=30)
    await regions.close()
