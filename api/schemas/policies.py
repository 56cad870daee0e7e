"""A site's policies: what each is now, what the installation says, and who decided otherwise."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer, Ask
from api.settings import DialClass


class PoliciesAsk(Ask):
    """Only those to be changed. null: as the installation's settings say again."""

    agents_see_ears: bool | None = Field(None, description="an agent is shown who listens, whispers or barges in")
    supervisors_limited: bool | None = Field(None, description="a supervisor of some queues sees only these")
    dial_class: DialClass | None = Field(None, description="whom agents may call beside the book and open matters")
    dial_daily_cap: int | None = Field(None, ge=0, le=100_000, description="calls outside for one account and day")
    export_mark_every_s: int | None = Field(None, ge=0, le=3600, description="quiet tones in exported copies; 0: none")
    survey: bool | None = Field(None, description="ask the citizen how it was")


class Policy(Answer):
    name: str
    value: bool | int | str
    installed: bool | int | str = Field(description="as the installation's settings say")
    fixed: bool = Field(description="the installation has it switched off altogether")
    at: datetime | None
    by: str | None


class PolicyChange(Answer):
    at: datetime
    by: str
    name: str
    before: str
    after: str


class PolicyList(Answer):
    items: list[Policy]
    changes: list[PolicyChange] = Field(description="the newest 50, from the audit")
