"""Who may see which row of the feed: pure rules, the same for a snapshot and for the rows after it.

Oversight (``live.all``) sees all. An agent sees the own agent row and commands, calls that ring at or are with that
agent, and of everybody the queues and nodes. A call that moves on to another agent is gone for the first: that agent
gets ``null`` for it, so that state and rows agree.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.picture import Picture
from api.queue_limits import Limit, within
from api.rights import Right
from api.viewer import Viewer
from cti.facts import CallState, PartyState, Topic

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """``desk``: everybody at the desk; ``oversight``: who has ``live.all``; agents: shown it, or told it is gone."""

    desk: bool = False
    oversight: bool = True
    shown: frozenset[str] = NOBODY
    gone: frozenset[str] = NOBODY


_HERE = frozenset({PartyState.DIALLING, PartyState.RINGING, PartyState.JOINED, PartyState.CONSULTING, PartyState.ASIDE})


def here(party: dict[str, Any]) -> bool:
    """Whether a party of the live roster is in the call, or on its way into it."""
    return party["state"] in _HERE


def agents_of_call(body: dict[str, Any] | None) -> frozenset[str]:
    """The agents at whom this call rings, with whom it is, or who were asked into it."""
    if body is None:
        return NOBODY
    asked = (p["agent_no"] for p in body["parties"] if here(p))
    return frozenset(a for a in (*body["ringing"], body["agent_no"], *asked) if a)


def _have_had(body: dict[str, Any] | None) -> frozenset[str]:
    """The agents with whom this call is, or was: not those at whom it only rings."""
    if body is None:
        return NOBODY
    left = frozenset(p["agent_no"] for p in body["parties"] if p["state"] == PartyState.LEFT and p["agent_no"])
    return left | agents_of_call(body) - frozenset(body["ringing"])


class Parties:
    """Which agents had a call: its record and recording rows come minutes after it left the picture. Bounded.

    While nobody has had a call yet that is known, too: its first record row concerns no desk.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._known: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._most = most

    def note(self, call_id: str, body: dict[str, Any] | None) -> None:
        had = self._known.get(call_id, NOBODY) | _have_had(body)
        if (body is None or body["state"] == CallState.ENDED) and not had:
            self._known.pop(call_id, None)  # given up, or we did not see by whom it was taken
            return
        self._known[call_id] = had
        self._known.move_to_end(call_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def doubt(self) -> None:
        """Something was missed: who had been waiting may have been answered."""
        self._known = OrderedDict((call_id, had) for call_id, had in self._known.items() if had)

    def of(self, call_id: str) -> frozenset[str] | None:
        """None: not known here, for example after a restart."""
        return self._known.get(call_id)


def audience(
    topic: str, key: str, old: dict[str, Any] | None, new: dict[str, Any] | None, parties: Parties, *,
    ears_shown: bool = False,
) -> Audience:  # fmt: skip
    """Who gets this row. ``old`` is what the picture held before it; ``ears_shown``: agents see who listens to them."""
    body = new or {}
    if topic == Topic.AGENT:
        return Audience(shown=frozenset({key}))
    if topic == Topic.CALL:
        now = agents_of_call(new)
        return Audience(shown=now, gone=agents_of_call(old) - now)
    if topic == Topic.EARS:
        now, was = (_one(b.get("agent_no")) if ears_shown else NOBODY for b in (body, old or {}))
        return Audience(shown=now, gone=was - now)
    if topic in (Topic.QUEUE, Topic.NODE):
        return Audience(desk=True)
    if topic == Topic.COMMAND:
        return Audience(oversight=False, shown=_one(body.get("agent_no")))
    if topic == Topic.MESSAGE:
        return Audience(desk=True) if body.get("to_agent") is None else Audience(shown=_one(body["to_agent"]))
    if topic in (Topic.CASE, Topic.DANGER, Topic.HAND):
        return Audience(shown=_one(body.get("agent_no")))
    if topic in (Topic.RECORD, Topic.RECORDING):
        had = parties.of(str(body.get("call_id", key)))
        return Audience(desk=True) if had is None else Audience(shown=had)  # an opaque id gives nothing away
    return Audience()  # trunks, recorders, days, alarms, and topics yet to come


def _one(agent_no: str | None) -> frozenset[str]:
    return frozenset({agent_no}) if agent_no else NOBODY


def visible_texts(
    picture: Picture, viewer: Viewer, *, ears_shown: bool = False, limit: Limit = None
) -> dict[str, list[str]]:
    """The snapshot of this viewer: the fields of ``Snapshot``, each a list of JSON texts."""

    def texts(topic: Topic, key: str, mine: Callable[[dict[str, Any]], bool] = lambda body: False) -> list[str]:
        """What oversight sees of its queues, and what is this viewer's own."""
        return [
            e.text
            for e in picture.entries(topic)
            if (sees_all and within(topic, e.body[key], e.body, limit, picture)) or mine(e.body)
        ]

    sees_all, me = viewer.may(Right.LIVE_ALL), viewer.agent_no
    seen_queues = [e for e in picture.entries(Topic.QUEUE) if limit is None or e.body["queue"] in limit]
    return {
        "agents": texts(Topic.AGENT, "agent_no", lambda body: me == body["agent_no"]),
        "calls": texts(Topic.CALL, "call_id", lambda body: me in agents_of_call(body)),
        "ears": texts(Topic.EARS, "call_id", lambda body: ears_shown and me == body["agent_no"]),
        "queues": [e.text for e in seen_queues],
        "trunks": texts(Topic.TRUNK, "node"),
        "nodes": [e.text for e in picture.entries(Topic.NODE)],
        "days": texts(Topic.DAY, "queue") if viewer.may(Right.FLOOR) else [],
        "recorders": texts(Topic.RECORDER, "node"),
    }
