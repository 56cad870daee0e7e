"""Ears: the log of who listened to which call."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer
from models.ear import EarEnd
from pbx_config.contract import EarMode


class EarEntry(Answer):
    """One stretch in one mode, as the PBX's journal tells it; those that last are in the live picture."""

    id: uuid.UUID
    call_id: uuid.UUID
    caller: str
    agent_no: str | None = Field(description="who had the call")
    supervisor_no: str | None = Field(description="who listened")
    supervisor_name: str | None
    seat: str = Field(description="of the supervisor")
    mode: EarMode
    started_at: datetime
    ended_at: datetime
    ended_by: EarEnd


class EarLog(Answer):
    items: list[EarEntry]
