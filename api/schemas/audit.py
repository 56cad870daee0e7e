"""The audit as it is read: its lines, and whether its chain is whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints
from pydantic.types import NaiveDatetime

from api.schemas.base import Answer, Ask
from cases.texts import ShortLine

MOST_NUMBER = 2**63 - 1


class AuditSearch(Ask):
    """Every field that is given is demanded. A time without a zone is the site's."""

    since: AwareDatetime | NaiveDatetime | None = None
    until: AwareDatetime | NaiveDatetime | None = None
    login: ShortLine = Field("", description="who did it")
    action: ShortLine = Field("", description="one action (account.locked), or all of a kind (account)")
    q: ShortLine = Field("", description="part of the subject or of the details")
    before: int | None = Field(None, ge=1, le=MOST_NUMBER, description="a line's number: only older ones")


class AuditLine(Answer):
    number: int = Field(description="its place in the chain; numbers may be skipped, never used twice")
    at: datetime
    login: str | None = Field(description="null: nobody was signed in, or the system itself")
    display_name: str | None
    action: str
    subject: str
    subject_login: str | None = Field(description="of the account that the subject is; null: it is something else")
    detail: dict[str, Any]


class AuditPage(Answer):
    """Newest first. ``next`` goes into ``before`` for the page that follows; null on the last."""

    items: list[AuditLine]
    next: int | None


Head = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ChainStep(Answer):
    """What a stretch of the chain says. ``last`` and ``head`` are where the next one begins."""

    rows: int = Field(description="that fit, in this stretch")
    last: int = Field(description="number of the last line that fits")
    head: str = Field(description="its hash; written down elsewhere it shows lines cut off the end")
    broken_at: int | None = Field(description="number of the first line that does not fit")
    whole: bool = Field(description="the end was reached and every line fits")
    newest: int = Field(description="number of the newest line now")
