"""The two kinds of text that people type: a line and prose. What PostgreSQL or a PBX cannot carry is refused here."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

# C0/C1 controls, NUL (PostgreSQL refuses it), lone surrogates (not encodable), and the bidi overrides that hide text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "line breaks and control characters are not allowed here")
    return value


def _prose(value: str) -> str:
    if _CONTROL_BUT_BREAKS.search(value):
        raise PydanticCustomError("control_character", "control characters are not allowed here")
    return value


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
ShortLine = Annotated[str, StringConstraints(max_length=64), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_prose)]
