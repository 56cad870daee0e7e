"""What a supervisor of some queues sees, where the site says so: pure rules, for snapshots, rows and requests alike.

Calls of these queues, the people who answer there, their hands, words to them, and their numbers. A call that is in
no queue is seen where its agent answers in one of them. Nodes, trunks, alarms, danger calls and words to all are
everybody's. Who is not signed in is in nobody's limit here; where the rows can be asked the skills decide
(``api.past_limits``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from api.rights import Right
from api.viewer import Viewer
from cti.facts import Topic

Limit = frozenset[str] | None  # None: everything
Body = Mapping[str, Any]


class Picture(Protocol):
    """As much of the live picture as is asked here."""

    def get(self, topic: Topic, key: str) -> Any: ...


def limit_of(viewer: Viewer, *, limited: bool) -> Limit:
    """``limited``: the site's policy."""
    return frozenset(viewer.queues) if limited and viewer.queues and viewer.may(Right.SUPERVISE) else None


def of_agent(agent_no: str | None, limit: Limit, picture: Picture) -> bool:
    """Whether somebody who is signed in answers in one of these queues."""
    body = picture.get(Topic.AGENT, agent_no) if agent_no else None
    return limit is None or (body is not None and bool(limit & set(body["queues"])))


def of_call(body: Body | None, limit: Limit, picture: Picture) -> bool:
    if limit is None:
        return True
    if body is None:
        return False
    return body["queue"] in limit if body.get("queue") else of_agent(body["agent_no"], limit, picture)


def within(topic: str, key: str, body: Body | None, limit: Limit, picture: Picture) -> bool:
    """Whether this row is one of what is seen. ``body``: before or after the change; None is nobody's."""
    if limit is None:
        return True
    if topic == Topic.CALL:
        return of_call(body, limit, picture)
    if topic == Topic.EARS:
        return body is not None and of_call(picture.get(Topic.CALL, key), limit, picture)
    if topic == Topic.AGENT:
        return body is not None and bool(limit & set(body["queues"]))
    if topic in (Topic.QUEUE, Topic.DAY):
        return key in limit
    if topic == Topic.HAND:
        return of_agent(body.get("agent_no") if body else None, limit, picture)
    if topic == Topic.MESSAGE:
        return body is not None and (body["to_agent"] is None or of_agent(body["to_agent"], limit, picture))
    return True


def gone_for_all(topic: str, body: Body | None) -> bool:
    """A hand that is down leaves the screen of everybody who oversees, as a key without a body where it is outside.

    Who had it there may not see its agent any more: signed out, or in other queues since it went up.
    """
    return topic == Topic.HAND and body is not None and body["ended_at"] is not None
