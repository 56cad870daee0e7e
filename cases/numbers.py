"""Telephone numbers as data: one stored form, the forms a trunk may give, and what kind a number is.

Only rules that need no library: the desk must find a caller even before the numbering plan is loaded. Where a number is
registered is ``cases.regions``.
"""

from __future__ import annotations

import re
from enum import StrEnum

_NOT_DIALLED = re.compile(r"[^0-9+*#]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_TWO_DIGIT_AREAS = re.compile(r"0(10|2\d)\d{7,8}")
_THREE_DIGIT_AREAS = re.compile(r"0(?![48]00)[3-9]\d{2}\d{7,8}")  # 400 and 800 are services
_SERVICE = re.compile(r"[48]00\d{7}|9[56]\d{3,6}|1[02]\d{3}")
_WITHHELD = frozenset(
    {"", "anonymous", "unavailable", "private", "restricted", "unknown", "withheld", "asterisk", "null"}
)


class NumberKind(StrEnum):
    """What a caller's number is."""

    MOBILE = "mobile"
    FIXED = "fixed"
    SERVICE = "service"  # 400, 800, 95xxx, 10086, 12345
    SHORT = "short"  # an extension or a short code
    FOREIGN = "foreign"
    WITHHELD = "withheld"
    UNKNOWN = "unknown"


def canonical(raw: str) -> str:
    """The one form that is stored and compared: national digits, fixed lines with their leading 0, foreign with "+".

    "+86 139-1234-5678", "013912345678" and "0086 13912345678" are "13912345678"; withheld numbers are "".
    """
    if raw.strip().lower() in _WITHHELD:
        return ""
    digits = _NOT_DIALLED.sub("", raw.translate(_FULL_WIDTH))
    international = digits.startswith(("+", "00"))
    bare = digits.lstrip("+") if digits.startswith("+") else digits.removeprefix("00") if international else digits
    bare = bare.replace("+", "")
    if international and not bare.startswith("86"):
        return "+" + bare if bare else ""
    if international or (bare.startswith("86") and _is_national(bare[2:])):
        bare = bare[2:]
        return bare if _MOBILE.fullmatch(bare) or _SERVICE.fullmatch(bare) else "0" + bare.lstrip("0") if bare else ""
    if bare.startswith("0") and _MOBILE.fullmatch(bare[1:]):
        return bare[1:]
    return bare


def _is_national(bare: str) -> bool:
    """Whether these digits after a bare 86 are a whole mobile or fixed number (the 0 of a fixed line left out)."""
    fixed = _TWO_DIGIT_AREAS.fullmatch("0" + bare) or _THREE_DIGIT_AREAS.fullmatch("0" + bare)
    return bool(_MOBILE.fullmatch(bare) or fixed)


_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－（）", "0123456789+-()")


def forms(number: str) -> list[str]:
    """Every way a trunk may write a canonical number: what to compare a raw caller id with."""
    if not number:
        return []
    if number.startswith("+"):
        return [number, "00" + number[1:], number[1:]]
    national = number.removeprefix("0")
    return list(dict.fromkeys([number, "0" + national, "+86" + national, "86" + national, "0086" + national]))


def kind_of(number: str) -> NumberKind:
    """The kind of a canonical number."""
    if not number:
        return NumberKind.WITHHELD
    if number.startswith("+"):
        return NumberKind.FOREIGN
    if _MOBILE.fullmatch(number):
        return NumberKind.MOBILE
    if _TWO_DIGIT_AREAS.fullmatch(number) or _THREE_DIGIT_AREAS.fullmatch(number):
        return NumberKind.FIXED
    if _SERVICE.fullmatch(number):
        return NumberKind.SERVICE
    if number.isdigit() and len(number) <= 6:
        return NumberKind.SHORT
    return NumberKind.UNKNOWN


def display(number: str) -> str:
    """A canonical number in readable form: "139 1234 5678", "0631-5231234", "010-12345678", "400 123 4567"."""
    kind = kind_of(number)
    if kind is NumberKind.MOBILE:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if kind is NumberKind.FIXED:
        area = 3 if _TWO_DIGIT_AREAS.fullmatch(number) else 4
        return f"{number[:area]}-{number[area:]}"
    if kind is NumberKind.SERVICE and len(number) == 10:
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return number


def masked(number: str) -> str:
    """A canonical number for those who are to learn and not to know: "139******78"; short codes stay."""
    if kind_of(number) in (NumberKind.SHORT, NumberKind.SERVICE):
        return number
    return f"{number[:3]}{'*' * max(0, len(number) - 5)}{number[-2:]}" if len(number) > 5 else "*" * len(number)
