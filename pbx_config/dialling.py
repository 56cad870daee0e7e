"""Which numbers may ever be dialled through the trunk. Pure policy: no abroad, no premium, not ourselves, no tricks.

The second of three walls: seats' telephones reach nothing outside (extensions.conf), the API knows which numbers belong
to an open matter, and whatever becomes an Originate passes here, in the process that sends it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from models.errors import Refused

LONGEST: Final = 32  # of what a person types, separators included

# Typed by hand or by an input method: full-width digits, an ideographic blank. Nothing else is understood kindly.
_TYPED: Final = str.maketrans("０１２３４５６７８９＋－　", "0123456789+- ")  # that is what they are
_SEPARATORS: Final = str.maketrans("", "", " -")
_SHAPE: Final = re.compile(r"\+?[0-9]+")

_MOBILE: Final = re.compile(r"0?1(?:[3-57-9]\d|6[2-7])\d{8}")  # 160 and 168 are priced services
_FIXED: Final = re.compile(r"0(?:10|2\d|[3-9]\d{2})(?!160|168|900)\d{7,8}")
_LOCAL: Final = re.compile(r"[2-8]\d{6,7}")
_SERVICE: Final = re.compile(r"1(?:10|19|20|22)|12\d{3}|95\d{3,5}|96\d{3,4}|[48]00\d{7}")
_COUNTRY: Final = "86"


class DialKind(StrEnum):
    """What a class of service is made of."""

    MOBILE = "mobile"
    FIXED = "fixed"  # with an area code
    LOCAL = "local"  # without
    SERVICE = "service"  # 110, 12xxx, 95xxx, 400


_PLAN: Final = {
    DialKind.MOBILE: _MOBILE, DialKind.FIXED: _FIXED, DialKind.LOCAL: _LOCAL, DialKind.SERVICE: _SERVICE,
}  # fmt: skip


class NumberInvalid(Refused):
    """No telephone number at all: letters, signs, a line break, a dial string."""

    code = "number.invalid"


class NumberNotAllowed(Refused):
    """A number, and nobody calls it through us: abroad, priced, our own, or no number of the plan."""

    code = "number.not_allowed"


def digits(typed: str) -> str:
    """The number as it would be dialled: digits alone, +86 taken off.

    Raises:
        NumberInvalid: something that is no number.
        NumberNotAllowed: another country's.
    """
    if not isinstance(typed, str) or len(typed) > LONGEST:
        raise NumberInvalid("too long, or no text")
    bare = typed.translate(_TYPED).translate(_SEPARATORS)
    if not (bare.isascii() and _SHAPE.fullmatch(bare)):
        raise NumberInvalid("not a number")
    if bare.startswith("+"):
        if not bare.startswith("+" + _COUNTRY):
            raise NumberNotAllowed("abroad")
        return _national(bare[1 + len(_COUNTRY) :])
    if bare.startswith(_COUNTRY) and _MOBILE.fullmatch(bare[len(_COUNTRY) :]):
        return bare[len(_COUNTRY) :]
    return bare


def _national(bare: str) -> str:
    """A fixed line is written +86 519 …, and dialled with its 0."""
    return "0" + bare if _FIXED.fullmatch("0" + bare) else bare


def allowed(typed: str, own: Collection[str] = ()) -> str:
    """The digits to dial; ``own`` are the hotline's own numbers, which would call themselves.

    Raises:
        NumberInvalid, NumberNotAllowed
    """
    number = digits(typed)
    if number in own or kind_of(number) is None:
        raise NumberNotAllowed("not in the plan of numbers that may be called")
    return number


def kind_of(number: str) -> DialKind | None:
    """What kind of number these digits are; None: none that anybody may call."""
    return next((kind for kind, plan in _PLAN.items() if plan.fullmatch(number)), None)
