"""A seeded walk of many calls through every move an agent can make, and how long each move took.

Citizens, telephones and the town outside are SIPp's. The hand that moves the calls is here: it reads the live table as
a screen would, and asks by rows in ``command`` as the API does. What it asks depends on the seed, the caller's
number and its roster alone; when it asks depends on the machine. Nothing of cti is imported.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

import asyncpg

from tests.support.house import House
from tests.support.sipp import FOREVER_MS, Plan

HOTLINE = "12345"
LOOK_S = 0.2
COMMAND_S = 8.0
_SPACE = uuid.UUID("6c69616e-7869-6e5f-7761-6c6b00000001")
_MANNERS = "8888872345678"  # fifth digit of the numbers called: mostly they answer; see sipp_scenarios/outside.xml
_OPEN_STATES = ("joined", "consulting", "aside")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One command and its end."""

    kind: str
    caller: str
    seconds: float
    state: str
    reason: str | None


def plan_walk(seed: int, count: int, first: int = 13_900_000_000) -> list[Plan]:
    """Citizens who stay 6 to 25 s; telephones that are never put down by themselves. One plan is for legs we call."""
    dice = Random(seed)
    plans = [
        Plan(str(first + n), dice.randint(6_000, 25_000), dice.randint(100, 600), FOREVER_MS) for n in range(count)
    ]
    return [*plans, Plan(HOTLINE, FOREVER_MS, 300, FOREVER_MS)]


@dataclass(slots=True)
class Walk:
    house: House
    seed: int
    share: float = 1.0  # of the calls that are moved at all
    asked: list[Asked] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)  # every outside number that was asked for
    _hands: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _live: dict[str, Body] = field(default_factory=dict)  # call_id → body

    async def run(self, until: asyncio.Event) -> None:
        """Move calls until told, then let the hands at work finish."""
        async with asyncpg.create_pool(self.house.dsn, min_size=1, max_size=8) as pool, asyncio.TaskGroup() as hands:
            while not until.is_set():
                await self._look(pool)
                for call_id, body in self._live.items():
                    if body["state"] == "talking" and call_id not in self._hands:
                        self._hands[call_id] = hands.create_task(self._move(pool, call_id, body["caller"]))
                await asyncio.sleep(LOOK_S)
            for hand in self._hands.values():
                hand.cancel()
        async with asyncpg.create_pool(self.house.dsn, min_size=1, max_size=8) as pool:
            await self._close_up(pool)

    async def _close_up(self, pool: asyncpg.Pool) -> None:
        """The citizens have gone; whoever still confers is sent home by the agent whose call it is."""
        for turn in range(10):
            await self._look(pool)
            open_calls = [body for body in self._live.values() if body["state"] != "ended"]
            if not open_calls:
                return
            for body in open_calls:
                kind = "call.end" if body["room"] else "call.hangup"
                await self._ask(pool, self.ident(body["caller"], f"close {turn}"), kind, {}, body)
            await asyncio.sleep(1.0)

    async def _look(self, pool: asyncpg.Pool) -> None:
        try:
            rows = await pool.fetch("SELECT key, body FROM live WHERE topic = 'call'")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return  # a fault test took the database away: look again
        self._live = {r["key"]: json.loads(r["body"]) for r in rows}

    # ── one call ────────────────────────────────────────────────────────────────────────────────────

    async def _move(self, pool: asyncpg.Pool, call_id: str, caller: str) -> None:
        dice = Random(f"{self.seed}/{caller}")
        if dice.random() >= self.share:
            return
        for step in range(dice.randint(1, 7)):
            await asyncio.sleep(dice.uniform(0.2, 2.0))
            body = self._live.get(call_id)
            if body is None or body["state"] == "ended":
                return
            kind, args = self._choose(dice, body)
            await self._ask(pool, self.ident(caller, str(step)), kind, args, body)
        await self._go_home(pool, call_id, caller)

    async def _go_home(self, pool: asyncpg.Pool, call_id: str, caller: str) -> None:
        """The citizen has left and the agent still confers: nobody else would end it, and the seat is needed."""
        turn = 0
        while (body := self._live.get(call_id)) is not None and body["state"] != "ended":
            citizen = [p for p in body["parties"] if p["kind"] == "citizen"]
            if body["room"] and citizen and citizen[0]["state"] not in _OPEN_STATES:
                await self._ask(pool, self.ident(caller, f"home {turn}"), "call.end", {}, body)
                turn += 1
            await asyncio.sleep(1.0)

    def ident(self, caller: str, step: str) -> uuid.UUID:
        """The same command of the same walk has the same id."""
        return uuid.uuid5(_SPACE, f"{self.seed}/{caller}/{step}")

    def _choose(self, dice: Random, body: Body) -> tuple[str, Body]:
        parties = [p for p in body["parties"] if p["state"] in _OPEN_STATES]
        consulting = any(p["state"] == "consulting" for p in parties)
        if consulting and dice.random() < 0.8:
            kind = dice.choice(["swap", "swap", "complete", "cancel", "merge", "merge"])
            return f"call.consult_{kind}", {}
        kinds = ["hold", "unhold", "transfer", "consult", "consult", "add", "add", "abuse_warn", "record_pause"]
        kinds += ["record_resume"]
        if body["room"]:
            kinds += ["mute", "unmute", "drop", "leave", "end", "unhold"]
        kind = dice.choice(kinds)
        args: Body = {}
        if kind in ("transfer", "consult", "add"):
            args["target"] = self._target(dice, kind)
        if kind in ("mute", "unmute", "drop"):
            args["leg"] = dice.choice([p["leg"] for p in parties] or ["nobody"])
        if kind == "record_pause":
            args["reason"] = "id-card"
        return f"call.{kind}", args

    def _target(self, dice: Random, kind: str) -> Body:
        draw = dice.random()
        if draw < 0.25:
            return {"kind": "seat", "value": dice.choice(sorted(self.house.agent_of_seat))}
        if draw < 0.35 and kind == "transfer":
            return {"kind": "queue", "value": self.house.pbx.settings.queue.name}
        number = f"0519{dice.choice(_MANNERS)}{dice.randrange(1_000_000):06d}"
        self.numbers.add(number)
        return {"kind": "number", "value": number}

    async def _ask(self, pool: asyncpg.Pool, ident: uuid.UUID, kind: str, args: Body, body: Body) -> None:
        begun = time.monotonic()
        state, reason = "not_written", None
        args_json = json.dumps({"call_id": body["call_id"], **args})
        deadline = begun + COMMAND_S + 5
        try:
            await pool.execute(
                "INSERT INTO command (id, node, kind, args, agent_no, state, asked_at, deadline_at) "
                "VALUES ($1, $2, $3, $4, $5, 'pending', now(), now() + $6 * interval '1 s')",
                ident, body["node"], kind, args_json, body["agent_no"], COMMAND_S,
            )  # fmt: skip
            await pool.execute("SELECT pg_notify('lianxin_command', $1)", str(ident))
            while time.monotonic() < deadline:
                row = await pool.fetchrow("SELECT state, reason, ended_at FROM command WHERE id = $1", ident)
                if row["ended_at"] is not None:
                    state, reason = row["state"], row["reason"]
                    break
                await asyncio.sleep(0.02)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
            reason = type(exc).__name__  # a fault test took the database away
        self.asked.append(Asked(kind, body["caller"], time.monotonic() - begun, state, reason))

    # ── what it amounted to ─────────────────────────────────────────────────────────────────────────

    def ends(self) -> dict[str, Counter[str]]:
        """kind → how its commands ended, with the reason."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.asked:
            found[one.kind][one.state if one.reason is None else f"{one.state} {one.reason}"] += 1
        return dict(found)

    def delays_s(self, kind: str) -> list[float]:
        """Of the commands of this kind that succeeded, asked to confirmed."""
        return [one.seconds for one in self.asked if one.kind == kind and one.state == "succeeded"]
