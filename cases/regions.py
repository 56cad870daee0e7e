"""Where a number is registered: province, city and operator, from the numbering plan's tables.

The Chinese tables take about 105 MB and a second to load, so they are loaded once, in a thread, on the first question
or when asked to; until then, and for numbers that are not in them, the answer is empty and never an error.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog

from cases.numbers import NumberKind, kind_of

log = structlog.get_logger()

_CITY = re.compile(r"(?P<province>.+?(?:省|自治区|特别行政区))(?P<city>.+)?")
_MUNICIPALITIES = frozenset({"北京市", "上海市", "天津市", "重庆市"})


@dataclass(frozen=True, slots=True)
class Region:
    province: str | None = None
    city: str | None = None
    operator: str | None = None
    country: str | None = None


UNKNOWN = Region()


class Regions:
    """Asked from the event loop; the tables are read in a thread."""

    def __init__(self) -> None:
        self._loading: asyncio.Task[None] | None = None
        self._loaded = False

    def begin_loading(self) -> None:
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="numbering plan")

    async def _load(self) -> None:
        await asyncio.to_thread(_tables)
        self._loaded = True

    async def of(self, number: str, locale: str) -> Region:
        """The region of a canonical number; empty while the tables load: the pop does not wait for them."""
        if kind_of(number) not in (NumberKind.MOBILE, NumberKind.FIXED, NumberKind.FOREIGN):
            return UNKNOWN
        if not self._loaded:
            self.begin_loading()
            return UNKNOWN
        return region_of(number, "en" if locale == "en" else "zh")

    async def close(self) -> None:
        if self._loading is not None:
            await asyncio.gather(self._loading, return_exceptions=True)


def _tables() -> tuple[Any, Any, Any]:
    import phonenumbers  # noqa: PLC0415  # 105 MB: not at import
    from phonenumbers import carrier, geocoder  # noqa: PLC0415

    return phonenumbers, geocoder, carrier


@lru_cache(maxsize=4096)
def region_of(number: str, language: str) -> Region:
    """Read the tables now (loads them where they are not)."""
    phonenumbers, geocoder, carrier = _tables()
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return UNKNOWN
    if kind_of(number) is NumberKind.FOREIGN:
        country = phonenumbers.region_code_for_number(parsed)
        place = geocoder.country_name_for_number(parsed, language) or None
        return Region(province=place, country=country)
    place = geocoder.description_for_number(parsed, language)
    operator = carrier.name_for_number(parsed, language) or None
    return Region(*_split(place), operator=operator)


def _split(place: str) -> tuple[str | None, str | None]:
    """("江苏省", "常州市") of 江苏省常州市; ("Jiangsu", "Changzhou") of "Changzhou, Jiangsu"."""
    if place in ("", "中国", "China"):
        return None, None
    if place in _MUNICIPALITIES:
        return place, place
    if match := _CITY.fullmatch(place):
        return match["province"], match["city"]
    city, _, province = place.partition(", ")
    return (province, city) if province else (place, place)


def prefixes_of(area: str) -> list[str]:
    """Beginnings of national numbers (no 0 before them) registered in a city or province; reads the tables now.

    ``area`` is its Chinese or English name, with 省 and 市 or without. Empty where the plan does not know it: it knows
    cities, not their districts.
    """
    _tables()
    from phonenumbers.geodata import GEOCODE_DATA  # noqa: PLC0415  # 105 MB: not at import

    wanted = _bare(area)
    if not wanted:
        return []
    found = (
        key.removeprefix(_CHINA)
        for key, names in GEOCODE_DATA.items()
        if key.startswith(_CHINA) and wanted in _names(names.get("zh", ""), names.get("en", ""))
    )
    return sorted(filter(None, found))


_CHINA = "86"


@lru_cache(maxsize=8192)
def _names(zh: str, en: str) -> frozenset[str]:
    parts = [part for place in (zh, en) if place for part in _split(place) if part]
    return frozenset(_bare(part) for part in parts)


def _bare(name: str) -> str:
    return re.sub(r"(省|自治区|特别行政区|市)$", "", name.strip()).lower()
