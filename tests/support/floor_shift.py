"""A restless shift: a seeded hand that pauses, readies, signs out and in, and changes the queue, while calls come.

Half of it goes the way of the house, over HTTP as a supervisor's or an agent's page; the other half is done to the PBX
behind our back, by its console, which the floor must follow all the same. What is done depends on the seed alone; when,
and whether the PBX finds it possible, depends on the machine.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from pbx_config import contract
from pbx_config.queue_file import QueueSets
from tests.support.house import House
from tests.support.people import Somebody, headers_of, open_sessions

BOSS, ADMIN = "boss", "root"
REASONS = ("meal", "meeting", "rest", "training")
BETWEEN_S = (0.1, 0.9)
STRATEGIES = ("leastrecent", "rrmemory", "random", "fewestcalls")


async def people_of(house: House) -> dict[str, str]:
    """An admin, a supervisor and an agent for every seat; login → token. An agent's login is its number."""
    agents = [Somebody(no, "agent", no, seat) for seat, no in house.agent_of_seat.items()]
    others = [Somebody(ADMIN, "admin"), Somebody(BOSS, "supervisor", "9001"), Somebody("eye", "auditor")]
    return await open_sessions(house.dsn, [*others, *agents])


@dataclass(slots=True)
class Shift:
    house: House
    tokens: dict[str, str]
    seed: int
    most_out: int = 3  # agents who may be signed out at a time: somebody must answer
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _out: list[str] = field(default_factory=list)

    async def run(self, until: asyncio.Event) -> None:
        dice = Random(self.seed)
        moves = {
            self._pause: 4, self._ready: 6, self._sign_out: 2, self._sign_in: 3, self._wrap_up_end: 2,
            self._console_pause: 2, self._console_unpause: 3, self._console_remove: 1, self._queue_change: 1,
            self._tune: 2,
        }  # fmt: skip
        url = f"{self.house.api_url}/api/v1"
        async with httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=30) as client:
            while not until.is_set():
                await asyncio.sleep(dice.uniform(*BETWEEN_S))
                move = dice.choices(list(moves), list(moves.values()))[0]
                await move(client, dice)
            for agent_no in list(self._out):  # nobody stays away
                await self._enter(client, agent_no)

    # ── the way of the house ────────────────────────────────────────────────────────────────────────

    async def _pause(self, client: httpx.AsyncClient, dice: Random) -> None:
        await self._order(client, "agent.pause", self._who(dice), reason=dice.choice(REASONS))

    async def _ready(self, client: httpx.AsyncClient, dice: Random) -> None:
        await self._order(client, "agent.ready", self._who(dice))

    async def _wrap_up_end(self, client: httpx.AsyncClient, dice: Random) -> None:
        await self._order(client, "agent.wrap_up_end", self._who(dice))

    async def _sign_out(self, client: httpx.AsyncClient, dice: Random) -> None:
        who = self._who(dice)
        if len(self._out) < self.most_out and await self._order(client, "agent.sign_out", who):
            self._out.append(who)

    async def _sign_in(self, client: httpx.AsyncClient, dice: Random) -> None:
        if self._out:
            await self._enter(client, self._out[0])

    async def _enter(self, client: httpx.AsyncClient, agent_no: str) -> None:
        seat = next(s for s, no in self.house.agent_of_seat.items() if no == agent_no)
        if await self._ask(client, agent_no, "agent.sign_in", {"seat": seat, "phone": "telephone"}):
            self._out.remove(agent_no)
            await self._ask(client, agent_no, "agent.ready", {})

    async def _order(self, client: httpx.AsyncClient, kind: str, agent_no: str, **args: Any) -> bool:
        return await self._ask(client, BOSS, kind, args, agent_no=agent_no)

    async def _ask(self, client: httpx.AsyncClient, login: str, kind: str, args: dict[str, Any], **more: str) -> bool:
        """Whether it was carried out."""
        headers, ident = headers_of(self.tokens[login]), str(uuid.uuid4())
        asked = await client.post("/commands", json={"id": ident, "kind": kind, "args": args, **more}, headers=headers)
        if asked.status_code >= 300:
            self.refused[f"{kind} {asked.json()['code']}"] += 1
            return False
        while True:
            told = (await client.get(f"/commands/{ident}", headers=headers)).json()
            if told["ended_at"] is not None:
                break
            await asyncio.sleep(0.05)
        ended = self.done if told["state"] == "succeeded" else self.refused
        ended[kind if told["state"] == "succeeded" else f"{kind} {told['reason']}"] += 1
        return bool(told["state"] == "succeeded")

    async def _tune(self, client: httpx.AsyncClient, dice: Random) -> None:
        """The queue's values, as an admin on its page."""
        headers = headers_of(self.tokens[ADMIN])
        told = (await client.get("/tuning", headers=headers)).raise_for_status().json()["queues"]
        revision = next((queue["revision"] for queue in told if queue["queue"] == self._queue), 0)
        values = QueueSets(self._queue).value | {"title": "市民热线", "wrap_up_s": 5}
        values |= {"strategy": dice.choice(STRATEGIES), "ring_s": dice.randint(15, 25), "weight": dice.randint(0, 5)}
        asked = {"based_on": revision, "confirmed": True}
        answer = await client.put(f"/tuning/queues/{self._queue}", json=values | asked, headers=headers)
        if answer.status_code == 200:
            self.done["tuned"] += 1
        else:
            self.refused[f"tuned {answer.json()['code']}"] += 1

    # ── behind our back ─────────────────────────────────────────────────────────────────────────────

    async def _console_pause(self, client: httpx.AsyncClient, dice: Random) -> None:
        await self._console(
            "pause", f"queue pause member {self._member(self._who(dice))} reason {dice.choice(REASONS)}"
        )

    async def _console_unpause(self, client: httpx.AsyncClient, dice: Random) -> None:
        await self._console("unpause", f"queue unpause member {self._member(self._who(dice))}")

    async def _console_remove(self, client: httpx.AsyncClient, dice: Random) -> None:
        """Also in the middle of a talk, which the house would refuse."""
        who = self._who(dice)
        if len(self._out) < self.most_out and who not in self._out:
            await self._console("remove", f"queue remove member {self._member(who)} from {self._queue}")
            self._out.append(who)

    async def _queue_change(self, client: httpx.AsyncClient, dice: Random) -> None:
        await asyncio.to_thread(change_queue, self.house, dice)
        self.done["queue change"] += 1

    async def _console(self, name: str, command: str) -> None:
        await asyncio.to_thread(self.house.pbx.cli, command)
        self.done[f"console {name}"] += 1

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────

    def _who(self, dice: Random) -> str:
        return dice.choice(sorted(self.house.agent_of_seat.values()))

    def _member(self, agent_no: str) -> str:
        seat = next(s for s, no in self.house.agent_of_seat.items() if no == agent_no)
        return contract.interface(seat, contract.Phone.TELEPHONE)

    @property
    def _queue(self) -> str:
        return self.house.pbx.settings.queue.name


def change_queue(house: House, dice: Random) -> None:
    """Another strategy and ringing time in the queue's file, and the queues read again; people and callers stay."""
    path = house.pbx.settings.etc / "queues.conf"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^strategy = .*$", f"strategy = {dice.choice(STRATEGIES)}", text)
    text = re.sub(r"(?m)^timeout = .*$", f"timeout = {dice.randint(15, 25)}", text)
    path.write_text(text, encoding="utf-8")
    house.pbx.cli("queue reload all")
