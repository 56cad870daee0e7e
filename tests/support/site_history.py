"""A day of a small hotline, played second by second with a seed, and written as the journal would write it.

Everything begins and ends on whole seconds, so that ``truth`` (what agents did, by half hour) is exact.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from models.account import Seat
from models.base import Base
from models.call import AgentEvent, Call, CelEvent, Leg, QueueEntry
from models.db import transaction

NODE = "pbx1"
Doing = tuple[str, str | None]


@dataclass
class Caller:
    number: str
    came: int
    leaves: int


@dataclass
class Agent:
    agent_no: str
    seat: str
    begin: int
    end: int
    doing: Doing | None = None  # None: signed out
    until: int = 0
    answering: Caller | None = None
    meal_at: int = 0


@dataclass
class History:
    """``truth[half hour][activity, reason]``: seconds of all agents. ``rows``: to be written, parents first."""

    begin: datetime
    seed: int = 1
    per_hour: Sequence[float] = (6,) * 7 + (20, 60, 100, 95, 70, 40, 60, 80, 75, 60, 50, 40, 30, 20, 12, 8, 6)
    patience_s: float = 70
    redial_share: float = 0.5
    rows: list[Base] = field(default_factory=list)
    truth: dict[int, Counter[Doing]] = field(default_factory=dict)
    outcomes: dict[int, Counter[str]] = field(default_factory=dict)
    redialled: int = 0
    _again: list[Caller] = field(default_factory=list)
    _n: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        shifts = [(0, 8)] * 2 + [(8, 17)] * 5 + [(9, 18)] * 3 + [(16, 24)] * 3
        self.agents = [
            Agent(
                f"10{n:02}",
                f"80{n:02}",
                b * 3600 + n * 7,
                min(e * 3600 - 60 + n, 86_400),
                meal_at=(b + 3) * 3600 + n * 900,
            )
            for n, (b, e) in enumerate(shifts, 1)
        ]

    def at(self, second: float) -> datetime:
        return self.begin + timedelta(seconds=second)

    def play(self, seconds: int = 86_400) -> History:
        queue: deque[Caller] = deque()
        for second in range(seconds):
            if self._rng.random() < self.per_hour[second // 3600 % len(self.per_hour)] / 3600:
                queue.append(self._caller(f"139{self._rng.randrange(10**8):08}", second))
            for one in [a for a in self._again if a.came == second]:
                self._again.remove(one)
                queue.append(self._caller(one.number, second))
            self._leave(queue, second)
            for agent in self.agents:
                self._step(agent, queue, second)
                if agent.doing is not None:
                    self.truth.setdefault(second // 1800, Counter())[agent.doing] += 1
        return self

    def _caller(self, number: str, second: int) -> Caller:
        return Caller(number, second, second + 1 + int(self._rng.expovariate(1 / self.patience_s)))

    def _leave(self, queue: deque[Caller], second: int) -> None:
        for caller in [c for c in queue if c.leaves <= second]:
            queue.remove(caller)
            self._gave_up(caller, second)
        for agent in self.agents:  # also while it rings
            if agent.answering is not None and agent.answering.leaves <= second:
                self._gave_up(agent.answering, second)
                agent.answering, agent.until = None, second + 1

    def _gave_up(self, caller: Caller, second: int) -> None:
        call = self._call(
            caller.number,
            caller.came,
            second,
            "abandoned",
            queued_at=self.at(caller.came),
            wait_s=float(second - caller.came),
            hung_up_by="citizen",
        )
        self.rows.append(self._entry(call, caller.came, second, "abandoned"))
        if self._rng.random() < self.redial_share:
            self.redialled += 1
            self._again.append(Caller(caller.number, second + 20 + self._rng.randrange(400), 0))

    # ── agents ──────────────────────────────────────────────────────────────────────────────────────

    def _step(self, agent: Agent, queue: deque[Caller], second: int) -> None:
        if agent.doing is None:
            if second == agent.begin:
                self._tell(agent, second, "sign_in", "PAUSED")
                agent.doing, agent.until = ("pause", "not-ready"), second + 15 + self._rng.randrange(30)
            return
        if second < agent.until:
            return
        if agent.answering is not None:
            self._talk(agent, second)
        elif agent.doing[0] in ("talk", "hold", "callbacks"):
            self._wrap_up(agent, second)
        elif agent.doing[0] in ("wrap_up", "pause"):
            self._tell(agent, second, "unpause", "")
            agent.doing, agent.until = ("idle", None), second + 1
        else:
            self._free(agent, queue, second)

    def _free(self, agent: Agent, queue: deque[Caller], second: int) -> None:
        if second >= agent.end:
            self._tell(agent, second, "sign_out", "")
            agent.doing = None
        elif agent.meal_at and second >= agent.meal_at:
            self._tell(agent, second, "pause", "meal")
            agent.doing, agent.until, agent.meal_at = ("pause", "meal"), second + 1500, 0
        elif queue:
            agent.answering, agent.until = queue.popleft(), second + 2 + self._rng.randrange(3)  # it rings
        elif self._rng.random() < 1 / 1500:
            self._call_out(agent, second)

    def _talk(self, agent: Agent, second: int) -> None:
        caller, agent.answering = agent.answering, None
        assert caller is not None
        talk_s = 20 + int(self._rng.expovariate(1 / 200))
        end = second + talk_s
        held = (second + 5, second + 5 + talk_s // 4) if self._rng.random() < 0.2 else None
        call = self._call(
            caller.number,
            caller.came,
            end,
            "answered",
            queued_at=self.at(caller.came),
            answered_at=self.at(second),
            wait_s=float(second - caller.came),
            talk_s=float(talk_s),
            agent_no=agent.agent_no,
            seat=agent.seat,
            hold_s=float(held[1] - held[0]) if held else 0.0,
            hung_up_by="citizen",
        )
        self.rows.append(self._entry(call, caller.came, second, "connected", agent.agent_no))
        self._leg(call, agent, second - 2, second, end)
        if held:
            self._music(call, held)
        agent.doing, agent.until = ("talk", None), end
        if held:  # the seconds of hold are counted apart
            for n in range(*held):
                self.truth.setdefault(n // 1800, Counter()).update({("hold", None): 1, ("talk", None): -1})

    def _call_out(self, agent: Agent, second: int) -> None:
        end = second + 30 + self._rng.randrange(120)
        call = self._call(
            "12345",
            second,
            end,
            "answered",
            direction="outbound",
            called="13900000000",
            answered_at=self.at(second + 5),
            agent_no=agent.agent_no,
            seat=agent.seat,
        )
        self._leg(call, agent, second, second + 5, end, answered=second)
        agent.doing, agent.until = ("callbacks", None), end

    def _wrap_up(self, agent: Agent, second: int) -> None:
        self._tell(agent, second, "pause", "wrap-up")
        agent.doing, agent.until = ("wrap_up", None), second + 5 + self._rng.randrange(60)

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, agent: Agent, second: int, kind: str, reason: str) -> None:
        self.rows.append(
            AgentEvent(
                id=uuid.uuid4(),
                node=NODE,
                at=self.at(second),
                agent_no=agent.agent_no,
                queue="hotline",
                kind=kind,
                reason=reason,
            )
        )

    def _call(self, caller: str, begin: int, end: int, outcome: str, **more: object) -> Call:
        self._n += 1
        fields = {"direction": "inbound", "called": "12345", "queue": "hotline"} | more
        call = Call(
            id=uuid.uuid4(),
            node=NODE,
            linkedid=f"{NODE}-{int(self.begin.timestamp())}.{self._n}",
            caller=caller,
            started_at=self.at(begin),
            ended_at=self.at(end),
            outcome=outcome,
            **fields,
        )
        self.rows.append(call)
        uniqueid = call.linkedid if fields["direction"] == "inbound" else f"{call.linkedid}+2-{fields['called']}"
        self.rows.append(
            Leg(
                id=uuid.uuid4(),
                call_id=call.id,
                uniqueid=uniqueid,
                channel=f"PJSIP/trunk-{self._n:08x}",
                party="citizen",
                number=caller,
                started_at=self.at(begin),
                ended_at=self.at(end),
            )
        )
        if fields["direction"] == "inbound":
            self.outcomes.setdefault(begin // 1800, Counter())[outcome] += 1
        return call

    def _leg(
        self, call: Call, agent: Agent, begin: int, bridged: int, end: int, *, answered: int | None = None
    ) -> None:
        self.rows.append(
            Leg(
                id=uuid.uuid4(),
                call_id=call.id,
                uniqueid=f"{call.linkedid}-a",
                channel=f"PJSIP/{agent.seat}-web-{self._n:08x}",
                party="agent",
                number="",
                seat=agent.seat,
                agent_no=agent.agent_no,
                started_at=self.at(begin),
                answered_at=self.at(bridged if answered is None else answered),
                bridged_at=self.at(bridged),
                ended_at=self.at(end),
            )
        )

    def _entry(self, call: Call, came: int, left: int, outcome: str, agent_no: str | None = None) -> QueueEntry:
        return QueueEntry(
            id=uuid.uuid4(),
            call_id=call.id,
            queue="hotline",
            entered_at=self.at(came),
            left_at=self.at(left),
            outcome=outcome,
            agent_no=agent_no,
            wait_s=float(left - came),
        )

    def _music(self, call: Call, held: tuple[int, int]) -> None:
        bridged = (call.answered_at, "BRIDGE_ENTER", ""), (self.at(held[0]), "STREAM_BEGIN", "MOH_STREAM_BEGIN")
        for offset, (at, event, user_event) in enumerate(
            [*bridged, (self.at(held[1]), "STREAM_END", "MOH_STREAM_END")]
        ):
            self.rows.append(
                CelEvent(
                    node=NODE,
                    file=str(call.linkedid),
                    offset=offset,
                    linkedid=call.linkedid,
                    uniqueid=call.linkedid,
                    event=event,
                    at=at,
                    fields={"user_event": user_event},
                )
            )

    async def write(self, engine: AsyncEngine, seats: bool = True) -> None:
        async with transaction(engine) as session:
            if seats:
                session.add_all(
                    Seat(seat=a.seat, label="", browser_secret="-", telephone_secret="-") for a in self.agents
                )
            session.add_all([row for row in self.rows if isinstance(row, Call)])
            await session.flush()
            session.add_all([row for row in self.rows if not isinstance(row, Call)])
