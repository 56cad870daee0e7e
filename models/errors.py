"""The root of every error Lianxin raises on purpose.

LianxinError
├── Refused       the caller asked for what may not be (4xx at the edge)
├── Unavailable   a part we need is away; asking again later may work (503)
└── Broken        a bug or damaged data (500)

``code`` is stable and machine-readable ("call.not_yours"); ``fields`` are typed details for message templates.
HTTP numbers do not exist here: ``api`` keeps the one table.
"""

from __future__ import annotations

from typing import ClassVar


class LianxinError(Exception):
    """Root. Subclasses set ``code``; an instance may refine it."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "", **fields: object) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.fields = fields


class Refused(LianxinError):
    code = "refused"


class Unavailable(LianxinError):
    code = "unavailable"


class Broken(LianxinError):
    code = "broken"
