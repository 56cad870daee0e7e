"""Calls as the wire tells them: with their recordings and cases, and whether this viewer may listen."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.call_queries import recordings_of
from api.case_answers import case_brief, reader_of
from api.past_limits import Past
from api.rights import Right
from api.schemas.calls import CallBrief, Recording, RecordingBrief
from api.viewer import Viewer
from cases import search
from cases.numbers import canonical, display
from models.call import Call
from models.recording import Recording as RecordingRow

PREFIX = "/api/v1"


def recording_brief(row: RecordingRow, may_play: bool) -> RecordingBrief:
    return RecordingBrief(
        id=row.id, call_id=row.call_id, state=row.state, reason=row.reason, duration_s=row.duration_s,
        part=row.part, pauses=row.pauses or [], undeletable=row.undeletable,
        started_at=row.started_at, peaks_url=_url(row, "peaks") if row.peaks_key else None,
        may_play=may_play and row.store_key is not None,
    )  # fmt: skip


def recording_answer(row: RecordingRow) -> Recording:
    brief = recording_brief(row, may_play=True)
    return Recording(
        **brief.model_dump(), sha256=row.sha256, size_bytes=row.size_bytes,
        silent_left=row.silent_left, silent_right=row.silent_right,
        audio_url=_url(row, "audio") if row.store_key else None,
    )  # fmt: skip


def _url(row: RecordingRow, what: str) -> str:
    return f"{PREFIX}/recordings/{row.id}/{what}"


def may_listen(viewer: Viewer, call: Call) -> bool:
    return viewer.may(Right.RECORDINGS_ALL) or (viewer.agent_no is not None and call.agent_no == viewer.agent_no)


def call_fields(call: Call) -> dict[str, Any]:
    names = (c.key for c in Call.__table__.columns)
    return {name: getattr(call, name) for name in names} | {"caller_display": display(canonical(call.caller))}


async def call_briefs(
    session: AsyncSession, calls: list[Call], viewer: Viewer, past: Past | None = None
) -> list[CallBrief]:
    """Three statements for any number of calls. ``past``: where some of them may be outside the viewer's limit."""
    ids: list[uuid.UUID] = [c.id for c in calls]
    seen = set(ids) if past is None else await past.among(session, ids)
    recorded = await recordings_of(session, ids)
    cases = await search.of_calls(session, ids, reader_of(viewer))
    return [
        CallBrief.model_validate(
            call_fields(call)
            | {
                "recordings": [
                    recording_brief(r, call.id in seen and may_listen(viewer, call)) for r in recorded.get(call.id, [])
                ],
                "cases": [case_brief(c) for c in cases.get(call.id, [])],
            }
        )
        for call in calls
    ]
