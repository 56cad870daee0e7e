"""From all raw events of one call to its rows: outcome, times, who answered, who hung up. Pure and deterministic.

The two journal files are folded apart (``channels``, ``queueing``), each in its own order, and joined only here: the
rows do not depend on how the two were interleaved, nor on the batches they were read in. CEL is the authority (it has
microseconds and knows legs); queue_log adds the agent's number and the stays.

Whoever we called into a call belongs to it by the name of its linkedid alone (``contract.call_ref``); its lines are
read as the call's own, in the order of the file. queue_log takes the first move of a call for its end: what it says of
talk counts only for calls that were never moved.

A seat that answered without sound (``LX_NO_SOUND``) has answered nobody: the first answer, the wait and the talk are
those of the seat that was heard (docs/decisions/0018). Its leg and its stay keep what they are.

A call that Asterisk took with it when it died never gets its end. It is closed by the next QUEUESTART: every call
without an end whose last event is older than that start is *lost*. QUEUESTART has whole seconds, so a new call
in the very second of the start is taken for lost until its next event says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from cti.journal import talk
from cti.journal.alarms import alarms_of
from cti.journal.channels import Channels, Leg
from cti.journal.ears import Ears
from cti.journal.lines import CelLine, QueueLine
from cti.journal.parties import Parties
from cti.journal.queueing import Queueing
from cti.journal.rows import CallRow, CallStepRow, LegRow, QueueEntryRow, RingAttemptRow, Rows
from cti.journal.wishes import wishes
from models.call import CallOutcome, Direction
from pbx_config import contract
from pbx_config.contract import Milestone

_SECOND: Final = timedelta(seconds=1)
# A third of all lines: they show in no row before the call ends (hold) or in none at all.
_UNSEEN: Final = frozenset({"STREAM_BEGIN", "STREAM_END", "APP_START", "APP_END", "BRIDGE_EXIT"})
_REFUSALS: Final = (
    (Milestone.DENIED, CallOutcome.DENIED),
    (Milestone.ASKED_BACK, CallOutcome.ASKED_BACK),
    (Milestone.FULL, CallOutcome.REFUSED_FULL),
    (Milestone.TIMEOUT, CallOutcome.TIMED_OUT),
    (Milestone.NO_AGENT, CallOutcome.REFUSED_NO_AGENT),
)
_SATISFACTION: Final = frozenset(contract.SURVEY_KEYS)
_STEPS: Final[dict[str, str]] = {
    Milestone.PROFILE: "profile",
    Milestone.OVERFLOW: "overflow",
    Milestone.INCIDENT_HEARD: "incident_heard",
    Milestone.INCIDENT_JOINED: "incident_joined",
}
_SENT_AWAY: Final = (Milestone.FULL, Milestone.TIMEOUT, Milestone.NO_AGENT)
_WAITED_UNTIL: Final = (*_SENT_AWAY, Milestone.ASKED_BACK)


class Reading:
    """One call while its lines are read. ``rows`` may be asked at any time.

    ``linkedid`` is the call's own, never that of somebody whom we called.
    """

    __slots__ = ("call_id", "channels", "ears", "leg_ids", "linkedid", "node", "queueing", "stale")

    def __init__(self, node: str, linkedid: str) -> None:
        self.node = node
        self.linkedid = linkedid
        self.call_id = contract.call_id(node, linkedid)
        self.channels = Channels()
        self.ears = Ears()
        self.queueing: dict[str, Queueing] = {}  # by uniqueid of the channel in the queue
        self.leg_ids: dict[str, UUID] = {}
        self.stale = True  # a line came since somebody took the rows that may have changed them

    def add_cel(self, line: CelLine) -> None:
        self.stale = self.stale or line.event not in _UNSEEN
        if "+" in line.uniqueid and contract.ear_leg(line.uniqueid) is not None:
            self.ears.add(line)
        else:
            self.channels.add(line)

    def add_queue(self, line: QueueLine) -> None:
        self.stale = True
        found = self.queueing.get(line.uniqueid)
        if found is None:
            found = self.queueing[line.uniqueid] = Queueing()
        found.add(line)

    def uniqueids(self) -> set[str]:
        """Every channel that these lines name."""
        return {*self.channels.legs, *self.queueing, *self.ears.uniqueids()}

    def rows(self, started_at: datetime | None = None) -> Rows | None:
        """The rows as of the lines so far (None: no channel yet). ``started_at`` is the node's newest QUEUESTART."""
        if not self.channels.legs:
            return None
        return _Verdict(self, started_at).rows()

    def leg_id(self, uniqueid: str) -> UUID:
        found = self.leg_ids.get(uniqueid)
        if found is None:
            found = self.leg_ids[uniqueid] = contract.leg_id(self.node, uniqueid)
        return found


def interpret(
    node: str, linkedid: str, cel: Iterable[CelLine], queue: Iterable[QueueLine], started_at: datetime | None = None
) -> Rows | None:
    """The rows of one call from all its lines, each file's in its own order."""
    reading = Reading(node, linkedid)
    for line in cel:
        reading.add_cel(line)
    for entry in queue:
        reading.add_queue(entry)
    return reading.rows(started_at)


class _Verdict:
    """One look at a reading: what its lines amount to."""

    __slots__ = ("agents", "answered_at", "call", "citizen", "ended_at", "first", "lost", "main", "parties", "queueing",
                 "silent", "turns", "unheard")  # fmt: skip

    def __init__(self, call: Reading, started_at: datetime | None) -> None:
        self.call = call
        self.parties = Parties(call.linkedid, call.channels.legs)
        self.main, self.citizen = self.parties.main, self.parties.citizen
        # Sorted: lines of two channels may reach queue_log in any order over batches, the rows may not depend on it.
        self.queueing = [q for _, q in sorted(call.queueing.items())]
        connected = sorted(c for q in self.queueing for c in q.connected)
        self.silent = {uniqueid: leg for uniqueid, leg in call.channels.legs.items() if leg.silent}
        self.unheard = {stay.bridge for leg in self.silent.values() for stay in leg.stays}
        self.agents = self._agents({uniqueid: agent_no for _, agent_no, uniqueid in connected})
        self.first, self.answered_at = self._first_answer()
        if self.answered_at is None:
            self.answered_at = next((at for at, _, uniqueid in connected if uniqueid not in self.silent), None)
        citizen = self.citizen
        self.turns = talk.turns_of(citizen) if citizen and (citizen.moved or len(citizen.turns) > 1) else []
        ended_at, last_at = call.channels.ended_at, self._last_at()
        self.lost = ended_at is None and started_at is not None and last_at < started_at + _SECOND
        self.parties.lost = self.lost
        self.ended_at = last_at if self.lost else ended_at

    def rows(self) -> Rows:
        call_id = self.call.call_id
        entries: list[QueueEntryRow] = []
        rings: list[RingAttemptRow] = []
        for queueing in self.queueing:
            some_entries, some_rings = queueing.rows(call_id, self.ended_at if self.lost else None)
            entries += some_entries
            rings += some_rings
        if self.citizen is not None and (self.citizen.moved or self.silent):
            entries = self._with_talk(entries)
        legs = tuple(map(self._leg, self.call.channels.legs.values()))
        ears = self.call.ears.rows(self.call.node, call_id, self.ended_at if self.lost else None)
        found = wishes(call_id, self.main.started_at, self.call.channels.milestones)
        alarms = alarms_of(self.call.node, call_id, self.call.channels, self.queueing)
        return Rows(self._call(), legs, tuple(entries), tuple(rings), self._steps(), ears, found, alarms)

    def _steps(self) -> tuple[CallStepRow, ...]:
        call_id = self.call.call_id
        return tuple(
            CallStepRow(uuid5(call_id, f"step/{n}"), call_id, at, _STEPS[milestone], value)
            for n, (at, milestone, value) in enumerate(self.call.channels.steps)
        )

    def _agents(self, connected: dict[str, str]) -> dict[str, str]:
        """uniqueid → agent_no: as the queue connected them, as called seats told it, else as that seat's other leg."""
        legs = self.call.channels.legs
        found = connected | {u: leg.agent_no for u, leg in legs.items() if leg.agent_no}
        if len(found) < len(legs) - 1:
            of_seat = {legs[u].seat: agent_no for u, agent_no in found.items() if u in legs}
            for uniqueid, leg in legs.items():
                if leg.seat in of_seat and self.parties.called(leg):
                    found.setdefault(uniqueid, of_seat[leg.seat])
        return found

    def _with_talk(self, entries: list[QueueEntryRow]) -> list[QueueEntryRow]:
        """A moved call's stays with what the citizen's own channel says of the talk that followed them.

        Whoever is moved out of the queue has abandoned it, says queue_log, and talks on until the call's end.
        """
        turns, told = iter(self.turns), []
        for n, entry in enumerate(entries):
            outcome = "moved" if entry.outcome == "abandoned" and n + 1 < len(entries) else entry.outcome
            turn = next(turns, None) if entry.outcome == "connected" else None
            talk_s = None
            if turn and turn.left_at and (self.ended_at or turn is not self.turns[-1]):
                talk_s = _between(turn.entered_at, turn.left_at)
            told.append(entry._replace(talk_s=talk_s, outcome=outcome))
        return told

    def _last_at(self) -> datetime:
        last_at = self.call.channels.last_at or self.main.started_at
        return max([last_at, *(q.last_at for q in self.queueing if q.last_at is not None)])

    def _first_answer(self) -> tuple[Leg | None, datetime | None]:
        """The seat that first stood in a bridge with the citizen and was heard, and since when."""
        if self.citizen is None:
            return None, None
        if self.citizen is not self.main:
            met = talk.together(self.citizen, self.main)
            return self.main, met[0][0] if met else None
        seats = [leg for leg in self.call.channels.legs.values() if leg.bridged_at and leg.seat and not leg.silent]
        first = min(seats, key=lambda leg: (leg.bridged_at, leg.uniqueid), default=None)
        return first, first.bridged_at if first else self._answered_on_duty()

    def _answered_on_duty(self) -> datetime | None:
        """When the telephone answered to which the queue's overflow led: a person, at no seat."""
        if Milestone.OVERFLOW not in self.call.channels.milestones or not self.citizen:
            return None
        return next((stay.entered_at for stay in talk.heard_in(self.citizen.stays, self.unheard)), None)

    def _call(self) -> CallRow:
        main, citizen, milestones = self.main, self.citizen or self.main, self.call.channels.milestones
        queued_at = self._queued_at()
        over = self.ended_at is not None
        talked = self.answered_at is not None and over and not self.lost
        outbound = self.parties.outbound
        satisfaction = next((int(k) for k in reversed(self.call.channels.keys) if k in _SATISFACTION), None)
        return CallRow(
            self.call.call_id, self.call.node, self.call.linkedid, self._direction(),
            contract.caller_number(citizen.shown if outbound else main.number),
            self.parties.number(citizen) if outbound else main.exten, main.started_at, queued_at, self.answered_at,
            self.ended_at, self._outcome(),
            milestones[Milestone.QUEUED][1] if queued_at and Milestone.QUEUED in milestones else self._queue(),
            self._agent_no(), self._seat(), self._wait_s(queued_at), self._talk_s() if talked else None,
            self._hold_s() if talked else None, self.parties.hung_up_by(citizen) if over else None, citizen.cause,
            self.lost, self._anomalies(), satisfaction,
            None if satisfaction is None else self._last_agent_no(),
            Milestone.FROM_POLICE in milestones, self.call.channels.stranded,
        )  # fmt: skip

    def _direction(self) -> Direction:
        if self.citizen is None:
            return Direction.INTERNAL
        return Direction.INBOUND if self.citizen is self.main else Direction.OUTBOUND

    def _outcome(self) -> CallOutcome:
        milestones = self.call.channels.milestones
        if self.ended_at is None:
            return CallOutcome.OPEN
        if self.lost:
            return CallOutcome.LOST
        if self.answered_at is not None:
            return CallOutcome.ANSWERED
        for milestone, outcome in _REFUSALS:
            if milestone in milestones:
                return outcome
        if self.citizen is None:
            return CallOutcome.INTERNAL
        if self.citizen is not self.main and self.citizen.answered_at is None:
            return CallOutcome.NOT_REACHED
        return CallOutcome.ABANDONED if self._queued_at() else CallOutcome.LEFT_EARLY

    def _queued_at(self) -> datetime | None:
        """When the queue was entered: CEL's stamp. LX_QUEUED without ENTERQUEUE was turned away at the queue's door."""
        milestones = self.call.channels.milestones
        entered = [stay.entered_at for q in self.queueing for stay in q.stays]
        if Milestone.QUEUED not in milestones:
            return min(entered, default=None)
        refused = any(milestone in milestones for milestone in _SENT_AWAY)
        return None if refused and not entered else milestones[Milestone.QUEUED][0]

    def _queue(self) -> str | None:
        """Where the citizen stood, or which queue turned him away at its door."""
        milestones = self.call.channels.milestones
        turned_away = next((milestones[m][1] for m in (Milestone.FULL, Milestone.NO_AGENT) if m in milestones), None)
        return next((stay.queue for q in self.queueing for stay in q.stays), turned_away or None)

    def _agent_no(self) -> str | None:
        if self.first and self.first.uniqueid in self.agents:
            return self.agents[self.first.uniqueid]
        return next((agent_no for uniqueid, agent_no in self.agents.items() if uniqueid not in self.silent), None)

    def _last_agent_no(self) -> str | None:
        """Who talked with the citizen last, before the question."""
        seats = [leg for leg in self.call.channels.legs.values() if leg.seat]
        last = talk.last_with(self.citizen, seats) if self.citizen else None
        return self.agents.get(last.uniqueid) if last else None

    def _seat(self) -> str | None:
        return (self.first or self.main).seat

    def _wait_s(self, queued_at: datetime | None) -> float | None:
        """Queued until answered, sent away, or gone; unknown where the switch died meanwhile."""
        if queued_at is None or (self.answered_at and self.parties.outbound):
            return None
        milestones = self.call.channels.milestones
        sent_away = min((milestones[m][0] for m in _WAITED_UNTIL if m in milestones), default=None)
        until = self.answered_at or sent_away or (None if self.lost else self.main.ended_at or self.ended_at)
        return _between(queued_at, until) if until else None

    def _talk_s(self) -> float:
        citizen = self.citizen or self.main
        heard = talk.heard_in(citizen.stays, self.unheard)
        until = (heard[-1].left_at if heard else citizen.unbridged_at) or citizen.ended_at or self.ended_at
        if not self.answered_at or not until:
            return 0.0
        turns = talk.turns_of(citizen, self.unheard) if self.turns else []
        return _between(self.answered_at + talk.queued_again(turns), until)

    def _hold_s(self) -> float | None:
        return (self.citizen or self.main).held.total_seconds() if self.call.channels.streams else None

    def _anomalies(self) -> int:
        unseen = int(self.first is None and self.answered_at is not None)
        return self.call.channels.anomalies + unseen + sum(q.anomalies for q in self.queueing)

    def _leg(self, leg: Leg) -> LegRow:
        parties, ended_at = self.parties, leg.ended_at or self.ended_at
        return LegRow(
            self.call.leg_id(leg.uniqueid), self.call.call_id, leg.uniqueid, leg.channel, parties.party(leg),
            parties.number(leg), leg.seat, self.agents.get(leg.uniqueid),
            leg.started_at, leg.answered_at, leg.bridged_at, ended_at, leg.cause,
            parties.hung_up_by(leg) if ended_at else None, parties.leg_no(leg), parties.outcome(leg),
        )  # fmt: skip


def _between(begin: datetime, end: datetime) -> float:
    """Seconds; never below zero, whatever a stepped clock wrote."""
    return max(end - begin, timedelta()).total_seconds()
