"""Reads what the capacity of a day is made of: sign-ins and pauses, agents' and the trunk's legs, hold. SQL only.

Everything comes from the record (``agent_event``, ``call``, ``leg``, ``cel_event``), nothing from live state.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import asyncpg

from pbx_config import contract
from reports.duty import Event
from reports.halfhours import Span
from reports.minutes import Activity, Busy

LONGEST_CALL: Final = timedelta(hours=12)  # from its start: a call that began earlier is not looked for
LONGEST_DUTY: Final = timedelta(days=7)  # whose last sign-in is older is taken for gone

# Each agent's events of the span; and before it the last second that told of coming or going, and of pausing.
_EVENTS: Final = """
WITH RECURSIVE agent AS (
    SELECT min(agent_no) AS agent_no FROM agent_event
    UNION ALL
    SELECT (SELECT min(e.agent_no) FROM agent_event e WHERE e.agent_no > agent.agent_no) FROM agent
    WHERE agent.agent_no IS NOT NULL
), known AS (
    SELECT e.agent_no, e.at, e.queue, e.kind, e.reason,
        e.at >= $2 OR rank() OVER (
            PARTITION BY e.agent_no, e.queue, e.kind IN ('sign_in', 'sign_out'), e.at >= $2 ORDER BY e.at DESC
        ) = 1 AS tells
    FROM agent CROSS JOIN LATERAL (
        SELECT * FROM agent_event e WHERE e.agent_no = agent.agent_no AND e.at >= $1 AND e.at < $3
    ) e
)
SELECT agent_no, at, queue, kind, reason FROM known WHERE tells
"""
_LEGS: Final = """
SELECT l.agent_no, l.call_id, c.direction,
    CASE c.direction WHEN 'outbound' THEN coalesce(l.answered_at, l.bridged_at) ELSE l.bridged_at END AS begin_at,
    coalesce(l.ended_at, c.ended_at, $3) AS end_at
FROM call c JOIN leg l ON l.call_id = c.id
WHERE c.started_at >= $1 AND c.started_at < $3 AND c.direction <> 'internal' AND l.party = 'agent'
    AND l.agent_no IS NOT NULL AND coalesce(l.answered_at, l.bridged_at) IS NOT NULL
    AND coalesce(l.ended_at, c.ended_at, $3) > $2
"""
_TRUNK: Final = """
SELECT l.started_at, coalesce(l.ended_at, c.ended_at, $3) AS end_at FROM call c JOIN leg l ON l.call_id = c.id
WHERE c.started_at >= $1 AND l.started_at < $3 AND c.started_at < $3 AND coalesce(l.ended_at, c.ended_at, $3) > $2
    AND l.channel LIKE $4
"""
_MUSIC: Final = """
SELECT e.node, e.uniqueid, c.id AS call_id, e.event, e.at, e.fields->>'user_event' AS user_event
FROM call c JOIN cel_event e ON e.node = c.node AND e.linkedid = c.linkedid
JOIN leg l ON l.call_id = c.id AND l.uniqueid = e.uniqueid AND l.party = 'citizen'
WHERE c.started_at >= $1 AND c.started_at < $3 AND c.ended_at > $2 AND c.direction = 'inbound' AND c.hold_s > 0
    AND e.event IN ('BRIDGE_ENTER', 'BRIDGE_EXIT', 'STREAM_BEGIN', 'STREAM_END', 'HANGUP')
ORDER BY e.id
"""


async def events_of(conn: asyncpg.Connection, span: Span) -> dict[str, list[Event]]:
    """What tells each agent's duty in a span, by agent_no."""
    found: dict[str, list[Event]] = defaultdict(list)
    for row in await conn.fetch(_EVENTS, span.begin - LONGEST_DUTY, span.begin, span.end):
        found[row["agent_no"]].append(Event(row["at"], row["queue"], row["kind"], row["reason"]))
    return found


async def busy_of(conn: asyncpg.Connection, span: Span) -> dict[str, list[Busy]]:
    """When each agent's telephone was in a call, and when the citizen of it was on hold; by agent_no."""
    found: dict[str, list[Busy]] = defaultdict(list)
    held = await holds_of(conn, span)
    for row in await conn.fetch(_LEGS, span.begin - LONGEST_CALL, span.begin, span.end):
        if row["begin_at"] is None or row["begin_at"] >= row["end_at"]:
            continue
        leg, call_id = Span(row["begin_at"], row["end_at"]), row["call_id"]
        out = row["direction"] == "outbound"
        found[row["agent_no"]].append(Busy(leg, Activity.CALLBACKS if out else Activity.TALK, call_id))
        holds = (leg.within(hold) for hold in ([] if out else held.get(call_id, [])))
        found[row["agent_no"]] += [Busy(hold, Activity.HOLD, call_id) for hold in holds if hold is not None]
    return found


async def lines_of(conn: asyncpg.Connection, span: Span) -> list[Span]:
    """When each channel of the trunk was in use, calls in and out, ringing included."""
    rows = await conn.fetch(_TRUNK, span.begin - LONGEST_CALL, span.begin, span.end, f"PJSIP/{contract.TRUNK}-%")
    return [Span(row["started_at"], row["end_at"]) for row in rows]


class _Music(NamedTuple):
    bridged: bool
    heard: bool
    since: datetime | None


async def holds_of(conn: asyncpg.Connection, span: Span) -> dict[uuid.UUID, list[Span]]:
    """When citizens of calls in were on hold: bridged, and hearing music. Together they are the call's ``hold_s``.

    Known once a call has ended; until then its hold is talk.
    """
    found: dict[uuid.UUID, list[Span]] = defaultdict(list)
    states: dict[tuple[str, str], _Music] = {}
    for row in await conn.fetch(_MUSIC, span.begin - LONGEST_CALL, span.begin, span.end):
        key, at = (row["node"], row["uniqueid"]), row["at"]
        before = states.get(key, _Music(False, False, None))
        after = _next(before, row["event"], row["user_event"] or "", at)
        if before.since is not None and after.since is None and before.since < at:
            found[row["call_id"]].append(Span(before.since, at))
        states[key] = after
    return found


def _next(state: _Music, event: str, user_event: str, at: datetime) -> _Music:
    """The reading of ``cti.journal.channels``, with its spans: music from before a bridge counts from entering it."""
    bridged, heard, since = state
    if event == "BRIDGE_ENTER":
        return _Music(True, heard, at if heard else since)
    if event == "STREAM_BEGIN" and user_event == "MOH_STREAM_BEGIN":
        return _Music(bridged, True, (since or at) if bridged else None)
    if event == "STREAM_END" and user_event == "MOH_STREAM_END":
        return _Music(bridged, False, None)
    return _Music(False, False, None) if event in ("BRIDGE_EXIT", "HANGUP") else state
